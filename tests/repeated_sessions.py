"""Let pytest find tests by name when it runs more than once in a process, as mutmut runs it.

pytest keeps the names that it derived from parameters, and in each further session it escapes their
backslashes once more; no test is then found by its name of an earlier session.
"""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for mark in metafunc.definition.iter_markers("parametrize"):
        if mark._param_ids_from:
            object.__setattr__(mark._param_ids_from, "_param_ids_generated", None)
