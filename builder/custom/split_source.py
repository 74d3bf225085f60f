"""The two parts of a file of custom nodes: what Wireformer runs, and the source of layers.

The functions and classes that use PyTorch are the layers. As those of ``codegen.layers`` they are
never run here: their text is copied into generated code. So the window needs no PyTorch.
"""

import ast
import builtins
import symtable
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.custom.node_problem import Faulty, NodeProblem

GENERATED = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "Tensor": "torch.Tensor",
    "math": "math",
}
"""What the names that generated files import stand for."""

IMPORTS = "import math, import torch, from torch import Tensor, nn, import torch.nn.functional as F"

_Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class SplitSource:
    """A file of custom nodes.

    Attributes:
        program: what is run: all but the layers and the imports of PyTorch.
        layers: the text of the layers, and of the functions and classes that they need.
        nodes: the line of each class that is derived from a class of ``nodes``, by name.
    """

    program: ast.Module
    layers: str
    nodes: Mapping[str, int]


def split(data: bytes, source: str) -> SplitSource:
    """Parse a file, and split it; nothing of it is run.

    Raises:
        Faulty: it is no Python source, or breaks the rules of layers.
    """
    return _Splitter(_parsed(data, source), data.decode("utf-8"), source).split()


def _parsed(data: bytes, source: str) -> ast.Module:
    try:
        return ast.parse(data.decode("utf-8"), source)
    except UnicodeDecodeError:
        message = "expected UTF-8, got other bytes; save it as UTF-8"
        raise Faulty(NodeProblem(source, message)) from None
    except SyntaxError as error:
        message = f"expected Python source, got a syntax error: {error.msg}; correct the line"
        raise Faulty(NodeProblem(source, message, error.lineno)) from None
    except (ValueError, RecursionError, MemoryError):
        message = "expected Python source, got text that cannot be parsed; shorten it"
        raise Faulty(NodeProblem(source, message)) from None


class _Splitter:
    """Splits one file."""

    def __init__(self, tree: ast.Module, text: str, source: str) -> None:
        self.tree, self.lines, self.source = tree, text.split("\n"), source
        self.definitions = {one.name: one for one in tree.body if isinstance(one, _Definition)}
        self.imported = {
            bound: full
            for statement in tree.body
            for bound, full in _imported(statement)
            if _is_torch(full)
        }
        self.from_nodes = {
            bound
            for statement in tree.body
            for bound, full in _imported(statement)
            if full.partition(".")[0] == "nodes"
        }

    def split(self) -> SplitSource:
        nodes = self._nodes()
        layers = self._layers(nodes)
        for statement in self.tree.body:
            self._require_no_torch(statement, nodes, layers)
        text = "\n\n\n".join(self._text(name) for name in self._needed(layers))
        kept = (_without_torch(one) for one in self.tree.body)
        program = [one for one in kept if one and getattr(one, "name", "") not in layers]
        lines = {name: self.definitions[name].lineno for name in nodes}
        return SplitSource(ast.Module(program, []), text, lines)

    def _nodes(self) -> list[str]:
        """List the classes that are derived from a class of ``nodes``, directly or not."""
        known, found = set(self.from_nodes), []
        for name, one in self.definitions.items():
            bases = one.bases if isinstance(one, ast.ClassDef) else []
            if any(known & _names(base) for base in bases):
                known.add(name)
                found.append(name)
        return found

    def _layers(self, nodes: list[str]) -> set[str]:
        """Find the functions and classes that use PyTorch, directly or not."""
        used = {name: _names(one) for name, one in self.definitions.items() if name not in nodes}
        layers: set[str] = set()
        while True:
            marked = layers | self.imported.keys()
            more = {name for name, names in used.items() if names & marked} - layers
            if not more:
                return layers
            layers |= more

    def _needed(self, layers: set[str]) -> list[str]:
        """List the layers, and what they use of the file, in the order of the file."""
        needed, pending = set(layers), sorted(layers)
        while pending:
            name = pending.pop()
            for other in self._used(name) & self.definitions.keys() - needed:
                needed.add(other)
                pending.append(other)
        for name in needed:
            self._require_known(name)
        return [name for name in self.definitions if name in needed]

    def _used(self, name: str) -> set[str]:
        """Return the names that a definition reads from its file."""
        return set(_free_names(symtable.symtable(self._text(name), self.source, "exec"), top=True))

    def _text(self, name: str) -> str:
        one = self.definitions[name]
        first = min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)])
        return "\n".join(self.lines[first - 1 : one.end_lineno]).replace("\r", "")

    def _require_known(self, name: str) -> None:
        """Refuse a layer that reads a name that generated code does not have."""
        for used in sorted(self._used(name) - self.definitions.keys()):
            if used in GENERATED:
                full = self.imported.get(used, GENERATED[used])
                if full == GENERATED[used]:
                    continue
            elif used not in self.imported and hasattr(builtins, used):
                continue
            what = f"the layer {name} to use what its file defines and {IMPORTS}"
            message = f"expected {what}, got {used}; define it in the layer, or pass it to it"
            raise self._fault(message, self.definitions[name], used)

    def _require_no_torch(self, statement: ast.stmt, nodes: list[str], layers: set[str]) -> None:
        """Refuse what Wireformer would run and cannot, as it needs PyTorch or a layer."""
        name = getattr(statement, "name", "")
        if name in layers or next(_imported(statement), None):
            return
        if used := sorted(_names(statement) & (self.imported.keys() | layers)):
            if name in nodes:
                advice = f'write the code as text, such as context.call("{used[0]}", ...)'
                if used[0] in layers:
                    advice = f'name it, as in context.library_call("{used[0]}", ...)'
                message = f"expected a node that runs without PyTorch, got {used[0]}; {advice}"
            else:
                message = (
                    f"expected {used[0]} in functions and classes alone, as Wireformer runs the "
                    "rest without PyTorch, got it outside; move it into the layer"
                )
            raise self._fault(message, statement, used[0])

    def _fault(self, message: str, inside: ast.stmt, name: str) -> Faulty:
        """Return a fault at the first use of a name inside a statement."""
        uses = (node for node in ast.walk(inside) if isinstance(node, ast.Name))
        lines = [node.lineno for node in uses if node.id == name]
        return Faulty(NodeProblem(self.source, message, min(lines, default=inside.lineno)))


def _without_torch(statement: ast.stmt) -> ast.stmt | None:
    """Return a statement without the imports of PyTorch; None if nothing else is in it."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return statement
    if isinstance(statement, ast.ImportFrom):
        names = [] if _is_torch(statement.module or "") and not statement.level else statement.names
    else:
        names = [alias for alias in statement.names if not _is_torch(alias.name)]
    statement.names = names
    return statement if names else None


def _is_torch(name: str) -> bool:
    return name.partition(".")[0] == "torch"


def _imported(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, each with what it stands for."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, alias.name
            else:
                first = alias.name.partition(".")[0]
                yield first, first
    elif isinstance(statement, ast.ImportFrom) and not statement.level:
        for alias in statement.names:
            yield alias.asname or alias.name, f"{statement.module}.{alias.name}"


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _free_names(table: symtable.SymbolTable, top: bool = False) -> Iterator[str]:
    """Yield the names that a piece of source reads from outside."""
    for symbol in table.get_symbols():
        own = symbol.is_assigned() if top else not symbol.is_global()
        if symbol.is_referenced() and not own:
            yield symbol.get_name()
    for child in table.get_children():
        yield from _free_names(child)
