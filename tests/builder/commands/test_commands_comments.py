"""Commands on comments and frames."""

from builder.commands import comments
from builder.document.document import Selection
from nodes.core.files.canvas_entries import MAX_COMMENTS
from nodes.core.graphs.graph import Comment
from tests.builder.documents import language_model, refusal, select, sound

START = language_model()


def test_a_frame_encloses_the_selected_nodes():
    document = sound(comments.frame(select(START, "embed", "lstm"), {"lstm": (100.0, 60.0)}))
    assert document.comments == {"frame": Comment("", 210.0, -70.0, 400.0, 200.0, frame=True)}
    assert document.selection == Selection(comments=frozenset({"frame"}))
    message = "no node is selected; click one, or drag a box around several"
    assert refusal(comments.frame, document) == message


def test_the_text_of_a_comment_is_changed():
    document = sound(comments.comment(START, (5.0, 6.0), "why?\r\nno idea"))
    assert document.comments["comment"].text == "why?\nno idea"
    assert (document.comments["comment"].x, document.comments["comment"].y) == (5.0, 6.0)
    document = sound(comments.set_text(document, "comment", "because\ud800"))
    assert document.comments["comment"].text == "because?"
    assert [*comments.comment(document, (0, 0)).comments] == ["comment", "comment_2"]


def test_a_new_comment_is_empty_and_selected():
    document = sound(comments.comment(START, (0, 0)))
    assert document.comments["comment"].text == ""
    assert document.selection == Selection(comments=frozenset({"comment"}))


def test_a_size_is_clamped():
    document = comments.comment(START, (0, 0))
    small = sound(comments.resize(document, "comment", -5, 0)).comments["comment"]
    assert 0 < small.width < 100
    assert 0 < small.height < 100
    large = sound(comments.resize(document, "comment", float("inf"), 300)).comments["comment"]
    assert (large.width, large.height) == (1e9, 300)


def test_a_comment_that_no_longer_exists_is_refused():
    document = comments.comment(START, (0, 0))
    message = "the comment or frame no longer exists"
    assert refusal(comments.set_text, document, "gone", "x") == message
    assert refusal(comments.resize, document, "gone", 1, 1) == message


def test_the_number_of_comments_is_limited():
    many = {f"c{number}": Comment("", 0.0, 0.0, 1.0, 1.0) for number in range(MAX_COMMENTS)}
    message = (
        f"expected at most {MAX_COMMENTS} comments and frames, got {MAX_COMMENTS + 1}; remove some"
    )
    assert refusal(comments.comment, START.with_comments(many), (0, 0)) == message
    del many["c0"]
    assert len(comments.comment(START.with_comments(many), (0, 0)).comments) == MAX_COMMENTS


def test_the_length_of_a_text_is_limited():
    message = "expected a text of at most 10,000 characters, got 10,001"
    assert refusal(comments.comment, START, (0, 0), "x" * 10_001) == message
    assert sound(comments.comment(START, (0, 0), "x" * 10_000))
