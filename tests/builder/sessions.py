"""Fixtures of the session tests: edits, journals, and programs that are killed."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from builder.document.document import Document
from builder.document.store import Store
from builder.storage.journal import RecoveredDocument, recoverable_documents
from builder.storage.journal_records import JournalRecord, dump_payload, encode_record
from builder.storage.session import Session
from nodes.core.files.atomic_save import FileStamp
from nodes.core.files.model_file import dumps
from nodes.core.graphs.graph import Model
from nodes.core.graphs.graph_builder import GraphBuilder
from nodes.embedding.embedding import Embedding
from nodes.io.graph_output import GraphOutput
from nodes.io.token_input import TokenInput
from tests.nodes.save_workspace import in_child

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


class Workspace:
    """A folder with a file, and the sessions that are open on it."""

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
        """Change the file, but neither its size nor its modification time."""
        before = self.path.stat()
        self.path.write_bytes(self.path.read_bytes().replace(old, new))
        os.utime(self.path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert self.path.stat().st_size == before.st_size

    def close(self) -> None:
        for session in self.sessions:
            session.close()


def edit(session: Session, name: str) -> Model:
    """Rename the model, as one undo step."""
    document = session.store.committed
    document = replace(document, model=replace(document.model, name=name))
    session.store.commit(f"Call it {name}", document)
    return document.model


def die_after(state: Path, work: Callable[[Session], object]) -> None:
    """Work in a session of a child process, which is killed once its edits are flushed."""

    def live() -> int:
        session = a_session(state)
        work(session)
        if session.journal.flush():
            os.kill(os.getpid(), signal.SIGKILL)
        return 1

    assert in_child(live) == -signal.SIGKILL


def left(state: Path) -> RecoveredDocument:
    (found,) = recoverable_documents(state)
    return found


def journals(state: Path) -> list[str]:
    return sorted(path.name for path in (state / "journals").glob("*"))


def a_record(number: int, **changed: object) -> JournalRecord:
    model, path = a_model(f"model {number}"), Path("/somewhere/a.json")
    return replace(
        JournalRecord(model, path, STAMP, edits=number, timestamp=LONG_AGO + number), **changed
    )


def journal_of(*records: JournalRecord | bytes) -> bytes:
    """Write the bytes of a journal; bytes are payloads already."""
    data, checksum = b"", 0
    for record in records:
        payload = record if isinstance(record, bytes) else dump_payload(record)
        encoded, checksum = encode_record(payload, checksum)
        data += encoded
    return data


def leave(state: Path, data: bytes, token: str = TOKEN, count: int = 0) -> Path:
    """Write a journal file, as of a program that died long ago."""
    folder = state / "journals"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{token}-{count:06}.journal"
    path.write_bytes(data)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path
