"""Operations of nodes on one dimension: take, delay, slide, concatenate and weight its indices."""

from collections.abc import Iterator

from nodes.core.shapes.dim import AnyDim, free
from nodes.core.time.axis import Axis, Clock
from nodes.core.time.field_builder import FieldBuilder, Support
from nodes.core.time.pattern_fields import PatternFields
from nodes.core.time.reach import ALL, INF, Number, Reach
from nodes.core.time.receptive_field import Order, Validity


def _builders(reading: PatternFields, word: str) -> Iterator[tuple[FieldBuilder, int, Axis]]:
    """Yield the field at each port that has the one axis of a word, with that axis."""
    axis = reading.axis(word)
    for builder in reading.ports.values():
        if axis is not None and axis in builder.axes:
            yield builder, axis, builder.axes[axis]


def take(
    reading: PatternFields, word: str, start: AnyDim, step: int, size: AnyDim, cut: int = 0
) -> None:
    """Let output index ``j`` of a word read the input index ``start + step * j``.

    Args:
        reading: the fields at the inputs.
        word: the word.
        start: the first index.
        step: indices from one to the next.
        size: the number of indices that are read.
        cut: the number of indices that are left out at the end.
    """
    new = reading.new_axis()
    if (start, step) == (0, 1) and reading.axis(word) is None:
        for builder in reading.ports.values():
            builder.backward = False  # the channels of the forward direction are first
    for builder, axis, entry in _builders(reading, word):
        clock = entry.clock
        if clock is not None and (start, step, cut) != (0, 1, 0):
            builder.order = Order.USED
        if not isinstance(start, int):
            builder.look_ahead(axis, INF)
        shifted = clock.moved(step, start + cut) if clock and isinstance(start, int) else None
        builder.move(axis, {new: step}, offset=start)
        builder.axes[new] = Axis(size, shifted)
        reading.words[word] = (new,)


def reverse(reading: PatternFields, word: str, size: AnyDim) -> None:
    """Let output index ``j`` of a word read the input index ``size - 1 - j``."""
    new = reading.new_axis()
    for builder, axis, entry in _builders(reading, word):
        if entry.clock is not None:
            builder.order = Order.USED
            builder.look_ahead(axis, INF)
        builder.move(axis, {new: -1}, offset=size - 1)
        builder.axes[new] = Axis(entry.size)
        reading.words[word] = (new,)


def select(reading: PatternFields, word: str, index: AnyDim) -> None:
    """Read one index of a word."""
    for builder, axis, entry in _builders(reading, word):
        if entry.clock is not None:
            builder.order = Order.USED
        if index != 0 or (entry.clock is not None and entry.clock.shift > 0):
            # any step but the first may be padding
            builder.look_ahead(axis, INF)
        builder.move(axis, {}, offset=index)
    reading.words.pop(word, None)


def delay(reading: PatternFields, word: str, steps: int) -> None:
    """Let output index ``j`` of a word read the input index ``j - steps``."""
    new = reading.new_axis()
    for builder, axis, entry in _builders(reading, word):
        if entry.clock is not None:
            sequence, rate, _ = entry.clock
            clocks = [other.clock for other in builder.axes.values() if other.clock is not None]
            if [clock.sequence for clock in clocks].count(sequence) == 1:
                ahead = builder.ahead.get(sequence, 0)
                builder.ahead[sequence] = max(0, ahead - steps * rate)
            builder.order = Order.USED
        builder.move(axis, {new: 1}, offset=-steps)
        builder.since(new, steps)
        builder.axes[new] = entry
        reading.words[word] = (new,)


def slide(reading: PatternFields, word: str, stride: int, window: Reach, size: AnyDim) -> None:
    """Let output index ``j`` of a word read a window around the input index ``stride * j``.

    An output index is at the step of the input index of its own number where the length stays the
    same, else at the last step in its window, so that it is valid only where all of these are.
    """
    new = reading.new_axis()
    guards = reading.validity(word)
    for builder, axis, entry in _builders(reading, word):
        clock = entry.clock
        if size == entry.size:
            builder.look_ahead(axis, window.hi, guards)
        elif clock is not None:
            clock = clock.moved(stride, window.hi)
        if clock is not None and window != (0, 0):
            builder.order = Order.USED
        builder.move(axis, {new: stride}, *window)
        builder.axes[new] = Axis(size, clock)
        reading.words[word] = (new,)


def concatenate(reading: PatternFields, word: str, position: int) -> None:
    """Join the ports along a word, the dimension at a position.

    The steps of the last part keep their clock behind a front of a fixed length; those of any
    other part are followed by what is not padding, and lose it.
    """
    if len(reading.ports) == 1 or (axis := reading.axis(word)) is None:
        return  # one part stays as it is
    new = reading.new_axis()
    offset: AnyDim = 0
    last = list(reading.ports)[-1]
    total = sum((reading.size(shape[position]) for shape in reading.shapes.values()), start=offset)
    for port, builder in reading.ports.items():
        size = reading.size(reading.shapes[port][position])
        entry = builder.axes.get(axis)
        if entry is not None:
            builder.move(axis, {} if size == 1 else {new: 1}, offset=0 if size == 1 else -offset)
            clock = _behind(builder, entry.clock, offset, is_last=port == last)
            builder.axes[new] = Axis(total, clock)
        if isinstance(offset, int):
            builder.since(new, offset)
        offset = offset + size
    reading.words[word] = (new,)


def _behind(
    builder: FieldBuilder, clock: Clock | None, offset: AnyDim, is_last: bool
) -> Clock | None:
    """Return the clock of the steps of a part that begins at an offset; None if they lose it."""
    if clock is None:
        return None
    builder.order = Order.USED
    if is_last and isinstance(offset, int):
        return clock.moved(1, -offset)
    builder.ahead[clock.sequence] = INF
    return None


def weigh(reading: PatternFields, word: str, joined: FieldBuilder) -> None:
    """Read all indices of a word that the support of a product allows.

    Args:
        reading: the fields at the inputs.
        word: the word that is summed over.
        joined: the product, with its support.
    """
    for builder, axis, entry in _builders(reading, word):
        highest: Number = INF
        for other, other_entry in joined.axes.items():
            if other != axis and other_entry.clock == entry.clock:
                highest = min(highest, joined.band(axis, other)[1])
        builder.look_ahead(axis, highest, joined.validity)
    if joined.bands:
        joined.order = Order.USED


def product(reading: PatternFields, word: str) -> FieldBuilder:
    """Unite the inputs of a sum of products over a word."""
    joined = reading.join(Support.BOTH)
    weigh(reading, word, joined)
    order = joined.order
    joined = reading.join(Support.BOTH)
    joined.order = max(order, joined.order)
    reading.words.pop(word, None)
    return joined


def attend(
    reading: PatternFields, reach: Reach, sizes: tuple[AnyDim, AnyDim]
) -> tuple[FieldBuilder, FieldBuilder]:
    """Return the weights of attention, and the weighted sum of the values.

    Args:
        reading: queries with the word T, keys and values with the word S, a mask with both, and one
            of the keys.
        reach: the keys that a query may attend to, around its own step.
        sizes: the numbers of queries and keys.
    """
    allowed = _allowed(reading, reach, sizes)
    weigh(reading, "S", allowed)
    weights, attended = FieldBuilder(), FieldBuilder()
    for name, builder in reading.ports.items():
        attended.join(builder, Support.NONE)
        if name != "value":
            weights.join(builder, Support.NONE)
    for joined in (weights, attended):
        joined.bands, joined.validity = dict(allowed.bands), set(allowed.validity)
        joined.order = max(joined.order, allowed.order)
    _keep_axis(reading, "S", sizes[1], weights, allowed)
    return weights, attended


def normalize(reading: PatternFields, word: str, size: AnyDim) -> FieldBuilder:
    """Return the probabilities along a word where a mask at the port ``mask`` is true, else 0."""
    reading.axis(word)  # where it has several, no band is left between them
    mask, allowed = reading.ports["mask"], FieldBuilder()
    allowed.bands, allowed.validity = dict(mask.bands), set(mask.validity)
    for builder in reading.ports.values():
        allowed.axes = {**builder.axes, **allowed.axes}
    weigh(reading, word, allowed)
    joined = reading.join()
    joined.bands, joined.validity = dict(allowed.bands), set(allowed.validity)
    joined.order = max(joined.order, allowed.order)
    _keep_axis(reading, word, size, joined, allowed)
    return joined


def _keep_axis(
    reading: PatternFields, word: str, size: AnyDim, weights: FieldBuilder, allowed: FieldBuilder
) -> None:
    """Let each weight depend on all indices of a word, since it is divided by the sum over them.

    It has an index of its own, too.
    """
    if (key := reading.axis(word)) is None:
        return
    entry = weights.axes.get(key, Axis(size))
    weights.axes[key] = entry
    weights.rename(key, reading.new_axis())
    weights.axes[key] = entry
    for pair, band in allowed.bands.items():
        weights.limit(*pair, *band)
    weights.validity |= allowed.validity


def _allowed(reading: PatternFields, reach: Reach, sizes: tuple[AnyDim, AnyDim]) -> FieldBuilder:
    """Return the support of the weights of attention: that of the masks, and the reach."""
    allowed = FieldBuilder()
    query, key = reading.axis("T"), reading.axis("S")  # before their bands are read
    for mask in (reading.ports.get("mask"), reading.ports.get("key_mask")):
        if mask is not None:
            allowed.bands.update(mask.bands)
            allowed.validity |= mask.validity
    if reach != ALL and key is not None:
        if query is None:
            query = reading.new_axis()
            reading.words["T"] = (query,)
            reading.ports["query"].axes[query] = Axis(sizes[0])
        allowed.limit(query, key, *reach)
    for builder in reading.ports.values():
        allowed.axes = {**builder.axes, **allowed.axes}
    if query is not None and query in (axes := reading.ports["query"].axes):
        allowed.axes[query] = axes[query]
    return allowed


def valid_steps(reading: PatternFields, word: str, length: AnyDim) -> list[Validity]:
    """Return the validity that lengths, or a mask of them, give to the steps of a word."""
    axis = reading.axis(word)
    if axis is None:
        axis = reading.new_axis()
        reading.words[word] = (axis,)
        next(iter(reading.ports.values())).axes[axis] = Axis(length)
    entries = [b.axes[axis] for b in reading.ports.values() if axis in b.axes]
    sequences = {entry.clock.sequence for entry in entries if entry.clock is not None}
    if not sequences and not isinstance(length, int) and length in map(free, length.frees):
        sequences = set(length.frees)
    return [Validity(axis, Clock(sequence)) for sequence in sorted(sequences)]


def band_mask(reading: PatternFields, word: str, length: AnyDim, reach: Reach) -> FieldBuilder:
    """Return a mask of two dimensions that is true where a reach allows it."""
    axis = reading.axis(word)
    entries = [b.axes[axis] for b in reading.ports.values() if axis in b.axes]
    mask = FieldBuilder()
    mask.axes = dict.fromkeys((0, 1), entries[0] if entries else Axis(length))
    mask.limit(0, 1, *reach)
    mask.order = Order.USED
    return mask
