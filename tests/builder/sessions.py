"""Where the tests of sessions work: edits of a model, and programs that die over them."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from builder.document.document import Document
from builder.document.store import Store
from builder.storage.journal import Recovered, recoverable
from builder.storage.journal_records import JournalRecord, frame, pack
from builder.storage.session import Session
from nodes.core.files.atomic_save import FileStamp
from nodes.core.files.model_file import dumps
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding import Embedding
from nodes.io import GraphOutput, TokenInput
from tests.nodes.desk import in_child

TOKEN = "0123456789abcdef" * 2
STAMP = FileStamp.of(b"as it was")
LONG_AGO = 1e9


def a_model(name: str = "a model") -> Model:
    builder = GraphBuilder()
    tokens = builder.add("tokens", TokenInput())
    embedding = builder.add("embedding", Embedding(num_embeddings=10), tokens)
    builder.add("output", GraphOutput(), embedding)
    places = {"tokens": (0.0, 0.0), "embedding": (200.0, 0.5)}
    return Model(name, builder.build(), layout={"": places})


def a_session(state: Path) -> Session:
    return Session(Store(Document()), state)


class Desk:
    """A folder with a file, and the sessions of people who work on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state, self.path = folder, folder / "state", folder / "a.json"
        self.path.write_bytes(dumps(a_model()))
        self.sessions: list[Session] = []

    def session(self) -> Session:
        self.sessions.append(a_session(self.state))
        return self.sessions[-1]

    def opened(self) -> Session:
        session = self.session()
        session.open(self.path)
        return session

    def rewrite(self, old: bytes, new: bytes) -> None:
        """Change the file so that neither its size nor its time tell."""
        before = self.path.stat()
        self.path.write_bytes(self.path.read_bytes().replace(old, new))
        os.utime(self.path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert self.path.stat().st_size == before.st_size

    def close(self) -> None:
        for session in self.sessions:
            session.close()


def edit(session: Session, name: str) -> Model:
    """Give the model another name, as one step."""
    document = session.store.settled
    document = replace(document, model=replace(document.model, name=name))
    session.store.commit(f"Call it {name}", document)
    return document.model


def die_after(state: Path, work: Callable[[Session], object]) -> None:
    """Let a program do some work in a session, and die once its edits are on the disk."""

    def live() -> int:
        session = a_session(state)
        work(session)
        if session.journal.flush():
            os.kill(os.getpid(), signal.SIGKILL)
        return 1

    assert in_child(live) == -signal.SIGKILL


def left(state: Path) -> Recovered:
    (found,) = recoverable(state)
    return found


def journals(state: Path) -> list[str]:
    return sorted(path.name for path in (state / "journals").glob("*"))


def an_entry(number: int, **changed: object) -> JournalRecord:
    model, path = a_model(f"model {number}"), Path("/somewhere/a.json")
    return replace(JournalRecord(model, path, STAMP, edits=number, at=LONG_AGO + number), **changed)


def journal_of(*entries: JournalRecord | bytes) -> bytes:
    """Write the bytes of a journal; what is bytes already is framed as it is."""
    data, checksum = b"", 0
    for entry in entries:
        held = entry if isinstance(entry, bytes) else pack(entry)
        record, checksum = frame(held, checksum)
        data += record
    return data


def leave(state: Path, data: bytes, token: str = TOKEN, count: int = 0) -> Path:
    """Leave a journal's file, as a program did that died long ago."""
    folder = state / "journals"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{token}-{count:06}.journal"
    path.write_bytes(data)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path
