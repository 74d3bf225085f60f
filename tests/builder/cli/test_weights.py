"""The command that compares weights with a graph, and converts them."""

import json
import pickle
import shutil
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from builder.storage.example_files import example_key_map, example_path
from codegen.weights.key_map import KeyMap
from codegen.weights.module_weights import ModuleWeights
from codegen.weights.reference_export import reference_weights
from codegen.weights.weight_files import WeightFile
from codegen.weights.weight_report import compare, converted
from examples.architectures import ARCHITECTURES
from nodes.core.graphs.graph import Model
from tests.builder.cli.test_cli import invoke
from tests.codegen.running import network

NAMED = {make.__name__: make for make in ARCHITECTURES}
LEFT_OUT = {"roberta": {"roberta.embeddings.position_embeddings.weight"}}
FILLED = {"bart": 2}
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def weights_of(model: Model) -> ModuleWeights:
    """List the weights of a model, as the child process of the command does."""
    owners: dict[int, str] = {}
    tensors, tied = {}, {}
    for name, tensor in network(model).state_dict(keep_vars=True).items():
        owner = owners.setdefault(id(tensor), name)
        if owner == name:
            tensors[name] = [*tensor.shape], str(tensor.dtype).removeprefix("torch.")
        else:
            tied[name] = owner
    return ModuleWeights.of(tensors, tied)


def drawn(own: ModuleWeights) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {name: torch.randn(one.shape).to(one.dtype) for name, one in own.tensors.items()}


def random_weights(name: str) -> dict[str, torch.Tensor]:
    """Draw the weights of an example, each of its tensors once."""
    return drawn(weights_of(NAMED[name]()))


@pytest.mark.parametrize("name", NAMED)
def test_weights_become_those_of_the_reference_and_come_back(name):
    model = NAMED[name]()
    own, sizes = weights_of(model), model.values
    key_map = KeyMap.loads(example_key_map(name).read_text())
    expected = drawn(own)
    save_file(expected, "own.safetensors")
    with WeightFile(Path("own.safetensors")) as given:
        assert compare(own, given, None, sizes).fits
        result = reference_weights(own, given, key_map, sizes)
    assert {*result.left_out} == LEFT_OUT.get(name, set())
    assert {*result.filled.values()} == ({FILLED[name]} if name in FILLED else set())
    save_file(dict(result.tensors), "ref.safetensors")
    with WeightFile(Path("ref.safetensors")) as given:
        report = compare(own, given, key_map, sizes)
        assert report.unexpected == ()
        assert len(report.missing) == len(result.left_out)
        if result.left_out:
            return
        assert report.fits
        found = converted(own, given, key_map, sizes)
    assert expected.keys() == found.keys()
    close = 1e-6 if name in ("gemma2", "griffin") else 0.0  # w + 1 - 1
    for key, tensor in expected.items():
        torch.testing.assert_close(found[key], tensor, rtol=0, atol=close)


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
