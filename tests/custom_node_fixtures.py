"""A configuration folder of its own, and a catalogue without custom nodes after each test."""

import pytest

from nodes.core.graphs.catalog import custom_sources, remove_source, set_unavailable


@pytest.fixture
def nodes_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WIREFORMER_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("WIREFORMER_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "config" / "nodes"
    folder.mkdir(parents=True)
    yield folder
    for origin in [*custom_sources()]:
        remove_source(origin)
    set_unavailable({})
