"""Edits of frames and comments."""

from builder.commands import comments
from builder.document.document import Selection
from nodes.core.graphs.graph import Comment
from tests.builder.desktop import language_model, refusal, select, sound

START = language_model()


def test_a_frame_goes_around_what_is_selected():
    document = sound(comments.frame(select(START, "embed", "lstm"), {"lstm": (100.0, 60.0)}))
    assert document.comments == {"frame": Comment("", 210.0, -70.0, 400.0, 200.0, frame=True)}
    assert document.selection == Selection(comments=frozenset({"frame"}))
    assert "no node is selected" in refusal(comments.frame, document)


def test_a_comment_is_written_and_written_anew():
    document = sound(comments.comment(START, (5.0, 6.0), "why?\r\nno idea"))
    assert document.comments["comment"].text == "why?\nno idea"
    assert (document.comments["comment"].x, document.comments["comment"].y) == (5.0, 6.0)
    document = sound(comments.write(document, "comment", "because\ud800"))
    assert document.comments["comment"].text == "because?"
    assert [*comments.comment(document, (0, 0)).comments] == ["comment", "comment_2"]


def test_a_size_is_never_too_small_or_without_end():
    document = comments.comment(START, (0, 0))
    small = sound(comments.resize(document, "comment", -5, 0)).comments["comment"]
    assert 0 < small.width < 100
    assert 0 < small.height < 100
    large = sound(comments.resize(document, "comment", float("inf"), 300)).comments["comment"]
    assert (large.width, large.height) == (1e9, 300)


def test_a_remark_of_a_block_stays_in_it():
    document = comments.comment(START, (0, 0))
    assert "not there" in refusal(comments.write, document, "gone", "x")
    assert "not there" in refusal(comments.resize, document, "gone", 1, 1)


def test_a_text_has_an_end():
    assert "at most 10,000" in refusal(comments.comment, START, (0, 0), "x" * 10_001)
    assert sound(comments.comment(START, (0, 0), "x" * 10_000))
