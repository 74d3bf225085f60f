"""How the sizes of one model are written in its code.

A size that the user wrote somewhere is written so everywhere; any other as a sum of products, with
names in the order of the hyperparameters and quotients by their conventional names.
"""

import re
from collections.abc import Iterable

from codegen.check.checked_graph import CheckedGraph, checked_graphs
from codegen.planning.named_quotients import NamedQuotients
from nodes.core.graphs.python_expression import Expr, parse_arithmetic
from nodes.core.shapes.dim import AnyDim, Dim, Symbol, code
from nodes.core.shapes.expression import parse, with_symbols
from nodes.core.shapes.shape import Shape

_NUMBER = re.compile("\0[0-9]{8}\0")
"""The number of a hyperparameter, before its name: `code` sorts factors and terms by their text."""


class SizeNotation:
    """The notation of one model.

    Args:
        main: its main graph, whose parameters are texts that the user wrote.
        quotients: the sizes that are properties of the ``Config``.
        names: the hyperparameters in order.
    """

    def __init__(self, main: CheckedGraph, quotients: NamedQuotients, names: Iterable[str]) -> None:
        self._quotients = quotients
        self._order = {name: number for number, name in enumerate(names)}
        self._texts: dict[AnyDim, str] = {}
        for checked in checked_graphs(main):
            written = (node.size_texts() for node in checked.graph.nodes.values())
            for text in dict.fromkeys(text for texts in written for text in texts.values()):
                self._texts.setdefault(parse(text), text)

    def write(self, size: Dim, symbol: Symbol) -> Expr:
        """Write a size as an expression of what ``symbol`` returns for each name."""
        return parse_arithmetic(self._source(size, symbol))

    def show(self, shape: Shape) -> str:
        """Format a shape as PyTorch does: ``(B, T, 512)``."""
        sizes = [self._source(size, lambda name, is_free: name) for size in shape]
        return f"({', '.join(sizes)}{',' if len(shape) == 1 else ''})"

    def _source(self, size: AnyDim, symbol: Symbol) -> str:
        text = self._texts.get(size)
        if text is not None:
            return with_symbols(text, symbol)

        def numbered(name: str, is_free: bool) -> str:
            return f"\0{self._order.get(name, len(self._order)):08d}\0{symbol(name, is_free)}"

        return _NUMBER.sub("", code(self._quotients.simplify(size), numbered)[0])
