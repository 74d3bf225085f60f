"""Compare declared receptive fields with what compiled code depends on; nothing is asserted.

    python -m benchmarks.receptive_fields [--cases N] [--graphs N] [--seed S]

Prints, for every primitive, the pairs of an output and a dimension of an input that were measured,
in how many of them the declared field contains the measured one, and in how many it equals it in
the least and the greatest offset; the same for random models of all node types; how many language
models that look ahead, and that do not, are reported at their node, and not at all; and of random
classifiers how many read padding, and how many of these and of the others are reported.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

import torch

from codegen.check import check
from codegen.compile import compile_model
from codegen.harness.dependence import Comparison, compare_node
from codegen.harness.one_node import draw_case, instance
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Composite, InputNode, Model, OutputNode
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from tests.node_cases import cases
from tests.random_graphs import random_model
from tests.time_measurement import compare_model, reads_padding
from tests.time_models import causal_models, leaking_models, random_classifier


def main() -> None:
    """Print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2, help="draws of each case of a primitive")
    parser.add_argument("--graphs", type=int, default=100, help="random models")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    total: Counter[str] = Counter()
    for name, node_type in node_types().items():
        if not issubclass(node_type, Composite | InputNode | OutputNode):
            total += show(name, count(_of_node(node_type, arguments.cases, arguments.seed)))
    show("all primitives", total)
    seeds = range(arguments.seed, arguments.seed + arguments.graphs)
    show(f"{len(seeds)} random models", count(_of_models(seeds)))
    found = [where in _errors(model) for _, model, where in leaking_models()]
    sys.stdout.write(f"look-aheads reported at their node: {sum(found)} of {len(found)}\n")
    silent = [not check(model).problems for _, model in causal_models()]
    sys.stdout.write(f"causal models without a problem: {sum(silent)} of {len(silent)}\n")
    read = Counter(map(_padding, seeds))
    sys.stdout.write(
        f"classifiers that read padding: {read[True, True]} reported, {read[True, False]} not; "
        f"of the others {read[False, True]} reported, {read[False, False]} not\n"
    )


def _of_node(node_type: type[Node], draws: int, seed: int) -> Iterator[Comparison]:
    for number, case in enumerate(cases(node_type)):
        for draw in range(draws):
            torch.manual_seed(draw)
            yield from compare_node(draw_case(case, Random(f"{seed} {number} {draw}")))


def _of_models(seeds: Iterable[int]) -> Iterator[Comparison]:
    for seed in seeds:
        torch.manual_seed(seed)
        model = random_model(seed)
        compiled = compile_model(model)
        module = instance(compiled.source, model.name).double().eval()
        yield from compare_model(model, compiled.report, module)


def _padding(seed: int) -> tuple[bool, bool]:
    """Return whether a random classifier reads padding, and whether that is reported."""
    torch.manual_seed(seed)
    model = random_classifier(seed)
    compiled = compile_model(replace(model, recipe=None))
    module = instance(compiled.source, model.name).double().eval()
    reported = any("padding" in problem.message for problem in check(model).errors)
    return reads_padding(module, model.sizes["vocab_size"]), reported


def count(comparisons: Iterable[Comparison]) -> Counter[str]:
    """Count comparisons: all, sound ones and exact ones."""
    counts: Counter[str] = Counter()
    for one in comparisons:
        counts += Counter(pairs=1, sound=int(one.is_sound), exact=int(one.is_exact))
    return counts


def show(title: str, counts: Counter[str]) -> Counter[str]:
    """Print one line of the table."""
    pairs, sound, exact = (counts[key] for key in ("pairs", "sound", "exact"))
    sys.stdout.write(f"{title:28} {pairs:6} pairs {sound:6} sound {exact:6} exact\n")
    sys.stdout.flush()
    return counts


def _errors(model: Model) -> list[Location]:
    return [problem.location for problem in check(model).errors]


if __name__ == "__main__":
    main()
