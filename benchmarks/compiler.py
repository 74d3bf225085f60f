"""Time the check and the compiler on large models; nothing is asserted.

    python benchmarks/compiler.py

Prints, in processor time, the check, plan and writing of a model of 1,000 nodes, fresh and after
one edit; how the time grows to 10,000 nodes; a chain of 20,000 nodes; and the peak memory.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen.check import CheckCache, check
from codegen.compile import compile_model
from nodes.activation.gelu import GELU
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from nodes.linear.linear import Linear
from nodes.merge.add import Add
from nodes.normalization.layer_norm import LayerNorm

ROUNDS = 7


def residual_model(count: int) -> Model:
    """Build about ``count`` nodes: residual branches with a norm and a feed-forward network."""
    builder = GraphBuilder()
    x = builder.add("tokens", TokenInput())
    x = builder.add("embed", Embedding(num_embeddings="vocab_size", embedding_dim="width"), x)
    for i in range((count - 4) // 6):
        y = builder.add(f"norm_{i}", LayerNorm(), x)
        y = builder.add(f"up_{i}", Linear(out_features="4 * width"), y)
        y = builder.add(f"gelu_{i}", GELU(), y)
        y = builder.add(f"down_{i}", Linear(out_features="width"), y)
        y = builder.add(f"drop_{i}", Dropout(p="dropout"), y)
        x = builder.add(f"sum_{i}", Add(), x, y)
    x = builder.add("head", Linear(out_features="vocab_size"), x)
    builder.add("logits", GraphOutput(), x)
    return with_hyperparameters(builder)


def chain_model(count: int) -> Model:
    """Build a chain of ``count`` nodes."""
    builder = GraphBuilder()
    x = builder.add("tokens", TokenInput())
    x = builder.add("embed", Embedding(num_embeddings="vocab_size", embedding_dim="width"), x)
    for i in range(count - 3):
        x = builder.add(f"node_{i}", GELU() if i % 2 else Linear(), x)
    builder.add("output", GraphOutput(), x)
    return with_hyperparameters(builder)


def with_hyperparameters(builder: GraphBuilder) -> Model:
    """Build the model with its hyperparameters."""
    values = {"vocab_size": 256, "width": 64, "dropout": 0.1}
    hyperparameters = {name: Hyperparameter(value) for name, value in values.items()}
    return Model("Large", builder.build(), hyperparameters=hyperparameters)


def milliseconds(work: Callable[[], object]) -> float:
    """Time one call in milliseconds of processor time, which other load affects less."""
    gc.collect()
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


def cold(count: int) -> float:
    """Time the compilation of a model without a cache, the median of some rounds."""
    model = residual_model(count)
    return statistics.median(milliseconds(lambda: compile_model(model)) for _ in range(ROUNDS))


def after_an_edit(count: int) -> tuple[float, float]:
    """Time the check, and the whole compilation, after a change of one parameter."""
    model, cache = residual_model(count), CheckCache()
    compile_model(model, cache)
    checks, wholes = [], []
    for i in range(ROUNDS):
        for times, work in ((checks, check), (wholes, compile_model)):
            edited = model.edit(
                "", lambda graph, i=i: graph.with_node("drop_9", Dropout(p=0.01 * (i + 1)))
            )
            times.append(milliseconds(lambda model=edited, work=work: work(model, cache)))
            model = edited
    return statistics.median(checks), statistics.median(wholes)


def peak_memory() -> float:
    """Return the peak memory of this process in MiB; 0 where it is unknown."""
    if sys.platform == "win32":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print all measurements."""
    out = sys.stdout.write
    small, large = cold(1_000), cold(10_000)
    out(f"1,000 nodes, fresh: {small:.1f} ms\n")
    checked, compiled = after_an_edit(1_000)
    out(f"1,000 nodes, after one edit: check {checked:.1f} ms, with code {compiled:.1f} ms\n")
    out(f"10,000 nodes, fresh: {large:.1f} ms, {large / small:.1f} times as long\n")
    chain = chain_model(20_000)
    out(f"chain of 20,000 nodes, fresh: {milliseconds(lambda: compile_model(chain)):.0f} ms\n")
    out(f"peak memory: {peak_memory():.0f} MiB\n")


if __name__ == "__main__":
    main()
