"""The example graphs that come with Wireformer, in a checkout and in a wheel alike."""

from pathlib import Path

from nodes.core.graphs.similar_names import closest

_PACKAGE = Path(__file__).parents[1]
_INSTALLED = _PACKAGE / "examples"
_CHECKOUT = _PACKAGE.parent / "examples"


class UnknownExampleError(LookupError):
    """No example has this name."""


def example_names() -> list[str]:
    """List the examples in alphabetical order."""
    return sorted(path.stem for path in _folder().glob("*.json"))


def example_path(name: str) -> Path:
    """Return the file of an example.

    Raises:
        UnknownExampleError: there is no such example.
    """
    names = example_names()
    if name not in names:
        similar = closest(name, names)
        remedy = f"Did you mean {similar}?" if similar else f"Choose one of {', '.join(names)}."
        raise UnknownExampleError(f"expected the name of an example, got {repr(name)}. {remedy}")
    return _folder() / f"{name}.json"


def example_key_map(name: str) -> Path | None:
    """Return the key map of the weights of an example's reference; None if it has none."""
    path = _folder() / "weights" / f"{name}.json"
    return path if path.exists() else None


def _folder() -> Path:
    # In a wheel, the folder beside this package may belong to another one.
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
