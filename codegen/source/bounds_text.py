"""Bounds of numbers as Python conditions and as words."""

from math import inf

from nodes.core.graphs.parameter_types import Bounds


def outside(value: str, bounds: Bounds, is_whole: bool = False) -> str:
    """Write the condition that a number is outside of bounds; "" if there are none.

    Args:
        value: the number, as an expression without comparisons.
        bounds: the bounds.
        is_whole: the number is an ``int``, which is always finite.
    """
    has_least, has_most = bounds.least > -inf, bounds.most < inf
    low, high = "<" if bounds.open_below else "<=", "<" if bounds.open_above else "<="
    if has_least and is_whole and not has_most:
        return f"{value} {'<=' if bounds.open_below else '<'} {bounds.least:g}"
    if has_most and not has_least:
        return f"{value} {'>=' if bounds.open_above else '>'} {bounds.most:g}"
    if has_least:
        most = f"{high} {bounds.most:g}" if has_most else "< math.inf"
        return f"not {bounds.least:g} {low} {value} {most}"
    return "" if is_whole else f"not math.isfinite({value})"


def span(bounds: Bounds) -> str:
    """Describe bounds in words, after a noun."""
    least, most = f"{bounds.least:g}", f"{bounds.most:g}"
    below = f"below {most}" if bounds.open_above else most
    if bounds.least == -inf:
        return "" if bounds.most == inf else f" up to {below}"
    if bounds.most == inf:
        return f" above {least}" if bounds.open_below else f" of at least {least}"
    return f" {'above' if bounds.open_below else 'from'} {least} to {below}"
