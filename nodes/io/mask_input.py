from nodes.core.graphs.port import Kind, Output
from nodes.io.sequence_input import SequenceInput


class MaskInput(SequenceInput):
    """Mask input: a boolean mask (B, T), true at valid steps and false at padding.

    Connect it to the key_mask of attention or to the mask of a pooling node. It is the opposite of
    PyTorch's key_padding_mask, which is true at padding. The generated code refuses a mask that is
    not boolean, such as an additive one of zeros and negative infinity.

    Parameters:
        length: symbol of the number of time steps; inputs with the same symbol are equally long.
        steps: number of time steps; chosen at run time if not given. A Linear or a Reshape may then
            use the dimension of the steps, as in an MLP-Mixer, and the code refuses other lengths.
    """

    aliases = ("padding", "attention mask", "padding mask", "key padding mask")

    output = Output("B T", "true at valid steps", kind=Kind.MASK)
