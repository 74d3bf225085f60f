"""The command line: ``wireformer check | compile | export | run | show | new | nodes ...``."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from builder.data import SAMPLES, SampleError
from builder.export import ExportError, export
from builder.manual import catalogue, manual_page, node_as_data
from builder.run import run_script
from builder.samples import UnknownExampleError, example_path
from builder.summary import summary_as_data, summary_rows
from builder.terminal import Terminal, problems_as_data
from codegen.check import check
from codegen.compile import NotCompiled, compile_model
from nodes.core.catalog import node_types
from nodes.core.file import load, save
from nodes.core.graph import Model
from nodes.core.save import NotSaved
from nodes.core.schema import schema
from nodes.core.strict_json import FileError

PROBLEMS, USAGE = 1, 2

app = typer.Typer(
    name="wireformer",
    help="Draw sequence models as graphs; check them, and compile them to PyTorch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Graph = Annotated[str, typer.Argument(help="A graph file, or the name of an example.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON value.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]
Folder = Annotated[Path | None, typer.Option("-o", "--output", help="The folder to write to.")]


def main() -> None:
    """Run the command line."""
    app(prog_name="wireformer")


def _refuse(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(USAGE)


def _load(terminal: Terminal, graph: str) -> Model:
    """Load a graph by its path, or an example by its name."""
    path = Path(graph)
    try:
        if not path.suffix and not path.exists():
            path = example_path(graph)
        return load(path)[0]
    except (FileError, UnknownExampleError) as error:
        _refuse(terminal, str(error))


def _stop(terminal: Terminal, error: NotCompiled) -> NoReturn:
    terminal.report(error.report)
    raise typer.Exit(PROBLEMS)


@app.command("new")
def new_command(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    template: Annotated[str, typer.Option("--from", help="The example to begin with.")] = "gpt",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Begin a graph from one of the examples."""
    terminal = Terminal(as_json)
    model = _load(terminal, template)
    if file.exists() and not force:
        _refuse(terminal, f"{file} is there already. Use --force to replace it.")
    try:
        save(model, file)
    except NotSaved as error:
        _refuse(terminal, str(error))
    if as_json:
        terminal.value({"file": str(file)})
    else:
        terminal.text(f"wrote {file}; next: wireformer check {file}")


@app.command("check")
def check_command(graph: Graph, as_json: AsJson = False) -> None:
    """Find every problem of a graph, with what would mend it."""
    terminal = Terminal(as_json)
    report = check(_load(terminal, graph))
    terminal.report(report)
    raise typer.Exit(0 if report.ok else PROBLEMS)


@app.command("compile")
def compile_command(
    graph: Graph,
    output: Annotated[Path | None, typer.Option("-o", help="The file to write.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write a graph's PyTorch code."""
    terminal = Terminal(as_json)
    model = _load(terminal, graph)
    try:
        compiled = compile_model(model)
    except NotCompiled as error:
        _stop(terminal, error)
    if output is not None:
        if output.exists() and not force:
            _refuse(terminal, f"{output} is there already. Use --force to replace it.")
        try:
            output.write_bytes(compiled.source.encode())
        except OSError as error:
            _refuse(terminal, f"{output} cannot be written: {error.strerror}.")
    if as_json:
        lines = [[str(node) for node in nodes] for nodes in compiled.lines]
        terminal.value({"source": compiled.source, "lines": lines})
    elif output is None:
        sys.stdout.write(compiled.source)
    else:
        terminal.text(f"wrote {output}")


@app.command("export")
def export_command(
    graph: Graph, output: Folder, force: Force = False, as_json: AsJson = False
) -> None:
    """Write model.py and train.py into a folder."""
    terminal = Terminal(as_json)
    paths = _export(terminal, _load(terminal, graph), output, force)
    if as_json:
        terminal.value({"files": [str(path) for path in paths]})
        return
    for path in paths:
        terminal.text(f"wrote {path}")


def _export(terminal: Terminal, model: Model, folder: Path, force: bool) -> list[Path]:
    try:
        return export(model, folder, force)
    except NotCompiled as error:
        _stop(terminal, error)
    except ExportError as error:
        _refuse(terminal, str(error))


@app.command("run", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_command(
    context: typer.Context,
    graph: Graph,
    output: Folder = None,
    data: Annotated[Path | None, typer.Option(help="The data; else what the recipe names.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Export a graph, train it, and show a sample; other options go to its training script."""
    terminal = Terminal(as_json)
    model = _load(terminal, graph)
    if model.recipe is None:
        _refuse(terminal, "the graph has no training recipe, so there is nothing to run.")
    folder = output or Path("build") / _folder_name(graph)
    _export(terminal, model, folder, force)
    arguments = ["train", *_data(terminal, model, folder, data), *context.args]

    def tell(line: str) -> None:
        terminal.value({"line": line}) if as_json else terminal.text(line)

    try:
        code = run_script(folder, "train.py", arguments, tell)
        if code == 0 and model.recipe.kind == "language-modelling":
            tell("\na sample of what it writes:")
            code = run_script(folder, "train.py", ["sample"], tell)
    except KeyboardInterrupt:
        terminal.note("stopped")
        code = 130
    raise typer.Exit(code)


def _folder_name(graph: str) -> str:
    return Path(graph).stem or "model"


def _data(terminal: Terminal, model: Model, folder: Path, data: Path | None) -> list[str]:
    """Say where the data is; a sample set that the recipe names is written when it is missing."""
    if data is not None:
        if not data.is_file():
            _refuse(terminal, f"{data} is no file. Write one by: wireformer data NAME -o {data}")
        return ["--data", str(data.resolve())]
    wanted = folder / model.recipe.data
    sample = next((s for s in SAMPLES.values() if s.filename == model.recipe.data), None)
    if not wanted.exists() and sample is not None:
        try:
            sample.write(wanted)
        except SampleError as error:
            _refuse(terminal, str(error))
    return []


@app.command("show")
def show_command(
    graph: Graph,
    batch: Annotated[int, typer.Option("--batch", "-B", min=1, help="Sequences in a pass.")] = 1,
    time: Annotated[int, typer.Option("--time", "-T", min=1, help="Steps in a sequence.")] = 64,
    as_json: AsJson = False,
) -> None:
    """List the nodes with their shapes, trained numbers and floating point operations."""
    terminal = Terminal(as_json)
    model = _load(terminal, graph)
    report = check(model)
    if report.main is None:
        terminal.report(report)
        raise typer.Exit(PROBLEMS)
    run = {"B": batch, "T": time, "S": time}
    if as_json:
        terminal.value(summary_as_data(model, report, run) | problems_as_data(report))
    else:
        columns, listed = summary_rows(model, report, run)
        terminal.table(f"{model.name} at B={batch}, T={time}", columns, listed)
    raise typer.Exit(0 if report.ok else PROBLEMS)


@app.command("nodes")
def nodes_command(
    name: Annotated[str | None, typer.Argument(help="A node type.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the node types, or show the manual page of one."""
    terminal = Terminal(as_json)
    types = node_types()
    if name is None:
        if as_json:
            terminal.value([node_as_data(one) for one in types.values()])
        else:
            terminal.table("", ("family", "node", "what it does"), catalogue(types))
        return
    found = next((one for key, one in types.items() if key.lower() == name.lower()), None)
    if found is None:
        _refuse(terminal, f"there is no node type {ascii(name)}. List them by: wireformer nodes")
    if as_json:
        terminal.value(node_as_data(found))
    else:
        terminal.text(manual_page(found))


@app.command("schema")
def schema_command(as_json: AsJson = False) -> None:
    """Write the JSON Schema of graph files."""
    Terminal(as_json).value(schema())


@app.command("data")
def data_command(
    name: Annotated[str | None, typer.Argument(help="A sample set.")] = None,
    output: Annotated[Path | None, typer.Option("-o", help="The file or folder.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write sample data to train on, or list what there is."""
    terminal = Terminal(as_json)
    if name is None:
        listed = {key: sample.description for key, sample in SAMPLES.items()}
        terminal.value(listed) if as_json else terminal.table("", ("name", "data"), listed.items())
        return
    if name not in SAMPLES:
        _refuse(terminal, f"there is no sample set {ascii(name)}. There are: {', '.join(SAMPLES)}")
    try:
        path = SAMPLES[name].write(output or Path(), force)
    except SampleError as error:
        _refuse(terminal, str(error))
    if as_json:
        terminal.value({"file": str(path)})
    else:
        terminal.text(f"wrote {path}")
