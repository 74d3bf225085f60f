"""Judge random graphs: the product's verdict and code against an independent evaluator."""
