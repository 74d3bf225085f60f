"""How the evaluation of a document may end other than with tensors."""

from collections.abc import Mapping

STRICTER: Mapping[str, str] = {
    "kind": "the kinds on edges differ; to PyTorch ids, lengths and states are numbers like others",
    "rank": "PyTorch reads a tensor without its batch dimension, or one more, as another thing",
    "scalar": "a single number has no dimensions, though PyTorch lets it have one, 0 or -1",
    "number": "a number lies outside the range that its manual gives, and PyTorch computes on",
    "empty": "a size of 0 leaves a layer without weights; PyTorch warns, or computes nothing",
    "odd width": "PyTorch rotates or encodes the last channel of an odd width against nothing",
    "whole": "PyTorch goes on with an empty second part of a split",
    "empty slice": "PyTorch goes on with a slice of nothing",
    "attention sizes": "PyTorch broadcasts batches and steps of queries, keys and values",
    "leading sizes": "PyTorch broadcasts the leading sizes of matrices, which `...` says are equal",
    "mask sizes": "PyTorch broadcasts a mask to more axes than its manual gives",
    "position sizes": "PyTorch broadcasts positions to more axes than their manual gives",
    "padding given twice": "a mask and lengths at once contradict each other or say the same",
    "one state of two": "an LSTM with one of its two states would invent the other",
    "repeat": "all copies are one class, so the first output is what the first input takes",
    "repeat without chain": "nothing connects the copies of a node without inputs",
    "missing output": "a block has an output that depends on an input without an edge",
    "cycle": "edges go in a circle, though through an input that nothing reads",
    "projection": "an LSTM with a projection of size 0 as an expression has other weights",
    "no output": "a model or block without an output is not finished",
    "tie": "a tie to a node that cannot share a weight, or whose weight has another shape",
    "padding of ties": "embeddings that share a weight say that different rows of it are padding",
    "one as a name": "a size with a name whose value is 1 is not broadcast, as it may change",
    "model input": "an input of the model has no place in a block, nor that of a block in a model",
    "recipe": "the training script feeds token ids and compares logits of the vocabulary",
    "looks ahead": "a step of a language model sees the token that it has to predict",
    "mixes rows": "a row of the batch depends on another one",
    "drop all": "a probability of 1 zeroes every element",
    "fill": "a fill of token ids is no token id, or one of a mask neither true nor false",
    "lengths": "lengths count the steps of a sequence, not those of a window or of a part of it",
    "bypassed output": "a node without a first input has nothing to pass on",
}
"""What the product refuses on purpose although PyTorch would run it, each with its reason."""


class ImpossibleError(Exception):
    """The document means nothing that could run."""


class UndeterminedError(Exception):
    """Whether it runs depends on values or lengths that only a run has; the manual says so."""
