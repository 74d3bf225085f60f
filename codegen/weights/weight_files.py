"""Weights in safetensors files: one file, or the index of a model in several."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from codegen.weights.key_map import KeyMapError

TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
MOST_INDEX = 64 * 2**20
"""The largest index that is read, in bytes."""


class WeightFileError(ValueError):
    """A file of weights that cannot be read."""


class WeightFile(Mapping[str, Tensor]):
    """The weights of a file, as tensors without memory; `load` reads one.

    Args:
        path: a ``.safetensors`` file, or an index of several, ``.safetensors.index.json``.

    Raises:
        WeightFileError: it is neither, it is damaged, or a file that the index names is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stack = ExitStack()
        self._handles: dict[str, Any] = {}
        files = _indexed(path) if path.name.endswith(".json") else {path: None}
        for file, names in files.items():
            handle = self._open(file)
            kept = [*handle.keys()] if names is None else names
            lacking = sorted(set(kept).difference(handle.keys()))
            if lacking:
                raise WeightFileError(f"{file}: expected the tensor {lacking[0]}, got none")
            self._handles.update(dict.fromkeys(kept, handle))

    def _open(self, file: Path) -> Any:
        if file.suffix in (".bin", ".pt", ".pth", ".ckpt"):
            raise WeightFileError(
                f"{file}: expected a safetensors file, got a pickle, which can run any program "
                "when it is read. Convert it where you trust it: safetensors.torch.save_file("
                "torch.load(file, weights_only=True), new_file)"
            )
        try:
            return self._stack.enter_context(safe_open(str(file), framework="pt"))
        except (OSError, SafetensorError, UnicodeError) as error:
            raise WeightFileError(f"{file}: expected a safetensors file, got: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __getitem__(self, name: str) -> Tensor:
        part = self._handles[name].get_slice(name)
        dtype = TYPES.get(part.get_dtype())
        if dtype is None:
            raise KeyMapError(f"{name}: expected a type of numbers, got {part.get_dtype()}")
        return torch.empty(part.get_shape(), dtype=dtype, device="meta")

    def __iter__(self) -> Iterator[str]:
        return iter(self._handles)

    def __len__(self) -> int:
        return len(self._handles)

    def load(self, name: str) -> Tensor:
        """Read a weight."""
        tensor: Tensor = self._handles[name].get_tensor(name)
        return tensor


def _indexed(path: Path) -> dict[Path, list[str] | None]:
    """Read the names of the weights in each file that an index names."""
    try:
        if path.stat().st_size > MOST_INDEX:
            raise WeightFileError(f"{path}: expected an index of at most {MOST_INDEX} bytes")
        entries = json.loads(path.read_text(encoding="utf-8"))["weight_map"].items()
        pairs = [(str(name), str(file)) for name, file in entries]
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        message = "expected an object with weight_map, a file for each name"
        raise WeightFileError(f"{path}: {message}, got: {error}") from error
    files: dict[Path, list[str] | None] = {}
    for name, file in pairs:
        if Path(file).name != file or not file.endswith(".safetensors"):
            raise WeightFileError(f"{path}: expected a file in the same folder, got {file!r:.80}")
        names = files.setdefault(path.parent / file, [])
        assert names is not None
        names.append(name)
    return files
