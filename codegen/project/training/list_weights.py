"""Print the name, shape and type of each weight of a model, and which names are one weight."""

import json

import model
import torch
from torch import nn

modules = [one for one in vars(model).values() if isinstance(one, type)]
*_, network = (m for m in modules if issubclass(m, nn.Module) and m is not nn.Module)
with torch.device("meta"):
    made = network(model.Config()) if hasattr(model, "Config") else network()
owners, tensors, tied = {}, {}, {}
for name, tensor in made.state_dict(keep_vars=True).items():
    owner = owners.setdefault(id(tensor), name)
    if owner == name:
        tensors[name] = [*tensor.shape], str(tensor.dtype).removeprefix("torch.")
    else:
        tied[name] = owner
print(json.dumps({"tensors": tensors, "tied": tied}))
