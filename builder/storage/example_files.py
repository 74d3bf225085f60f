"""The saved graphs that come with Wireformer, found by name in a checkout and in a wheel alike."""

from difflib import get_close_matches
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_INSTALLED = _PACKAGE / "examples"
_CHECKOUT = _PACKAGE.parent / "examples"


class UnknownExampleError(LookupError):
    """No example has this name."""


def example_names() -> list[str]:
    """List the examples in alphabetical order."""
    return sorted(path.stem for path in _folder().glob("*.json"))


def example_path(name: str) -> Path:
    """Find the file of an example.

    Raises:
        UnknownExampleError: there is no such example.
    """
    known = example_names()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        remedy = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
        raise UnknownExampleError(f"no example is called {ascii(name)}. {remedy}")
    return _folder() / f"{name}.json"


def _folder() -> Path:
    # In a wheel the folder beside this package may be somebody else's.
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
