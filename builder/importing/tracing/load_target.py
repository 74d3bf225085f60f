"""Loads the module that is imported: runs the code of its file, and makes the module."""

import importlib
import inspect
import sys
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from torch import nn

from builder.importing.exchange.request import ExampleInput, ImportRequest, NotImported

_FEATURES = ("in_features", "input_size", "in_channels", "embed_dim", "d_model")


def load_target(request: ImportRequest) -> nn.Module:
    """Make the module that a request names.

    Raises:
        NotImported: it cannot be made, or is no ``nn.Module``.
    """
    place, colon, name = request.target.rpartition(":")
    if not colon:
        raise NotImported(f"expected module:Class or file.py:Class, got {request.target!r}")
    found: object = _module(place, request.folder)
    for part in name.split("."):
        if not hasattr(found, part):
            raise NotImported(f"{place}: expected {name} in it, got no such name")
        found = getattr(found, part)
    if not isinstance(found, nn.Module):
        found = _made(found, request)
    if not isinstance(found, nn.Module):
        raise NotImported(f"{request.target}: expected an nn.Module, got {type(found).__name__}")
    return found


def _module(place: str, folder: str) -> ModuleType:
    """Import a module by its name, or by the path of its file."""
    sys.path.insert(0, folder)
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        path = Path(folder, place)
        sys.path.insert(0, str(path.parent))
        spec = spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None or not path.is_file():
            raise NotImported(f"{place}: expected a Python file, got none")
        module = module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    except NotImported:
        raise
    except Exception as error:
        raise NotImported(f"{place} cannot be imported: {described(error)}") from error


def _made(maker: object, request: ImportRequest) -> object:
    if not callable(maker):
        return maker
    try:
        return maker(**request.arguments)
    except Exception as error:
        advice = "Give its arguments, such as --args '{\"d_model\": 64}', or name a function."
        text = f"{request.target} cannot be called: {described(error)}. {advice}"
        raise NotImported(text) from error


def described(error: BaseException) -> str:
    """Describe an error of the user's code on one line, with the place if it has one."""
    text = str(error).strip().partition("\n")[0]
    found = error.__traceback__
    place = ""
    while found is not None:
        file = found.tb_frame.f_code.co_filename
        if "site-packages" not in file and Path(__file__).parents[1] not in Path(file).parents:
            place = f" ({Path(file).name}, line {found.tb_lineno})"
        found = found.tb_next
    return f"{type(error).__name__}: {text:.300}{place}"


def input_examples(model: nn.Module, given: Sequence[ExampleInput]) -> list[ExampleInput]:
    """Return examples for the inputs of ``forward``: those that are given, or a guess.

    Raises:
        NotImported: a required input is missing, an input is unknown, or there is no guess.
    """
    parameters = inspect.signature(model.forward).parameters
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    named = {name: one for name, one in parameters.items() if one.kind not in variable}
    required = [name for name, one in named.items() if one.default is inspect.Parameter.empty]
    takes_any = len(named) < len(parameters)
    unknown = [one.name for one in given if one.name not in named and not takes_any]
    if unknown:
        raise NotImported(
            f"--example-input: expected inputs of forward ({', '.join(named)}), "
            f"got {', '.join(unknown)}"
        )
    guess = given or _guessed(model, required)
    missing = [name for name in required if name not in [one.name for one in guess]]
    if missing:
        texts = " ".join(f'--example-input "{name}: B T"' for name in missing)
        raise NotImported(
            f"forward takes {', '.join(required)}: expected an example of each, got none of "
            f"{', '.join(missing)}. For token ids add {texts}; for features write their number "
            'too, as in "x: B T 16"'
        )
    order = list(named)
    return sorted(guess, key=lambda one: order.index(one.name) if one.name in order else len(order))


def _guessed(model: nn.Module, required: list[str]) -> list[ExampleInput]:
    """Guess a single input by the first layer: token ids, or features as wide as it takes."""
    if len(required) != 1:
        return []
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            return [ExampleInput(required[0], ("B", "T"), "int")]
        for attribute in _FEATURES:
            size = getattr(module, attribute, None)
            if isinstance(size, int):
                first = getattr(module, "batch_first", True)
                dims = ("B", "T", size) if first else ("T", "B", size)
                return [ExampleInput(required[0], dims, "float")]
    return []
