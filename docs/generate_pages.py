"""Write the pages of the documentation that are made from the code: one for each node type."""

import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

import mkdocs_gen_files

from builder.dialogs.node_manual import parameter_default
from builder.picture.picture import svg
from codegen.check.check_cache import CheckCache
from codegen.check.inference import Inference
from codegen.compile import make_plan
from codegen.source.identifiers import identifier
from codegen.writing.module_writer import write_module
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import (
    Block,
    Graph,
    Hyperparameter,
    InputNode,
    Model,
    OutputNode,
    PortRef,
)
from nodes.core.graphs.node import Category, Node, manual
from nodes.core.graphs.port import Input, Kind, Port, TensorSpec
from nodes.core.shapes.dim import AnyDim, free, hyper
from nodes.core.shapes.shape import Bindings
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput

ROOT = Path(__file__).parents[1]
FREE = ("B", "T", "S")
LISTS = ("Parameters:", "Dimensions:")
"""The sections of a manual that are lists of names with their descriptions."""
NUMBERS = {"H": 8, "K": 8, "D": 8, "E": 8}
"""Values of the hyperparameters of the examples; the others are 64."""
SPREAD = (free("B"), free("T"), hyper("d_model"))
SPREADS = {"Expand": (free("B"), 1, free("T"), hyper("d_model"))}
"""What ``...`` stands for in the examples of types that need another shape than that of vectors."""


def example(node_type: type[Node]) -> tuple[Model, str]:
    """Build a graph of the node alone with what it requires, and write its code."""
    node, name = node_type(), identifier(node_type.__name__)
    known = {key: size for key in node.size_fields if (size := getattr(node, key)) is not None}
    words: dict[str, AnyDim] = {**known, **node.sizes()}
    named: dict[str, Hyperparameter] = {"d_model": Hyperparameter(64)}
    graph, incoming = Graph(), {}
    for port in required(node):
        for word in sorted(port.parsed.words - words.keys()):
            words[word] = free(word) if word in FREE else hyper(word)
            if word not in FREE:
                named[word] = Hyperparameter(NUMBERS.get(word, 64))
        for target in [f"{port.name}.0", f"{port.name}.1"] if port.variadic else [port.name]:
            source = identifier(target.replace(".", "_"))
            bindings = Bindings(words, {}, SPREADS.get(node_type.__name__, SPREAD))
            kind = Kind.FEATURES if port.kind is Kind.ANY else port.kind
            incoming[source] = TensorSpec(bindings.fill(port.parsed), kind)
            placed = BlockInput(kind=kind.value, shape=port.pattern)
            graph = graph.with_node(source, placed)
            graph = graph.with_edge(PortRef(source, "output"), PortRef(name, target))
    graph = graph.with_node(name, node).with_node("result", GraphOutput())
    graph = graph.with_edge(PortRef(name, node.outputs[0].name), PortRef("result", "input"))
    model = Model("Example", blocks={"Example": graph}, hyperparameters=named)
    cache = CheckCache()
    cache.prepare(model)
    checked = Inference(model, cache).graph(graph, "Example", incoming, "example")
    return model, write_module(make_plan(model, checked)).source


def required(node: Node) -> list[Input]:
    """List the inputs that the node cannot do without."""
    return [port for port in node.inputs if not (port.optional or port.default)]


def page(node_type: type[Node]) -> Iterator[str]:
    """Write the page of a node type."""
    name = node_type.__name__
    text = manual(node_type)
    first, _, rest = text.partition("\n\n")
    yield f"# {name}\n\n{' '.join(first.split())}\n"
    if node_type.torch:
        yield f"In PyTorch: `{node_type.torch}`.\n"
    if node_type.aliases:
        yield f"Also known as: {', '.join(node_type.aliases)}.\n"
    has_example = not issubclass(node_type, Block | InputNode | OutputNode)
    if has_example:
        model, source = example(node_type)
        with mkdocs_gen_files.open(f"nodes/{name}.svg", "w") as file:
            file.write(svg(model, "Example"))
        yield f"![{name} between its inputs and an output]({name}.svg)\n"
    yield from sections(rest)
    yield from ports("Inputs", node_type.inputs)
    yield from ports("Outputs", node_type.outputs)
    if node_type.model_fields:
        yield "## Defaults\n\n| parameter | default |\n|---|---|"
        for key, info in node_type.model_fields.items():
            default = "required" if info.is_required() else f"`{parameter_default(info.default)}`"
            yield f"| `{key}` | {default} |"
        yield ""
    if has_example:
        yield f"## Code\n\nThe graph above compiles to:\n\n```python\n{source}```\n"


def sections(text: str) -> Iterator[str]:
    """Write the rest of a manual: prose, and its sections as headings and lists."""
    for part in re.split(r"\n\n(?=\S)", text):
        head, _, body = part.partition("\n")
        if re.fullmatch(r"[A-Z][a-z]+:", head):
            yield f"## {head[:-1]}\n"
            lines = textwrap.dedent(body)
            if head in LISTS:
                for entry in re.split(r"\n(?=\S)", lines):
                    yield re.sub(r"^(\w+): ", r"* `\1`: ", " ".join(entry.split()))
            else:
                yield lines
            yield ""
        else:
            yield f"{part}\n"


def ports(title: str, listed: tuple[Port, ...]) -> Iterator[str]:
    """Write a table of ports."""
    if not listed:
        return
    yield f"## {title}\n\n| port | shape | kind | |\n|---|---|---|---|"
    for port in listed:
        notes = [port.doc]
        if isinstance(port, Input):
            notes += ["optional"] if port.optional else []
            notes += [f"defaults to {port.default}"] if port.default else []
            notes += ["any number of edges"] if port.variadic else []
        text = "; ".join(filter(None, notes))
        yield f"| `{port.name}` | `{port.pattern}` | {port.kind.value} | {text} |"
    yield ""


def write_nodes() -> None:
    """Write the page of every node type, and their index."""
    index, summary = ["# Nodes\n"], ["* [Overview](index.md)"]
    for category in Category:
        types = [node_type for node_type in node_types().values() if node_type.category is category]
        index.append(f"\n## {category.value}\n")
        summary.append(f"* {category.value}")
        for node_type in types:
            name = node_type.__name__
            with mkdocs_gen_files.open(f"nodes/{name}.md", "w") as file:
                file.write("\n".join(page(node_type)))
            first = " ".join(manual(node_type).partition("\n\n")[0].split())
            index.append(f"* [{name}]({name}.md): {first}")
            summary.append(f"    * [{name}]({name}.md)")
    for path, lines in (("nodes/index.md", index), ("nodes/SUMMARY.md", summary)):
        with mkdocs_gen_files.open(path, "w") as file:
            file.write("\n".join(lines) + "\n")


def copy_files() -> None:
    """Bring the pages and pictures that lie elsewhere in the project."""
    for source, target in (
        ("CONTRIBUTING.md", "contributing.md"),
        ("CHANGELOG.md", "changelog.md"),
    ):
        with mkdocs_gen_files.open(target, "w") as file:
            file.write((ROOT / source).read_text(encoding="utf-8").replace("](docs/", "]("))
    for picture in (ROOT / "examples" / "pictures").iterdir():
        with (
            picture.open("rb") as source,
            mkdocs_gen_files.open(f"pictures/{picture.name}", "wb") as file,
        ):
            shutil.copyfileobj(source, file)


write_nodes()
copy_files()
