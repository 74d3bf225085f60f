from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Output
from nodes.io.sequence_input import SequenceInput


class FeatureInput(SequenceInput):
    """Feature input: a batch of sequences of real-valued vectors, (B, T, features).

    For time series and signals. Scale each feature to a similar range before training.

    Parameters:
        features: number of features at each time step.
        length: symbol of the number of time steps; inputs with the same symbol are equally long.
        steps: number of time steps; chosen at run time if not given. A Linear or a Reshape may then
            use the dimension of the steps, as in an MLP-Mixer, and the code refuses other lengths.
    """

    aliases = ("time series", "signal", "continuous", "values", "channels")

    features: Size = 1

    output = Output("B T features", "vector of features at each step")
