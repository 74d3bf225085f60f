"""The node types, a module for each group of them; `nodes.core` holds what they are made of."""
