import torch
from train import SampleConfig, generate, load_model


def sample(cfg: SampleConfig) -> None:
    model, codec = load_model(cfg.checkpoint, cfg.device)
    torch.manual_seed(cfg.seed)
    prompt = codec.encode(cfg.prompt or "\n").to(cfg.device)
    print(codec.decode(generate(model, prompt[None], cfg)[0]))
