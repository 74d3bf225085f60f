"""What is imported computes what the original computes, and looks as people would draw it."""

from collections.abc import Callable
from functools import cache

import pytest
from torch import nn

from builder.importing.exchange.imported import Imported
from builder.importing.exchange.request import ExampleInput, NotImported
from builder.importing.import_model import import_module
from builder.importing.tracing.known_calls import replace_packing
from codegen.check import check
from codegen.compile import compile_model
from codegen.weights.key_map import KeyMap
from nodes.core.graphs.unknown_node import Unknown
from tests.builder.importing.language_models import Llama, NanoGPT, TutorialTransformer
from tests.builder.importing.sequence_models import (
    Branching,
    CalledThrice,
    CausalCNN,
    ClassToken,
    EinsumAttention,
    LoopOverSteps,
    OddNames,
    PackedClassifier,
    PooledAttention,
    Rolled,
    TextCNN,
    TimeFirstGRU,
    Written,
)

replace_packing()

pytestmark = pytest.mark.slow


@cache
def imported_once(name: str) -> Imported:
    make, inputs, _ = MODELS[name]
    return imported(make(), *inputs)


def imported(model: nn.Module, *inputs: str) -> Imported:
    examples = [ExampleInput.parse(text) for text in inputs]
    return import_module(model, examples, type(model).__name__, f"models:{type(model).__name__}")


def encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    return nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=False)


def transformer() -> nn.Module:
    return nn.Transformer(8, 2, 1, 1, 16, batch_first=True)


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[str, ...], str]] = {
    "nanoGPT": (NanoGPT, (), "Block Dropout Embedding LayerNorm LearnedEncoding Linear"),
    "Llama": (Llama, (), "Block Embedding Linear RMSNorm"),
    "tutorial": (
        TutorialTransformer,
        (),
        "Affine Embedding EncoderLayer Linear SinusoidalEncoding",
    ),
    "nn.TransformerEncoder": (
        encoder,
        ("src: T B 8", "src_key_padding_mask: B T bool"),
        "EncoderLayer InvertMask LayerNorm Transpose",
    ),
    "nn.Transformer": (transformer, ("src: B S 8", "tgt: B T 8"), "Block Block"),
    "packed LSTM": (
        PackedClassifier,
        ("text: B T", "lengths: B"),
        "Concatenate Embedding LSTM Linear Select Select",
    ),
    "time-first GRU": (TimeFirstGRU, ("x: T B int",), "Embedding GRU Linear Transpose"),
    "text CNN": (
        TextCNN,
        (),
        "Concatenate Conv1d Conv1d Embedding Linear MaxPooling MaxPooling ReLU ReLU",
    ),
    "causal CNN": (CausalCNN, (), "Add Add Conv1d Conv1d Linear Linear Tanh Tanh"),
    "pooled attention": (
        PooledAttention,
        ("x: B T 6", "padding: B T bool"),
        "Add Add Block InvertMask LayerNorm Linear MeanPooling MultiHeadAttention",
    ),
    "einsum": (
        EinsumAttention,
        (),
        "Embedding Linear MergeHeads ScaledDotProductAttention Slice Slice Slice SplitHeads "
        "SplitHeads SplitHeads",
    ),
    "by hand": (
        Written,
        (),
        "Add Affine Concatenate L2Norm LayerNorm LayerScale LearnedEncoding Linear QuickGELU "
        "Select Split",
    ),
    "class token": (
        ClassToken,
        (),
        "Concatenate EncoderLayer LearnedTokens Linear Select",
    ),
    "called thrice": (CalledThrice, (), "Embedding EncoderLayer Mean TokenMask"),
}


@pytest.mark.parametrize("name", MODELS)
def test_an_imported_model_computes_the_same_with_these_nodes(name):
    found, expected = imported_once(name), MODELS[name][2]
    graph = found.model.graph
    ends = {*graph.input_nodes, *graph.output_nodes}
    nodes = sorted(type(node).__name__ for key, node in graph.nodes.items() if key not in ends)
    assert (" ".join(nodes), found.report.opaque) == (expected, [])
    assert found.report.agrees


def test_the_blocks_of_nano_gpt_are_one_repeated_node_with_named_parts():
    found = imported_once("nanoGPT")
    source = compile_model(found.model).source
    assert "self.h = nn.ModuleList(NanoBlock() for _ in range(2))" in source
    assert "self.lm_head.weight = self.wte.weight" in source
    assert [*found.model.blocks["NanoAttention"].nodes] == [
        *("x", "c_attn", "q", "k", "v", "k_heads", "q_heads", "v_heads"),
        *("attention", "merge_heads", "c_proj", "output"),
    ]
    attention = found.model.blocks["NanoAttention"].nodes["attention"]
    assert attention.changed(*type(attention).model_fields) == {"dropout_p": 0.1, "causal": True}
    assert 'F.gelu(self.c_fc(x), approximate="tanh")' in source


def test_a_key_map_gives_the_weights_that_have_other_names():
    found = imported_once("nanoGPT")
    names = KeyMap.loads(found.key_map)
    _, source = names.find("h.1.attn.c_attn.weight")
    assert source == "transformer.h.1.attn.c_attn.weight"
    assert names.reference == "models:NanoGPT"
    assert imported_once("time-first GRU").key_map is None


def test_a_layer_that_is_called_again_is_repeated_with_shared_weights():
    layer = imported_once("called thrice").model.graph.nodes["layer"]
    assert (layer.repeat, layer.share) == (3, True)


def test_a_layer_of_llama_is_a_block_of_heads_rotations_and_attention():
    layer = imported_once("Llama").model.blocks["LlamaLayer"]
    nodes = {name: type(node).__name__ for name, node in layer.nodes.items()}
    assert nodes["rotary_q"] == nodes["rotary_k"] == "RotaryEncoding"
    assert [name for name in nodes if "heads" in name] == [
        "q_heads",
        "k_heads",
        "v_heads",
        "merge_heads",
    ]
    assert layer.nodes["rotary_q"].interleaved and layer.nodes["attention"].causal


def test_inputs_are_batch_first_and_the_report_says_so():
    found = imported_once("nn.TransformerEncoder")
    assert found.report.notes == ["src: batch first, B T 8, where the original takes T B 8"]


def test_an_input_without_effect_is_left_out():
    found = imported(OddNames(), "inputIds: B T", "type: B T")
    assert [*found.model.graph.input_nodes] == ["input_ids"]
    assert found.report.notes == ["type: has no effect"]
    assert found.report.agrees


def test_outputs_have_the_names_of_a_mapping():
    found = imported_once("packed LSTM")
    assert [*found.model.graph.output_nodes] == ["logits", "steps"]


def test_an_operator_without_a_node_is_kept_and_reported():
    found = imported(Rolled())
    assert found.report.opaque == [("roll", "aten.roll", "the model")]
    assert found.model.graph.nodes["roll"] == Unknown(
        type="aten.roll", parameters={"shifts": [1], "dims": [1]}
    )
    assert not check(found.model).ok
    assert found.report.difference is None


@pytest.mark.parametrize(
    ("model", "inputs", "message"),
    [
        (LoopOverSteps(), (), "ids: expected code that works for any T, got code that works for"),
        (Branching(), ("x: B T 4",), "the model cannot be traced: GuardOnDataDependentSymNode"),
        (Branching(), (), "forward takes x: expected an example of each, got none of x. For token"),
        (Branching(), ("y: B T 4",), "--example-input: expected inputs of forward (x), got y"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_reason(model, inputs, message):
    with pytest.raises(NotImported) as error:
        imported(model, *inputs)
    assert str(error.value).startswith(message)
