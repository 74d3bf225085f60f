"""Node types: a class declares parameters, ports, shape rule, code rules and manual."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.number_expression import NumberError, NumberExpression
from nodes.core.graphs.parameter_types import Bounds, Ref, bounds, choices, is_size
from nodes.core.graphs.port import Input, Kind, Output, Port, TensorSpec, find_input, match_kind
from nodes.core.graphs.python_expression import Expr
from nodes.core.graphs.size_texts import SizeTexts
from nodes.core.shapes.constraint import Constraint
from nodes.core.shapes.dim import AnyDim, Dim, substitute
from nodes.core.shapes.pattern import SPREAD
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields


class Category(Enum):
    """The groups of the palette, in its order."""

    IO = "Inputs and outputs"
    EMBEDDING = "Embedding"
    POSITION = "Position"
    RECURRENT = "Recurrent"
    ATTENTION = "Attention"
    TRANSFORMER = "Transformer"
    MASK = "Masks"
    LINEAR = "Linear"
    NORM = "Normalization"
    ACTIVATION = "Activation"
    DROPOUT = "Dropout"
    MERGE = "Merge and split"
    RESHAPE = "Reshape"
    POOLING = "Pooling"
    CONVOLUTION = "Convolution"
    BLOCK = "Blocks"


@dataclass(frozen=True, slots=True)
class ParameterError:
    """A rule between the parameters of a node that does not hold.

    Attributes:
        parameter: the parameter to change.
        text: the message: the expected value and the actual one.
        fixes: values that satisfy the rule.
        instead: the node type that does behind the first output what the parameter does not, and
            its parameter of the same meaning.
    """

    parameter: str
    text: str
    fixes: tuple[object, ...] = ()
    instead: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint between the parameters of a node, with the error where it does not hold."""

    constraint: Constraint
    error: ParameterError


class NoNumber(ValueError):
    """A hyperparameter or an expression that is no number, where a parameter takes a number.

    Attributes:
        parameter: the parameter.
    """

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Inferred:
    """The result of the shape rule: the sizes of the words, and the outputs."""

    dims: Bindings
    outputs: Mapping[str, TensorSpec]


class Node(SizeTexts):
    """Base of all nodes: fields are parameters, `Input` and `Output` attributes are ports."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
        ignored_types=(Input, Output),
    )

    category: ClassVar[Category]
    is_base: ClassVar[bool] = False
    """Other classes share what it declares; it is no node type itself."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names, for search."""
    returns: ClassVar[str] = ""
    """The outputs in the value of ``forward``, such as ``"output, (hidden, cell)"``."""
    each: ClassVar[tuple[str, ...]] = ()
    """The words of which an output index reads the input index of its own number alone."""
    mixes: ClassVar[tuple[str, ...]] = ()
    """The words of which an output index reads all input indices."""
    linear: ClassVar[bool] = False
    """Each output is a sum of multiples of inputs, apart from constants."""
    state_ports: ClassVar[tuple[str, ...]] = ()
    """The cached state of a stateful node: inputs, appended to earlier ones, or outputs."""
    returns_used_only: ClassVar[bool] = False
    """``forward`` returns one value instead of several where one output is used."""
    blocks_only: ClassVar[bool] = False
    """It belongs in the graph of a block, not in the main graph."""
    may_convert: ClassVar[bool] = True
    """A remedy may insert it to change the kind or the shape of what an edge carries."""
    carries_state: ClassVar[bool] = False
    """In a model with a cache, ``forward`` takes what it keeps of earlier steps, and returns it."""
    pair_ports: ClassVar[tuple[str, ...]] = ()
    """The ports with a value for each pair of a query and a key: of new steps and all keys."""
    own_starts: ClassVar[tuple[str, ...]] = ()
    """How the names of weights end whose first values a custom initialization leaves."""
    static_axes: ClassVar[tuple[str, ...]] = ()
    """The words that size weights: no run may choose their sizes."""
    torch: ClassVar[str] = ""
    """The PyTorch class or function that it is, such as ``"nn.LSTM"``."""
    origin: ClassVar[str] = ""
    """The file or the package that a custom node comes from; empty for a built-in one."""

    inputs: ClassVar[tuple[Input, ...]] = ()
    joining_input: ClassVar[Input | None] = None
    """The input that joins its edges, if there is one."""
    outputs: ClassVar[tuple[Output, ...]] = ()
    choice_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The parameters that are a choice, with the names to choose from."""
    open_fields: ClassVar[tuple[str, ...]] = ()
    """The parameters that may refer to hyperparameters."""
    bounds: ClassVar[Mapping[str, Bounds]] = {}
    """The bounds of the parameters that may refer to numbers."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        ports = {
            key: port
            for base in reversed(cls.__mro__)
            for key, port in vars(base).items()
            if isinstance(port, Port)
        }
        cls.inputs = tuple(port for port in ports.values() if isinstance(port, Input))
        cls.joining_input = next((port for port in cls.inputs if port.joins), None)
        cls.outputs = tuple(port for port in ports.values() if isinstance(port, Output))
        cls.returns = cls.returns or ", ".join(port.name for port in cls.outputs)
        cls.size_fields = tuple(key for key, info in cls.model_fields.items() if is_size(info))
        names_of = {key: choices(info) for key, info in cls.model_fields.items()}
        cls.choice_fields = {key: names for key, names in names_of.items() if names}
        every = {key: bounds(info) for key, info in cls.model_fields.items()}
        cls.bounds = {key: found for key, found in every.items() if found is not None}
        cls.open_fields = tuple(
            key for key, info in cls.model_fields.items() if info.annotation not in (bool, str)
        )
        cls._check_signature_of_forward()
        cls._check_reaches()

    @classmethod
    def _check_signature_of_forward(cls) -> None:
        if "forward" not in vars(cls):
            return
        parameters = [*inspect.signature(cls.forward).parameters]
        expected = ["self", "context", *(port.name for port in cls.inputs)]
        if parameters not in (expected, ["self", "context", "inputs"]):
            raise TypeError(f"{cls.__name__}.forward: expected {expected}, got {parameters}")

    @classmethod
    def _check_reaches(cls) -> None:
        """Require what an output index reads along each word, or a rule of the class."""
        if cls.receptive_fields is not Node.receptive_fields:
            return
        kept = _words(cls.inputs) & _words(cls.outputs)
        if missing := sorted(kept.difference(cls.each, cls.mixes)):
            expected = "expected each word that inputs and outputs share in each or mixes"
            raise TypeError(f"{cls.__name__}: {expected}, got {', '.join(missing)} in neither")

    # -- ports and parameters --------------------------------------------------------------------

    def ports(self) -> tuple[tuple[Input, ...], tuple[Output, ...]]:
        """Return its input and its output ports."""
        return self.inputs, self.outputs

    def find_input(self, name: str) -> Input | None:
        """Find an input port by its name, or by ``name.0`` for one edge of a variadic port."""
        return find_input(self.inputs, name)

    def find_output(self, name: str) -> Output | None:
        """Find an output port by its name."""
        return next((port for port in self.outputs if port.name == name), None)

    def parameter_errors(self) -> Iterator[ParameterError]:
        """Yield the rules between parameters that do not hold; all sizes are numbers."""
        return (rule.error for rule in self.rules() if not rule.constraint.holds({}))

    def rules(self) -> Iterator[Rule]:
        """Yield the constraints between parameters, which may be symbolic."""
        return iter(())

    def parameter_warnings(self) -> Iterator[ParameterError]:
        """Yield the parameters that have no effect beside the others; all sizes are numbers."""
        return iter(())

    @property
    def caches_inputs(self) -> bool:
        """Whether the cached state is inputs, as of an attention, not outputs, as of an LSTM."""
        return any(self.find_input(port) is not None for port in self.state_ports)

    def resolve(self, values: Mapping[str, object]) -> Self:
        """Replace expressions and references by the values of hyperparameters.

        Raises:
            pydantic.ValidationError: a value is outside the bounds of its parameter.
            NoNumber: the value of a number is none.
            DimError: a size does not exist.
            KeyError: a hyperparameter does not exist.
        """
        own = self.__dict__
        symbolic = [
            key for key in self.open_fields if isinstance(own[key], Dim | Ref | NumberExpression)
        ]
        if not symbolic:
            return self
        resolved = {key: _value(key, own[key], values) for key in symbolic}
        for key, value in resolved.items():
            if key not in self.choice_fields and type(value) not in (int, float, Dim):
                raise NoNumber(key, f"expected a number, got {own[key]} = {value!r:.40}")
        return type(self).model_validate(own | resolved)

    def specialize(self, values: Mapping[str, object]) -> Self:
        """Replace references in choices by their values, where these can be chosen."""
        own = self.__dict__
        references = [key for key in self.choice_fields if isinstance(own[key], Ref)]
        chosen = {key: values.get(own[key].name) for key in references}
        valid = {key: value for key, value in chosen.items() if value in self.choice_fields[key]}
        return type(self).model_validate(self.as_written() | valid) if valid else self

    @property
    def tied_to(self) -> str:
        """The name of the node whose weight this one shares; empty if it has its own."""
        return str(self.__dict__.get("tie", ""))

    def changed(self, *names: str) -> dict[str, Any]:
        """Return those of the named parameters that differ from their defaults."""
        fields = type(self).model_fields
        return {n: getattr(self, n) for n in names if getattr(self, n) != fields[n].default}

    # -- shape rule ------------------------------------------------------------------------------

    def sizes(self) -> Mapping[str, AnyDim]:
        """Return the sizes of words that follow from the parameters alone."""
        return {}

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        """Return the sizes of words that follow from those of the inputs.

        Raises:
            ShapeMismatch: the inputs break a rule that no pattern expresses.
        """
        return {}

    def derive_spread(self, dims: Bindings) -> Shape | None:
        """Return the shape of ``...`` at the outputs; None for that at the inputs.

        Raises:
            ShapeMismatch: the inputs break a rule that no pattern expresses.
        """
        return None

    def bind(
        self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]
    ) -> tuple[Bindings, Kind]:
        """Match the specs at the inputs against their ports.

        Returns:
            The sizes of the words, those of `derive` among them, and the kind at ``ANY`` ports.

        Raises:
            InputMismatch: a spec does not match its port.
        """
        sizes = {key: size for key in self.size_fields if (size := getattr(self, key)) is not None}
        dims = Bindings({**sizes, **self.sizes()}, values)
        kind = Kind.ANY
        for name, spec in input_specs.items():
            port = self.find_input(name)
            if port is None:
                raise KeyError(name)
            try:
                kind = match_kind(port.kind, spec.kind, kind)
                dims.match(port.parsed, spec.shape, name, port.broadcast)
            except ValueError as error:
                raise InputMismatch(name, error) from error
        try:
            dims.sizes.update(self.derive(dims))
            if (spread := self.derive_spread(dims)) is not None:
                dims.spread = spread
            dims.require_static(self.static_axes)
        except ShapeMismatch as error:
            raise InputMismatch(error.origin or next(iter(input_specs)), error) from error
        return dims, kind

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Match the specs at the inputs, and fill in the output patterns.

        Raises:
            InputMismatch: a spec does not match its port.
        """
        dims, kind = self.bind(input_specs, values)
        outputs = {
            port.name: TensorSpec(
                dims.fill(port.parsed), kind if port.kind is Kind.ANY else port.kind
            )
            for port in self.outputs
        }
        return Inferred(dims, outputs)

    # -- receptive fields ------------------------------------------------------------------------

    def support(self) -> Support:
        """Return where the outputs may be other than zero."""
        return Support.NONE

    def receptive_fields(self, context: FieldContext) -> Fields:
        """Compute the receptive field of each output from those of the inputs."""
        return context.from_patterns(self.mixes, self.support(), self.linear)

    # -- cost ------------------------------------------------------------------------------------

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        """Return the shapes of the weights of the module, by name."""
        return {}

    def flops(self, dims: Bindings) -> AnyDim:
        """Return the floating point operations of a forward pass; a multiply-add counts two."""
        return 0

    # -- code ------------------------------------------------------------------------------------

    def module(self, context: EmitContext) -> Expr | None:
        """Write the expression that makes the ``nn.Module`` of the node; None if it has none."""
        return None

    def forward(self, context: EmitContext, *args: Any, **kwargs: Any) -> Expr:
        """Write the expression that computes the outputs from those of the inputs.

        A node class declares one parameter for each input port, of the port's name: an `Expr`,
        with None if the port is optional, or a tuple of them if it is variadic; or ``**inputs``.
        """
        raise TypeError(f"{type(self).__name__} has no code of its own")


class InputMismatch(ValueError):
    """The spec at an input port does not match the port.

    Attributes:
        port: the input port.
        cause: the `ShapeMismatch` or `KindMismatch`.
    """

    def __init__(self, port: str, cause: ValueError) -> None:
        super().__init__(str(cause))
        self.port, self.cause = port, cause


def _words(ports: Iterable[Port]) -> frozenset[str]:
    """List the words of the patterns of ports, ``...`` among them."""
    patterns = [port.parsed for port in ports]
    spread = [SPREAD] if any(pattern.spread for pattern in patterns) else []
    return frozenset(spread).union(*(pattern.words for pattern in patterns))


def _value(key: str, value: object, values: Mapping[str, object]) -> object:
    if isinstance(value, NumberExpression):
        try:
            return value.evaluate(values)
        except NumberError as error:
            raise NoNumber(key, str(error)) from error
    if isinstance(value, Dim):
        return substitute(value, {name: values[name] for name in sorted(value.hypers)})
    return values[value.name] if isinstance(value, Ref) else value


@lru_cache(maxsize=1024)
def manual(node_type: type[Node]) -> str:
    """Return the manual of a node class: its docstring without indentation."""
    return inspect.getdoc(node_type) or ""
