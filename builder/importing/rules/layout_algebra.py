"""How views and transposes arrange the factors of dimensions.

A dimension is a list of factors.  A view splits and joins factors, a transpose moves dimensions;
what a chain of them does is one rearrangement of factors, and one node.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from torch import fx

from builder.importing.tracing.operators import argument, op
from builder.importing.tracing.trace import Size, Trace
from nodes.attention.merge_heads import MergeHeads
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.node import Node
from nodes.reshape.reshape import Reshape
from nodes.reshape.transpose import Transpose

VIEWS = frozenset({"view", "_unsafe_view", "reshape", "flatten", "unflatten"})
MOVES = frozenset({"transpose", "permute", "t", "unsqueeze", "squeeze"})
LAYOUTS = VIEWS | MOVES


@dataclass(eq=False)
class Factor:
    """A factor of a dimension."""

    size: Size
    parts: tuple["Factor", "Factor"] | None = None

    def leaves(self) -> list["Factor"]:
        """Return the factors that it has been split into."""
        return [self] if self.parts is None else [x for p in self.parts for x in p.leaves()]


Dims = list[list[Factor]]


def start(shape: Sequence[Size]) -> Dims:
    """Return the dimensions of a tensor, one factor each; a dimension of 1 has none."""
    return [[] if size == 1 else [Factor(size)] for size in shape]


def split_up(dims: Dims) -> Dims:
    """Replace factors by those that they have been split into."""
    return [[leaf for factor in dim for leaf in factor.leaves()] for dim in dims]


def regrouped(factors: Sequence[Factor], shape: Sequence[Size]) -> Dims | None:
    """Group factors into dimensions, splitting them where needed; None where that fails."""
    rest = list(factors)
    found: Dims = []
    for size in shape:
        group: list[Factor] = []
        missing = sympy.sympify(size)
        while missing != 1:
            if not rest:
                return None
            factor = rest.pop(0)
            quotient = sympy.cancel(missing / factor.size)
            if _is_whole(quotient):
                group.append(factor)
                missing = quotient
                continue
            remainder = sympy.cancel(sympy.sympify(factor.size) / missing)
            if not _is_whole(remainder):
                return None
            factor.parts = Factor(missing), Factor(remainder)
            rest.insert(0, factor.parts[1])
            group.append(factor.parts[0])
            missing = sympy.Integer(1)
        found.append(group)
    return None if rest else found


def _is_whole(quotient: sympy.Expr) -> bool:
    return bool(sympy.denom(sympy.together(quotient)) == 1)


def applied(trace: Trace, node: fx.Node, dims: Dims) -> Dims | None:
    """Apply the operator of a node to the dimensions of its input; None where that fails."""
    name, rank = op(node), len(dims)
    if name in VIEWS:
        flat = [factor for dim in split_up(dims) for factor in dim]
        return regrouped(flat, trace.shape(node))
    if name == "t":
        return dims[::-1]
    if name == "permute":
        return [dims[i % rank] for i in argument(node, "dims")]
    if name == "transpose":
        a, b = argument(node, "dim0") % rank, argument(node, "dim1") % rank
        order = list(range(rank))
        order[a], order[b] = b, a
        return [dims[i] for i in order]
    if name == "unsqueeze":
        position = argument(node, "dim") % (rank + 1)
        return [*dims[:position], [], *dims[position:]]
    return _squeezed(node, dims)


def _squeezed(node: fx.Node, dims: Dims) -> Dims:
    given = argument(node, "dim")
    chosen = range(len(dims)) if given is None else [given] if isinstance(given, int) else given
    positions = {i % len(dims) for i in chosen}
    return [dim for i, dim in enumerate(dims) if i not in positions or dim]


def rearrangement(before: Dims, after: Dims) -> Node | None:
    """Make the node that rearranges dimensions; None if no node does.

    Args:
        before: the dimensions of the input.
        after: those of the output, with the same factors.
    """
    before, after = split_up(before), split_up(after)
    if all(len(dim) == 1 for dim in before) and len(before) == len(after):
        moved = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        if len(moved) == 2 and all(len(dim) == 1 for dim in after):
            return Transpose(dim0=moved[0], dim1=moved[1])
    words, size = _words(before)
    if words is None:
        return None
    pattern = " -> ".join(" ".join(_item(dim, words) for dim in dims) for dims in (before, after))
    if _splits_heads(before, after) and size is not None:
        return SplitHeads(num_heads=size)
    if _splits_heads(after, before):
        return MergeHeads()
    node = Reshape(pattern=pattern) if size is None else Reshape(pattern=pattern, size=size)
    return None if list(node.parameter_errors()) else node


def _splits_heads(before: Dims, after: Dims) -> bool:
    """Tell whether (B, T, H * D) becomes (B, H, T, D)."""
    if [len(dim) for dim in before] != [1, 1, 2]:
        return False
    (a, b, (heads, size)) = before[0], before[1], before[2]
    return after == [a, [heads], b, [size]]


def is_identity(before: Dims, after: Dims) -> bool:
    """Tell whether nothing is rearranged."""
    return split_up(before) == split_up(after)


def _item(dim: list[Factor], words: dict[Factor, str]) -> str:
    names = [words[factor] for factor in dim]
    if not names:
        return "1"
    return names[0] if len(names) == 1 else f"({' '.join(names)})"


def _words(before: Dims) -> tuple[dict[Factor, str] | None, int | None]:
    """Name the factors; at most one of a dimension may have a size that its name does not tell."""
    words: dict[Factor, str] = {}
    size: int | None = None
    letters = "DEFGHIJKLM" if any(len(dim) > 1 for dim in before) else "CDEFGHIJKL"
    spare = iter(letters if len(before) < 4 else "HDEFGIJKLM")
    used: set[str] = set()
    for dim in before:
        known = [factor for factor in dim if isinstance(_plain(factor.size), int)]
        unknown = [factor for factor in dim if factor not in known]
        if len(unknown) > 1:
            return None, None
        named = known if unknown else known[:-1]
        for factor in named if len(dim) > 1 else ():
            value = _plain(factor.size)
            if size is None and isinstance(value, int):
                size, words[factor] = value, "size"
            else:
                words[factor] = str(value)
        for factor in dim:
            if factor in words:
                continue
            symbol = str(factor.size)
            wanted = symbol if symbol in ("B", "T", "S") and symbol not in used else ""
            words[factor] = wanted or next(spare)
            used.add(words[factor])
    return words, size


def _plain(size: Size) -> Size:
    return int(size) if isinstance(size, int) or size.is_Integer else size
