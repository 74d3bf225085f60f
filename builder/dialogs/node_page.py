"""The manual page of a node type, parsed for the manual dialog."""

import re
from dataclasses import dataclass, replace

from builder.dialogs.node_manual import manual_page
from nodes.core.graphs.node import Node

_ITEM = re.compile(r"([\w.]+)(?::| =) (.*)")
_PROSE = {"Reference", "References"}


@dataclass(frozen=True, slots=True)
class PageItem:
    """An item of a manual page.

    Attributes:
        kind: "heading", "text", or "item" for a text with a name.
        text: the text.
        name: the name of an item.
    """

    kind: str
    text: str
    name: str = ""


def manual_items(node_type: type[Node]) -> list[PageItem]:
    """Parse the manual page of a node type, except for its first line: name and category."""
    return parse_manual(manual_page(node_type).partition("\n")[2].replace("``", ""))


def parse_manual(text: str) -> list[PageItem]:
    """Parse a manual page: headings end with a colon, and their items are indented."""
    items: list[PageItem] = []
    section, new_paragraph = "", True
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            new_paragraph = True
        elif not indent and line.endswith(":"):
            section = line[:-1]
            items.append(PageItem("heading", section))
            new_paragraph = True
        elif indent == 4 and section not in _PROSE:
            items.append(_item(line.strip()))
            new_paragraph = False
        elif new_paragraph:
            items.append(PageItem("text", line.strip()))
            new_paragraph = False
        else:
            items[-1] = replace(items[-1], text=f"{items[-1].text} {line.strip()}")
        section = section if indent or not line.strip() or line.endswith(":") else ""
    return items


def _item(line: str) -> PageItem:
    match = _ITEM.fullmatch(line)
    return PageItem("item", match[2], match[1]) if match else PageItem("text", line)
