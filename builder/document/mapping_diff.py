"""What differs between two mappings that share what they have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Changes(Generic[K]):
    """The keys that came, went, or stand for another object now."""

    added: frozenset[K]
    removed: frozenset[K]
    altered: frozenset[K]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.altered)


def changes(before: Mapping[K, object], after: Mapping[K, object]) -> Changes[K]:
    """Compare by identity: what no command touched is the same object."""
    if before is after:
        return Changes(frozenset(), frozenset(), frozenset())
    return Changes(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        altered=frozenset(key for key in after if key in before and after[key] is not before[key]),
    )
