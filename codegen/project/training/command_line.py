import argparse
import operator
import sys
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import torch
from model import Config, Model
from train import (
    SIZES,
    PredictConfig,
    SampleConfig,
    TrainConfig,
    check_length,
    conclusion,
    load_data,
    load_model,
    load_weights,
    predict,
    require_safetensors,
    sample,
    save_weights,
    train,
)

# ----------------------------------------------------------------------- command line
COMPARISONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


def options(config: type) -> dict[str, Field]:
    """The fields of a configuration that are options, by the name of the option."""
    if config is not Config:
        return {field.name: field for field in fields(config)}
    taken = {"help", *options(TrainConfig)}
    free = [field for field in fields(Config) if field.name not in SIZES]
    return {f"model.{f.name}" if f.name in taken else f.name: f for f in free}


def add_options(parser: argparse.ArgumentParser, *configs: type) -> None:
    for name, field in [pair for config in configs for pair in options(config).items()]:
        kind = type(field.default)
        how: dict[str, Any] = {"type": kind}
        if kind is bool:
            how = {"action": argparse.BooleanOptionalAction}
        if kind is tuple:  # when lists
            how = {"nargs": "*"}  # when lists
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, dest=name, default=field.default, **how)


def chosen(config: type, args: argparse.Namespace) -> dict[str, Any]:
    found = options(config).items()
    return {field.name: getattr(args, name) for name, field in found}


def check_limits(cfg: Any) -> None:
    """Exit if a number in a configuration is not within its limits."""
    for name, limits in cfg.limits.items():
        value = getattr(cfg, name)
        for limit in limits.split(", "):
            sign, bound = limit.split()
            most = getattr(cfg, bound, bound)  # another option, or a number
            if not COMPARISONS[sign](value, float(most)):
                flag = "--" + name.replace("_", "-")
                sys.exit(f"{name}: expected {limits}, got {value}. Change {flag}.")


def configured(config: type, args: argparse.Namespace) -> Any:
    cfg = config(**chosen(config, args))
    check_limits(cfg)
    try:
        torch.empty(0, device=cfg.device)
    except (AssertionError, RuntimeError):
        sys.exit(
            f"device: expected one such as cpu, got {cfg.device!r}. Change --device."
        )
    return cfg


def start_training(cfg: TrainConfig, hyperparameters: dict[str, Any]) -> None:
    Path(cfg.out).mkdir(parents=True, exist_ok=True)
    data = load_data(cfg)
    sizes = {name: len(getattr(data.codec, part)) for name, part in SIZES.items()}
    torch.manual_seed(cfg.seed)
    try:
        config = Config(**hyperparameters, **sizes)
        check_length(config, cfg)  # when bounded
        model = Model(config).to(cfg.device)
    except (ArithmeticError, RuntimeError, ValueError) as error:
        sys.exit(f"model: {error}")
    if cfg.safetensors:
        require_safetensors("safetensors")
    if cfg.init and not cfg.resume:
        load_weights(model, cfg.init)
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters on {cfg.device}, {cfg.steps:,} steps")
    train(model, data, cfg)
    best, _ = load_model(str(Path(cfg.out) / "model.pt"), cfg.device)
    if cfg.safetensors:
        save_weights(best, Path(cfg.out) / "model.safetensors")
    print(conclusion(best, data, cfg))


def main() -> None:
    sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    add_options(commands.add_parser("train"), TrainConfig, Config)
    add_options(commands.add_parser("sample"), SampleConfig)  # when sampling
    add_options(commands.add_parser("predict"), PredictConfig)  # when prediction
    args = parser.parse_args()
    try:
        if args.command == "train":
            start_training(configured(TrainConfig, args), chosen(Config, args))
        else:
            sample(configured(SampleConfig, args))  # when sampling
            predict(configured(PredictConfig, args))  # when prediction
    except OSError as error:
        sys.exit(f"out: expected a folder to write to, got: {error}. Change --out.")
    except RuntimeError as error:
        if "memory" not in str(error):
            raise
        sys.exit("memory: expected less to be needed. Lower --batch-size.")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
