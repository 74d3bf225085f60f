"""What a node is: one class that carries its parameters, ports, shape rule, code and manual."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Ref, choices, is_size
from nodes.core.graphs.port import Input, Kind, Output, Port, TensorSpec, find_input, match_kind
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim, Dim, substitute
from nodes.core.shapes.shape import Bindings, Shape, ShapeMismatch


class Category(Enum):
    """The families of the palette, in its order."""

    IO = "Inputs and outputs"
    EMBEDDING = "Embedding"
    POSITION = "Position"
    RECURRENT = "Recurrent"
    ATTENTION = "Attention"
    TRANSFORMER = "Transformer"
    MASK = "Masks"
    LINEAR = "Linear"
    NORM = "Normalisation"
    ACTIVATION = "Activation"
    DROPOUT = "Dropout"
    MERGE = "Merge and split"
    RESHAPE = "Reshape"
    POOLING = "Pooling"
    CONVOLUTION = "Convolution"
    BLOCK = "Blocks"


class Time(Enum):
    """How a node can be fed a sequence piece by piece and still give what the whole gives."""

    POINTWISE = "each step by itself"
    POSITION = "each step by itself, knowing its position"
    MEMORY = "remembering what came before"
    WHOLE = "not at all: it needs the whole sequence"


@dataclass(frozen=True, slots=True)
class ParameterError:
    """A rule of the node that its parameters break.

    Attributes:
        parameter: the one to change.
        text: what is expected and what is there.
        mend: values that would do.
    """

    parameter: str
    text: str
    mend: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Inferred:
    """What the shape rule found: the sizes its words stand for, and what leaves the node."""

    dims: Bindings
    outputs: Mapping[str, TensorSpec]


class Node(BaseModel):
    """Base of every node.  Fields are the parameters; ``Input``/``Output`` attributes the ports."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
        ignored_types=(Input, Output),
    )

    category: ClassVar[Category]
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other words that people search it by."""
    returns: ClassVar[str] = ""
    """How the outputs stand in what ``forward`` returns, such as ``"output, (hidden, cell)"``."""
    time: ClassVar[Time] = Time.WHOLE
    state_ports: ClassVar[tuple[str, ...]] = ()
    """What a `Time.MEMORY` node keeps: inputs, which it joins with those before, or outputs."""
    gives_used_only: ClassVar[bool] = False
    """``forward`` gives one value instead of several where one output is used."""
    static_axes: ClassVar[tuple[str, ...]] = ()
    """The words that weights are made by, so that no run may choose what they stand for."""
    torch: ClassVar[str] = ""
    """The PyTorch class or function it stands for, such as ``"nn.LSTM"``."""

    inputs: ClassVar[tuple[Input, ...]] = ()
    outputs: ClassVar[tuple[Output, ...]] = ()
    size_fields: ClassVar[tuple[str, ...]] = ()
    choice_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The parameters that are one of several names, with these."""
    open_fields: ClassVar[tuple[str, ...]] = ()
    """The parameters that may name hyperparameters."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        ports = {
            key: port
            for base in reversed(cls.__mro__)
            for key, port in vars(base).items()
            if isinstance(port, Port)
        }
        cls.inputs = tuple(port for port in ports.values() if isinstance(port, Input))
        cls.outputs = tuple(port for port in ports.values() if isinstance(port, Output))
        cls.returns = cls.returns or ", ".join(port.name for port in cls.outputs)
        cls.size_fields = tuple(key for key, info in cls.model_fields.items() if is_size(info))
        known = ((key, choices(info)) for key, info in cls.model_fields.items())
        cls.choice_fields = {key: names for key, names in known if names}
        cls.open_fields = tuple(
            key for key, info in cls.model_fields.items() if info.annotation not in (bool, str)
        )
        cls._see_that_code_fits_ports()

    @classmethod
    def _see_that_code_fits_ports(cls) -> None:
        takes = [
            p for p in inspect.signature(cls.forward).parameters if p not in ("self", "context")
        ]
        names = [port.name for port in cls.inputs]
        if takes != names and "forward" in vars(cls):
            told = f"forward takes {takes}, but its input ports are {names}"
            raise TypeError(f"{cls.__name__}.{told}")

    # -- what it is ------------------------------------------------------------------------------

    def find_input(self, name: str) -> Input | None:
        """Find an input port by its name, or by ``name.0`` for one edge of a variadic port."""
        return find_input(self.inputs, name)

    def find_output(self, name: str) -> Output | None:
        """Find an output port by its name."""
        return next((port for port in self.outputs if port.name == name), None)

    def parameter_errors(self) -> Iterator[ParameterError]:
        """Tell which rules between the parameters are broken; all sizes are numbers here."""
        return iter(())

    def streams(self, connected: frozenset[str], used: frozenset[str]) -> Time:
        """Tell how the node can be fed piece by piece, connected as it is."""
        return self.time

    def resolve(self, values: Mapping[str, object]) -> Self:
        """Put the hyperparameters' values in the place of expressions and references.

        Raises:
            pydantic.ValidationError: a value is outside its parameter's bounds.
            KeyError: an unknown hyperparameter is named.
        """
        own = self.__dict__
        open_ = [key for key in self.open_fields if isinstance(own[key], Dim | Ref)]
        if not open_:
            return self
        return type(self).model_validate(own | {key: _value(own[key], values) for key in open_})

    def specialize(self, values: Mapping[str, object]) -> Self:
        """Put values in the place of references where they shape the code, as far as they fit."""
        own = self.__dict__
        named = [key for key in self.choice_fields if isinstance(own[key], Ref)]
        found = {key: values.get(own[key].name) for key in named}
        fit = {key: value for key, value in found.items() if value in self.choice_fields[key]}
        return type(self).model_validate(own | fit) if fit else self

    @property
    def tied_to(self) -> str:
        """The node whose weight this one uses; empty if it has its own."""
        tie: str = self.__dict__.get("tie", "")
        return tie

    def changed(self, *names: str) -> dict[str, Any]:
        """Pick the parameters among ``names`` that differ from their defaults."""
        fields = type(self).model_fields
        return {n: getattr(self, n) for n in names if getattr(self, n) != fields[n].default}

    # -- shape rule ------------------------------------------------------------------------------

    def sizes(self) -> Mapping[str, AnyDim]:
        """Name the sizes that follow from the parameters alone."""
        return {}

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        """Compute the sizes of the output patterns that follow from those of the inputs.

        Raises:
            ShapeMismatch: the inputs break a rule that no pattern expresses.
        """
        return {}

    def derive_spread(self, dims: Bindings) -> Shape | None:
        """Compute the shape that ``...`` stands for on the outputs; None for that of the inputs.

        Raises:
            ShapeMismatch: the inputs break a rule that no pattern expresses.
        """
        return None

    def bind(
        self, arriving: Mapping[str, TensorSpec], values: dict[str, int]
    ) -> tuple[Bindings, Kind]:
        """Match what arrives against the input patterns.

        Returns:
            The sizes that the words stand for, those of `derive` among them, and the kind that all
            ``ANY`` ports share.

        Raises:
            InputMismatch: something does not fit its port.
        """
        known = {key: size for key in self.size_fields if (size := getattr(self, key)) is not None}
        dims = Bindings({**known, **self.sizes()}, values)
        kind = Kind.ANY
        for name, spec in arriving.items():
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
            raise InputMismatch(error.origin or next(iter(arriving)), error) from error
        return dims, kind

    def infer(self, arriving: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Match what arrives, and fill in the output patterns.

        Raises:
            InputMismatch: something does not fit its port.
        """
        dims, kind = self.bind(arriving, values)
        outputs = {
            port.name: TensorSpec(
                dims.fill(port.parsed), kind if port.kind is Kind.ANY else port.kind
            )
            for port in self.outputs
        }
        return Inferred(dims, outputs)

    # -- weights and work ------------------------------------------------------------------------

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        """Name the shape of each trained tensor of the module."""
        return {}

    def flops(self, dims: Bindings) -> AnyDim:
        """Count the floating point operations of one pass; a multiply-add counts two."""
        return 0

    # -- code ------------------------------------------------------------------------------------

    def module(self, context: EmitContext) -> Expr | None:
        """Write the expression that builds this node's ``nn.Module``; None if it has none."""
        return None

    def forward(self, context: EmitContext, *args: Any, **kwargs: Any) -> Expr:
        """Write the expression that computes the outputs from the expressions on the inputs.

        A node class declares one parameter for each input port, of the port's name: an `Expr`,
        with None if the port is optional, or a tuple of them if it is variadic.
        """
        raise TypeError(f"{type(self).__name__} has no code of its own")


class InputMismatch(ValueError):
    """What arrives at a port does not fit it.

    Attributes:
        port: the input port.
        cause: the `ShapeMismatch` or `KindMismatch`.
    """

    def __init__(self, port: str, cause: ValueError) -> None:
        super().__init__(str(cause))
        self.port, self.cause = port, cause


def _value(value: object, values: Mapping[str, object]) -> object:
    if isinstance(value, Dim):
        return substitute(value, {name: values[name] for name in sorted(value.hypers)})
    if isinstance(value, Ref):
        return values[value.name]
    return value


@lru_cache(maxsize=1024)
def manual(node_type: type[Node]) -> str:
    """The manual page of a node class: its docstring, without the indentation."""
    return inspect.getdoc(node_type) or ""
