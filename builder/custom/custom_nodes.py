"""The custom nodes of a run of the program: what there is, what is allowed, what is loaded.

Finding them imports nothing. A source is imported after the user has allowed it as it is now, and
first in a child process, so that one that never ends or ends the process does no harm here.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from builder.custom import consents
from builder.custom.loading import load
from builder.custom.node_problem import Faulty, NodeProblem
from builder.custom.node_source import NodeSource, find_sources, folder_stamp, nodes_folder
from builder.custom.trial_import import try_import
from nodes.core.files.strict_json import quote
from nodes.core.graphs.catalog import custom_sources, remove_source, set_unavailable
from nodes.core.graphs.graph import Model
from nodes.core.graphs.unknown_node import Unknown

MEANING = (
    "Custom nodes are Python programs: what you allow runs on this computer with your permissions, "
    "now and whenever Wireformer starts. Allow only what you wrote or have read."
)
"""What a consent means."""


class Status(Enum):
    """The state of a source."""

    LOADED = "loaded"
    NEW = "not yet allowed"
    CHANGED = "changed since it was allowed"
    REFUSED = "not allowed"
    FAULTY = "has a fault"
    SWITCHED_OFF = "switched off by --safe"


class CustomNodes:
    """The custom nodes of a run.

    Attributes:
        folders: where files are looked for.
        safe: nothing is loaded, whatever is allowed.
        sources: the files and packages, as found last.
        problems: why a source that is allowed is not loaded, by its name and identity.
        warning: why the consents cannot be used; empty if they can.
    """

    def __init__(self, folders: Iterable[Path] = (), safe: bool = False) -> None:
        self.folders = tuple(dict.fromkeys((nodes_folder(), *map(Path.absolute, folders))))
        self.safe = safe
        self.sources: tuple[NodeSource, ...] = ()
        self.problems: dict[tuple[str, str], NodeProblem] = {}
        self._loaded: dict[str, str] = {}
        self._files = tuple(map(folder_stamp, self.folders))
        for origin in [*custom_sources()]:  # of an earlier run in this process
            remove_source(origin)
        self.find()

    def find(self) -> None:
        """Look for sources again, and load those that are allowed.

        What is loaded stays so until its new content is allowed, or it is refused.
        """
        self.sources = find_sources(self.folders)
        self._consents, self.warning = consents.read_consents()
        present = {_key(source) for source in self.sources}
        self.problems = {key: one for key, one in self.problems.items() if key in present}
        for source in self.sources:
            if self._consents.allows(source) and not self.safe:
                self._load(source)
        self._offer()

    def has_changed(self) -> bool:
        """Return whether a file was added, changed or removed since the last call."""
        files, self._files = self._files, tuple(map(folder_stamp, self.folders))
        return files != self._files

    def status(self, source: NodeSource) -> Status:
        """Return the state of a source."""
        if self.safe:
            return Status.SWITCHED_OFF
        if self._loaded.get(source.name) == source.identity:
            return Status.LOADED
        if self.problem(source) is not None:
            return Status.FAULTY
        if self._consents.refuses(source):
            return Status.REFUSED
        return Status.CHANGED if source.name in self._consents.allowed else Status.NEW

    def allows(self, source: NodeSource) -> bool:
        """Return whether the user has allowed a source as it is now."""
        return self._consents.allows(source)

    def problem(self, source: NodeSource) -> NodeProblem | None:
        """Return why a source is not loaded, if it is at fault."""
        return self.problems.get(_key(source)) or source.problem

    def faults(self) -> list[str]:
        """List the problems of all sources that the user has not refused."""
        found = (self.problem(one) for one in self.sources if not self._consents.refuses(one))
        return [str(problem) for problem in found if problem is not None]

    def undecided(self) -> list[NodeSource]:
        """List the sources about which the user has not decided as they are now."""
        asked = (Status.NEW, Status.CHANGED)
        return [source for source in self.sources if self.status(source) in asked]

    def needed(self, model: Model) -> list[NodeSource]:
        """List the sources that may be allowed, and have a node type that a model lacks."""
        return self.offering(
            node.type
            for graph in model.graphs.values()
            for node in graph.nodes.values()
            if isinstance(node, Unknown) and node.declared is None
        )

    def offering(self, names: Iterable[str]) -> list[NodeSource]:
        """List the sources that may be allowed, and say that they have one of some node types."""
        wanted = frozenset(names)
        asked = (Status.NEW, Status.CHANGED, Status.REFUSED)
        return [
            source
            for source in self.sources
            if wanted.intersection(source.names) and self.status(source) in asked
        ]

    def allow(self, sources: Sequence[NodeSource]) -> list[str]:
        """Import sources in a child process, then here, and remember that they are allowed.

        Returns:
            What the user should know: the sources that cannot be used, and why.
        """
        return self.admit(sources, try_import(sources))

    def admit(self, sources: Sequence[NodeSource], trials: dict[str, NodeProblem]) -> list[str]:
        """Load sources after their trial; arguments and result as of `try_import` and `allow`."""
        messages = []
        for source in sources:
            self.problems.pop(_key(source), None)
            if (problem := trials.get(source.name)) is not None:
                self.problems[_key(source)] = problem
                messages.append(str(problem))
            elif message := consents.record(source, allow=True):
                messages.append(message)
        self.find()
        messages += [str(p) for (name, _), p in self.problems.items() if name not in trials]
        return list(dict.fromkeys(messages))

    def refuse(self, sources: Sequence[NodeSource]) -> list[str]:
        """Remember that sources are not allowed, and drop them; return what went wrong."""
        messages = [consents.record(source, allow=False) for source in sources]
        for source in sources:
            self.problems.pop(_key(source), None)
            self._drop(source.name)
        self.find()
        return [message for message in messages if message]

    def _load(self, source: NodeSource) -> None:
        if self._loaded.get(source.name) == source.identity or _key(source) in self.problems:
            return
        self._drop(source.name)
        try:
            load(source)
        except Faulty as error:
            self.problems[_key(source)] = error.problem
        else:
            self._loaded[source.name] = source.identity

    def _drop(self, name: str) -> None:
        identity = self._loaded.pop(name, None)
        if identity is not None:
            for origin in (name, f"{name} {identity}"):
                remove_source(origin)

    def _offer(self) -> None:
        """Let the check say where a node type that is not loaded is available."""
        loaded = {t.__name__ for source in custom_sources().values() for t in source.types}
        set_unavailable(
            {
                name: self._whereabouts(source)
                for source in self.sources
                for name in source.names
                if name not in loaded
            }
        )

    def _whereabouts(self, source: NodeSource) -> str:
        place = f"it is in {quote(source.origin)}, which"
        status = self.status(source)
        if status is Status.FAULTY:
            problem = self.problem(source)
            line = f" in line {problem.line}" if problem and problem.line else ""
            return f"{place} has a fault{line}: {problem.message if problem else ''}"
        if status is Status.SWITCHED_OFF:
            return f"{place} is {status.value}; start without --safe"
        way = "allow it under Custom nodes in the window, or add --trust to the command"
        return f"{place} is {status.value}; {way}"


def _key(source: NodeSource) -> tuple[str, str]:
    return source.name, source.identity
