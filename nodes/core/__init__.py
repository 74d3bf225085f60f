"""Graphs of nodes, the algebra of their shapes, and their files: what a script needs.

>>> from nodes.core import GraphBuilder, Hyperparameter, Model, dumps, loads
>>> from nodes.io.feature_input import FeatureInput
>>> from nodes.io.graph_output import GraphOutput
>>> from nodes.linear.linear import Linear
>>> builder = GraphBuilder()
>>> x = builder.add("x", FeatureInput(features="width"))
>>> _ = builder.add("y", GraphOutput(), builder.add("linear", Linear(), x))
>>> model = Model("small", builder.build(), hyperparameters={"width": Hyperparameter(64)})
>>> loads(dumps(model)) == model
True
"""

from nodes.core.files.model_file import dumps, load, loads, save
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Block, Comment, Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.graph_builder import GraphBuilder, NodeHandle
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.shapes.dim import Dim, free, hyper

__all__ = [
    "Block",
    "Comment",
    "Dim",
    "Graph",
    "GraphBuilder",
    "Hyperparameter",
    "Input",
    "Kind",
    "Model",
    "Node",
    "NodeHandle",
    "Output",
    "PortRef",
    "TensorSpec",
    "dumps",
    "free",
    "hyper",
    "load",
    "loads",
    "node_types",
    "save",
]
