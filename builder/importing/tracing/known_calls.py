"""Keeps calls of known modules whole while a model is traced.

``torch.export`` looks inside every module: an LSTM fixes the number of steps there, and the masks
of ``nn.TransformerEncoder`` are compared by value. While `recording` is active, a call of a known
module is one operator, ``wireformer::known_module``, and `KnownCalls` keeps its arguments. Run with
real tensors, the operator calls the module itself.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import rnn
from torch.utils import _pytree as pytree


@dataclass
class Packed:
    """A padded sequence with its lengths, in place of a ``PackedSequence``."""

    data: Tensor
    lengths: Tensor
    batch_first: bool


pytree.register_dataclass(Packed)

Outputs = Any
"""What a module returns: tensors in tuples."""

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class KnownModule:
    """What is known of a class of modules.

    Attributes:
        shapes: makes outputs of the right shapes, from a module and its arguments by name.
        accepts: tells whether a call is kept whole.
    """

    shapes: Callable[[Any, Arguments], Outputs]
    accepts: Callable[[Any, Arguments], bool]


@dataclass(frozen=True)
class Slot:
    """Stands for a tensor among the arguments of a call.

    Attributes:
        position: which tensor of the operator it is.
    """

    position: int


@dataclass(frozen=True)
class Call:
    """One call of a known module.

    Attributes:
        module: the module.
        forward: its method ``forward``.
        arguments: its arguments by name; each tensor in them is a `Slot`.
        known: what is known of its class.
    """

    module: nn.Module
    forward: Callable[..., Outputs]
    arguments: Arguments
    known: KnownModule

    def filled(self, tensors: list[Tensor]) -> dict[str, Any]:
        """Return the arguments with tensors in place of the slots."""

        def fill(leaf: Any) -> Any:
            return tensors[leaf.position] if isinstance(leaf, Slot) else leaf

        found: dict[str, Any] = pytree.tree_map(fill, dict(self.arguments), is_leaf=_is_slot)
        return found


def _is_slot(value: object) -> bool:
    return isinstance(value, Slot)


@dataclass
class KnownCalls:
    """The calls so far, by their number."""

    calls: list[Call] = field(default_factory=list)
    is_active: bool = False


CALLS = KnownCalls()

# Any, as torch's own functions for operators have no annotations.
_library: Any = torch.library
LIBRARY: Any = _library.Library("wireformer", "DEF")
register_fake: Any = _library.register_fake
LIBRARY.define("known_module(Tensor[] tensors, int call) -> Tensor[]")


def _tensors(outputs: Outputs) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(outputs) if isinstance(leaf, Tensor)]


def _shapes_of(tensors: list[Tensor], call: int) -> list[Tensor]:
    made = CALLS.calls[call]
    return _tensors(made.known.shapes(made.module, made.filled(tensors)))


def _run(tensors: list[Tensor], call: int) -> list[Tensor]:
    made = CALLS.calls[call]
    given = made.filled(tensors)
    packed = next((value for value in given.values() if isinstance(value, Packed)), None)
    arguments = {name: _packed(value) for name, value in given.items()}
    outputs = made.forward(made.module, **arguments)
    if packed is not None:
        first, *rest = outputs
        data, _ = _PAD(first, packed.batch_first)
        outputs = Packed(data, packed.lengths.clone(), packed.batch_first), *rest
    return _tensors(outputs)


register_fake("wireformer::known_module", _shapes_of, lib=LIBRARY)
LIBRARY.impl("known_module", _run, "CPU")


def _packed(value: Any) -> Any:
    if not isinstance(value, Packed):
        return value
    return _PACK(value.data, value.lengths.cpu(), value.batch_first, enforce_sorted=False)


_PACK, _PAD = rnn.pack_padded_sequence, rnn.pad_packed_sequence


def _pack(*args: Any, **kwargs: Any) -> Any:
    if not CALLS.is_active:
        return _PACK(*args, **kwargs)
    given = inspect.signature(_PACK).bind(*args, **kwargs)
    given.apply_defaults()
    lengths = given.arguments["lengths"]
    return Packed(given.arguments["input"], lengths, given.arguments["batch_first"])


def _pad(sequence: Any, batch_first: bool = False, *args: Any, **kwargs: Any) -> Any:
    if not isinstance(sequence, Packed):
        return _PAD(sequence, batch_first, *args, **kwargs)
    swap = batch_first != sequence.batch_first
    return sequence.data.transpose(0, 1) if swap else sequence.data, sequence.lengths


def replace_packing() -> None:
    """Replace PyTorch's functions that pack sequences, before code that imports them is loaded."""
    rnn.pack_padded_sequence, rnn.pad_packed_sequence = _pack, _pad


@contextmanager
def recording(classes: Mapping[type[nn.Module], KnownModule]) -> Iterator[None]:
    """Record the calls of modules of these classes, but not of classes derived from them."""
    originals = {kind: kind.forward for kind in classes}
    for kind, known in classes.items():
        kind.forward = _recorder(kind, known)
    CALLS.is_active = True
    try:
        yield
    finally:
        CALLS.is_active = False
        for kind, forward in originals.items():
            kind.forward = forward


def _recorder(kind: type[nn.Module], known: KnownModule) -> Callable[..., Outputs]:
    forward = kind.forward
    signature = inspect.signature(forward)

    def recorded(self: nn.Module, *args: Any, **kwargs: Any) -> Outputs:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        given = {name: value for name, value in bound.arguments.items() if name != "self"}
        if type(self) is not kind or not known.accepts(self, given):
            return forward(self, *args, **kwargs)
        leaves, spec = pytree.tree_flatten(given)
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        positions = iter(range(len(tensors)))
        slots = [Slot(next(positions)) if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        arguments = pytree.tree_unflatten(slots, spec)
        CALLS.calls.append(Call(self, forward, arguments, known))
        flat = torch.ops.wireformer.known_module(tensors, len(CALLS.calls) - 1)
        rest = iter(flat)
        expected = known.shapes(self, given)
        return pytree.tree_map(lambda x: next(rest) if isinstance(x, Tensor) else x, expected)

    return recorded
