"""What the strict JSON parser accepts and refuses, with its messages."""

import gzip
import json
import lzma
import math
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nodes.core.files.strict_json import LIMITS, FileError, Limits, quote, read_json

MEBIBYTE = 2**20


def refusal(data: bytes, limits: Limits = LIMITS) -> FileError:
    with pytest.raises(FileError) as caught:
        read_json(data, limits)
    return caught.value


ACCEPTED = {
    b"[]": [],
    b"{}": {},
    b" \t\r\n[ \t\r\n] \t\r\n": [],
    b"{ }": {},
    b"null": None,
    b"true": True,
    b"[false]": [False],
    b'""': "",
    b'"a"': "a",
    b" 1 ": 1,
    b"0": 0,
    b"-0": 0,
    b"-1": -1,
    b"9007199254740991": 2**53 - 1,
    b"-9007199254740991": 1 - 2**53,
    b"0.5": 0.5,
    b"-0.0": -0.0,
    b"1.0": 1.0,
    b"1e2": 100.0,
    b"1E2": 100.0,
    b"1e+2": 100.0,
    b"1e-2": 0.01,
    b"0e1": 0.0,
    b"0e+1": 0.0,
    b"123.456e78": 123.456e78,
    b"1e-400": 0.0,
    b"1.7976931348623157e308": 1.7976931348623157e308,
    b"-0." + b"0" * 77 + b"1": -1e-78,
    b"[1,2 ,\n3]": [1, 2, 3],
    b"[[],[[]],{}]": [[], [[]], {}],
    b'{"":0}': {"": 0},
    b'{"a":{"a":[{"a":1}]}}': {"a": {"a": [{"a": 1}]}},
    b'{"a" : 1 , "b" : [ ] }': {"a": 1, "b": []},
    b'{"b":1,"a":2}': {"b": 1, "a": 2},
    b'["\\"\\\\\\/\\b\\f\\n\\r\\t"]': ['"\\/\b\f\n\r\t'],
    b'["\\u0000"]': ["\0"],
    b'["\\u00e9\\u00C9"]': ["éÉ"],
    b'["\\ud83d\\ude00"]': ["\U0001f600"],
    b'["\\uD834\\udd1e"]': ["\U0001d11e"],
    b'["\\uffff"]': ["\uffff"],
    b'{"\\u0061":1}': {"a": 1},
    b'{"a\\n":1 }': {"a\n": 1},
    b'["\x7f"]': ["\x7f"],
    b'["/* not a comment */"]': ["/* not a comment */"],
    '["é€😀\u2028\u2029\ufeff"]'.encode(): ["é€😀\u2028\u2029\ufeff"],
    '{"é":"ﬁ"}'.encode(): {"é": "ﬁ"},
    '["\U0010ffff"]'.encode(): ["\U0010ffff"],
}

# fmt: off
REFUSED = [
    b"", b" ", b"\n", b"nul", b"nulll", b"True", b"None", b"undefined", b"'a'", b"a", b"@",
    b"[", b"]", b"{", b"}", b"[}", b"{]", b"[[]", b"[]]", b"{}}", b"[1", b"[1,", b"[1,]", b"[,1]",
    b"[,]", b"[1,,2]", b"[1 2]", b"[1:2]", b"[1;2]", b"[1}", b"[1],", b"[] []", b"{}x", b"1 2",
    b'{"a"}', b'{"a":}', b'{"a":1', b'{"a":1,', b'{"a":1,}', b'{,"a":1}', b'{"a" 1}', b'{"a"::1}',
    b'{"a",1}', b"{a:1}", b"{'a':1}", b"{1:1}", b"{null:1}", b'{"a":1 "b":2}', b'{"a":1]', b'{"a',
    b'{"a":1,,"b":2}', b'{"a":1;"b":2}', b'{[]:1}', b'{"a":1}}', b'{"a":1}#', b'{"a":b}',
    b"01", b"-01", b"+1", b"-", b"--1", b"-a", b".5", b"5.", b"-.5", b"1.e1", b"1e", b"1e+", b"1E-",
    b"0x1F", b"1_000", b"1,000", b"1.2.3", b"1e1.5", b"0b1", b"1L", b"1e1e1", b"1-1", b"2.e+3",
    *(f"[{it}]".encode() for it in ("\u0661", "\uff11", "\u22121", "1\u00a0", "\u2028", "\ufeff")),
    b"NaN", b"-NaN", b"nan", b"Infinity", b"-Infinity", b"inf", b"1e999", b"-1e999", b"1e309",
    b"9007199254740992", b"-9007199254740992", b"9" * 5000, b"-" + b"9" * 5000, b"0." + b"1" * 200,
    b'"', b'"a', b'["a', b'"\\', b'"\\"', b'"a\nb"', b'"a\tb"', b'"a\x00b"', b'"\x1f"', b'"a\\\n"',
    b'"\\x41"', b'"\\a"', b'"\\\'"', b'"\\u"', b'"\\u12"', b'"\\u12g4"', b'"\\U00000041"', b'"\\0"',
    b'"\\ud800"', b'"\\udc00"', b'"\\ud800\\ud800"', b'"\\udc00\\ud800"', b'"\\ud800x"',
    b'"\\ud800\\n"', b'{"\\ud800":1}', b'{"a":{"\\udfff":1}}', b'"\\u D800"', b'"\\u+123"',
    b'"\xff"', b'"\x80"', b'"\xc0\x80"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"',
    b'{"\xed\xbf\xbf":1}', b"[1]\xff", b"\xe5[]", b"[]\x00", b"\x00[]", b"[\x00]", b"\x0c[]",
    b"\xef\xbb\xbf{}", b"{}\xef\xbb\xbf", *("{}".encode(it) for it in ("utf-16", "utf-16-le")),
    b"[1]//", b"/**/[1]", b"[1/**/]", b"[1]#a", b"<a/>", b"a: 1", b"- 1", b"--- 1", b"{}\n{}",
]
# fmt: on


@pytest.mark.parametrize("data", ACCEPTED, ids=repr)
def test_what_json_means_is_read(data):
    value = read_json(data)
    assert value == ACCEPTED[data]
    assert type(value) is type(ACCEPTED[data])


@pytest.mark.parametrize("data", REFUSED, ids=lambda data: repr(data[:24]))
def test_what_is_not_strict_json_is_refused(data):
    assert len(str(refusal(data))) <= 500


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"",
            "line 1, column 1: expected a value, got the end of the file; "
            "add what is missing, or remove it",
        ),
        (
            b'{"graph": {\n  "nodes": [1, {"p": NaN}]}}',
            "/graph/nodes/1/p (line 2, column 22): expected a value, got 'NaN'; "
            "only finite numbers can be kept",
        ),
        (
            b'{"a": [1,\n 2,]}',
            "/a/2 (line 2, column 4): expected a value, got ']'; "
            "remove the comma before it, or add what is missing",
        ),
        (
            b'{"a": 1 "b": 2}',
            "line 1, column 9: expected a comma or }, got '\"'; separate members by commas",
        ),
        (
            b"{'a': 1}",
            'line 1, column 2: expected a name in double quotes, got "\'"; '
            'put texts and names in double quotes "',
        ),
        (
            b'{"a": true, "b" = 1}',
            "/b (line 1, column 17): expected a colon after 'b', got '='; "
            "write a colon and a value",
        ),
        (
            b"[1]\n\n  x",
            "line 3, column 3: expected the end of the file, got 'x'; remove what follows",
        ),
        (
            b'{"x": {"a": 1, "a": 2}}',
            "/x/a (line 1, column 16): expected each name once, got 'a' twice; "
            "remove or rename one",
        ),
        (
            b'{"n": 9007199254740993}',
            "/n (line 1, column 7): expected a whole number below 2^53, got '9007199254740993'",
        ),
        (
            b'["\\ud800"]',
            "/0 (line 1, column 2): expected a character, got half of a surrogate pair; "
            "write the character itself",
        ),
        (
            b'["\xc3\xa9", "a\\x"]',
            '/1 (line 1, column 9): invalid \\escape; a text ends with ", '
            "a new line is written \\n, and \\ is written \\\\",
        ),
        (
            b'["a", "b\\n',
            '/1 (line 1, column 7): unterminated string; a text ends with ", '
            "a new line is written \\n, and \\ is written \\\\",
        ),
        (
            b'{"a":\n "\xff"}',
            "line 2, column 3: expected UTF-8, got byte 0xff; save it as UTF-8",
        ),
    ],
)
def test_a_refusal_says_where_what_and_what_to_do(data, message):
    assert str(refusal(data)) == message


@pytest.mark.parametrize("level", range(6))
def test_a_name_twice_is_refused_at_every_level(level):
    error = refusal(b'{"in":[' * level + b'{"a":1,"b":{"a":1},"a":1}' + b"]}" * level)
    assert error.pointer == "/in/0" * level + "/a"


def test_a_name_is_the_same_name_however_it_is_escaped():
    assert refusal(b'{"a":1,"\\u0061":1}').pointer == "/a"


def test_a_pointer_escapes_its_separators():
    assert refusal(b'{"a/b":{"c~d":x}}').pointer == "/a~1b/c~0d"


@pytest.mark.parametrize("depth", [10, 63, 64])
def test_levels_within_the_limit_are_read(depth):
    value = read_json(b"[" * depth + b"]" * depth)
    for _ in range(depth - 1):
        (value,) = value
    assert value == []


@pytest.mark.parametrize("depth", [65, 100, 1000, 10**4, 10**5, 10**6])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_levels_beyond_the_limit_are_refused(depth, opening, closing):
    error = refusal(opening * depth + b"0" + closing * depth)
    assert error.message == "expected at most 64 levels; nest less deeply"
    assert error.column == 64 * len(opening) + 1


@pytest.mark.slow
def test_sixteen_mebibytes_are_read_and_one_byte_more_is_not():
    text = b'"' + b"a" * 60_000 + b'"'
    data = b"[" + b",".join([text] * 279) + b"]"
    data += b" " * (16 * MEBIBYTE - len(data))
    assert len(read_json(data)) == 279
    assert len(read_json(data[:-1])) == 279
    assert refusal(data + b" ").message.startswith("expected a file of at most 16777216 bytes")


def test_a_text_as_long_as_the_limit_is_read_and_one_character_more_is_not():
    limits = Limits(text=4)
    for four in ("abcd", "ab\\nd", "é€😀d"):
        assert len(read_json(f'"{four}"'.encode(), limits)) == 4
        assert len(read_json(f'{{"{four}":0}}'.encode(), limits)) == 1
        assert "at most 4 characters" in refusal(f'"{four}e"'.encode(), limits).message
        assert "at most 4 characters" in refusal(f'{{"{four}e":0}}'.encode(), limits).message


def test_every_value_counts():
    limits = Limits(values=7)
    assert read_json(b'[1,"a",{"b":null},[],true]', limits)
    assert "at most 7 values" in refusal(b'[1,"a",{"b":null},[],true,0]', limits).message


HOSTILE = {
    "empty objects": 'b"[" + b",".join([b"{}"] * 1_000_000) + b"]"',
    "small objects": """b"[" + b'{"a":[],"b":{}},' * 300_000""",
    "many names": """b"{" + b",".join(b'"%d":[]' % name for name in range(1_000_000))""",
    "one long text": """b'"' + b"\\\\n" * 8_000_000""",
    "many texts": """b"[" + b'"\\\\ud83d\\\\ude00",' * 1_000_000""",
    "brackets": 'b"[" * 16_000_000',
    "digits": 'b"1" * 16_000_000',
    "white space": 'b" " * 16_000_000',
}


@pytest.mark.slow
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_within_512_mebibytes(data):
    program = f"""
import resource
from nodes.core.files.strict_json import FileError, read_json
resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20))
data = {data}
try:
    read_json(data)
except FileError:
    raise SystemExit(7)
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    assert (
        subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode
        == 7
    )


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        *((pickle.dumps({"a": [1]}, protocol), "Python pickle") for protocol in range(6)),
        *((pickle.dumps([1, 2], protocol), "Python pickle") for protocol in range(6)),
        (b"cos\nsystem\n(S'true'\ntR.", "Python pickle"),
        (zipped(), "zip archive or a PyTorch checkpoint"),
        (gzip.compress(b"{}"), "compressed"),
        (lzma.compress(b"{}"), "compressed"),
        (struct.pack("<Q", 64) + b'{"weight":{}}', "safetensors"),
        (b"\x93NUMPY\x01\x00", "arrays"),
        (b"wireformer: 1\nnodes:\n", "YAML"),
        (b"---\n- a\n", "YAML"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"{}".decode().encode("utf-16-be"), "UTF-16"),
        (b"\n<html>", "web page"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:4]),
)
def test_a_file_in_disguise_is_called_by_its_name_and_not_opened(data, kind):
    error = refusal(data)
    assert kind in error.message
    assert error.message.endswith("not opened")


def test_a_message_is_short_and_printable_whatever_the_file_says():
    evil = "\x1b]0;pwn\x07\u202e\U0001f600" * 3000
    deep = '{"' + '":{"'.join([json.dumps(evil)[1:-1] + str(level) for level in range(60)]) + '":x'
    for data in (deep, f'{{"{json.dumps(evil)[1:-1]}":0' * 2, '["' + evil, f"[{evil}", "x" * 9999):
        shown = str(refusal(data.encode()))
        assert len(shown) <= 500
        assert shown.isprintable()
    error = FileError(evil, evil, 10**9, 10**9)
    assert len(str(error)) <= 500
    assert str(error).isprintable()
    assert quote(evil).isprintable()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FileError("", "expected one"), "expected one"),
        (FileError("/a", "expected one"), "/a: expected one"),
        (FileError("", "expected one", 2, 3), "line 2, column 3: expected one"),
        (FileError("/a", "expected one", 2, 3), "/a (line 2, column 3): expected one"),
        (FileError("/\u202e", "got \0\U0001f600"), "/\\u202e: got \\x00\U0001f600"),
    ],
)
def test_an_error_is_one_line_of_printable_text(error, text):
    assert str(error) == text


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.slow
@settings(deadline=None)
@given(data=PLAIN, ascii_only=st.booleans(), indent=st.sampled_from([None, 0, 2, "\t"]))
@example(data=["\ufeff", "\x7f", -0.0, 5e-324], ascii_only=False, indent=None)
def test_what_json_writes_is_read_back(data, ascii_only, indent):
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    value = read_json(text.encode())
    assert value == data
    assert repr(value) == repr(data)


DOCUMENT = '{"name": "é\\n\\ud83d\\ude00", "nodes": {"a": [1, -2.5e3, true, null, {}]}}'.encode()


@pytest.mark.slow
@settings(deadline=None, max_examples=1000)
@given(
    place=st.integers(0, len(DOCUMENT) - 1),
    piece=st.binary(max_size=2)
    | st.sampled_from(list(b'"\\[]{},:0-.eu')).map(lambda it: bytes([it])),
    width=st.integers(0, 1),
)
def test_a_changed_byte_gives_what_json_gives_or_a_refusal(place, piece, width):
    data = DOCUMENT[:place] + piece + DOCUMENT[place + width :]
    try:
        value = read_json(data)
    except FileError:
        return
    assert value == json.loads(data)


@pytest.mark.parametrize("place", range(len(DOCUMENT)))
def test_a_cut_document_is_refused(place):
    error = refusal(DOCUMENT[:place])
    assert error.line == 1


def test_every_finite_number_is_the_number_that_json_reads():
    for text in ("0.1", "1e23", "2.2250738585072011e-308", "4.9e-324", "123456789012345678.0"):
        assert read_json(text.encode()) == json.loads(text)
    assert math.copysign(1, read_json(b"-0.0")) == -1
