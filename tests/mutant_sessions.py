"""A plugin of pytest for mutmut, which runs the tests of each mutant in a fork of one process.

pytest keeps the names that it derived from parameters, and in each further session it escapes their
backslashes once more; no test is then found by its name of an earlier session. Properties are
tested with the same examples each time, however slow the machine is, so that no mutant is killed by
chance.
"""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mutants")


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for mark in metafunc.definition.iter_markers("parametrize"):
        if mark._param_ids_from:
            object.__setattr__(mark._param_ids_from, "_param_ids_generated", None)
