from nodes.core.graphs.port import Kind, Output
from nodes.io.pair_input import PairInput


class AttentionMaskInput(PairInput):
    """Attention mask input: a boolean mask (T, S), true where query i may attend to key j.

    For the mask of attention, where the caller decides which steps see each other: trees, blocks of
    documents, permutations. It is the opposite of the attn_mask of PyTorch, true where attention is
    not allowed. An additive mask is an AttentionBiasInput, and one of padding a MaskInput.

    Parameters:
        queries: symbol of the number of queries, the rows.
        keys: symbol of the number of keys, the columns; T for self-attention.

    Dimensions:
        S: number of keys.
    """

    aliases = ("attn_mask", "src_mask", "square mask", "visibility")

    output = Output("T S", "true where query i (row) may attend to key j (column)", Kind.MASK)
