"""Symbolic sizes, patterns, and the unification of patterns with shapes.

>>> from nodes.core.shapes.dim import divide, free, hyper, substitute
>>> width, heads = hyper("width"), hyper("heads")
>>> divide(width, heads)
width // heads
>>> heads * divide(width, heads)
width
>>> (2 * width + 4) // 2
width + 2
>>> (free("T") + 1) // 2
(T + 1) // 2
>>> substitute(width * free("T"), {"width": 512})
512 * T
"""
