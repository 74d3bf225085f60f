"""Compare examples of well-known architectures with their reference implementations.

    python -m benchmarks.parity [NAME ...] [--dtype float64]

Copies the weights of a small reference with random weights by the key map of the example, and
prints the largest differences of logits and of gradients, relative to the largest number, in
evaluation and, without dropout, in training. Needs the packages of the extra ``parity``.
"""

import argparse
import sys
import warnings
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.parity.references import REFERENCES, Reference, perturbed
from benchmarks.parity.variants import variant
from codegen.compile import compile_model
from codegen.weights.key_map import KeyMap
from examples.architectures import ARCHITECTURES
from nodes.core.graphs.graph import Model
from tests.codegen.running import run_source

WEIGHTS = Path(__file__).parents[2] / "examples" / "weights"
BATCH, STEPS, SOURCE = 3, 21, 17


def inputs(model: Model) -> dict[str, Tensor]:
    """Draw inputs; sequences of a source are padded to the left, right and not at all."""
    if "series" in model.graph.nodes:
        steps, columns = int(model.values["window"]), int(model.values["num_features"])
        return {"series": torch.randn(BATCH, steps, columns)}
    vocabulary = int(model.values["vocab_size"])
    tokens = torch.randint(2, vocabulary, (BATCH, STEPS))
    length = SOURCE if "source" in model.graph.nodes else STEPS
    mask = torch.ones(BATCH, length, dtype=torch.bool)
    mask[1, length - 5 :] = False
    mask[2, :4] = False
    return {
        "tokens": tokens,
        "target": tokens,
        "source": torch.randint(2, vocabulary, (BATCH, SOURCE)),
        "segments": torch.randint(2, (BATCH, STEPS)),
        "mask": mask,
        "source_mask": mask,
    }


def without_dropout(model: Model) -> Model:
    """Set the hyperparameter for dropout to 0."""
    known = model.hyperparameters
    if "dropout" not in known:
        return model
    return replace(
        model, hyperparameters={**known, "dropout": replace(known["dropout"], value=0.0)}
    )


def differences(ours: Tensor, theirs: Tensor) -> float:
    """Return the largest difference, relative to the largest number."""
    return float((ours - theirs).abs().max() / theirs.abs().max().clamp(min=1e-12))


def compare(
    model: Model, reference: Reference, key_map: KeyMap, dtype: torch.dtype
) -> dict[str, float]:
    """Compare one example with its reference; return the largest relative differences."""
    torch.manual_seed(0)
    theirs = perturbed(reference.make(model.values)).to(dtype)
    module = run_source(compile_model(model).source)
    network: nn.Module = getattr(module, type_name(module))(module.Config()).to(dtype)
    known = dict(theirs.state_dict())
    converted = key_map.convert(network.state_dict(), known, model.values)
    network.load_state_dict(converted)
    drawn = inputs(model)
    given = [drawn[name] for name in model.graph.input_nodes]
    found: dict[str, float] = {}
    for mode in ("eval", "train"):
        for one in (network, theirs):
            one.train(mode == "train")
            one.zero_grad()
        result = network(*given)
        ours = result[0] if isinstance(result, tuple) else result
        expected = reference.run(theirs, drawn)
        if reference.variant == "padded":  # what a step of padding gives means nothing
            ours, expected = (one * drawn["mask"][..., None] for one in (ours, expected))
        weights = torch.linspace(-1, 2, expected.numel()).view(expected.shape)
        for logits in (ours, expected):
            (logits * weights).sum().backward()
        found[f"logits, {mode}"] = differences(ours, expected)
        found[f"gradients, {mode}"] = gradient_difference(network, theirs, key_map, model)
    return found


def type_name(module: object) -> str:
    """Return the name of the class of the model, the last one of the file."""
    classes = [name for name, one in vars(module).items() if isinstance(one, type)]
    return [name for name in classes if issubclass(vars(module)[name], nn.Module)][-1]


def gradient_difference(
    network: nn.Module, theirs: nn.Module, key_map: KeyMap, model: Model
) -> float:
    """Return the largest difference of gradients, relative to the largest of each weight."""
    known = {name: one.grad for name, one in theirs.named_parameters(remove_duplicate=False)}
    scale = max(float(x.abs().max()) for x in known.values() if x is not None)
    worst = 0.0
    for name, weight in network.named_parameters():
        entry, source = key_map.find(name) or (None, "")
        gradient = known.get(source)
        if entry is None or gradient is None or weight.grad is None:
            continue
        expected = replace(entry, add=0.0).convert(gradient, model.values)
        if float(expected.abs().max()) < 1e-6 * scale:
            continue  # a true gradient of 0, such as that of a bias of keys
        worst = max(worst, differences(weight.grad, expected))
    return worst


def main() -> None:
    """Print a table of all examples, or of those that are named."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", default=[*REFERENCES])
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    arguments = parser.parse_args()
    examples = {example.__name__: example for example in ARCHITECTURES}
    packages = ("torch", "transformers")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    sys.stdout.write(f"{versions}, {arguments.dtype}\n")
    columns = [f"{what}, {mode}" for mode in ("eval", "train") for what in ("logits", "gradients")]
    sys.stdout.write(f"{'example':18}{''.join(f'{column:>18}' for column in columns)}\n")
    for name in arguments.names:
        reference, example = REFERENCES[name], name.partition(" ")[0]
        model = without_dropout(examples[example]())
        if reference.variant:
            model = variant(model, reference.variant)
        key_map = KeyMap.loads((WEIGHTS / f"{example}.json").read_text(encoding="utf-8"))
        found = compare(model, reference, key_map, getattr(torch, arguments.dtype))
        sys.stdout.write(f"{name:18}{''.join(f'{found[column]:18.1e}' for column in columns)}\n")


if __name__ == "__main__":
    main()
