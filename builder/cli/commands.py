"""The command line: ``wireformer edit | check | compile | export | run | show | new ...``."""

import re
import signal
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from builder.cli.model_summary import summary_as_data, summary_rows
from builder.cli.picture_command import add_picture
from builder.cli.sample_data import SAMPLES, SampleError
from builder.cli.terminal import Terminal, count_errors, problems_as_data
from builder.dialogs.node_manual import catalogue, find_node, manual_page, node_as_data
from builder.storage.example_files import UnknownExampleError, example_names, example_path
from builder.storage.export import export
from builder.storage.file_writer import NotWritten, write_files
from builder.training.run_script import run_script
from codegen.check import check
from codegen.compile import NotCompiled, compile_model
from nodes.core.files.atomic_save import ANYTHING, Changed, NotConfirmed, NotSaved
from nodes.core.files.json_schema import schema
from nodes.core.files.model_file import loads, save
from nodes.core.files.strict_json import FileError, quote, read_file
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Model

PROBLEMS, USAGE, STOPPED = 1, 2, 130
MOST = 10**9  # of the free sizes, which are multiplied

app = typer.Typer(
    name="wireformer",
    help="Draw sequence models as graphs; check them, and compile them to PyTorch.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

Graph = Annotated[str, typer.Argument(help="A graph file, or the name of an example.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON value.")]
AsJsonLines = Annotated[bool, typer.Option("--json", help="Write one JSON value a line.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]
Folder = Annotated[Path | None, typer.Option("-o", "--output", help="The folder to write to.")]


def main() -> None:
    """Run the command line."""
    # However it is told to end, what it started ends with it.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    app(prog_name="wireformer")


def _refuse(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(USAGE)


def _load(terminal: Terminal, graph: str) -> Model:
    """Load a graph by its path, or an example by its name."""
    try:
        path = _find(graph)
        data = read_file(path)
    except (FileError, UnknownExampleError) as error:
        _refuse(terminal, str(error))
    try:
        return loads(data)
    except FileError as error:
        _refuse(terminal, f"{quote(str(path))}: {error}")


def _find(graph: str) -> Path:
    """A folder does not hide the example of its name: it may well be the example's export."""
    path = Path(graph)
    is_name = graph in example_names() if path.is_dir() else not path.suffix
    return example_path(graph) if is_name and not path.is_file() else path


def _write(terminal: Terminal, path: Path, text: str, force: bool) -> None:
    try:
        write_files({path: text}, force)
    except NotWritten as error:
        _refuse(terminal, str(error))


def _list(terminal: Terminal, known: Mapping[str, str]) -> None:
    if terminal.json:
        terminal.value(known)
    else:
        terminal.table("", ("name", "what it is"), known.items())


def _stop(terminal: Terminal, error: NotCompiled) -> NoReturn:
    terminal.report(error.report)
    raise typer.Exit(PROBLEMS)


@app.callback(invoke_without_command=True)
def window_command(context: typer.Context) -> None:
    """Draw sequence models as graphs; check them, and compile them to PyTorch.

    Without a command, the window opens.
    """
    if context.invoked_subcommand is None:
        edit_command()


@app.command("edit")
def edit_command(
    graph: Annotated[
        str | None, typer.Argument(help="A graph file, or the name of an example to begin from.")
    ] = None,
) -> None:
    """Open the window, with a graph if one is named."""
    terminal = Terminal()
    # The window takes longer to load than any other command takes to run.
    from builder.view.application import NoDisplay
    from builder.view.open_window import open_window

    model = None if graph is None else _load(terminal, graph)
    path = Path(graph) if graph is not None and Path(graph).is_file() else None
    try:
        open_window(path, None if path else model)
    except NoDisplay as error:
        _refuse(terminal, str(error))


@app.command("new")
def new_command(
    file: Annotated[Path | None, typer.Argument(help="The file to write.")] = None,
    template: Annotated[str, typer.Option("--from", help="The example to begin with.")] = "gpt",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Begin a graph from one of the examples, or list what they show."""
    terminal = Terminal(as_json)
    if file is None:
        shown = {name: _load(terminal, name).graph.notes for name in example_names()}
        _list(terminal, {name: notes.partition("\n")[0] for name, notes in shown.items()})
        return
    model = _load(terminal, template)
    try:
        save(model, file, ANYTHING if force else None)
    except Changed:
        _refuse(terminal, f"{quote(str(file))} is there already. Use --force to replace it.")
    except NotSaved as error:
        _refuse(terminal, str(error))
    except NotConfirmed as error:
        terminal.note(str(error))
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
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; - to show it.")
    ] = None,
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
    if output == Path("-"):
        output = None
    if output is not None:
        _write(terminal, output, compiled.source, force)
    if as_json:
        lines = [[str(node) for node in nodes] for nodes in compiled.lines]
        terminal.value({"source": compiled.source, "lines": lines})
    elif output is None:
        terminal.text(compiled.source.removesuffix("\n"))
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
    except NotWritten as error:
        _refuse(terminal, str(error))


@app.command(
    "run",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    options_metavar="[OPTIONS] [OPTIONS OF THE TRAINING SCRIPT]",
)
def run_command(
    context: typer.Context,
    graph: Graph,
    output: Folder = None,
    data: Annotated[Path | None, typer.Option(help="The data; else what the recipe names.")] = None,
    force: Force = False,
    as_json: AsJsonLines = False,
) -> None:
    """Export a graph, train it, and show a sample of what it writes.

    Other options, such as --steps 100 or --minutes 1, go to the training script.
    """
    terminal = Terminal(as_json)
    model = _load(terminal, graph)
    if model.recipe is None:
        _refuse(terminal, "the graph has no training recipe, so there is nothing to run.")
    folder = output or Path("build") / _folder_name(graph)
    _export(terminal, model, folder, force)
    arguments = ["train", *_data(terminal, model, folder, data), *context.args]
    terminal.note(f"in {folder}: python train.py {' '.join(arguments)}")
    try:
        code = run_script(folder, "train.py", arguments, terminal.line)
        if code == 0 and _writes_a_sample(model, context.args):
            terminal.note(f"in {folder}: python train.py sample")
            code = run_script(folder, "train.py", ["sample"], terminal.line)
    except KeyboardInterrupt:
        terminal.note("stopped")
        code = STOPPED
    raise typer.Exit(code)


def _folder_name(graph: str) -> str:
    """Name a folder after a graph; what is left of a name such as ``...json`` is no way out."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", Path(graph).stem).strip("_") or "model"


def _writes_a_sample(model: Model, arguments: list[str]) -> bool:
    """Tell if there is text to sample, and a checkpoint where it is looked for."""
    elsewhere = any(argument.startswith("--out") for argument in arguments)
    return model.recipe is not None and model.recipe.generates and not elsewhere


def _data(terminal: Terminal, model: Model, folder: Path, data: Path | None) -> list[str]:
    """Say where the data is; a sample set that the recipe names is written when it is missing."""
    if data is not None:
        if not data.is_file():
            _refuse(
                terminal, f"{quote(str(data))} is no file. To see what there is: wireformer data"
            )
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
    batch: Annotated[int, typer.Option("--batch", "-B", min=1, max=MOST, help="Sequences.")] = 1,
    time: Annotated[int, typer.Option("--time", "-T", min=1, max=MOST, help="Steps of each.")] = 64,
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
        if not report.ok:
            terminal.fail(
                f"{count_errors(report)}; to list what is wrong: wireformer check {graph}"
            )
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
    found = find_node(types, name)
    if found is None:
        near = get_close_matches(name.lower(), [key.lower() for key in types], n=1)
        meant = next((key for key in types if key.lower() in near), None)
        remedy = f"Did you mean {meant}?" if meant else "To list them: wireformer nodes"
        _refuse(terminal, f"there is no node type {ascii(name)}. {remedy}")
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
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file or folder.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write sample data to train on, or list what there is."""
    terminal = Terminal(as_json)
    if name is None:
        _list(terminal, {key: sample.description for key, sample in SAMPLES.items()})
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


add_picture(app, _load)
