from nodes.core.graphs.port import Kind, Output
from nodes.io.sequence_input import SequenceInput


class TokenInput(SequenceInput):
    """Token input: a batch of sequences of integer token ids, (B, T).

    For text and other discrete sequences; an Embedding turns the ids into vectors. The encoder and
    the decoder of a sequence-to-sequence model take two inputs, of lengths S and T.

    Parameters:
        length: symbol of the number of time steps; inputs with the same symbol are equally long.
        steps: number of time steps; chosen at run time if not given. A Linear or a Reshape may then
            use the dimension of the steps, as in an MLP-Mixer, and the code refuses other lengths.
    """

    aliases = ("text", "words", "ids", "vocabulary", "source", "target")

    output = Output("B T", "token id of each step", kind=Kind.TOKENS)
