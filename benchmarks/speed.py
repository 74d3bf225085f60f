"""Time generated models beside those of transformers and x-transformers, in one run.

    python -m benchmarks.speed [--rounds N] [--width N] [--layers N]

For a GPT, a Llama, a BERT and a Mixtral of the same sizes, without dropout, on one thread: a
training step, forward and backward, and cached decoding of one row after a prompt. The candidates
take turns within each round; printed are the medians of ours / theirs over the rounds, with the
smallest and the largest, so that a ratio below 1 says that the generated code is faster. Needs the
packages of the extra ``parity``, and x-transformers.
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from x_transformers import Decoder, Encoder, TransformerWrapper

from benchmarks.parity.__main__ import type_name
from benchmarks.parity.references import REFERENCES, Sizes
from codegen.compile import compile_model
from examples.architectures import ARCHITECTURES
from tests.codegen.running import run_source

BATCH, STEPS = 8, 128
PROMPT, NEW = 16, 64
Step = Callable[[Tensor, object], tuple[Tensor, object]]


@dataclass(frozen=True)
class Candidate:
    """One implementation of an architecture.

    Attributes:
        model: its network.
        logits: computes the logits of whole sequences.
        step: computes logits and the cache from new tokens and the cache so far; None without one.
    """

    model: nn.Module
    logits: Callable[[Tensor], Tensor]
    step: Step | None


def generated(name: str, sizes: Sizes) -> Candidate:
    """Compile an example."""
    example = {one.__name__: one for one in ARCHITECTURES}[name]()
    known = example.hyperparameters
    others = {key: replace(known[key], value=value) for key, value in sizes.items() if key in known}
    example = replace(example, hyperparameters={**known, **others})
    module = run_source(compile_model(example).source)
    network: nn.Module = getattr(module, type_name(module))(module.Config())
    if "segments" in example.graph.nodes:

        def whole(tokens: Tensor) -> Tensor:
            valid = torch.ones_like(tokens, dtype=torch.bool)
            given = {"tokens": tokens, "segments": torch.zeros_like(tokens), "mask": valid}
            return network(*(given[name] for name in example.graph.input_nodes))

        return Candidate(network, whole, None)
    return Candidate(network, lambda tokens: network(tokens)[0], network)


def of_transformers(name: str, sizes: Sizes) -> Candidate:
    """Make the reference of an example."""
    network = REFERENCES[name].make(sizes)

    def step(tokens: Tensor, cache: object) -> tuple[Tensor, object]:
        result = network(input_ids=tokens, past_key_values=cache, use_cache=True)
        return result.logits, result.past_key_values

    def whole(tokens: Tensor) -> Tensor:
        cached = {} if name == "bert" else {"use_cache": False}
        return network(input_ids=tokens, **cached).logits

    return Candidate(network, whole, None if name == "bert" else step)


def of_x_transformers(name: str, sizes: Sizes) -> Candidate | None:
    """Make the model of x-transformers with the same options; None if it has none."""
    options: Mapping[str, Mapping[str, object]] = {
        "gpt2": {"ff_mult": 4},
        "bert": {"ff_mult": 4, "pre_norm": False},
        "llama": {
            "ff_mult": sizes["ffn_size"] / sizes["d_model"],
            "ff_glu": True,
            "ff_swish": True,
            "ff_no_bias": True,
            "use_rmsnorm": True,
            "rotary_pos_emb": True,
            "attn_kv_heads": sizes["num_kv_heads"],
        },
    }
    if name not in options:
        return None
    layers = (Encoder if name == "bert" else Decoder)(
        dim=sizes["d_model"],
        depth=sizes["num_layers"],
        heads=sizes["num_heads"],
        attn_dim_head=sizes["d_model"] // sizes["num_heads"],
        attn_flash=True,
        **options[name],
    )
    network = TransformerWrapper(
        num_tokens=sizes["vocab_size"],
        max_seq_len=sizes["context"],
        attn_layers=layers,
        use_abs_pos_emb=name != "llama",
    )
    tokens_so_far: list[Tensor] = []

    def step(tokens: Tensor, cache: object) -> tuple[Tensor, object]:
        # It takes the whole sequence, and computes the last token alone where there is a cache.
        if cache is None:
            tokens_so_far.clear()
        tokens_so_far.append(tokens)
        whole = torch.cat(tokens_so_far, dim=1)
        return network(whole, return_intermediates=True, cache=cache)

    return Candidate(network, network, None if name == "bert" else step)


def training_step(candidate: Candidate, tokens: Tensor) -> None:
    """Compute the gradients of the loss of next tokens."""
    candidate.model.zero_grad(set_to_none=True)
    logits = candidate.logits(tokens)
    F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).backward()


@torch.no_grad()
def decoding(candidate: Candidate, tokens: Tensor) -> None:
    """Continue the beginning of the first row, by the most probable token each time."""
    assert candidate.step is not None
    new, cache = tokens[:1, :PROMPT], None
    for _ in range(NEW):
        logits, cache = candidate.step(new, cache)
        new = logits[:, -1:].argmax(dim=-1)


def ratios(
    work: Callable[[Candidate, Tensor], None],
    candidates: Mapping[str, Candidate],
    tokens: Tensor,
    rounds: int,
) -> dict[str, list[float]]:
    """Time the candidates in turns; return ours / theirs of each round."""
    found: dict[str, list[float]] = {name: [] for name in candidates if name != "ours"}
    for number in range(rounds + 1):
        seconds = {}
        for name, candidate in candidates.items():
            start = time.process_time()
            work(candidate, tokens)
            seconds[name] = time.process_time() - start
        for name, results in found.items():
            if number > 0:  # the first round warms up
                results.append(seconds["ours"] / seconds[name])
    return found


def report(name: str, sizes: Sizes, rounds: int) -> None:
    """Print the rows of one architecture."""
    torch.manual_seed(0)
    made = {
        "ours": generated(name, sizes),
        "transformers": of_transformers(name, sizes),
        "x-transformers": of_x_transformers(name, sizes),
    }
    candidates = {key: one for key, one in made.items() if one is not None}
    tokens = torch.randint(int(sizes["vocab_size"]), (BATCH, STEPS))
    for work in (training_step, decoding):
        if work is decoding and candidates["ours"].step is None:
            continue
        for one in candidates.values():
            one.model.train(work is training_step)
        for other, found in ratios(work, candidates, tokens, rounds).items():
            low, middle, high = min(found), statistics.median(found), max(found)
            what = work.__name__.replace("_", " ")
            sys.stdout.write(f"{name:10}{what:16}{other:16}{low:6.2f}{middle:6.2f}{high:6.2f}\n")
            sys.stdout.flush()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    packages = ("torch", "transformers", "x-transformers")
    sys.stdout.write(", ".join(f"{name} {version(name)}" for name in packages))
    sys.stdout.write(f", {datetime.now(UTC):%Y-%m-%d}; ours / theirs: min, median, max\n")
    sizes: Sizes = {
        "vocab_size": 256,
        "d_model": given.width,
        "num_layers": given.layers,
        "num_heads": 8,
        "num_kv_heads": 4,
        "ffn_size": given.width * 11 // 4,
        "context": 512,
        "dropout": 0.0,
        "rope_theta": 10_000.0,
        "norm_eps": 1e-6,
        "num_experts": 4,
    }
    for name in ("gpt2", "llama", "bert", "mixtral"):
        report(name, sizes, given.rounds)


if __name__ == "__main__":
    main()
