"""What a language model has to be, beyond a model that runs."""

from collections.abc import Mapping

import torch

from benchmarks.campaign.reference.evaluator import Run, Value
from benchmarks.campaign.reference.fresh_weights import FreshWeights
from benchmarks.campaign.reference.outcome import ImpossibleError, UndeterminedError

MOST_CUTS = 16
"""A longer text is changed from about as many of its tokens on."""


def broken_rules(run: Run, outputs: Mapping[str, Value]) -> set[str]:
    """Return the rules of language modelling that a document breaks."""
    kinds = [value.kind for value in run.inputs.values()]
    if kinds != ["tokens"] or len(outputs) != 1:
        return {"recipe"}
    (tokens,), (logits,) = run.inputs.items(), outputs.values()
    name, given = tokens
    batch, steps = given.tensor.shape
    size = run.hyperparameters["vocab_size"]
    if logits.tensor.shape != (batch, steps, size) or logits.kind != "features":
        return {"recipe"}
    main = run.main()
    tables = [
        main.nodes[target.partition(".")[0]]
        for target, source in run.document["edges"].items()
        if main.origin((source.partition(".")[0], source.partition(".")[2])) == (name, "output")
    ]
    rows = [node.get("num_embeddings") for node in tables if node["type"] == "Embedding"]
    if any(count != "vocab_size" for count in rows):
        return {"recipe"}
    is_fixed = run.document["nodes"][name].get("steps") is not None  # texts have any length
    if is_fixed or not _follows_the_vocabulary(run, name, given):
        return {"recipe"}

    def moved(rows: torch.Tensor, columns: slice) -> torch.Tensor:
        """Return the logits where some tokens are others."""
        changed = given.tensor.clone()
        changed[rows, columns] = (changed[rows, columns] + 1) % size
        other = Run(run.document, {name: Value(changed, given.kind)}, run.weights).outputs()
        (found,) = other.values()
        return found.tensor

    every = torch.arange(batch)
    broken = set()
    for cut in range(steps - 1, 0, -max(1, steps // MOST_CUTS)):
        if not torch.equal(moved(every >= 0, slice(cut, None))[:, :cut], logits.tensor[:, :cut]):
            broken.add("looks ahead")
            break
    for rows in (every == 0, every > 0, every % 2 == 0):
        if not torch.equal(moved(rows, slice(None))[~rows], logits.tensor[~rows]):
            broken.add("mixes rows")
    return broken


def _follows_the_vocabulary(run: Run, name: str, given: Value) -> bool:
    """Return whether another size of the vocabulary is that of the logits.

    Raises:
        UndeterminedError: the logits cannot be computed with another size.
    """
    (logits,) = run.main().names("GraphOutput")
    for factor in (2, 3, 4, 6):
        size = factor * run.hyperparameters["vocab_size"]
        document = {
            **run.document,
            "hyperparameters": {**run.hyperparameters, "vocab_size": size},
        }
        try:
            found = Run(document, {name: given}, FreshWeights()).main().values(logits)["output"]
        except (ImpossibleError, UndeterminedError):
            continue
        return found is not None and found.tensor.shape[-1] == size
    raise UndeterminedError("no other size of the vocabulary runs")
