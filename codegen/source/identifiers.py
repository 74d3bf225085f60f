"""Readable and unique Python names for labels that users choose freely.

`identifier` and `class_name` turn any label into one name, and `Namespace` keeps the names of a
scope apart: a reserved name gets a suffix (a layer labelled "forward" is ``forward_layer``, a value
labelled "sum" is ``sum_value``), the second of a kind a number.

Labels in other scripts are transliterated, as generated code is ASCII: "Вложение" is
``vlozhenie``, "注意力" is ``zhu_yi_li``.  Different labels may have one transliteration; a
`Namespace` keeps them apart.
"""

import builtins
import keyword
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import count, zip_longest

from anyascii import anyascii

MAX_IDENTIFIER = 40
"""Longer names would not leave room on a line for a loop over them."""

MAX_CLASS_NAME = 32
MAX_LABEL = 256
"""How many characters of a label are read; a name needs fewer."""

_NUMBER_WIDTH = 8
"""Columns reserved for a number, so that long names with the same beginning share one counter."""

_SEPARATOR = re.compile(r"[^A-Za-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z](?!s\b)[a-z])")

_KEYWORDS = frozenset([*keyword.kwlist, *keyword.softkwlist, "type"])

LOCAL_RESERVED = _KEYWORDS | frozenset(
    [
        *(word for word in dir(builtins) if not word.startswith("_")),
        *("copyright", "credits", "exit", "help", "license", "quit"),
        *("annotations", "asdict", "dataclass", "dataclasses", "field", "fields", "replace"),
        *("config", "math", "self", "torch", "nn", "F", "Config", "Tensor"),
    ]
)
"""Names that no local variable and no class may shadow: builtins and imports of generated files."""

MODULE_RESERVED = _KEYWORDS | frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile config cpu cuda
    decode double dump_patches encode eval extra_repr float forward get_buffer get_extra_state
    get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
    """.split()  # noqa: SIM905 (a list would have a line for each)
)
"""The public attributes of torch.nn.Module, which a layer would override, and ``config``."""


@lru_cache(maxsize=65536)
def identifier(label: str) -> str:
    """Turn any label into a snake_case name: ``"GPT block 2"`` into ``gpt_block_2``."""
    text = "_".join(_HUMP.sub(" ", _ascii_words(label)).lower().split())
    if not text[:1].isalpha():
        text = f"value_{text}" if text else "value"
    text = text[:MAX_IDENTIFIER].rstrip("_")
    return f"{text}_value" if text in _KEYWORDS else text


def class_name(label: str) -> str:
    """Turn any label into a CamelCase name: ``"gpt block"`` into ``GptBlock``."""
    text = "".join(word[0].upper() + word[1:] for word in _ascii_words(label).split())
    if not text[:1].isalpha():
        text = f"Network{text}"
    text = text[:MAX_CLASS_NAME]
    return f"{text}Network" if text in _KEYWORDS else text


class Namespace:
    """The names in use in one scope.

    Args:
        reserved: names that must not be created.
        suffix: the word that is appended to a reserved name.
        separator: the text between a name and its suffix or number.
    """

    def __init__(
        self, reserved: Iterable[str] = (), suffix: str = "value", separator: str = "_"
    ) -> None:
        self._reserved = frozenset(reserved)
        self._suffix = suffix
        self._separator = separator
        self._number = re.compile(rf"{separator}[0-9]+\Z")
        self._used: set[str] = set()
        self._counters: defaultdict[str, count[int]] = defaultdict(lambda: count(2))

    def __contains__(self, name: str) -> bool:
        return name in self._used or name in self._reserved

    def create(self, name_hint: str) -> str:
        """Create a unique name from a hint: ``lstm``, ``lstm_2``, ..."""
        name = name_hint[:MAX_IDENTIFIER]
        if name in self._reserved:
            name = f"{name}{self._separator}{self._suffix}"[:MAX_IDENTIFIER]
        stem = self._number.sub("", name)[: MAX_IDENTIFIER - _NUMBER_WIDTH]
        while name in self:
            name = f"{stem}{self._separator}{next(self._counters[stem])}"
        self._used.add(name)
        return name


def _ascii_words(label: str) -> str:
    """Reduce a label to ASCII words between spaces; ``é`` becomes ``e``, ``ﬁ`` becomes ``fi``."""
    text = label[:MAX_LABEL]
    if not text.isascii():
        text = transliterate(unicodedata.normalize("NFKC", text))
    return _SEPARATOR.sub(" ", text).strip()


def transliterate(text: str, keep: Callable[[str], bool] = str.isascii) -> str:
    """Write a text of any script in ASCII, but for the characters to keep.

    A syllable of a script without case becomes a word of its own.  Letters and accents without a
    transliteration are left out, symbols stay.
    """
    pieces = []
    for character, following in zip_longest(text, text[1:], fillvalue=""):
        piece = character if keep(character) else _transliterate_character(character)
        is_syllable = piece[:1].isupper() and character.lower() == character.upper()
        pieces.append(f"{piece} " if is_syllable and following.isalnum() else piece)
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _transliterate_character(character: str) -> str:
    text = anyascii(character).replace("'", "").replace("`", "")
    is_silent = character.isalpha() or unicodedata.combining(character)
    return text or ("" if is_silent else character)
