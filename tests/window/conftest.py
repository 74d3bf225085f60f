"""A person at a window of the program, for one test."""

import pytest

from tests.window.driver import Person


@pytest.fixture
def person(tmp_path, request):
    """Start the program on a screen of its own; keep a picture of how it ended."""
    arguments = getattr(request, "param", ())
    person = Person(tmp_path, *arguments)
    yield person
    if person.process.poll() is None:
        person.picture(request.node.name.replace("[", "-").rstrip("]"))
        assert person.look()["faults"] == 0
    person.close()
