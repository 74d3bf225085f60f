"""Change the product's rules one operator at a time, and count what the campaign notices."""

import ast
import copy
import importlib
import inspect
import pkgutil
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from random import Random
from types import FrameType, FunctionType, ModuleType

import torch

from benchmarks.campaign.session import Write, draw
from benchmarks.campaign.verdicts import judge

PACKAGES = {
    "node types": "nodes",
    "shapes": "nodes.core.shapes",
    "check": "codegen.check",
    "planning": "codegen.planning",
}
"""The packages whose functions are changed, by what they are for."""

WITHOUT_RULES = ("remed", "candidate", "mismatch", "problem", "conversion", "text", "time")
"""What the names of modules contain that make remedies and messages, or that analyse time."""

WITHOUT_VERDICT = frozenset(
    ("flops", "show", "show_shape", "__str__", "__repr__", "receptive_fields", "support")
)
"""Functions that few verdicts depend on: costs, texts, and the analysis of time.

`benchmarks.receptive_fields` compares that analysis with measurements.
"""

MOST_SECONDS = 120
SWAPS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Fault:
    """One change of one function.

    Attributes:
        group: the group of its module.
        module: the module.
        function: the name of the function, with that of its class.
        line: the line in the module.
        number: the number of the change among those of the function.
    """

    group: str
    module: str
    function: str
    line: int
    number: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function} #{self.number}"


def faults() -> list[Fault]:
    """List every change of every function."""
    return [
        Fault(group, module, function, line, number)
        for group, package in PACKAGES.items()
        for module in modules(package)
        for function, tree in functions(importlib.import_module(module))
        for number, line in enumerate(changed(tree))
    ]


def modules(package: str) -> list[str]:
    """List the modules of a package; of the node types those of its families."""
    path = importlib.import_module(package).__path__
    found = [one.name for one in pkgutil.walk_packages(path, f"{package}.") if not one.ispkg]
    if package == "nodes":
        found = [name for name in found if not name.startswith(("nodes.core.", "nodes.tasks."))]
    return [name for name in found if not any(word in name for word in WITHOUT_RULES)]


def functions(module: ModuleType) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a module, and the methods of its classes."""
    tree = ast.parse(inspect.getsource(module))
    for statement in tree.body:
        parts = statement.body if isinstance(statement, ast.ClassDef) else [statement]
        prefix = f"{statement.name}." if isinstance(statement, ast.ClassDef) else ""
        for part in parts:
            if isinstance(part, ast.FunctionDef) and part.name not in WITHOUT_VERDICT:
                yield f"{prefix}{part.name}", part


def changed(tree: ast.FunctionDef, number: int | None = None) -> list[int]:
    """Make the change of a number in place, if given; return the lines of all changes."""
    lines: list[int] = []
    texts = {id(one) for x in ast.walk(tree) if isinstance(x, ast.JoinedStr) for one in ast.walk(x)}
    for part in ast.walk(tree):
        if id(part) in texts:
            continue
        line = getattr(part, "lineno", tree.lineno)
        for change in changes(part):
            if len(lines) == number:
                change()
                return lines
            lines.append(line)
    return lines


def changes(part: ast.AST) -> Iterator:
    """Yield the changes of one part of a tree, as functions that make them."""

    def swap(operators: list, i: int) -> None:
        operators[i] = SWAPS[type(operators[i])]()

    match part:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in SWAPS:
            yield lambda: setattr(part, "op", SWAPS[type(op)]())
        case ast.Compare(ops=operators):
            for i, op in enumerate(operators):
                if type(op) in SWAPS:
                    yield lambda i=i: swap(operators, i)
        case ast.Constant(value=value) if type(value) is bool:
            yield lambda: setattr(part, "value", not value)
        case ast.Constant(value=value) if type(value) is int:
            yield lambda: setattr(part, "value", value + 1)
        case ast.UnaryOp(op=ast.USub()):
            yield lambda: setattr(part, "op", ast.UAdd())
        case ast.If(test=test) | ast.IfExp(test=test):
            yield lambda: setattr(part, "test", ast.UnaryOp(ast.Not(), test))


def plant(fault: Fault) -> bool:
    """Change a function in this process; return whether it could be changed."""
    module = importlib.import_module(fault.module)
    tree = copy.deepcopy(dict(functions(module))[fault.function])
    changed(tree, fault.number)
    tree.decorator_list, tree.returns = [], None
    for argument in ast.walk(tree.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    target = look_up(module, fault.function)
    if target is None:
        return False
    maker = ast.parse("def make(__class__):\n    return None").body[0]
    maker.body.insert(0, tree)  # type: ignore[attr-defined]
    maker.body[1].value = ast.Name(tree.name, ast.Load())  # type: ignore[attr-defined]
    scope: dict = dict(vars(module))
    whole = ast.fix_missing_locations(ast.Module([maker], []))
    exec(compile(whole, fault.module, "exec"), scope)
    made = scope["make"](target)
    if made.__code__.co_freevars != target.__code__.co_freevars:
        return False
    target.__code__ = made.__code__
    return True


def look_up(module: ModuleType, name: str) -> FunctionType | None:
    """Look up the function that a name in a module stands for."""
    place: object = module
    for part in name.split("."):
        place = vars(place).get(part)
    for attribute in ("fget", "func", "__func__", "__wrapped__"):
        place = getattr(place, attribute, place)
    return place if isinstance(place, FunctionType) else None


_pool: list[tuple[int, dict]] = []
"""The documents that are judged; set before processes are forked."""


def notice(fault: Fault | None) -> tuple[Fault | None, list[int]]:
    """Plant a fault, and return the seeds of the documents that show it, the first alone.

    Without a fault, return the seeds of all documents that show one.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    torch.set_num_threads(1)
    if fault is not None and not plant(fault):
        return fault, [-1]
    seeds = []
    for seed, document in _pool:
        signal.alarm(MOST_SECONDS)
        is_fault = True
        with suppress(TimeoutError, RecursionError, MemoryError):
            is_fault = judge(document, runs=seed % 2 == 0).is_fault
        signal.alarm(0)
        if is_fault:
            seeds.append(seed)
            if fault is not None:
                break
    return fault, seeds


def noticed(
    chosen: Sequence[Fault], documents: Sequence[tuple[int, dict]], jobs: int
) -> Iterator[tuple[Fault, bool]]:
    """Plant faults in processes of their own, and yield whether a document shows each.

    A function that cannot be changed is left out, as are documents that are faults without one.
    """
    context = get_context("fork")
    _pool[:] = documents
    with context.Pool(1) as pool:
        known = set(pool.apply(notice, (None,))[1])
    _pool[:] = [entry for entry in documents if entry[0] not in known]
    with context.Pool(jobs, maxtasksperchild=1) as pool:
        for fault, seeds in pool.imap_unordered(notice, chosen):
            if fault is not None and seeds != [-1]:
                yield fault, bool(seeds)


def run(count: int, seeds: Sequence[int], jobs: int, write: Write) -> int:
    """Plant a sample of faults, or those before Ctrl-C; return 1 if one is not noticed."""
    torch.set_num_threads(1)
    documents = [(seed, draw(seed)[0]) for seed in seeds]
    every = faults()
    chosen = Random(0).sample(every, min(count, len(every)))
    counts: Counter[tuple[str, bool]] = Counter()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        for fault, is_noticed in noticed(chosen, documents, jobs):
            counts[fault.group, is_noticed] += 1
            if not is_noticed:
                write(f"not noticed: {fault}\n")
    for group in PACKAGES:
        shown, missed = counts[group, True], counts[group, False]
        write(f"{group}: {shown} of {shown + missed} planted faults noticed\n")
    total = sum(counts.values())
    shown = sum(number for (_, is_noticed), number in counts.items() if is_noticed)
    write(f"all: {shown} of {total} (of {len(every)} possible ones)\n")
    return int(shown < total)
