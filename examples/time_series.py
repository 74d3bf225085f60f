"""Build examples that read time series of a fixed length."""

from examples.noted_models import noted
from examples.shared_parts import plain_model
from nodes.convolution.unfold import Unfold
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.io.feature_input import FeatureInput
from nodes.io.graph_output import GraphOutput
from nodes.linear.linear import Linear
from nodes.position.learned_encoding import LearnedEncoding
from nodes.reshape.reshape import Reshape
from nodes.reshape.transpose import Transpose
from nodes.transformer.encoder_layer import EncoderLayer

SIZES = {
    "num_features": 3,
    "window": 64,
    "horizon": 16,
    "patch_length": 8,
    "patch_stride": 4,
    "d_model": 32,
    "num_layers": 2,
    "num_heads": 4,
    "dropout": 0.1,
}


@noted
def patch_tst() -> Model:
    """Build PatchTST: an encoder of the patches of each series (Nie et al., 2023)."""
    layer = EncoderLayer(
        num_heads="num_heads",
        hidden_size="2 * d_model",
        dropout="dropout",
        activation="gelu",
        norm_first=True,
        repeat="num_layers",
    )
    builder = GraphBuilder()
    series = builder.add("series", FeatureInput(features="num_features", steps="window"))
    x = builder.add("columns", Transpose(), series)
    x = builder.add("each_column", Reshape(pattern="B M T -> (B M) T 1"), x)
    patches = Unfold(kernel_size="patch_length", stride="patch_stride")
    x = builder.add("patches", patches, x)
    x = builder.add("embed", Linear(out_features="d_model"), x)
    count = "(window - patch_length) // patch_stride + 1"
    x = builder.add("positions", LearnedEncoding(max_length=count), x)
    x = builder.add("layers", layer, x)
    x = builder.add("flat", Reshape(pattern="B N C -> B (N C)"), x)
    x = builder.add("head", Linear(out_features="horizon"), x)
    rows = Reshape(pattern="(B size) H -> B H size", size="num_features")
    builder.add("forecast", GraphOutput(), builder.add("rows", rows, x))
    return plain_model("PatchTST", builder, SIZES)
