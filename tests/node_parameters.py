"""Parameters, sizes and connected ports that several cases of nodes share."""

MASK_OR_LENGTHS = ("mask", "lengths", "mask lengths")
STATES = (
    "lengths",
    "lengths initial_hidden initial_cell",
    "initial_hidden initial_cell",
    "",
)
HEADS = {"C": 24, "H": 6, "K": 3}
SELF = {"C": 24, "S": "T"}
DEEP = {"hidden_size": 23, "num_layers": 2, "dropout": 0.3}
LAYER = {"num_heads": 6, "hidden_size": 23, "bias": False, "activation": "gelu", "eps": 1e-3}
LLAMA = {
    "num_heads": 6,
    "num_kv_heads": 3,
    "head_dim": 2,
    "hidden_size": 23,
    "norm": "rms",
    "norm_first": True,
    "gated": True,
    "activation": "silu",
    "rotary": 100.0,
    "causal": True,
    "bias": False,
}

BEFORE = {"original_max_position_embeddings": 16}
YARN = {"rope_type": "yarn", "factor": 4.0, **BEFORE}
