"""Draws the parameters of a node to fit the shapes at its inputs."""

from collections.abc import Sequence

from benchmarks.campaign.drawing import Drawing, Parameters
from benchmarks.campaign.reference.signatures import ACTIVATIONS, FIELDS

IDS = 7
"""The number of token ids that inputs contain."""

RESHAPES = {
    1: ("C -> C 1", "C -> 1 C", "... C -> C ...", "(size C) -> size C"),
    2: ("B C -> B 1 C", "A C -> C A", "... C -> ... C", "A (C size) -> (size A) C", "A C -> (A C)"),
    3: (
        "B T (size C) -> B (T size) C",
        "B T (size C) -> B size T C",
        "B ... C -> B C ...",
        "A B C -> C (A B)",
        "B (T size) C -> B T (size C)",
        "B T C -> B T 1 C",
        "B 1 C -> B C",
        "... (size C) -> C ... size",
    ),
    4: (
        "B H T D -> B T (H D)",
        "B H ... D -> B (H D) ...",
        "B H T D -> T B D H",
        "A B C (D size) -> A (B size) C D",
        "B 1 T D -> B T D",
        "... C -> 1 ... C",
    ),
}


def divisors(number: int) -> list[int]:
    """List the divisors of a number."""
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]


class Sampler(Drawing):
    """Draws the parameters of a node to fit the shapes at its inputs."""

    def draw(self, node_type: str, shapes: Sequence[Sequence[int]]) -> Parameters:
        """Draw the parameters of a type for the shapes at its inputs."""
        drawing = getattr(self, f"draw_{node_type}", None)
        if drawing is None:
            return {}
        found = drawing(list(shapes[0]) if shapes else [])
        found = {key: value for key, value in found.items() if key == "repeat" or self.flip(0.9)}
        if self.causal:
            causal = {"causal": True, "bidirectional": False, "dim": -1, "padding": "causal"}
            found |= {key: value for key, value in causal.items() if key in FIELDS[node_type]}
        return found

    # -- one method for each type ----------------------------------------------------------------

    def draw_Linear(self, shape: list[int]) -> Parameters:
        return {
            "out_features": self.width() if self.flip(0.75) else None,
            "bias": self.flag(),
        }

    def draw_Embedding(self, shape: list[int]) -> Parameters:
        count = self.random.choice((IDS, 12, 20, 33))
        padding = {"padding_idx": self.random.randrange(IDS)} if self.flip(0.3) else {}
        return {
            "num_embeddings": self.size(count),
            "embedding_dim": self.width(),
            "scale": self.choose("sqrt", 1.0, 1.0, 0.5),
            **padding,
        }

    def draw_SinusoidalEncoding(self, shape: list[int]) -> Parameters:
        return {"base": self.number(100.0, 10000.0)}

    def draw_PositionIds(self, shape: list[int]) -> Parameters:
        return {"offset": self.size(self.random.choice((0, 1, 2)))}

    def draw_PaddedPositionIds(self, shape: list[int]) -> Parameters:
        return {**self.draw_PositionIds(shape), "padding": self.random.choice((0, 1))}

    def draw_RotaryEncoding(self, shape: list[int]) -> Parameters:
        scaling = self.scaling() if self.flip(0.5) else {}
        return {"base": self.number(100.0, 10000.0), "interleaved": self.flag(), **scaling}

    def scaling(self) -> Parameters:
        """Draw a scaling of rotary frequencies."""
        rope_type = self.random.choice(("linear", "ntk", "llama3", "yarn"))
        found: Parameters = {"rope_type": rope_type, "factor": self.number(2.0, 8.0)}
        if rope_type in ("llama3", "yarn"):
            found["original_max_position_embeddings"] = self.size(self.random.choice((16, 64)))
        if rope_type == "llama3":
            found |= {"low_freq_factor": self.number(0.5), "high_freq_factor": self.number(4.0)}
        if rope_type == "yarn":
            found |= {"beta_fast": self.number(8.0), "beta_slow": self.number(0.5)}
            found |= {"truncate": self.flag()}
            found |= {"attention_factor": self.number(0.5)} if self.flip(0.4) else {}
        return found

    def draw_ALiBi(self, shape: list[int]) -> Parameters:
        return {"num_heads": self.size(self.random.choice((1, 2, 3, 4)))}

    def draw_RelativePositionBias(self, shape: list[int]) -> Parameters:
        buckets = self.random.choice((4, 5, 8, 32))
        farther = {"max_distance": self.random.choice((33, 64))}
        return {
            **self.draw_ALiBi(shape),
            "num_buckets": buckets,
            "bidirectional": self.flag(),
            **farther,
        }

    def draw_LearnedEncoding(self, shape: list[int]) -> Parameters:
        return {"max_length": self.size(self.random.choice((80, 100, 256)))}

    def draw_RNN(self, shape: list[int]) -> Parameters:
        return {**self.draw_GRU(shape), "nonlinearity": self.word("tanh", "relu")}

    def draw_GRU(self, shape: list[int]) -> Parameters:
        return {
            "hidden_size": self.size(self.random.choice((3, 4, 6, 8))),
            "num_layers": self.random.choice((1, 1, 2)),
            "bias": self.flag(),
            "dropout": self.probability(),
            "bidirectional": self.flag(0.4),
        }

    def draw_LearnedTokens(self, shape: list[int]) -> Parameters:
        return {"num_tokens": self.size(self.random.choice((1, 2, 3)))}

    def draw_RNNCell(self, shape: list[int]) -> Parameters:
        return {**self.draw_GRUCell(shape), "nonlinearity": self.word("tanh", "relu")}

    def draw_GRUCell(self, shape: list[int]) -> Parameters:
        return {"hidden_size": self.size(self.random.choice((3, 4, 6, 8))), "bias": self.flag()}

    draw_LSTMCell = draw_GRUCell

    def draw_LSTM(self, shape: list[int]) -> Parameters:
        own = {"proj_size": self.random.choice((1, 2))} if self.flip(0.3) else {}
        return {**self.draw_GRU(shape), **own}

    def draw_SplitHeads(self, shape: list[int]) -> Parameters:
        heads = [d for d in divisors(shape[-1]) if d > 1] or [1]
        return {"num_heads": self.size(self.random.choice(heads))}

    def draw_ScaledDotProductAttention(self, shape: list[int]) -> Parameters:
        return {
            "dropout_p": self.probability(),
            "causal": self.flag(0.4),
            "scale": self.number(0.5, 0.1) if self.flip(0.3) else None,
            "softcap": self.number(2.0, 30.0) if self.flip(0.2) else None,
            **self.choose({}, {}, {}, {"sinks": True}, {"add_bias_kv": True}),
            "add_zero_attn": self.flag(0.2),
            **self.window(0.2),
        }

    def window(self, share: float) -> Parameters:
        """Draw a window, which needs causality, or nothing."""
        size = self.random.choice((1, 2, 4, 64))
        return {"causal": True, "window": self.size(size)} if self.flip(share) else {}

    def draw_MultiHeadAttention(self, shape: list[int]) -> Parameters:
        heads = self.random.choice(divisors(shape[-1])[:5])
        own: Parameters = {"num_kv_heads": self.size(self.random.choice(divisors(heads)))}
        if self.flip(0.3):
            own |= {"head_dim": self.size(self.random.choice((2, 4, 6)))}
        if self.flip(0.3):
            own |= {"rotary": self.number(100.0, 10000.0), "rotary_interleaved": self.flag()}
            spelling = {"factor": "rope_factor", "truncate": "rope_truncate"}
            scaling = self.scaling() if self.flip(0.5) else {}
            own |= {spelling.get(key, key): value for key, value in scaling.items()}
        if self.flip(0.3):
            own |= {"qk_norm": self.word("layer", "rms", "l2"), "out_bias": self.flag()}
            own |= {"qkv_bias": self.flag()}
        if self.flip(0.3):
            own |= {"scale": self.number(0.5, 0.1), "softcap": self.number(2.0, 30.0)}
        if self.flip(0.4):
            own |= {self.random.choice(("sinks", "add_bias_kv", "add_zero_attn")): True}
        return {
            "num_heads": self.size(heads),
            "dropout": self.probability(),
            "bias": self.flag(),
            "causal": self.flag(),
            **self.window(0.2),
            **(own if self.flip(0.6) else {}),
            **self.copies(),
        }

    def draw_FeedForward(self, shape: list[int]) -> Parameters:
        return {
            "hidden_size": self.width() if self.flip(0.8) else None,
            "activation": self.word(*ACTIVATIONS),
            "dropout": self.probability(),
            "bias": self.flag(),
            **self.copies(),
        }

    def draw_GatedFeedForward(self, shape: list[int]) -> Parameters:
        return self.draw_FeedForward(shape)

    def draw_MixtureOfExperts(self, shape: list[int]) -> Parameters:
        experts = self.random.choice((1, 2, 3, 4))
        return {
            "num_experts": experts,
            "top_k": self.random.randint(1, experts),
            "hidden_size": self.width(),
            "activation": self.word("silu", "gelu", "relu"),
            "normalize": self.flag(),
        }

    def draw_EncoderLayer(self, shape: list[int]) -> Parameters:
        return {
            "num_heads": self.size(self.random.choice(divisors(shape[-1])[:5])),
            "hidden_size": self.width(),
            "dropout": self.probability(),
            "activation": self.word(*ACTIVATIONS),
            "norm_first": self.flag(),
            "eps": self.number(1e-5, 1e-3),
            "bias": self.flag(),
            "causal": self.flag(),
            "norm": self.word("layer", "rms"),
            "gated": self.flag(0.3),
            "qk_norm": self.word("none", "none", "layer", "rms", "l2"),
            **({"rotary": self.number(100.0), "head_dim": 4} if self.flip(0.3) else {}),
            **({"attn_dropout": self.probability()} if self.flip(0.3) else {}),
            **self.window(0.2),
            **self.copies(),
        }

    draw_DecoderLayer = draw_EncoderLayer

    def draw_WindowMask(self, shape: list[int]) -> Parameters:
        return {"window": self.size(self.random.choice((1, 2, 4, 64))), "causal": self.flag()}

    def draw_MatMul(self, shape: list[int]) -> Parameters:
        return {
            "transpose_right": self.flag(),
            "scale": self.choose("sqrt", 1.0, self.number(0.5, 0.1)),
        }

    def draw_LayerNorm(self, shape: list[int]) -> Parameters:
        return {
            "eps": self.number(1e-5, 1e-3),
            "elementwise_affine": self.flag(0.8),
            "bias": self.flag(0.7),
        }

    def draw_RMSNorm(self, shape: list[int]) -> Parameters:
        eps = {"eps": self.number(1e-5, 1e-3)} if self.flip(0.6) else {}
        return {"elementwise_affine": self.flag(0.8), **eps}

    def draw_ScaleNorm(self, shape: list[int]) -> Parameters:
        return {"eps": self.number(1e-5, 1e-3)}

    def draw_GELU(self, shape: list[int]) -> Parameters:
        return {"approximate": self.word("none", "tanh")}

    def draw_LeakyReLU(self, shape: list[int]) -> Parameters:
        return {"negative_slope": self.number(0.0, 0.3)}

    def draw_ELU(self, shape: list[int]) -> Parameters:
        return {"alpha": self.number(0.5, 2.0)}

    def draw_Affine(self, shape: list[int]) -> Parameters:
        return {"scale": self.number(-1.0, 0.5, 1.0), "shift": self.number(0.0, 1.0, -0.5)}

    draw_CELU = draw_ELU

    def draw_Softshrink(self, shape: list[int]) -> Parameters:
        return {"lambd": self.number(0.0, 0.3)}

    draw_Hardshrink = draw_Softshrink

    def draw_SoftCap(self, shape: list[int]) -> Parameters:
        return {"cap": self.number(2.0, 30.0)}

    def draw_Dropout(self, shape: list[int]) -> Parameters:
        return {"p": self.probability()}

    def draw_Softmax(self, shape: list[int]) -> Parameters:
        return {"dim": self.axis(len(shape))}

    draw_LogSoftmax = draw_CumulativeSum = draw_Softmax
    draw_Sum = draw_Mean = draw_ArgMax = draw_Reverse = draw_Softmax

    def draw_TokenMask(self, shape: list[int]) -> Parameters:
        return {"padding_id": self.random.randrange(IDS)}

    def draw_Expand(self, shape: list[int]) -> Parameters:
        ones = [dim for dim, size in enumerate(shape) if size == 1]
        dim = self.random.choice(ones) if ones else 0
        return {"dim": dim, "size": self.size(self.random.choice((1, 2, 3)))}

    def draw_RGLRU(self, shape: list[int]) -> Parameters:
        return {"num_heads": self.size(self.random.choice(divisors(shape[-1])))}

    draw_MultiHeadSelectiveScan = draw_RGLRU

    def draw_LayerScale(self, shape: list[int]) -> Parameters:
        return {"init_value": self.number(0.5, 1e-3)}

    draw_StochasticDepth = draw_Dropout

    def draw_Concatenate(self, shape: list[int]) -> Parameters:
        return {"dim": -1 if self.flip(0.6) else self.axis(len(shape))}

    def draw_Stack(self, shape: list[int]) -> Parameters:
        return {"dim": self.axis(len(shape) + 1)}

    def draw_Split(self, shape: list[int]) -> Parameters:
        width = shape[-1]
        if width < 2 or (width % 2 == 0 and self.flip(0.5)):
            return {"size": None}
        return {"size": self.size(self.random.randrange(1, width))}

    def draw_Transpose(self, shape: list[int]) -> Parameters:
        return {"dim0": self.axis(len(shape)), "dim1": self.axis(len(shape))}

    def draw_Reshape(self, shape: list[int]) -> Parameters:
        patterns = RESHAPES.get(len(shape), RESHAPES[3])
        whole = self.random.choice(shape) if shape else 2
        found = [d for d in divisors(whole) if d > 1] or [2]
        return {
            "pattern": self.random.choice(patterns),
            "size": self.size(self.random.choice(found)),
        }

    def draw_Slice(self, shape: list[int]) -> Parameters:
        dim = self.axis(len(shape))
        size = shape[dim] if shape else 1
        start = self.random.choice((0, 0, 1, -2, size // 2))
        stop = self.random.choice((None, None, -1, size, max(1, size - 1)))
        return {"dim": dim, "start": start, "stop": stop, "step": self.random.choice((1, 1, 2, 3))}

    def draw_Select(self, shape: list[int]) -> Parameters:
        dim = self.axis(len(shape))
        size = shape[dim] if shape else 1
        return {"dim": dim, "index": self.random.randrange(-size, size)}

    def draw_ShiftRight(self, shape: list[int]) -> Parameters:
        return {"steps": self.size(self.random.choice((1, 2, 4))), "fill": self.choose(0, 1)}

    def draw_Conv1d(self, shape: list[int]) -> Parameters:
        groups = self.random.choice((1, 1, *divisors(shape[-1])[:4]))
        padding = self.choose("causal", "same", 0, 0, 1, 2)
        return {
            "out_channels": self.size(groups * self.random.choice((1, 2, 3, 4))),
            "kernel_size": self.size(self.random.choice((1, 2, 3, 4))),
            "stride": 1 if padding == "same" else self.random.choice((1, 1, 2, 3)),
            "padding": padding,
            "dilation": self.random.choice((1, 1, 2)),
            "groups": self.size(groups),
            "bias": self.flag(),
        }

    def draw_ScatterAdd(self, shape: list[int]) -> Parameters:
        return {"size": self.size(self.random.choice((7, 8, 20)))}

    def draw_Unfold(self, shape: list[int]) -> Parameters:
        stride = {"stride": self.random.choice((1, 2, 3))} if self.flip(0.5) else {}
        return {"kernel_size": self.size(self.random.choice((1, 2, 3, 4))), **stride}

    def draw_MaxPool1d(self, shape: list[int]) -> Parameters:
        kernel = self.random.choice((1, 2, 3, 4))
        stride = {"stride": self.random.choice((1, 2, 3))} if self.flip(0.5) else {}
        return {
            "kernel_size": self.size(kernel),
            "padding": self.random.randint(0, kernel // 2),
            **stride,
        }
