"""Every example is up to date, has no problems, compiles to its golden file, and trains."""

import ast
import io
import tokenize

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from codegen.check import check
from codegen.compile import compile_model
from examples.build import EXAMPLES
from examples.build import FOLDER as EXAMPLE_FOLDER
from nodes.core.files.model_file import dumps, load
from nodes.core.graphs.graph import Model
from nodes.core.graphs.port import Kind
from tests.codegen.running import instantiate
from tests.golden import FOLDER, MODELS, golden, source

BATCH, STEPS = 3, 6
LONGEST_LLAMA = 110
"""The number of lines of careful handwritten code for the same model, without checks of values."""

EVERY_EXAMPLE = pytest.mark.parametrize("name", MODELS)


def loaded(name: str) -> Model:
    return load(EXAMPLE_FOLDER / f"{name}.json")[0]


def fed(model: Model) -> list[Tensor]:
    """Create a small random tensor for each input."""
    draw = {
        Kind.TOKENS: lambda shape: torch.randint(2, shape),
        Kind.FEATURES: torch.randn,
        Kind.LENGTHS: lambda shape: torch.randint(1, STEPS + 1, shape),
        Kind.MASK: lambda shape: torch.ones(shape, dtype=torch.bool),
    }
    main, sizes = check(model).main, {"B": BATCH, "T": STEPS, "S": STEPS + 2, **model.sizes}
    specs = [
        next(iter(main.nodes[name].inferred.outputs.values())) for name in main.graph.input_nodes
    ]
    shapes = [tuple(sizes.get(str(size), size) for size in spec.shape) for spec in specs]
    return [draw[spec.kind](shape) for spec, shape in zip(specs, shapes, strict=True)]


def loss(model: Model, inputs: list[Tensor], output: Tensor) -> Tensor:
    """Compute the loss of the model's recipe."""
    if model.recipe is not None and model.recipe.generates:
        return functional.cross_entropy(output[:, :-1].flatten(0, 1), inputs[0][:, 1:].flatten())
    if model.recipe is None or model.recipe.input_kind is Kind.FEATURES:
        return output.square().mean()
    return functional.cross_entropy(output, torch.randint(output.shape[-1], (BATCH,)))


def first(result: Tensor | tuple) -> Tensor:
    return result if isinstance(result, Tensor) else result[0]


def joined(model: Model, result: Tensor | tuple) -> Tensor:
    """Return the output that a recipe trains, or all outputs of a model without one."""
    if model.recipe is not None or isinstance(result, Tensor):
        return first(result)
    return torch.cat([one.flatten() for one in result])


def code_lines(text: str) -> int:
    """Count the lines from ``Config`` on that are code: no comment, no docstring, not blank.

    The checks of the values of the ``Config`` do not count.
    """
    start = text[: text.index("@dataclass")].count("\n") + 1
    skip = {tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {
        line
        for token in tokens
        if token.type not in skip and token.string
        for line in range(token.start[0], token.end[0] + 1)
    }
    owners = (ast.FunctionDef, ast.ClassDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, owners) and ast.get_docstring(node) is not None:
            words = node.body[0]
            lines -= set(range(words.lineno, words.end_lineno + 1))
        if getattr(node, "name", "") == "__post_init__":
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return len([line for line in lines if line >= start])


def test_every_file_is_generated_by_the_program():
    files = {path.stem for path in EXAMPLE_FOLDER.glob("*.json")}
    assert files == {example.__name__ for example in EXAMPLES}


@EVERY_EXAMPLE
def test_the_file_is_up_to_date(name):
    assert (EXAMPLE_FOLDER / f"{name}.json").read_bytes() == dumps(MODELS[name]())


@EVERY_EXAMPLE
def test_an_example_has_no_problems(name):
    assert [str(problem) for problem in check(loaded(name)).problems] == []


@EVERY_EXAMPLE
def test_an_example_compiles_to_its_golden_file(name):
    assert source(loaded(name)).decode() == golden(name).read_text(encoding="ascii")


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.py")} == {*MODELS}


@EVERY_EXAMPLE
def test_a_training_step_changes_every_parameter(name):
    torch.manual_seed(0)
    model = loaded(name)
    network: nn.Module = instantiate(compile_model(model).source)
    inputs, before = fed(model), {}
    before = {key: one.clone() for key, one in network.state_dict().items()}
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    loss(model, inputs, joined(model, network(*inputs))).backward()
    optimizer.step()
    still = [
        key
        for key, parameter in network.named_parameters()
        if not parameter.isfinite().all() or torch.equal(parameter, before[key])
    ]
    assert still == []


@EVERY_EXAMPLE
def test_an_example_accepts_batches_of_any_size(name):
    network = instantiate(compile_model(loaded(name)).source).eval()
    inputs = fed(loaded(name))
    alone = first(network(*[one[:1] for one in inputs]))
    torch.testing.assert_close(alone, first(network(*inputs))[:1], rtol=1e-4, atol=1e-5)


def test_the_llama_stays_short():
    assert code_lines(source(MODELS["gpt_llama"]()).decode()) <= LONGEST_LLAMA
