"""The limits of sizes: one definition for plain and symbolic ones, parameters and products."""

LARGEST = 2**53 - 1
"""The largest whole number that is exact in files and in floating point."""

MOST_TERMS = 64
DEEPEST_FLOOR = 32
MOST_NAMES = 1000

_SIMPLIFY = "use fewer different sizes, or add a hyperparameter for a part of it"


class DimError(ValueError):
    """A size that does not exist, or that exceeds a limit."""


class TooLarge(DimError):
    """A number in a size is larger than `LARGEST`."""

    def __init__(self, number: int) -> None:
        # Python refuses to write thousands of digits.
        got = str(number) if number < 2**64 else f"about 2**{number.bit_length() - 1}"
        super().__init__(f"expected a size below 2**53, got {got}; make a number in it smaller")


def bounded(number: int) -> int:
    """Return a number that a size may be or contain.

    Raises:
        TooLarge: it is larger than `LARGEST`.
    """
    if abs(number) > LARGEST:
        raise TooLarge(abs(number))
    return number


def check_extent(terms: int, depth: int, length: int) -> None:
    """Check how long a symbolic size is.

    Args:
        terms: the number of products that it is the sum of.
        depth: the nesting of floors.
        length: the number of names that it is written with.

    Raises:
        DimError: it is too long to compute with.
    """
    for found, most, what in (
        (terms, MOST_TERMS, "terms"),
        (depth, DEEPEST_FLOOR, "nested divisions"),
        (length, MOST_NAMES, "names"),
    ):
        if found > most:
            raise DimError(f"expected at most {most} {what} in a size, got {found}; {_SIMPLIFY}")
