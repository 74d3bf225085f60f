"""Which kinds of value a port accepts."""

import pytest

from nodes.core.graphs.port import Kind, KindMismatch, match_kind

ANY, FEATURES, TOKENS = Kind.ANY, Kind.FEATURES, Kind.TOKENS


@pytest.mark.parametrize(
    ("port", "actual", "shared", "result"),
    [
        (FEATURES, FEATURES, ANY, ANY),
        (FEATURES, FEATURES, TOKENS, TOKENS),
        (ANY, FEATURES, ANY, FEATURES),
        (ANY, FEATURES, FEATURES, FEATURES),
    ],
)
def test_the_kind_at_ports_of_any_kind_is_shared(port, actual, shared, result):
    assert match_kind(port, actual, shared) is result


@pytest.mark.parametrize(
    ("port", "actual", "shared", "message"),
    [
        (FEATURES, TOKENS, ANY, "expected features, got token ids"),
        (ANY, TOKENS, FEATURES, "expected features, got token ids"),
        (TOKENS, FEATURES, FEATURES, "expected token ids, got features"),
    ],
)
def test_another_kind_is_refused(port, actual, shared, message):
    with pytest.raises(KindMismatch) as caught:
        match_kind(port, actual, shared)
    assert str(caught.value) == message
