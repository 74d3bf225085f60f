"""Generated names are readable, valid wherever they are used, and unique."""

import builtins
import copy
import keyword
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from codegen.source.identifiers import (
    LOCAL_RESERVED,
    MODULE_RESERVED,
    Namespace,
    class_name,
    identifier,
)

ROOT = Path(__file__).parents[2]
KEYWORDS = [*keyword.kwlist, *keyword.softkwlist]
MODULE_ATTRIBUTES = sorted({*dir(nn.Module()), *nn.Module.__annotations__})
HOSTILE = [
    "__class__",
    "__x",
    "__slots__",
    "\U0001d41d\U0001d41e\U0001d41f",
    "ﬁ",
    "\u3164",
    "a\u202eb",
    "x'); import os #",
    "\ud800",
]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("MultiHeadAttention", "multi_head_attention"),
        ("LSTM", "lstm"),
        ("two LSTMs", "two_lstms"),
        ("Conv1d", "conv1d"),
        ("KLDivLoss", "kl_div_loss"),
        ("GPT2Model", "gpt2_model"),
        ("LayerNorm 2D", "layer_norm_2d"),
        ("key 2", "key_2"),
        ("input_ids", "input_ids"),
        ("attention.query", "attention_query"),
        ("Café crème", "cafe_creme"),
        ("ﬁlter", "filter"),
        ("3x3 conv", "value_3x3_conv"),
        ("7", "value_7"),
        ("class", "class_value"),
        ("match", "match_value"),
        ("__init__", "init"),
        ("Вложение", "vlozhenie"),
        ("большой слой", "bolshoy_sloy"),
        ("МногоголовоеВнимание", "mnogogolovoe_vnimanie"),
        ("嵌入层", "qian_ru_ceng"),
        ("嵌入layer 2", "qian_ru_layer_2"),
        ("GPT嵌入", "gpt_qian_ru"),
        ("日本", "ri_ben"),
        ("埋め込み", "mai_me_yu_mi"),
        ("エンコーダ", "enkoda"),
        ("임베딩", "im_be_ding"),
        ("طبقة الانتباه", "tbqh_lntbh"),
        ("שכבה", "skhvh"),
        ("Ενσωμάτωση", "ensomatosi"),
        ("एम्बेडिंग", "embedimg"),
        ("ชั้น", "chan"),
        ("Łódź", "lodz"),
        ("naïve", "naive"),
        ("nai\u0308ve", "naive"),
        ("\uff2c\uff33\uff34\uff2d", "lstm"),
        ("🤖 head", "robot_head"),
        ("класс", "klass"),
        ("\U0001d41d\U0001d41e\U0001d41f", "def_value"),
        ("\u200b\u202e", "value"),
        ("", "value"),
        ("...", "value"),
    ],
)
def test_an_identifier_reads_like_its_label(label, name):
    assert identifier(label) == name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("gpt block", "GptBlock"),
        ("LSTM", "LSTM"),
        ("bi-directional LSTM", "BiDirectionalLSTM"),
        ("multi_head_attention", "MultiHeadAttention"),
        ("none", "NoneNetwork"),
        ("2 towers", "Network2Towers"),
        ("Переводчик", "Perevodchik"),
        ("блок внимания", "BlokVnimaniya"),
        ("编码器", "BianMaQi"),
        ("मॉडल", "Modl"),
        ("🔥", "Fire"),
        ("\u202e", "Network"),
        ("", "Network"),
    ],
)
def test_a_class_name_reads_like_its_label(label, name):
    assert class_name(label) == name


@given(st.one_of(st.text(), st.sampled_from([*KEYWORDS, *HOSTILE])))
def test_any_text_becomes_a_name(label):
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", identifier(label))
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]{0,38}", class_name(label))
    assert not {identifier(label), class_name(label)} & {*KEYWORDS}


@given(st.lists(st.one_of(st.sampled_from(["a", "a_2", "a_3", "sum", "f" * 40]), st.text())))
def test_names_are_unique(labels):
    names = Namespace(LOCAL_RESERVED)
    created = [names.create(identifier(label)) for label in labels]
    assert len({*created}) == len(created)
    assert not {*created} & LOCAL_RESERVED
    assert all(len(name) <= 40 and name.isidentifier() for name in created)


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (["lstm", "lstm", "lstm"], ["lstm", "lstm_2", "lstm_3"]),
        (["a_2", "a", "a", "a"], ["a_2", "a", "a_3", "a_4"]),
        (["conv_1", "conv_1"], ["conv_1", "conv_2"]),
        (["conv1", "conv1"], ["conv1", "conv1_2"]),
        (["forward", "forward"], ["forward_layer", "forward_layer_2"]),
        (["forward_layer", "forward"], ["forward_layer", "forward_layer_2"]),
        (["x" * 40, "x" * 40], ["x" * 40, "x" * 32 + "_2"]),
    ],
)
def test_equal_hints_are_numbered(hints, expected):
    names = Namespace(MODULE_RESERVED, "layer")
    assert [names.create(hint) for hint in hints] == expected


def test_class_names_are_numbered_without_a_separator():
    names = Namespace(LOCAL_RESERVED, suffix="Block", separator="")
    hints = ["Tensor", "GptBlock", "GptBlock", "Tensor"]
    created = [names.create(hint) for hint in hints]
    assert created == ["TensorBlock", "GptBlock", "GptBlock2", "TensorBlock2"]


@pytest.mark.parametrize("prefix", ["a", "a" * 60])
def test_many_hints_with_one_prefix_share_a_counter(prefix):
    names = Namespace()
    hints = [f"{prefix}{number % 50:02}" for number in range(20_000)]
    assert len({names.create(hint) for hint in hints}) == 20_000


def test_locals_shadow_neither_builtins_nor_imports():
    words = [word for word in dir(builtins) if not word.startswith("_")]
    assert {*words, *KEYWORDS, "self", "config", "torch", "nn", "F", "Tensor"} <= LOCAL_RESERVED


def test_layers_override_no_attribute_of_a_module():
    assert {name for name in MODULE_ATTRIBUTES if not name.startswith("_")} <= MODULE_RESERVED


@pytest.mark.parametrize("label", [*MODULE_ATTRIBUTES, *KEYWORDS, *HOSTILE], ids=ascii)
def test_a_layer_of_any_label_works(label):
    name = Namespace(MODULE_RESERVED, "layer").create(identifier(label))

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            setattr(self, name, nn.Linear(2, 2))

        def forward(self, x):
            return getattr(self, name)(x)

    model = copy.deepcopy(Network().train().eval().to(torch.float64))
    model.load_state_dict(model.state_dict())
    assert [*model.state_dict()] == [f"{name}.weight", f"{name}.bias"]
    assert f"({name}): Linear" in repr(model)
    assert model(torch.zeros(1, 2, dtype=torch.float64)).shape == (1, 2)


def test_names_do_not_depend_on_the_hash_seed():
    program = (
        "from codegen.source.identifiers import *; names = Namespace(LOCAL_RESERVED)\n"
        "print([names.create(identifier(word)) for word in sorted(LOCAL_RESERVED)])"
    )

    def run(seed: str) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.check_output(command, cwd=ROOT, env={"PYTHONHASHSEED": seed}, text=True)

    assert run("1") == run("2")
