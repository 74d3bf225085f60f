"""The reference implementation of each example: a small one of transformers, with random weights.

The sizes are those of the example; the weights are all drawn anew, so that no initial value, such
as a bias of 0, can hide a difference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
import transformers
from torch import Tensor, nn

from benchmarks.parity.torch_transformer import Transformer2017
from benchmarks.parity.variants import SCALINGS

Sizes = Mapping[str, int | float | bool | str]


@dataclass(frozen=True)
class Reference:
    """How an example's reference is made and called.

    Attributes:
        make: makes the reference from the sizes of the example.
        is_padded: it takes a mask of valid steps.
        is_encoder_decoder: it takes a source and a target.
        has_positions: it takes the position of each step, as it counts padding itself.
        has_segments: it takes the segment of each token.
        is_series: it takes time series.
        variant: the variant of the example that it is compared with.
        sizes: hyperparameters of the example that are others here.
    """

    make: Callable[[Sizes], nn.Module]
    is_padded: bool = False
    is_encoder_decoder: bool = False
    has_positions: bool = False
    has_segments: bool = False
    is_series: bool = False
    variant: str = ""
    sizes: Sizes = field(default_factory=dict)

    def run(self, model: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
        """Compute the logits."""
        if self.is_encoder_decoder:
            mask = inputs["mask"].long()
            given = {"input_ids": inputs["source"], "attention_mask": mask}
            return model(**given, decoder_input_ids=inputs["target"]).logits
        if self.is_series:
            return model(inputs["series"]).prediction_outputs
        given = {"input_ids": inputs["tokens"]}
        if self.is_padded:
            given["attention_mask"] = inputs["mask"].long()
        if self.has_positions:
            given["position_ids"] = (inputs["mask"].cumsum(1) - 1).clamp(min=0)
        if self.has_segments:
            given["token_type_ids"] = inputs["segments"]
        return model(**given).logits


def _llama(
    config: type, model: type, scaling: str = "", **more: str
) -> Callable[[Sizes], nn.Module]:
    rope = SCALINGS.get(scaling, {"rope_type": "default"})

    def make(sizes: Sizes) -> nn.Module:
        own = config(
            vocab_size=sizes["vocab_size"],
            hidden_size=sizes["d_model"],
            intermediate_size=sizes["ffn_size"],
            num_hidden_layers=sizes.get("num_layers", 4),
            num_attention_heads=sizes["num_heads"],
            num_key_value_heads=sizes["num_kv_heads"],
            rms_norm_eps=sizes["norm_eps"],
            attention_dropout=0.0,
            rope_parameters={**rope, "rope_theta": sizes["rope_theta"]},
            **{key: sizes[name] for key, name in more.items()},
        )
        return model(own)

    return make


def _gpt2(sizes: Sizes) -> nn.Module:
    config = transformers.GPT2Config(
        vocab_size=sizes["vocab_size"],
        n_positions=sizes["context"],
        n_embd=sizes["d_model"],
        n_layer=sizes["num_layers"],
        n_head=sizes["num_heads"],
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    return transformers.GPT2LMHeadModel(config)


def _gpt_neox(sizes: Sizes) -> nn.Module:
    config = transformers.GPTNeoXConfig(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        intermediate_size=4 * sizes["d_model"],
        num_hidden_layers=sizes["num_layers"],
        num_attention_heads=sizes["num_heads"],
        rotary_pct=sizes["rotary_dim"] / (sizes["d_model"] // sizes["num_heads"]),
        attention_dropout=0.0,
        hidden_dropout=0.0,
    )
    return transformers.GPTNeoXForCausalLM(config)


def _bloom(sizes: Sizes) -> nn.Module:
    config = transformers.BloomConfig(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        n_layer=sizes["num_layers"],
        n_head=sizes["num_heads"],
        attention_dropout=0.0,
        hidden_dropout=0.0,
    )
    return transformers.BloomForCausalLM(config)


def _gemma2(sizes: Sizes) -> nn.Module:
    config = transformers.Gemma2Config(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        intermediate_size=sizes["ffn_size"],
        num_hidden_layers=2 * sizes["num_pairs"],
        num_attention_heads=sizes["num_heads"],
        num_key_value_heads=sizes["num_kv_heads"],
        head_dim=sizes["head_dim"],
        query_pre_attn_scalar=round(sizes["attn_scale"] ** -2),
        sliding_window=sizes["window"],
        rms_norm_eps=sizes["norm_eps"],
        attention_dropout=0.0,
        attn_implementation="eager",
    )
    return transformers.Gemma2ForCausalLM(config)


def _mamba(sizes: Sizes) -> nn.Module:
    config = transformers.MambaConfig(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        state_size=sizes["state_size"],
        num_hidden_layers=sizes["num_layers"],
        time_step_rank=sizes["dt_rank"],
        tie_word_embeddings=False,
        residual_in_fp32=False,
        use_cache=False,
    )
    return transformers.MambaForCausalLM(config)


def _bert(sizes: Sizes) -> nn.Module:
    config = transformers.BertConfig(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        num_hidden_layers=sizes["num_layers"],
        num_attention_heads=sizes["num_heads"],
        intermediate_size=4 * sizes["d_model"],
        max_position_embeddings=sizes["context"],
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return transformers.BertForMaskedLM(config)


def _t5(sizes: Sizes) -> nn.Module:
    config = transformers.T5Config(
        vocab_size=sizes["vocab_size"],
        d_model=sizes["d_model"],
        d_kv=sizes["head_dim"],
        d_ff=sizes["ffn_size"],
        num_layers=sizes["num_layers"],
        num_heads=sizes["num_heads"],
        dropout_rate=0.0,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
    )
    model = transformers.T5ForConditionalGeneration(config)
    model.lm_head.weight = nn.Parameter(model.lm_head.weight.detach().clone())  # as in version 1.1
    return model


def _roberta(sizes: Sizes) -> nn.Module:
    config = transformers.RobertaConfig(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        num_hidden_layers=sizes["num_layers"],
        num_attention_heads=sizes["num_heads"],
        intermediate_size=4 * sizes["d_model"],
        max_position_embeddings=sizes["context"] + 2,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return transformers.RobertaForMaskedLM(config)


def _bart(sizes: Sizes) -> nn.Module:
    layers, heads = sizes["num_layers"], sizes["num_heads"]
    config = transformers.BartConfig(
        vocab_size=sizes["vocab_size"],
        d_model=sizes["d_model"],
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * sizes["d_model"],
        decoder_ffn_dim=4 * sizes["d_model"],
        max_position_embeddings=sizes["context"],
        dropout=0.0,
    )
    return transformers.BartForConditionalGeneration(config)


def _rwkv(sizes: Sizes) -> nn.Module:
    config = transformers.RwkvConfig(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        num_hidden_layers=sizes["num_layers"],
        rescale_every=0,
        use_cache=False,
    )
    return transformers.RwkvForCausalLM(config)


def _griffin(sizes: Sizes) -> nn.Module:
    config = transformers.RecurrentGemmaConfig(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        intermediate_size=2 * sizes["ffn_size"],
        num_hidden_layers=3 * sizes["num_groups"],
        num_attention_heads=sizes["num_heads"],
        num_key_value_heads=1,
        attention_window_size=sizes["window"],
        use_cache=False,
    )
    return transformers.RecurrentGemmaForCausalLM(config)


def _deepseek(sizes: Sizes) -> nn.Module:
    config = transformers.DeepseekV3Config(
        vocab_size=sizes["vocab_size"],
        hidden_size=sizes["d_model"],
        intermediate_size=sizes["ffn_size"],
        num_hidden_layers=sizes["num_layers"],
        first_k_dense_replace=sizes["num_layers"],
        num_attention_heads=sizes["num_heads"],
        num_key_value_heads=sizes["num_heads"],
        q_lora_rank=sizes["q_rank"],
        kv_lora_rank=sizes["kv_rank"],
        qk_nope_head_dim=sizes["nope_dim"],
        qk_rope_head_dim=sizes["rope_dim"],
        v_head_dim=sizes["value_dim"],
        rms_norm_eps=sizes["norm_eps"],
    )
    return transformers.DeepseekV3ForCausalLM(config)


def _patch_tst(sizes: Sizes) -> nn.Module:
    config = transformers.PatchTSTConfig(
        num_input_channels=sizes["num_features"],
        context_length=sizes["window"],
        prediction_length=sizes["horizon"],
        patch_length=sizes["patch_length"],
        patch_stride=sizes["patch_stride"],
        d_model=sizes["d_model"],
        num_hidden_layers=sizes["num_layers"],
        num_attention_heads=sizes["num_heads"],
        ffn_dim=2 * sizes["d_model"],
        norm_type="layernorm",
        pooling_type=None,
        scaling=None,
    )
    return transformers.PatchTSTForPrediction(config)


t = transformers
REFERENCES: Mapping[str, Reference] = {
    "gpt2": Reference(_gpt2),
    "gpt2 padded": Reference(_gpt2, is_padded=True, has_positions=True, variant="padded"),
    "bert": Reference(_bert, is_padded=True, has_segments=True),
    "t5": Reference(_t5, is_encoder_decoder=True),
    "llama": Reference(_llama(t.LlamaConfig, t.LlamaForCausalLM)),
    "llama padded": Reference(
        _llama(t.LlamaConfig, t.LlamaForCausalLM), is_padded=True, variant="padded"
    ),
    **{
        f"llama {name}": Reference(_llama(t.LlamaConfig, t.LlamaForCausalLM, name), variant=name)
        for name in SCALINGS
    },
    "mistral": Reference(_llama(t.MistralConfig, t.MistralForCausalLM, sliding_window="window")),
    "qwen3": Reference(_llama(t.Qwen3Config, t.Qwen3ForCausalLM, head_dim="head_dim")),
    "gemma2": Reference(_gemma2),
    "gpt_neox": Reference(_gpt_neox),
    "bloom": Reference(_bloom),
    "mixtral": Reference(
        _llama(t.MixtralConfig, t.MixtralForCausalLM, num_local_experts="num_experts")
    ),
    "mamba": Reference(_mamba),
    "rwkv": Reference(_rwkv),
    "griffin": Reference(_griffin),
    "deepseek": Reference(_deepseek),
    "roberta": Reference(_roberta, is_padded=True),
    "bart": Reference(_bart, is_encoder_decoder=True),
    "transformer_2017": Reference(Transformer2017, is_encoder_decoder=True),
    "patch_tst": Reference(_patch_tst, is_series=True),
}
"""The references by the names of the examples, and of their variants."""


def perturbed(model: nn.Module) -> nn.Module:
    """Draw every weight anew."""
    with torch.no_grad():
        for weight in {id(w): w for w in model.parameters()}.values():
            size = 0.5 * weight.shape[-1] ** -0.5 if weight.dim() > 1 else 0.3
            weight.add_(size * torch.randn_like(weight))
    return model
