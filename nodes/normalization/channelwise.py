"""The base of the layers with a weight for each channel."""

from typing import ClassVar

from nodes.core.graphs.node import Category, Node
from nodes.core.time.field_builder import Support


class Channelwise(Node):
    """A layer that treats each channel of its inputs by itself."""

    is_base = True
    category = Category.NORM
    static_axes: ClassVar[tuple[str, ...]] = ("C",)
    each = ("...", "C")
    linear = True

    def support(self) -> Support:
        return Support.EITHER
