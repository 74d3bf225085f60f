"""Shapes at ports, and what the unification with a pattern makes of them; primes as sizes."""

from dataclasses import dataclass, field

from nodes.core.shapes.dim import AnyDim, divide, free, hyper
from nodes.core.shapes.pattern import SPREAD
from nodes.core.shapes.shape import Shape

B, T, S = free("B"), free("T"), free("S")
D = hyper("d")
VALUES = {"d": 12, "e": 12, "h": 3}


@dataclass(frozen=True)
class Case:
    """One use of `Bindings.match`.

    Attributes:
        pattern, shape, broadcast: its arguments; the port is called ``x``.
        sizes, spread, origins: what was bound before.
        bound: the sizes that are new.
        result: the shape that ``...`` is bound to then; None if it is not bound.
        error: the whole message, if it is refused.
        hints: the whole hints.
    """

    pattern: str
    shape: Shape
    sizes: dict[str, AnyDim] = field(default_factory=dict)
    bound: dict[str, AnyDim] = field(default_factory=dict)
    spread: Shape | None = None
    result: Shape | None = None
    origins: dict[str, str] = field(default_factory=dict)
    broadcast: bool = False
    error: str = ""
    hints: tuple[str, ...] = ()


MATCHES = {
    "no words": Case("", ()),
    "words": Case("B T C", (2, 3, 5), bound={"B": 2, "T": 3, "C": 5}),
    "a word twice": Case("T T", (3, 3), bound={"T": 3}),
    "a word bound to the same size": Case("B C", (2, 5), {"C": 5}, {"B": 2}),
    "symbolic sizes": Case("B T C", (B, T, 2 * D), bound={"B": B, "T": T, "C": 2 * D}),
    "the same size, computed in another way": Case("C", (D + D,), {"C": 2 * D}),
    "a number": Case("2 C", (2, 5), bound={"C": 5}),
    "a product, its last factor unknown": Case("(H D)", (15,), {"H": 3}, {"D": 5}),
    "a product, its first factor unknown": Case("(H D)", (15,), {"D": 5}, {"H": 3}),
    "a product, its middle factor unknown": Case("(2 H D)", (30,), {"D": 5}, {"H": 3}),
    "a product, all factors known": Case("(H D)", (15,), {"H": 3, "D": 5}),
    "a product of one unknown": Case("(H)", (7,), bound={"H": 7}),
    "a product of a number and an unknown": Case("(2 H)", (14,), bound={"H": 7}),
    "a product of words bound before": Case("D (H D)", (5, 15), {"H": 3}, {"D": 5}),
    "a symbolic product": Case("(H D)", (D,), {"H": hyper("h")}, {"D": divide(D, hyper("h"))}),
    "a product with a free size": Case("(H D)", (6 * T,), {"H": 3}, {"D": 2 * T}),
    "only a spread": Case("...", (2, 3), result=(2, 3)),
    "an empty spread": Case("...", (), result=()),
    "a spread in front": Case("... C", (2, 3, 5), bound={"C": 5}, result=(2, 3)),
    "a spread at the end": Case("B ...", (2, 3, 5), bound={"B": 2}, result=(3, 5)),
    "a spread in the middle": Case("B ... C", (2, 3, 5, 7), {}, {"B": 2, "C": 7}, result=(3, 5)),
    "a spread of nothing in the middle": Case("B ... C", (2, 7), {}, {"B": 2, "C": 7}, result=()),
    "a spread and a product": Case("... (H D)", (2, 15), {"H": 3}, {"D": 5}, result=(2,)),
    "the spread of another port": Case("... C", (2, 3, 5), {}, {"C": 5}, (2, 3), (2, 3)),
}

BROADCASTS = {
    "as many sizes": Case("B H T S", (2, 3, 5, 7), {}, {"B": 2, "H": 3, "T": 5, "S": 7}),
    "leading sizes missing": Case("B H T S", (5, 7), {}, {"T": 5, "S": 7}),
    "no sizes at all": Case("B H T S", ()),
    "ones": Case("B H T S", (1, 1, 5, 1), {"S": 7}, {"T": 5}),
    "a one for a number": Case("2 T", (1, 5), bound={"T": 5}),
    "a spread": Case("...", (2, 3), result=(2, 3)),
    "an equal spread": Case("...", (2, 3), spread=(2, 3), result=(2, 3)),
    "a shorter spread": Case("...", (3,), spread=(2, 3), result=(2, 3)),
    "a longer spread": Case("...", (2, 3), spread=(3,), result=(2, 3)),
    "ones in the new spread": Case("...", (1, 3), spread=(2, 3), result=(2, 3)),
    "ones in the old spread": Case("...", (2, 3), spread=(2, 1), result=(2, 3)),
    "ones in both spreads": Case("...", (5, 1, 3), spread=(2, 1), result=(5, 2, 3)),
    "an empty new spread": Case("...", (), spread=(2,), result=(2,)),
    "an empty old spread": Case("...", (2,), spread=(), result=(2,)),
}

HINTS = {
    "a word": Case(
        "C",
        (D,),
        {"C": 12},
        hints=("expected C = 12, got d = 12: equal only at the present values; write both alike",),
    ),
    "a word of another port": Case(
        "C",
        (hyper("e"),),
        {"C": D},
        origins={"C": "y"},
        hints=(
            "expected C = d = 12, as at y, got e = 12: equal only at the present values; "
            "write both alike",
        ),
    ),
    "a parameter of the same name": Case(
        "d",
        (12,),
        {"d": D},
        hints=("expected d = 12, got 12: equal only at the present values; write both alike",),
    ),
    "a number": Case(
        "12",
        (D,),
        hints=("expected 12, got d = 12: equal only at the present values; write both alike",),
    ),
    "a product": Case(
        "(H C)",
        (D,),
        {"H": 3, "C": 4},
        hints=(
            "expected H * C = 12, got d = 12: equal only at the present values; write both alike",
        ),
    ),
    "a spread": Case(
        "...",
        (2, D),
        spread=(2, 12),
        result=(2, 12),
        origins={SPREAD: "y"},
        hints=(
            "expected 12, as at y, got d = 12: equal only at the present values; write both alike",
        ),
    ),
}

TWELVE = "expected 12, as at y, got d = 12: equal only at the present values; write both alike"

BROADCAST_HINTS = {
    "a shorter spread": Case(
        "...", (D,), spread=(2, 12), result=(2, 12), origins={SPREAD: "y"}, hints=(TWELVE,)
    ),
    "an equal spread": Case(
        "...", (2, D), spread=(2, 12), result=(2, 12), origins={SPREAD: "y"}, hints=(TWELVE,)
    ),
    "a longer spread": Case(
        "...", (2, D), spread=(12,), result=(2, 12), origins={SPREAD: "y"}, hints=(TWELVE,)
    ),
}

MISMATCHES = {
    "too few sizes": Case("B T C", (2, 3), error="expected 3 dimensions (B T C), got 2: (2, 3)"),
    "too many sizes": Case("B", (2, 3), error="expected 1 dimensions (B), got 2: (2, 3)"),
    "sizes for no words": Case("", (B,), error="expected 0 dimensions (), got 1: (B,)"),
    "too few sizes beside a spread": Case(
        "B ... C", (2,), error="expected at least 2 dimensions (B ... C), got 1: (2,)"
    ),
    "another size": Case("C", (7,), {"C": 5}, error="expected C = 5, got 7"),
    "another size than at another port": Case(
        "C", (7,), {"C": 5}, origins={"C": "y"}, error="expected C = 5, as at y, got 7"
    ),
    "another size than before in the pattern": Case(
        "T T", (3, 5), error="expected T = 3, as at x, got 5"
    ),
    "another symbolic size": Case("C", (7,), {"C": 2 * D}, error="expected C = 2 * d = 24, got 7"),
    "another free size": Case("T", (S,), {"T": T}, error="expected T, got S"),
    "a size whose value leaves a remainder": Case(
        "C", (divide(D, 5),), {"C": 2}, error="expected C = 2, got d // 5"
    ),
    "a parameter of the same name": Case("d", (7,), {"d": D}, error="expected d = 12, got 7"),
    "another number": Case("3", (5,), error="expected 3, got 5"),
    "another number, by name": Case("3", (D,), error="expected 3, got d = 12"),
    "another product": Case("(H D)", (14,), {"H": 3, "D": 5}, error="expected H * D = 15, got 14"),
    "an indivisible size": Case(
        "(H D)", (16,), {"H": 3}, error="expected a multiple of H = 3, got 16"
    ),
    "an indivisible size at its value": Case(
        "(H D)", (D,), {"H": 5}, error="expected a multiple of H = 5, got d = 12"
    ),
    "a size indivisible by a number": Case("(2 D)", (7,), error="expected a multiple of 2, got 7"),
    "a size indivisible by a product": Case(
        "(2 H D)", (8,), {"H": 3}, error="expected a multiple of 2 * H = 6, got 8"
    ),
    "a size to split into no parts": Case(
        "(H D)", (8,), {"H": 0}, error="expected a multiple of H = 0, got 8"
    ),
    "a quotient that is not the bound one": Case(
        "(H D) D", (15, 7), {"H": 3}, error="expected D = 5, as at x, got 7"
    ),
    "another spread": Case(
        "...",
        (2, 5),
        spread=(2, 3),
        origins={SPREAD: "y"},
        error="expected (2, 3), as at y, got (2, 5)",
    ),
    "a shorter spread": Case(
        "...",
        (2,),
        spread=(2, 3),
        origins={SPREAD: "y"},
        error="expected (2, 3), as at y, got (2,)",
    ),
    "another spread than the derived one": Case(
        "...", (5,), spread=(3,), error="expected (3,), got (5,)"
    ),
}

BROADCAST_MISMATCHES = {
    "too many sizes": Case(
        "T S", (2, 5, 7), error="expected at most 2 dimensions (T S), got 3: (2, 5, 7)"
    ),
    "another size": Case("T S", (5, 7), {"S": 3}, error="expected S = 3, got 7"),
    "the last of fewer sizes": Case("T S", (7,), {"S": 3}, error="expected S = 3, got 7"),
    "another spread": Case(
        "...",
        (5,),
        spread=(2, 3),
        origins={SPREAD: "y"},
        error="expected (2, 3), as at y, got (5,)",
    ),
}
