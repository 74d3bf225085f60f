"""Settings of all tests."""

from hypothesis import settings

# No test asserts a time: on a busy machine an example may take longer than usual.
settings.register_profile("no deadline", deadline=None)
if settings.get_current_profile_name() == "default":  # neither that of CI nor that of the mutants
    settings.load_profile("no deadline")
