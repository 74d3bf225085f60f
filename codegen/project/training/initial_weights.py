import importlib.util
import sys
from pathlib import Path

import torch
from torch import Tensor, nn


# ----------------------------------------------------------------------- weight files
def require_safetensors(option: str) -> None:
    if importlib.util.find_spec("safetensors") is None:
        sys.exit(f"{option}: expected the package safetensors. Install it.")


def trained(model: nn.Module) -> dict[str, Tensor]:
    """The tensors that are trained or kept, each once."""
    buffers = {n: b for n, b in model.named_buffers() if n in model.state_dict()}
    return {**dict(model.named_parameters()), **buffers}


def load_weights(model: nn.Module, path: str) -> None:
    """Start from a file with every tensor of the model, in its shape."""
    require_safetensors("init")
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        given = load_file(path)
    except (OSError, SafetensorError) as error:
        sys.exit(f"init: expected a safetensors file, got: {error}. Change --init.")
    own = trained(model)
    tied = model.state_dict().keys()
    faults = [
        f"{name}: expected a tensor, got none" for name in own if name not in given
    ]
    for name, tensor in given.items():
        if name in own and tensor.shape != own[name].shape:
            shapes = [*own[name].shape], [*tensor.shape]
            faults.append(f"{name}: expected the shape {shapes[0]}, got {shapes[1]}")
        elif name not in tied:
            faults.append(f"{name}: expected a tensor of the model, got another")
    if faults:
        more = f"\nand {len(faults) - 10} more" if len(faults) > 10 else ""
        listed = "\n".join(faults[:10])
        sys.exit(f"init: {path} is not of this model.\n{listed}{more}")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(given[name])


def save_weights(model: nn.Module, path: Path) -> None:
    """Write every tensor of the model, for other programs."""
    from safetensors.torch import save_file

    part = path.with_suffix(".part")
    save_file({n: t.detach().contiguous() for n, t in trained(model).items()}, part)
    part.replace(path)
