import torch
import torch.nn.functional as F
from torch import Tensor, nn
from train import Data, TrainConfig


# --------------------------------------------------------------------------- learning
def scores(model: nn.Module, tokens: Tensor) -> Tensor:
    """Logits (B, classes) of texts (B, T)."""
    real = tokens != 0  # when padded
    return model(tokens, real.sum(dim=1), real)


def loss_fn(model: nn.Module, tokens: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(scores(model, tokens), labels)


@torch.no_grad()
def validate(model: nn.Module, data: Data, cfg: TrainConfig) -> tuple[float, float]:
    """Cross-entropy and accuracy on the validation split."""
    model.eval()
    count, loss, right = len(data.validation.texts), 0.0, 0
    for rows in torch.arange(count).split(cfg.batch_size):
        tokens, labels = data.validation.take(rows, cfg.device)
        logits = scores(model, tokens)
        loss += F.cross_entropy(logits, labels, reduction="sum").item()
        right += (logits.argmax(dim=1) == labels).sum().item()
    model.train()
    return loss / count, right / count


def evaluate(model: nn.Module, data: Data, cfg: TrainConfig) -> float:
    return validate(model, data, cfg)[0]


# --------------------------------------------------------------------------- baseline
def majority_accuracy(data: Data) -> float:
    """Accuracy of always predicting the most frequent class of the training split."""
    frequent = data.train.labels.mode().values
    return (data.validation.labels == frequent).float().mean().item()


def naive_bayes_accuracy(data: Data) -> float:
    """Accuracy of multinomial naive Bayes on the counts of characters."""
    codec = data.codec
    counts = torch.ones(len(codec.classes), len(codec.vocabulary))
    for text, label in zip(data.train.texts, data.train.labels, strict=True):
        counts[label] += text.bincount(minlength=len(codec.vocabulary))
    likelihood = (counts / counts.sum(dim=1, keepdim=True)).log()
    prior = data.train.labels.bincount(minlength=len(codec.classes)).log()
    guesses = [
        (prior + likelihood[:, t].sum(dim=1)).argmax() for t in data.validation.texts
    ]
    return (torch.stack(guesses) == data.validation.labels).float().mean().item()


def conclusion(model: nn.Module, data: Data, cfg: TrainConfig) -> str:
    loss, accuracy = validate(model, data, cfg)
    return (
        f"validation: {accuracy:.1%} right, loss {loss:.3f}; naive Bayes on characters "
        f"{naive_bayes_accuracy(data):.1%}, most frequent class {majority_accuracy(data):.1%}"
    )
