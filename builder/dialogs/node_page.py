"""The manual page of a node type, taken apart for the window."""

import re
from dataclasses import dataclass, replace

from builder.dialogs.node_manual import manual_page
from nodes.core.graphs.node import Node

_ITEM = re.compile(r"([\w.]+)(?::| =) (.*)")
_PROSE = {"Reference", "References"}


@dataclass(frozen=True, slots=True)
class PageItem:
    """A part of a page.

    Attributes:
        kind: "heading", "text", or "item": something that has a name.
        text: what it says.
        name: what an item is called.
    """

    kind: str
    text: str
    name: str = ""


def manual_items(node_type: type[Node]) -> list[PageItem]:
    """Take the manual page of a node type apart, without its first line: name and family."""
    return parse_manual(manual_page(node_type).partition("\n")[2].replace("``", ""))


def parse_manual(text: str) -> list[PageItem]:
    """Take a page apart: headings end with a colon, and what belongs to them is indented."""
    parts: list[PageItem] = []
    section, fresh = "", True
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            fresh = True
        elif not indent and line.endswith(":"):
            section = line[:-1]
            parts.append(PageItem("heading", section))
            fresh = True
        elif indent == 4 and section not in _PROSE:
            parts.append(_item(line.strip()))
            fresh = False
        elif fresh:
            parts.append(PageItem("text", line.strip()))
            fresh = False
        else:
            parts[-1] = replace(parts[-1], text=f"{parts[-1].text} {line.strip()}")
        section = section if indent or not line.strip() or line.endswith(":") else ""
    return parts


def _item(line: str) -> PageItem:
    found = _ITEM.fullmatch(line)
    return PageItem("item", found[2], found[1]) if found else PageItem("text", line)
