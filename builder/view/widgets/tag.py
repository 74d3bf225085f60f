"""The type by which Dear PyGui refers to its items."""

Tag = int | str
"""The id of an item, or the alias it was created with; 0 as a parent is the open container."""
