"""A file name that is longer than a file system allows is a message, in every command."""

import os

import pytest
from typer.testing import CliRunner

from builder.cli.commands import app

LONG = ["\u5b57" * 100, "n" * 256, "\U0001f600" * 64 + "\u0301"]


@pytest.mark.parametrize("name", LONG, ids=["wide", "plain", "emoji"])
@pytest.mark.parametrize(
    "command",
    [
        ["check", "{}.json"],
        ["check", "{}"],
        ["show", "{}.json"],
        ["compile", "{}.json"],
        ["compile", "gpt", "-o", "{}.py"],
        ["export", "gpt", "-o", "{}"],
        ["new", "{}.json"],
        ["new", "ok.json", "--from", "{}.json"],
        ["picture", "gpt", "-o", "{}.svg"],
        ["picture", "gpt", "-o", "{}.png"],
        ["data", "stocks", "-o", "{}.csv"],
        ["run", "char_rnn", "-o", "{}"],
        ["run", "char_rnn", "--data", "{}.txt"],
        ["edit", "{}.json"],
    ],
    ids=" ".join,
)
def test_a_name_of_too_many_bytes_is_a_message(command, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    done = CliRunner().invoke(app, [word.format(name) for word in command])
    assert done.exit_code == 2, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert {*os.listdir(tmp_path)} <= {"build"}
