"""Readable, unique Python names for what people label as they like.

`identifier` and `class_name` turn any text into one good name; `Names` keeps the names of a scope
apart.  A name that means something already gets a word behind it: a layer labelled "forward" is
``forward_layer``, a value labelled "sum" is ``sum_value``; the second of a kind gets a number.
"""

import builtins
import keyword
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import count

LONGEST = 40
"""So long that a loop over what is named still fits on a line."""

LONGEST_CLASS = 32
READ = 256
"""So many characters of a label are looked at: more than any name can hold."""

_NUMBERED = 8
"""Columns kept free for a number, so that long names which begin alike share one counter."""

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
"""What a local variable or a class must not hide: builtins, and what generated files import."""

MODULE_RESERVED = _KEYWORDS | frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile config cpu cuda
    double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad
    """.split()  # noqa: SIM905 (a list would have a line for each)
)
"""The public attributes of torch.nn.Module, which a layer would replace, and ``config``."""


@lru_cache(maxsize=65536)
def identifier(label: str) -> str:
    """Turn any text into a snake_case name: ``"GPT block 2"`` to ``gpt_block_2``."""
    text = "_".join(_HUMP.sub(" ", _words(label)).lower().split())
    if not text[:1].isalpha():
        text = f"value_{text}" if text else "value"
    text = text[:LONGEST].rstrip("_")
    return f"{text}_value" if text in _KEYWORDS else text


def class_name(label: str) -> str:
    """Turn any text into a CamelCase name: ``"gpt block"`` to ``GptBlock``."""
    text = "".join(word[0].upper() + word[1:] for word in _words(label).split())
    if not text[:1].isalpha():
        text = f"Network{text}"
    text = text[:LONGEST_CLASS]
    return f"{text}Network" if text in _KEYWORDS else text


class Names:
    """The names taken in one scope.

    ``word`` goes behind reserved names; ``joint`` stands between a name and its word or number.
    """

    def __init__(self, reserved: Iterable[str] = (), word: str = "value", joint: str = "_") -> None:
        self._reserved = frozenset(reserved)
        self._word = word
        self._joint = joint
        self._number = re.compile(rf"{joint}[0-9]+\Z")
        self._taken: set[str] = set()
        self._numbers: defaultdict[str, count[int]] = defaultdict(lambda: count(2))

    def take(self, wanted: str) -> str:
        """Take the wanted name, or one beside it that is free: ``lstm``, ``lstm_2``, ..."""
        name = wanted[:LONGEST]
        if name in self._reserved:
            name = f"{name}{self._joint}{self._word}"[:LONGEST]
        stem = self._number.sub("", name)[: LONGEST - _NUMBERED]
        while name in self._taken or name in self._reserved:
            name = f"{stem}{self._joint}{next(self._numbers[stem])}"
        self._taken.add(name)
        return name


def _words(label: str) -> str:
    """Reduce a label to ASCII words between spaces; accents go, ``ﬁ`` becomes ``fi``."""
    letters = unicodedata.normalize("NFKD", label[:READ])
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _SEPARATOR.sub(" ", plain).strip()
