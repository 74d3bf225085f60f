"""The command line: ``wireformer edit | check | compile | export | run | show | new ...``."""

import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from builder.cli.import_command import add_import
from builder.cli.model_summary import summary_as_data, summary_rows
from builder.cli.node_access import node_access, with_custom_nodes
from builder.cli.nodes_command import add_nodes
from builder.cli.picture_command import add_picture
from builder.cli.sample_data import SAMPLES, MissingExtraError, Sample
from builder.cli.terminal import Terminal, count_errors, problems_as_data
from builder.cli.weights_command import add_weights
from builder.cli.write_reports import writing
from builder.storage.example_files import UnknownExampleError, example_names, example_path
from builder.storage.export import project_files, write_file, write_project
from builder.storage.folders import state_folder
from builder.training.run_script import run_script
from codegen.check import check, with_hints
from codegen.compile import NotCompiled, compile_model
from codegen.cost import NoCost
from codegen.source.identifiers import transliterate
from nodes.core.files.atomic_save import ANYTHING, Changed
from nodes.core.files.json_schema import schema
from nodes.core.files.model_file import loads, save
from nodes.core.files.strict_json import FileError, quote, read_file
from nodes.core.graphs.graph import Model
from nodes.core.graphs.recipe import Recipe

EXIT_PROBLEMS, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130
MAX_SIZE = 10**9  # of the free dimensions, whose sizes are multiplied

app = typer.Typer(
    name="wireformer",
    help="Draw sequence models as graphs; check them, and compile them to PyTorch.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

GraphArgument = Annotated[str, typer.Argument(help="A graph file, or the name of an example.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON value.")]
AsJsonLines = Annotated[bool, typer.Option("--json", help="Write one JSON value per line.")]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
FolderOption = typer.Option("-o", "--output", help="The folder to write to.")


def main() -> None:
    """Run the command line."""
    # Any signal that ends the program must end its child processes too.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    app(prog_name="wireformer")


def _fail(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(EXIT_USAGE)


def _load(terminal: Terminal, graph: str) -> Model:
    """Load a graph by its path, or an example by its name; exit with an error if that fails."""
    try:
        path = _find(graph)
        data = read_file(path)
    except (FileError, UnknownExampleError) as error:
        _fail(terminal, str(error))
    try:
        model = loads(data)
    except FileError as error:
        _fail(terminal, f"{quote(str(path))}: {error}")
    access = node_access()
    needed = access.custom.needed(model)
    # Read again, the nodes that are allowed now are no longer unknown.
    return loads(data) if needed and access.permit(terminal, needed) else model


def _find(graph: str) -> Path:
    """Find a graph; a folder does not hide the example of its name, as it may be its export."""
    path = Path(graph)
    is_name = graph in example_names() if os.path.isdir(path) else not path.suffix
    return example_path(graph) if is_name and not os.path.isfile(path) else path


def _list(terminal: Terminal, descriptions: Mapping[str, str]) -> None:
    if terminal.json:
        terminal.value(descriptions)
    else:
        terminal.table("", ("name", "description"), descriptions.items())


def _fail_with_problems(terminal: Terminal, error: NotCompiled) -> NoReturn:
    terminal.report(error.report)
    raise typer.Exit(EXIT_PROBLEMS)


@app.callback(invoke_without_command=True)
def window_command(context: typer.Context) -> None:
    """Draw sequence models as graphs; check them, and compile them to PyTorch.

    Without a command, the window opens.
    """
    if context.invoked_subcommand is None:
        edit_command()


@app.command("edit")
@with_custom_nodes(asks=False)
def edit_command(
    graph: Annotated[
        str | None, typer.Argument(help="A graph file, or the name of an example to start from.")
    ] = None,
) -> None:
    """Open the window, with a graph if one is given."""
    terminal = Terminal()
    # Imported here, as that takes longer than any other command runs.
    from builder.view.application import NoDisplay
    from builder.view.open_window import open_window

    model = None if graph is None else _load(terminal, graph)
    path = Path(graph) if graph is not None and os.path.isfile(graph) else None
    try:
        open_window(path, None if path else model, node_access().custom)
    except NoDisplay as error:
        _fail(terminal, str(error))


@app.command("new")
@with_custom_nodes()
def new_command(
    file: Annotated[Path | None, typer.Argument(help="The file to write.")] = None,
    template: Annotated[str, typer.Option("--from", help="The example to start from.")] = "gpt",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Start a graph from an example, or list the examples."""
    terminal = Terminal(as_json)
    if file is None:
        notes = {name: _load(terminal, name).graph.notes for name in example_names()}
        _list(terminal, {name: text.partition("\n")[0] for name, text in notes.items()})
        return
    model = _load(terminal, template)
    expected = ANYTHING if force else None
    with writing(terminal):
        try:
            save(model, file, expected, warn=terminal.note, state_dir=state_folder())
        except Changed:
            _fail(
                terminal,
                f"{quote(str(file))}: expected no file, got one. Choose another name, or use "
                "--force to replace the file.",
            )
    if as_json:
        terminal.value({"file": str(file)})
    else:
        terminal.text(f"wrote {file}; next: wireformer check {file}")


@app.command("check")
@with_custom_nodes()
def check_command(graph: GraphArgument, as_json: AsJson = False) -> None:
    """List every problem of a graph, with its remedies."""
    terminal = Terminal(as_json)
    model = _load(terminal, graph)
    report = with_hints(model, check(model))
    terminal.report(report)
    raise typer.Exit(0 if report.ok else EXIT_PROBLEMS)


@app.command("compile")
@with_custom_nodes()
def compile_command(
    graph: GraphArgument,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The file to write; - for stdout."),
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
        _fail_with_problems(terminal, error)
    if output == Path("-"):
        output = None
    if output is not None:
        with writing(terminal):
            write_file(output, compiled.source, force, terminal.note)
    if as_json:
        lines = [[str(node) for node in nodes] for nodes in compiled.lines]
        terminal.value({"source": compiled.source, "lines": lines})
    elif output is None:
        terminal.text(compiled.source.removesuffix("\n"))
    else:
        terminal.text(f"wrote {output}")


@app.command("export")
@with_custom_nodes()
def export_command(
    graph: GraphArgument,
    output: Annotated[Path, FolderOption],
    force: Force = False,
    as_json: AsJson = False,
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
        files = project_files(model)
    except NotCompiled as error:
        _fail_with_problems(terminal, error)
    with writing(terminal):
        write_project(files, folder, force, terminal.note)
    return [folder / name for name in files]


@app.command(
    "run",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    options_metavar="[OPTIONS] [OPTIONS OF THE TRAINING SCRIPT]",
)
@with_custom_nodes()
def run_command(
    context: typer.Context,
    graph: GraphArgument,
    output: Annotated[Path | None, FolderOption] = None,
    data: Annotated[Path | None, typer.Option(help="The data file.")] = None,
    force: Force = False,
    as_json: AsJsonLines = False,
) -> None:
    """Export a graph, train it, and show a sample of generated text.

    Other options, such as --steps 100 or --minutes 1, are passed to the training script.
    """
    terminal = Terminal(as_json)
    model = _load(terminal, graph)
    if model.recipe is None:
        _fail(
            terminal,
            "expected a graph with a training recipe, got one without. Add a recipe, or start "
            "from an example that has one: wireformer new",
        )
    folder = output or Path("build") / _folder_name(graph)
    _export(terminal, model, folder, force)
    arguments = ["train", *_data_options(terminal, model.recipe, folder, data), *context.args]
    terminal.note(f"in {folder}: python train.py {' '.join(arguments)}")
    try:
        code = run_script(folder, "train.py", arguments, terminal.line)
        if code == 0 and _generates_text(model, context.args):
            terminal.note(f"in {folder}: python train.py sample")
            code = run_script(folder, "train.py", ["sample"], terminal.line)
    except KeyboardInterrupt:
        terminal.note("interrupted")
        code = EXIT_INTERRUPTED
    raise typer.Exit(code)


def _folder_name(graph: str) -> str:
    """Name a folder after a graph, without characters that could lead out of ``build``."""
    stem = transliterate(Path(graph).stem).strip()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_") or "model"


def _generates_text(model: Model, arguments: list[str]) -> bool:
    """Return whether text can be sampled from the default checkpoint."""
    elsewhere = any(argument.startswith("--out") for argument in arguments)
    return model.recipe is not None and model.recipe.generates and not elsewhere


def _data_options(terminal: Terminal, recipe: Recipe, folder: Path, data: Path | None) -> list[str]:
    """Return the options that name the data; write the sample of the recipe if it is missing."""
    if data is not None:
        if not os.path.isfile(data):
            _fail(
                terminal,
                f"--data: expected a file, got {quote(str(data))}. To list sample data: "
                "wireformer data",
            )
        return ["--data", str(data.resolve())]
    path = folder / recipe.data
    sample = next((s for s in SAMPLES.values() if s.filename == recipe.data), None)
    if not os.path.exists(path) and sample is not None:
        _write_sample(terminal, sample, path)
    return []


def _write_sample(terminal: Terminal, sample: Sample, target: Path, force: bool = False) -> Path:
    path = sample.path(target)
    try:
        text = sample.text()
    except MissingExtraError as error:
        _fail(terminal, str(error))
    with writing(terminal):
        write_file(path, text, force, terminal.note)
    return path


@app.command("show")
@with_custom_nodes()
def show_command(
    graph: GraphArgument,
    batch: Annotated[
        int, typer.Option("--batch", "-B", min=1, max=MAX_SIZE, help="The number of sequences.")
    ] = 1,
    time: Annotated[
        int, typer.Option("--time", "-T", min=1, max=MAX_SIZE, help="The length of each.")
    ] = 64,
    as_json: AsJson = False,
) -> None:
    """List the nodes with their shapes, parameters and floating point operations."""
    terminal = Terminal(as_json)
    model = _load(terminal, graph)
    report = check(model)
    if report.main is None or report.fields is None:
        terminal.report(report)
        raise typer.Exit(EXIT_PROBLEMS)
    sizes = {"B": batch, "T": time, "S": time}
    try:
        if as_json:
            data = summary_as_data(model, report.main, report.fields, sizes)
            terminal.value(data | problems_as_data(report))
        else:
            columns, rows = summary_rows(model, report.main, report.fields, sizes)
            terminal.table(f"{model.name} at B={batch}, T={time}", columns, rows)
    except NoCost as error:
        _fail(terminal, f"at B={batch}, T={time}: {error}. Choose other sizes.")
    if not as_json and not report.ok:
        terminal.fail(f"{count_errors(report)}; to list problems: wireformer check {graph}")
    raise typer.Exit(0 if report.ok else EXIT_PROBLEMS)


@app.command("schema")
@with_custom_nodes()
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
    """Write sample data to train on, or list it."""
    terminal = Terminal(as_json)
    if name is None:
        _list(terminal, {key: sample.description for key, sample in SAMPLES.items()})
        return
    if name not in SAMPLES:
        names = ", ".join(SAMPLES)
        _fail(terminal, f"expected a sample set, got {repr(name)}. Choose one of {names}.")
    path = _write_sample(terminal, SAMPLES[name], output or Path(), force)
    if as_json:
        terminal.value({"file": str(path)})
    else:
        terminal.text(f"wrote {path}")


add_import(app)
add_picture(app, _load)
add_weights(app, _load)
add_nodes(app)
