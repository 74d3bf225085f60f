import argparse
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
    predict,
    sample,
    train,
)


# ----------------------------------------------------------------------- command line
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


def start_training(args: argparse.Namespace) -> None:
    cfg = TrainConfig(**chosen(TrainConfig, args))
    data = load_data(cfg)
    sizes = {name: len(getattr(data.codec, part)) for name, part in SIZES.items()}
    try:
        config = Config(**chosen(Config, args), **sizes)
    except ValueError as error:
        sys.exit(f"model: {error}")
    check_length(config, cfg)  # when bounded
    torch.manual_seed(cfg.seed)
    model = Model(config).to(cfg.device)
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters on {cfg.device}, {cfg.steps:,} steps")
    train(model, data, cfg)
    best, _ = load_model(str(Path(cfg.out) / "model.pt"), cfg.device)
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
    if args.command == "train":
        start_training(args)
    else:
        sample(SampleConfig(**chosen(SampleConfig, args)))  # when sampling
        predict(PredictConfig(**chosen(PredictConfig, args)))  # when prediction


if __name__ == "__main__":
    main()
