"""Check models, and generate PyTorch code, training scripts and cost tables from them."""
