"""Sequences of a length that the model is made for."""

from torch import Tensor


def check_steps(name: str, x: Tensor, steps: int) -> None:
    """Refuse a sequence of another length. x (B, T, ...)"""
    if x.shape[1] != steps:
        raise ValueError(f"{name}: expected {steps} time steps, got {x.shape[1]}")
