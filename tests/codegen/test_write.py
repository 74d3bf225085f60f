"""Written source is formatted already, and text of the user cannot break out of a comment."""

import ast
import subprocess
import sys
import tokenize
from io import BytesIO
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codegen.source.source_writer import WIDTH, SourceWriter, fits
from nodes.core.graphs.location import Location
from nodes.core.graphs.python_expression import (
    Expr,
    call,
    compare,
    conditional,
    generator,
    literal,
    name,
    sum_of,
    tuple_of,
)

pytestmark = pytest.mark.slow

LENGTHS = [1, 1, 2, 3, 5, 8, 8, 12, 20, 30, 64]
WORDS = [f"{'xyz'[i % 3]}{'_abcdefgh' * 8}"[:length] for i, length in enumerate(LENGTHS)]
PARAMETERS = sorted({word if len(word) > 1 else word * 2 for word in WORDS})
CONSTANTS = [0, 1, -1, 768, 0.1, 1e-5, True, None, "mean", "x" * 40, (1, 2), (3,), ()]


def ruff(command: str, source: str) -> str:
    arguments = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", "-"]
    result = subprocess.run(arguments, input=source, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def written(target: str | Expr | None, value: Expr, comment: str = "") -> str:
    w = SourceWriter()
    w.statement(target, value, comment)
    return w.source()


class StatementGenerator:
    """Generates random statements of every form that a compiler of graphs needs."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def word(self) -> str:
        return self.random.choice(PARAMETERS)

    def owner(self) -> Expr:
        owners = [name(self.word()), name(f"self.{self.word()}"), name(f"config.{self.word()}")]
        return self.random.choice(owners)

    def leaf(self) -> Expr:
        constant = literal(self.random.choice(CONSTANTS))
        return self.random.choice([self.owner(), self.owner(), constant])

    def some(self, depth: int, most: int) -> list[Expr]:
        return [self.expr(depth - 1) for _ in range(self.random.randint(0, most))]

    def options(self, depth: int) -> dict[str, Expr]:
        return {self.word(): self.expr(depth - 1) for _ in range(self.random.randint(0, 2))}

    def expr(self, depth: int) -> Expr:
        if depth <= 0:
            return self.leaf()
        forms = [self.called, self.called, self.chained, self.chained, self.summed, self.joined]
        forms += [self.chosen, self.indexed, self.listed, self.compared]
        return self.random.choice(forms)(depth)

    def called(self, depth: int) -> Expr:
        function = self.random.choice([f"self.{self.word()}", f"F.{self.word()}", "nn.Linear"])
        return call(function, *self.some(depth, 3), **self.options(depth))

    def chained(self, depth: int) -> Expr:
        forms = [self.owner, lambda: self.called(depth - 1), lambda: self.joined(depth - 1)]
        chain = self.random.choice([*forms, lambda: self.indexed(depth - 1)])()
        for _ in range(self.random.randint(1, 4)):
            method = self.random.choice(["view", "transpose", self.word()])
            chain = chain.method(method, *self.some(depth - 1, 3))
        return self.random.choice([chain, chain, chain.attr("shape")[-1]])

    def summed(self, depth: int) -> Expr:
        return sum_of(*[self.expr(depth - 1) for _ in range(self.random.randint(2, 6))])

    def joined(self, depth: int) -> Expr:
        left, right = self.expr(depth - 1), self.expr(depth - 1)
        kinds = [left * right, left - right, left @ right, left // right, left & right]
        return self.random.choice([*kinds, -self.called(1), ~self.owner()])

    def chosen(self, depth: int) -> Expr:
        return conditional(self.expr(depth - 1), self.expr(depth - 1), self.expr(depth - 1))

    def compared(self, depth: int) -> Expr:
        op = self.random.choice(["!=", "<", "is not"])
        return compare(self.expr(depth - 1), op, self.owner())

    def indexed(self, depth: int) -> Expr:
        owner = self.random.choice([self.owner, lambda: self.called(depth - 1)])()
        start, every = name("start"), slice(None)
        keys = [-1, (every, 0), (every, every, None), (..., start), slice(start, None)]
        keys += [
            slice(start, start + 8),
            self.expr(depth - 1),
            (every, self.expr(depth - 1)),
        ]
        return owner[self.random.choice(keys)]

    def listed(self, depth: int) -> Expr:
        rows = call("range", self.expr(depth - 1))
        module_list = call("nn.ModuleList", generator(self.expr(depth - 1), "_", rows))
        return self.random.choice([module_list, tuple_of(*self.some(depth, 3))])

    def statement(self) -> tuple[str | Expr, Expr]:
        value = self.expr(self.random.choice([1, 2, 2, 3, 3, 4]))
        targets = ["return", f"self.{self.word()}", f"self.{self.word()}"]
        return self.random.choice(targets if "for _" not in value.text else ["return"]), value

    def unpacked(self) -> tuple[Expr, Expr]:
        first, *rest = (name(f"self.{self.word()}") for _ in range(3))
        target = self.random.choice([tuple_of(first, tuple_of(*rest)), tuple_of(first, *rest)])
        return target, call(f"self.{self.word()}", *(self.leaf() for _ in range(3)))


def module(statements: list[tuple[str | Expr, Expr]], comments: bool) -> str:
    """Write a class with one method that consists of the statements."""
    w = SourceWriter()
    w.line("import torch.nn.functional as F")
    w.line("from torch import Tensor, nn")
    w.blank(2)
    with w.block("class Network(nn.Module):"):
        typed = [f"{parameter}: Tensor" for parameter in [*PARAMETERS, "start", "config"]]
        with w.define("forward", ["self", *typed], "Tensor | None"):
            w.line("F.relu(start)")
            for target, value in statements:
                w.statement(target, value, "(B, T, d_model)" if comments else "")
    return w.source()


def short_lines(target: str | Expr, value: Expr) -> bool:
    w = SourceWriter()
    with w.block(""), w.block(""):
        w.statement(target, value)
    return all(len(line) <= WIDTH for line in w.source().split("\n"))


SEEDS = st.integers(0, 2**32)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(SEEDS, st.booleans())
def test_the_formatter_changes_nothing_where_lines_can_be_short(seed, comments):
    generator = StatementGenerator(seed)
    statements = [generator.statement() for _ in range(500)] + [
        generator.unpacked() for _ in range(50)
    ]
    source = module([pair for pair in statements if short_lines(*pair)], comments)
    assert ruff("format --diff", source) == ""


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_laying_out_a_statement_keeps_its_meaning(seed):
    generator = StatementGenerator(seed)
    for target, value in [generator.statement() for _ in range(50)]:
        written_tree = ast.parse(written(target, value)).body[0]
        assert ast.dump(written_tree.value) == ast.dump(ast.parse(value.text).body[0].value)


x, y = name("x"), name("y")
LONG = name("a" * 40)


@pytest.mark.parametrize(
    ("target", "value", "text"),
    [
        ("y", x + 1, "y = x + 1\n"),
        ("return", x, "return x\n"),
        (None, call("f"), "f()\n"),
        ("return", tuple_of(x, y), "return x, y\n"),
        ("return", tuple_of(x), "return (x,)\n"),
        (tuple_of(x, tuple_of(y, y)), call("f", x), "x, (y, y) = f(x)\n"),
        (
            "self.q",
            call("nn.Linear", LONG, LONG),
            f"self.q = nn.Linear(\n    {LONG.text}, {LONG.text}\n)\n",
        ),
        (
            "q",
            call("f", LONG, out=LONG, bias=False),
            f"q = f(\n    {LONG.text},\n    out={LONG.text},\n    bias=False,\n)\n",
        ),
        (
            "q",
            call("self.query", x).method("view", x, -1, LONG).method("transpose", LONG, 2),
            "q = (\n    self.query(x)\n"
            f"    .view(x, -1, {LONG.text})\n    .transpose({LONG.text}, 2)\n)\n",
        ),
        ("long_name", LONG + LONG, f"long_name = (\n    {LONG.text} + {LONG.text}\n)\n"),
        ("q", x + LONG + LONG, f"q = (\n    x\n    + {LONG.text}\n    + {LONG.text}\n)\n"),
        ("q", x + call("f", LONG, LONG), f"q = x + f(\n    {LONG.text}, {LONG.text}\n)\n"),
        (
            "q",
            conditional(LONG, LONG, LONG),
            f"q = (\n    {LONG.text}\n    if {LONG.text}\n    else {LONG.text}\n)\n",
        ),
        (
            "return",
            tuple_of(LONG, LONG, x),
            f"return (\n    {LONG.text},\n    {LONG.text},\n    x,\n)\n",
        ),
    ],
    ids=range(14),
)
def test_a_statement_is_laid_out_for_reading(target, value, text):
    assert written(target, value) == text


def test_a_chain_of_thousands_is_laid_out():
    terms = [name(f"t{i}") for i in range(5_000)]
    lines = written("y", sum_of(*terms)).split("\n")
    assert lines[1:4] == ["    t0", "    + t1", "    + t2"]


@pytest.mark.parametrize("target", ["y", "return", None, tuple_of(x, y)])
@pytest.mark.parametrize("length", range(60, 90))
def test_what_fits_is_written_on_one_line(target, length):
    value = call("f", "s" * (length - 10), x)
    w = SourceWriter()
    with w.block("class A:"), w.block("def f(x, y):"):
        w.statement(target, value)
    assert fits(target, value) == (w.source().count("\n") == 3)


def test_a_comment_is_at_the_end_of_a_statement():
    assert written("y", x + 1, "(B, T)") == "y = x + 1  # (B, T)\n"
    assert written("q", call("f", LONG, LONG), "(B)").endswith("\n)  # (B)\n")


def test_a_comment_that_would_make_a_line_long_is_omitted():
    assert written("y", x, "n" * (WIDTH - 9)).startswith("y = x  # n")
    assert written("y", x, "n" * (WIDTH - 8)) == "y = x\n"


def at(*nodes: str) -> tuple[Location, ...]:
    return tuple(Location(node=node) for node in nodes)


def test_the_source_map_has_the_nodes_of_every_line():
    w = SourceWriter()
    w.docstring("One.\n\nTwo.")
    w.blank(2)
    w.line("import torch")
    with w.block("class A(B):", at("block")):
        with w.define("f", ["self", f"{LONG.text}: Tensor"], "Tensor", at("entry")):
            w.comment("why\nand how")
            w.statement("y", call("f", LONG, LONG), nodes=at("first", "second"))
            w.returns(name("y"), nodes=at("exit"))
        w.blank()
    assert len(w.lines) == w.source().count("\n")
    counts = {nodes: w.lines.count(nodes) for nodes in w.lines if nodes}
    assert counts == {at("block"): 1, at("entry"): 1, at("first", "second"): 4, at("exit"): 1}


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_a_definition_is_laid_out_as_the_formatter_does(seed):
    generator, w = StatementGenerator(seed), SourceWriter()
    with w.block("class A:"):
        for i in range(300):
            count, results = generator.random.randint(0, 5), generator.random.choice([1, 2, 9])
            parameters = [f"{generator.word()}{j}: Tensor" for j in range(count)]
            result = name("tuple")[tuple(name("Tensor") for _ in range(results))]
            with w.define(f"{generator.word()}{i}", ["self", *parameters], result):
                w.returns(x)
            w.blank(i < 299)
    assert ruff("format --diff", w.source()) == ""


HOSTILE = [
    '"""',
    '\\"""',
    'say "hi"',
    "ends with \\",
    "C:\\Users",
    "\\N{DASH}",
    "a\0b\rc\x0cd\u2028e\u202ef\ud800",
    "coding: utf-7",
    "vim: set fileencoding=utf-7 :",
    "-*- coding: utf-7 -*-",
    "/// script\ndependencies = ['evil']\n///",
    "ruff: noqa",
    "fmt: off",
    "type: ignore",
    "  first\n    second\n  third",
    "\n \n",
]


def commented(texts: list[str]) -> str:
    w = SourceWriter()
    for text in texts:
        w.comment(text)
    for i, text in enumerate(texts):
        w.blank(2)
        with w.block(f"class A{i}:"):
            w.docstring(f"{text}." if not text.strip() else text)
            w.blank()
            w.line("size = 1")
            w.comment(text)
    return w.source()


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(), st.text("\"'\\\n #a"), st.sampled_from(HOSTILE)), max_size=30))
@example(HOSTILE)
@pytest.mark.filterwarnings("error")
def test_text_of_the_user_stays_text(texts):
    source = commented(texts)
    tree = ast.parse(source)
    assert source.isascii()
    assert ast.dump(ast.parse(source.encode())) == ast.dump(tree)
    assert [type(node) for node in tree.body] == [ast.ClassDef] * len(texts)
    assert {len(node.body) for node in tree.body} <= {2}


def test_text_of_the_user_is_formatted():
    assert ruff("format --diff", commented(HOSTILE)) == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_no_comment_is_a_directive(text):
    source = commented([text]).encode()
    assert tokenize.detect_encoding(BytesIO(source).readline)[0] == "utf-8"
    comments = [line.strip() for line in source.split(b"\n") if line.strip().startswith(b"#")]
    assert not any(comment.startswith((b"# ///", b"# -*-")) for comment in comments)
    directives = [b"coding:", b"coding=", b"vim:", b"ruff:", b"fmt:", b"type:"]
    assert not any(word in comment for word in directives for comment in comments)


def test_plain_text_is_unchanged():
    w = SourceWriter()
    w.docstring('A "causal" model.\n\n    tokens -> embed\nIt\'s small.')
    w.comment('note: it\'s a "test"')
    assert w.source() == (
        '"""A "causal" model.\n\n    tokens -> embed\nIt\'s small.\n"""\n# note: it\'s a "test"\n'
    )


def test_a_handwritten_model_passes_the_linter():
    w = SourceWriter()
    w.docstring("A model.")
    w.blank()
    w.line("from torch import Tensor, nn")
    w.blank(2)
    with w.block("class Network(nn.Module):"):
        w.docstring("Read a sequence.")
        w.blank()
        with w.define("__init__", ["self", "width: int"], "None"):
            w.line("super().__init__()")
            blocks = generator(
                call("nn.Linear", name("width"), name("width")), "_", call("range", 4)
            )
            w.statement("self.blocks", call("nn.ModuleList", blocks))
        w.blank()
        with w.define("forward", ["self", "x: Tensor"], "tuple[Tensor, Tensor]"):
            with w.block("for block in self.blocks:"):
                w.statement("x", x + call("block", x), "(B, T, width)")
            last = x[:, -1].method("flatten", 1)
            w.returns(tuple_of(x, call("nn.functional.softmax", last, dim=-1)))
    assert ruff("format --diff", w.source()) == ""
    assert ruff("check", w.source()) == ""
