from nodes.core.graphs.port import Output
from nodes.io.pair_input import PairInput


class AttentionBiasInput(PairInput):
    """Attention bias input: numbers (T, S) that are added to the scores of attention.

    For the bias of attention, such as PyTorch's additive attn_mask: 0 where query i may attend to
    key j, negative infinity where it may not, and anything between.

    Parameters:
        queries: symbol of the number of queries, the rows.
        keys: symbol of the number of keys, the columns; T for self-attention.

    Dimensions:
        S: number of keys.
    """

    aliases = ("attn_mask", "additive mask", "float mask", "relative position")

    output = Output("T S", "added to the score of query i (row) and key j (column)")
