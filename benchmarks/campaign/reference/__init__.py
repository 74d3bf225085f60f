"""An evaluator of model files on tensors, written from the manuals alone.

Nothing here imports the product.  A document is the plain data of a model file; shapes are those of
small tensors that PyTorch computes.
"""
