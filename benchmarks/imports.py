"""Import the reference implementations of the examples, and compare what comes of it with them.

    python -m benchmarks.imports [NAME ...]

Makes a small model of each reference of `benchmarks.parity`, imports it, and prints the number of
nodes, of operators that no node computes, the largest difference of the outputs and the time. Needs
the packages of the extra ``parity``.
"""

import argparse
import sys
import time
import warnings
from importlib.metadata import version

from benchmarks.parity.references import REFERENCES, Reference
from builder.importing.exchange.request import ExampleInput, NotImported
from builder.importing.import_model import import_module
from examples.architectures import ARCHITECTURES


def inputs(reference: Reference) -> list[ExampleInput]:
    """Return the inputs that a reference is compared with."""
    if reference.is_encoder_decoder:
        texts = ["input_ids: B S", "attention_mask: B S bool", "decoder_input_ids: B T"]
    else:
        texts = ["input_ids: B T", *["attention_mask: B T bool"] * reference.is_padded]
        texts += ["token_type_ids: B T"] * reference.has_segments
    return [ExampleInput.parse(text) for text in texts]


def row(name: str) -> str:
    """Import one reference; return its row of the table."""
    sizes = {example.__name__: example for example in ARCHITECTURES}[name]().values
    reference = REFERENCES[name]
    model = reference.make({**sizes, **reference.sizes})
    if hasattr(model, "config"):
        model.config.use_cache = False
    start = time.perf_counter()
    try:
        report = import_module(model, inputs(reference), name, name).report
    except NotImported as error:
        return f"{name:18}refused: {error}"
    seconds = time.perf_counter() - start
    difference = "-" if report.difference is None else f"{report.difference:.1e}"
    kinds = ", ".join(sorted({kind for _, kind, _ in report.opaque})[:6])
    counts = f"{sum(report.nodes.values()):6}{len(report.opaque):8}"
    return f"{name:18}{counts}{difference:>14}{seconds:9.1f}  {kinds}"


def main() -> None:
    """Print a table of all references, or of those that are named."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", default=[*REFERENCES])
    packages = ("torch", "transformers")
    sys.stdout.write(", ".join(f"{name} {version(name)}" for name in packages) + "\n")
    sys.stdout.write(f"{'reference':18}{'nodes':>6}{'opaque':>8}{'difference':>14}{'seconds':>9}\n")
    for name in parser.parse_args().names:
        sys.stdout.write(f"{row(name)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
