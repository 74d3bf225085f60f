"""Griffin

tokens -> embed -> layers x num_groups -> norm -> head -> cap -> logits
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Cached keys and values of a layer, each (B, H, S, D); S grows by T at every call.
Cache = tuple[Tensor, Tensor]
# Cosines and sines of rotary positions, each (T, D) for D rotated channels.
Rope = tuple[Tensor, Tensor]


@dataclass
class Config:
    vocab_size: int = 256  # number of characters, set from the data
    d_model: int = 64
    num_groups: int = 2
    num_heads: int = 4
    ffn_size: int = 192
    window: int = 16

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0")
        if self.d_model // self.num_heads // 2 < 1:
            raise ValueError("d_model // num_heads // 2 must be at least 1")
        if self.d_model // self.num_heads <= self.d_model // self.num_heads // 2:
            raise ValueError(
                "d_model // num_heads must be greater than d_model // num_heads // 2"
            )
        if self.d_model // self.num_heads // 2 % 2:
            raise ValueError("d_model // num_heads // 2 must be a multiple of 2")
        if self.d_model % self.num_heads:
            raise ValueError("d_model must be a multiple of num_heads")

    @property
    def head_dim(self) -> int:
        return self.d_model // self.num_heads


def linear_scan(
    x: Tensor, decay: Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """States h_t = decay_t * h_(t-1) + x_t, and the last one, in log2(T) parallel steps.

    x, decay (B, T, ...), state (B, ...) before the first step; zero if it is None.
    """
    length = x.shape[1]
    if state is None:
        state = x.new_zeros(x.shape[:1] + x.shape[2:])
    x = torch.cat((state[:, None], x), dim=1)
    decay = torch.cat((torch.ones_like(state)[:, None], decay), dim=1)
    step = 1
    while step <= length:
        earlier = decay[:, step:] * x[:, :-step]
        x = torch.cat((x[:, :step], x[:, step:] + earlier), dim=1)
        product = decay[:, step:] * decay[:, :-step]
        decay = torch.cat((decay[:, :step], product), dim=1)
        step *= 2
    return x[:, 1:], x[:, -1]


class RGLRU(nn.Module):
    """Real-gated linear recurrent unit: a linear recurrence whose gates read the input.

    x (B, T, C), state (B, C) -> states (B, T, C), last state
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        size = width // num_heads
        kept = torch.empty(width).uniform_(0.9, 0.999)  # of the state, at a gate of 1
        self.decay = nn.Parameter(torch.expm1(-kept.log() / 8).log())
        self.input_gate_weight = nn.Parameter(torch.empty(num_heads, size, size))
        self.input_gate_bias = nn.Parameter(torch.zeros(num_heads, size))
        self.recurrent_gate_weight = nn.Parameter(torch.empty(num_heads, size, size))
        self.recurrent_gate_bias = nn.Parameter(torch.zeros(num_heads, size))
        nn.init.normal_(self.input_gate_weight, std=size**-0.5)
        nn.init.normal_(self.recurrent_gate_weight, std=size**-0.5)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        heads = x.reshape(*x.shape[:-1], *self.input_gate_bias.shape)
        gate = torch.einsum("bthi,hij->bthj", heads, self.input_gate_weight)
        gated = x * (gate + self.input_gate_bias).flatten(-2).sigmoid()
        gate = torch.einsum("bthi,hij->bthj", heads, self.recurrent_gate_weight)
        gate = (gate + self.recurrent_gate_bias).flatten(-2).sigmoid()
        log_decay = -8 * F.softplus(self.decay) * gate
        scale = torch.sqrt(-torch.expm1(2 * log_decay))
        if state is None:  # the first step of a sequence
            scale = torch.cat((torch.ones_like(scale[:, :1]), scale[:, 1:]), dim=1)
        return linear_scan(scale * gated, log_decay.exp(), state)


def causal_conv(
    conv: nn.Conv1d, x: Tensor, earlier: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Convolve x (B, T, C) along time, after the last steps of earlier calls.

    Returns the output (B, T, O) and the steps (B, S, C) that later outputs read; in the
    first call zeros come before x.
    """
    if earlier is None:
        steps = conv.dilation[0] * (conv.kernel_size[0] - 1)
        earlier = x.new_zeros(x.shape[0], steps, x.shape[2])
    padded = torch.cat((earlier, x), dim=1)
    return conv(padded.transpose(1, 2)).transpose(1, 2), padded[:, x.shape[1] :]


def rotary_tables(steps: Tensor, width: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines of step * base^(-2i / width): steps (..., T) -> (..., T, width)

    The angle of the pair of channels (i, i + width / 2) is at both of them.
    """
    frequencies = base ** (-torch.arange(0, width, 2, device=steps.device) / width)
    angles = steps[..., None] * frequencies.repeat(2)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate the pairs (i, i + D / 2) of x (B, H, T, D) by the angles of each step."""
    cos, sin = rope[0].to(x.dtype), rope[1].to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def scale_by_width(x: Tensor) -> Tensor:
    """Multiply x (..., C) by the square root of C."""
    return x * x.shape[-1] ** 0.5


def soft_cap(x: Tensor, cap: float) -> Tensor:
    """Bound x smoothly to values between -cap and cap."""
    return torch.tanh(x / cap) * cap


def window_mask(
    length: int,
    window: int,
    device: torch.device,
    causal: bool = True,
    start: int = 0,
) -> Tensor:
    """Sliding-window boolean mask (T, start + T): True for distances below ``window``.

    The first step is at position ``start``.
    """
    steps = torch.arange(start + length, device=device)
    distance = steps[start:, None] - steps
    if not causal:
        distance = distance.abs()
    return (distance >= 0) & (distance < window)


class Recurrence(nn.Module):
    """x -> proj -> conv -> lru -> gated -> out -> output
    x -> gate_proj -> gate -> gated
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.d_model, config.d_model)
        self.proj = nn.Linear(config.d_model, config.d_model)
        self.conv = nn.Conv1d(config.d_model, config.d_model, 4, groups=config.d_model)
        self.lru = RGLRU(config.d_model, config.num_heads)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(
        self, x: Tensor, past: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        conv, conv_present = causal_conv(
            self.conv, self.proj(x), None if past is None else past[0]
        )
        lru, lru_present = self.lru(conv, None if past is None else past[1])
        x = self.out(lru * F.gelu(self.gate_proj(x), approximate="tanh"))
        return x, (conv_present, lru_present)


class GatedFeedForward(nn.Module):
    """Gated feed-forward network, as SwiGLU: W_d (activation(W_g x) * W_u x)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gate = nn.Linear(config.d_model, config.ffn_size)
        self.up = nn.Linear(config.d_model, config.ffn_size)
        self.down = nn.Linear(config.ffn_size, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        return self.down(F.gelu(self.gate(x), approximate="tanh") * self.up(x))


class RecurrentLayer(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> add
    add -> ffn_norm -> ffn -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.RMSNorm(config.d_model, eps=1e-06)
        self.attn = Recurrence(config)
        self.ffn_norm = nn.RMSNorm(config.d_model, eps=1e-06)
        self.ffn = GatedFeedForward(config)

    def forward(
        self, x: Tensor, past: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x (B, T, d_model) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), past)
        x = x + attn
        return x + self.ffn(self.ffn_norm(x)), present


class MultiHeadAttention(nn.Module):
    """Multi-head attention: h attentions in parallel, concatenated and projected."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.d_model = config.d_model
        self.q = nn.Linear(config.d_model, config.d_model, bias=False)
        self.k = nn.Linear(config.d_model, config.head_dim, bias=False)
        self.v = nn.Linear(config.d_model, config.head_dim, bias=False)
        self.out = nn.Linear(config.d_model, config.d_model)

    def forward(
        self, x: Tensor, rope: Rope, attn_mask: Tensor, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model), attn_mask (T, S) -> output (B, T, d_model)"""
        q = self.q(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        q_parts, q_parts_second = q.tensor_split(
            (self.d_model // self.num_heads // 2,), dim=-1
        )  # (B, num_heads, T, d_model // num_heads // 2)
        k = self.k(x).unflatten(-1, (1, -1)).transpose(1, 2)  # (B, 1, T, head_dim)
        k_parts, k_parts_second = k.tensor_split(
            (self.d_model // self.num_heads // 2,), dim=-1
        )  # (B, 1, T, d_model // num_heads // 2)
        q_joined = torch.cat((rotate(q_parts, rope), q_parts_second), dim=-1)
        k_joined = torch.cat((rotate(k_parts, rope), k_parts_second), dim=-1)
        v = self.v(x).unflatten(-1, (1, -1)).transpose(1, 2)
        if past is not None:
            k_joined, v = (
                torch.cat((past[0], k_joined), dim=2),
                torch.cat((past[1], v), dim=2),
            )
        heads = F.scaled_dot_product_attention(
            q_joined, k_joined, v, attn_mask=attn_mask, enable_gqa=True
        )  # (B, num_heads, T, head_dim)
        return self.out(heads.transpose(1, 2).flatten(-2)), (k_joined, v)


class AttentionLayer(nn.Module):
    """x -> add -> add_2 -> output
    x -> attn_norm -> attn -> add
    add -> ffn_norm -> ffn -> add_2
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attn_norm = nn.RMSNorm(config.d_model, eps=1e-06)
        self.attn = MultiHeadAttention(config)
        self.ffn_norm = nn.RMSNorm(config.d_model, eps=1e-06)
        self.ffn = GatedFeedForward(config)

    def forward(
        self, x: Tensor, rope: Rope, attn_mask: Tensor, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """x (B, T, d_model), attn_mask (T, S) -> output (B, T, d_model)"""
        attn, present = self.attn(self.attn_norm(x), rope, attn_mask, past)
        x = x + attn
        return x + self.ffn(self.ffn_norm(x)), present


class Group(nn.Module):
    """x -> first -> second -> local -> output"""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.first = RecurrentLayer(config)
        self.second = RecurrentLayer(config)
        self.local = AttentionLayer(config)

    def forward(
        self, x: Tensor, rope: Rope, attn_mask: Tensor, past: tuple | None = None
    ) -> tuple[Tensor, tuple]:
        """x (B, T, d_model), attn_mask (T, S) -> output (B, T, d_model)"""
        x, first_present = self.first(x, None if past is None else past[0])
        x, second_present = self.second(x, None if past is None else past[1])
        x, local_present = self.local(
            x, rope, attn_mask, None if past is None else past[2]
        )
        return x, (first_present, second_present, local_present)


class Griffin(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Group(config) for _ in range(config.num_groups))
        self.norm = nn.RMSNorm(config.d_model, eps=1e-06)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.head.weight = self.embed.weight
        self.init_weights()

    def init_weights(self) -> None:
        """Initialize every other matrix from Normal(0, 0.02)."""
        initialized = ("gate_bias", "gate_weight")
        for name, parameter in self.named_parameters():
            if parameter.dim() >= 2 and not name.endswith(initialized):
                nn.init.normal_(parameter, std=0.02)

    def forward(
        self, tokens: Tensor, past: list[tuple] | None = None
    ) -> tuple[Tensor, list[tuple]]:
        """tokens (B, T) -> logits (B, T, vocab_size)

        With `past`, the keys and values of the previous call, the sequence continues.
        """
        T = tokens.shape[1]
        start = 0 if past is None else past[0][2][0].shape[2]
        steps = torch.arange(start, start + T, device=tokens.device)
        rope = rotary_tables(
            steps, self.config.d_model // self.config.num_heads // 2, 10000.0
        )
        in_window = window_mask(T, self.config.window, tokens.device, start=start)
        x = scale_by_width(self.embed(tokens))  # (B, T, d_model)
        present = []
        for i, layer in enumerate(self.layers):
            x, layer_present = layer(
                x, rope, in_window, None if past is None else past[i]
            )
            present.append(layer_present)
        return soft_cap(self.head(self.norm(x)), 30.0), present
