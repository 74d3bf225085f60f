"""The command that compares weights with a graph, and converts them."""

import json
import pickle
import shutil
import struct

import pytest
import safetensors.torch
import torch
from safetensors.torch import load_file, save_file

from builder.storage.example_files import example_path
from codegen.weights.module_weights import module_weights
from examples.architectures import ARCHITECTURES
from tests.builder.cli.test_cli import invoke
from tests.codegen.running import network

NAMED = {make.__name__: make for make in ARCHITECTURES}
INCOMPLETE = {
    "bart": "2 rows of zeros",
    "roberta": "roberta.embeddings.position_embeddings.weight is left out",
}


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def random_weights(name: str) -> dict[str, torch.Tensor]:
    """Draw the weights of an example, each of its tensors once."""
    torch.manual_seed(0)
    own = module_weights(NAMED[name]()).tensors
    return {key: torch.randn(tensor.shape).to(tensor.dtype) for key, tensor in own.items()}


@pytest.mark.parametrize("name", NAMED)
def test_weights_become_those_of_the_reference_and_come_back(name):
    save_file(random_weights(name), "own.safetensors")
    answer = invoke("weights", name, "own.safetensors", "--to-reference", "-o", "ref.safetensors")
    assert answer.exit_code == 0, answer.output
    assert INCOMPLETE.get(name, "wrote ref.safetensors") in answer.stdout
    back = invoke("weights", name, "ref.safetensors", "-o", "back.safetensors")
    if name == "roberta":
        assert (back.exit_code, "1 missing" in back.stdout) == (1, True)
        return
    assert back.exit_code == 0, back.output
    expected, found = load_file("own.safetensors"), load_file("back.safetensors")
    assert expected.keys() == found.keys()
    close = 0.0 if name not in ("gemma2", "griffin") else 1e-6  # w + 1 - 1
    for key, tensor in expected.items():
        torch.testing.assert_close(found[key], tensor, rtol=0, atol=close)
    again = invoke("weights", name, "back.safetensors", "--to-reference", "-o", "again.safetensors")
    assert again.exit_code == 0
    if not close:
        assert load_bytes("again.safetensors") == load_bytes("ref.safetensors")


def load_bytes(path: str) -> dict[str, bytes]:
    return {key: safetensors.torch.save({"w": t}) for key, t in load_file(path).items()}


def test_the_converted_weights_are_those_of_the_model(tmp_path):
    save_file(random_weights("gpt2"), "own.safetensors")
    invoke("weights", "gpt2", "own.safetensors", "--to-reference", "-o", "ref.safetensors")
    reference = load_file("ref.safetensors")
    fused = reference["transformer.h.1.attn.c_attn.weight"]
    module = network(NAMED["gpt2"]())
    given = load_file("own.safetensors")
    module.load_state_dict(given, strict=False)
    x = torch.randn(3, 128)
    attention = module.layers[1].self_attn
    parts = torch.cat([attention.q(x), attention.k(x), attention.v(x)], dim=-1)
    bias = reference["transformer.h.1.attn.c_attn.bias"]
    torch.testing.assert_close(x @ fused + bias, parts)


def test_what_does_not_fit_is_listed_with_what_to_do():
    weights = random_weights("gpt2")
    weights["norm.weight"] = torch.zeros(7)
    weights["norm.bias"] = torch.zeros(128, dtype=torch.int32)
    del weights["embed.weight"]
    weights["extra"] = torch.zeros(1)
    save_file(weights, "own.safetensors")
    assert invoke("weights", "gpt2", "own.safetensors", "--map", "none.json").exit_code == 2
    shutil.copy(example_path("gpt2"), "mine.json")
    answer = invoke("weights", "mine.json", "own.safetensors", "-o", "out.safetensors")
    assert answer.exit_code == 1
    assert answer.stdout.splitlines() == [
        "missing    embed.weight: expected embed.weight",
        "mismatched norm.weight: expected [128], got norm.weight of [7]",
        "mismatched norm.bias: expected torch.float32, got norm.bias of torch.int32",
        "unexpected extra",
        "65 matched, 1 missing, 2 mismatched, 1 unexpected",
        "set the hyperparameters to those of the file; they are vocab_size = 256, d_model = 128, "
        "num_layers = 4, num_heads = 4, context = 64",
        "out.safetensors is not written, as weights are missing or mismatched",
    ]


def test_an_index_names_the_files_of_a_model(tmp_path):
    weights = random_weights("llama")
    names = [*weights]
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for file, keys in parts.items():
        save_file({key: weights[key].to(torch.bfloat16) for key in keys}, file)
    index = {"weight_map": {key: file for file, keys in parts.items() for key in keys}}
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps(index))
    assert invoke("weights", "llama", path, "-o", "one.safetensors").exit_code == 0
    found = load_file("one.safetensors")
    assert {tensor.dtype for tensor in found.values()} == {torch.float32}
    assert torch.equal(found[names[1]], weights[names[1]].to(torch.bfloat16).float())
    index["weight_map"][names[0]] = "../a.safetensors"
    path.write_text(json.dumps(index))
    answer = invoke("weights", "llama", path)
    assert (answer.exit_code, "expected a file in the same folder" in answer.stderr) == (2, True)


HEADER = json.dumps({"w": {"dtype": "F32", "shape": [9, 9], "data_offsets": [0, 4]}}).encode()
HOSTILE = {
    "empty": b"",
    "noise": bytes(range(256)),
    "pickle": pickle.dumps({"w": 1}),
    "long header": struct.pack("<Q", 2**62) + b"{}",
    "wrong sizes": struct.pack("<Q", len(HEADER)) + HEADER + b"\0" * 4,
    "deep index": b"[" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", [".safetensors", ".json", ".pt"])
def test_what_is_no_file_of_weights_is_one_line(name, suffix, tmp_path):
    path = tmp_path / f"file{suffix}"
    path.write_bytes(HOSTILE[name])
    answer = invoke("weights", "gpt2", path)
    assert answer.exit_code == 2
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith(f"{path}: expected ")
