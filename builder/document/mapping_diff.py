"""The difference between two mappings that share the values they have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Changes(Generic[K]):
    """The keys that were added or removed, or whose value is another object."""

    added: frozenset[K]
    removed: frozenset[K]
    altered: frozenset[K]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.altered)


def changes(before: Mapping[K, object], after: Mapping[K, object]) -> Changes[K]:
    """Compare by identity: commands keep the values that they do not change."""
    if before is after:
        return Changes(frozenset(), frozenset(), frozenset())
    return Changes(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        altered=frozenset(key for key in after if key in before and after[key] is not before[key]),
    )
