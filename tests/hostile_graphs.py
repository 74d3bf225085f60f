"""Graphs of extreme extent or numbers, as files: one function for each kind."""

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

File = dict[str, Any]

KINDS: dict[str, Callable[[], File]] = {}

WIDEST = 2**53 - 1


def kind(make: Callable[[], File]) -> Callable[[], File]:
    """Register a kind under the name of its function."""
    KINDS[make.__name__] = make
    return make


def file(nodes: File, edges: dict[str, str], **entries: object) -> File:
    return {"wireformer": 1, "name": "hostile", **entries, "nodes": nodes, "edges": edges}


def chain(nodes: Iterable[File], **entries: object) -> File:
    """Chain nodes that each have one input and one output."""
    made: File = {"x": {"type": "FeatureInput", "features": 8}}
    edges, source = {}, "x"
    for index, node in enumerate(nodes):
        made[f"n{index}"], edges[f"n{index}.input"] = node, f"{source}.output"
        source = f"n{index}"
    edges["y.input"] = f"{source}.output"
    return file({**made, "y": {"type": "GraphOutput"}}, edges, **entries)


def linear(size: object) -> File:
    return {"type": "Linear", "out_features": size}


def doubled(features: object, times: int, **entries: object) -> File:
    """Concatenate a tensor with itself again and again."""
    nodes: File = {"x": {"type": "FeatureInput", "features": features}}
    edges, source = {}, "x"
    for index in range(times):
        nodes[f"c{index}"] = {"type": "Concatenate"}
        for part in range(2):
            edges[f"c{index}.parts.{part}"] = f"{source}.output"
        source = f"c{index}"
    edges["y.input"] = f"{source}.output"
    return file({**nodes, "y": {"type": "GraphOutput"}}, edges, **entries)


def block(nodes: Iterable[File], port: str = "input", out: str = "output") -> File:
    """Chain nodes into the graph of a block with the ports ``in`` and ``out``."""
    made: File = {"in": {"type": "BlockInput"}}
    edges, source = {}, "in.output"
    for index, node in enumerate(nodes):
        made[f"n{index}"], edges[f"n{index}.{port}"] = node, source
        source = f"n{index}.{out}"
    return {
        "nodes": {**made, "out": {"type": "GraphOutput"}},
        "edges": {**edges, "out.input": source},
    }


def tower(depth: int, inner: File, copies: int = 1, **placed: object) -> File:
    """Nest blocks, each of which places the one below a number of times."""
    blocks = {"B0": block([inner])}
    for level in range(1, depth):
        node = {"type": "Block", "block": f"B{level - 1}", **placed}
        blocks[f"B{level}"] = block(repeat(node, copies), "in", "out")
    nodes = {
        "x": {"type": "FeatureInput", "features": 8},
        "m": {"type": "Block", "block": f"B{depth - 1}", **placed},
        "y": {"type": "GraphOutput"},
    }
    return file(nodes, {"m.in": "x.output", "y.input": "m.out"}, blocks=blocks)


# -- numbers -----------------------------------------------------------------------------------


@kind
def a_plain_size_without_end() -> File:
    return doubled(3, 200)


@kind
def a_symbolic_size_without_end() -> File:
    return doubled("w", 200, hyperparameters={"w": 3})


@kind
def thousands_of_digits() -> File:
    joined = {"type": "Concatenate"}
    blocks = {"B0": block([joined])}
    edges = blocks["B0"]["edges"]
    del edges["n0.input"]
    edges.update({f"n0.parts.{part}": "in.output" for part in range(16)})
    for level in range(1, 13):
        node = {"type": "Block", "block": f"B{level - 1}"}
        blocks[f"B{level}"] = block(repeat(node, 2), "in", "out")
    nodes = {
        "x": {"type": "FeatureInput", "features": 1},
        "m": {"type": "Block", "block": "B12"},
        "y": {"type": "GraphOutput"},
    }
    return file(nodes, {"m.in": "x.output", "y.input": "m.out"}, blocks=blocks)


@kind
def many_different_widths_joined() -> File:
    names = [f"h{index}" for index in range(200)]
    nodes: File = {"x": {"type": "FeatureInput"}, "j": {"type": "Concatenate"}}
    edges = {"y.input": "j.output"}
    for index, name in enumerate(names):
        nodes[name], edges[f"{name}.input"] = linear(name), "x.output"
        edges[f"j.parts.{index}"] = f"{name}.output"
    values = {name: index + 1 for index, name in enumerate(names)}
    return file({**nodes, "y": {"type": "GraphOutput"}}, edges, hyperparameters=values)


@kind
def weights_without_end() -> File:
    return chain([linear(WIDEST), linear(WIDEST)])


@kind
def hyperparameters_at_the_limit() -> File:
    return chain([linear("a * b"), linear("a")], hyperparameters={"a": WIDEST, "b": -WIDEST})


@kind
def a_high_power() -> File:
    return chain([linear("*".join("a" * 100))], hyperparameters={"a": WIDEST})


@kind
def a_large_polynomial() -> File:
    text = "*".join(["(a+b+c+d)"] * 7)
    return chain([linear(text)], hyperparameters=dict.fromkeys("abcd", 9))


@kind
def nested_brackets() -> File:
    return chain([linear("(" * 99 + "a" + ")" * 99)], hyperparameters={"a": 2})


@kind
def nested_divisions() -> File:
    return chain([linear("a" + "//2" * 60)], hyperparameters={"a": WIDEST})


@kind
def nested_divisions_by_strides() -> File:
    step = {"type": "Conv1d", "out_channels": 8, "kernel_size": 3, "stride": 2, "padding": 1}
    return chain(repeat(step, 200))


@kind
def a_division_by_zero() -> File:
    return chain([linear("a // (b - 2)"), linear("a // (b - b)")], hyperparameters={"a": 2, "b": 2})


@kind
def large_floats() -> File:
    nodes = [{"type": "Dropout", "p": "f"}, linear("f"), {"type": "RMSNorm", "eps": 1e308}]
    return chain(nodes, hyperparameters={"f": 1e308})


@kind
def a_pattern_of_large_numbers() -> File:
    return chain([{"type": "Reshape", "pattern": f"B T C -> {'9' * 5000} B T C"}])


@kind
def an_index_without_end() -> File:
    return chain(repeat({"type": "Select", "dim": WIDEST, "index": WIDEST}, 500))


@kind
def layers_without_end() -> File:
    layers = [{"type": name, "hidden_size": 8, "num_layers": WIDEST} for name in ("LSTM", "GRU")]
    return chain(layers)


# -- extent ------------------------------------------------------------------------------------


@kind
def deep_blocks() -> File:
    return tower(60, linear(8))


@kind
def blocks_too_deep() -> File:
    return tower(200, linear(8))


@kind
def blocks_doubled_again_and_again() -> File:
    return tower(40, linear(8), copies=2)


@kind
def copies_of_copies() -> File:
    return tower(60, linear(8), repeat=10_000)


@kind
def copies_without_end() -> File:
    return tower(2, linear(8), repeat=WIDEST)


@kind
def one_block_at_thousands_of_widths() -> File:
    nodes: File = {"x": {"type": "FeatureInput"}, "s": {"type": "Add"}}
    edges = {"y.input": "s.output"}
    for width in range(3000):
        nodes[f"l{width}"], edges[f"l{width}.input"] = linear(width + 1), "x.output"
        nodes[f"b{width}"] = {"type": "Block", "block": "B"}
        nodes[f"m{width}"], edges[f"m{width}.input"] = linear(8), f"b{width}.out"
        edges |= {f"b{width}.in": f"l{width}.output", f"s.terms.{width}": f"m{width}.output"}
    blocks = {"B": block([{"type": "RMSNorm"}])}
    return file({**nodes, "y": {"type": "GraphOutput"}}, edges, blocks=blocks)


@kind
def thousands_of_hyperparameters() -> File:
    return chain([linear("h1")], hyperparameters={f"h{index}": index for index in range(5000)})


@kind
def very_many_comments() -> File:
    comment = {"text": "a", "box": [0, 0, 9, 9]}
    return chain([], comments={"": {f"c{index}": comment for index in range(50_000)}})


@kind
def long_names() -> File:
    name, wide = "n" * 200, "\u5b57" * 200
    made = file(
        {"x": {"type": "FeatureInput"}, name: linear("h" * 64), wide: linear(4)},
        {f"{name}.input": "x.output", f"{wide}.input": f"{name}.output"},
        hyperparameters={"h" * 64: 8},
    )
    made["nodes"]["y"], made["edges"]["y.input"] = {"type": "GraphOutput"}, f"{wide}.output"
    return {**made, "name": wide}


@kind
def names_that_are_too_long() -> File:
    return {**chain([linear(8)]), "name": "n" * 10_000}


@kind
def a_long_list() -> File:
    return chain([linear([[]] * 100_000)])


@kind
def a_tall_sum() -> File:
    made = chain([{"type": "Add"}])
    made["edges"].pop("n0.input")
    made["edges"].update({f"n0.terms.{index}": "x.output" for index in range(20_000)})
    return made
