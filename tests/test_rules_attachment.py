"""Rules of attachments: names, encodings and base64 (SPEC.md section 5)."""

from __future__ import annotations

import base64
import itertools
import re
import string
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from commspec.rules.attachment import check_base64, check_encoding, check_file_name, decode_content, is_base64

GENERAL = "encode the bytes of the content in base64 (RFC 4648, section 4), in one line"


def is_canonical(text: str) -> bool:
    """RFC 4648 turned round: `text` is base64 where encoding what a lenient decoder makes of it gives `text` again."""
    try:
        return base64.b64encode(base64.b64decode(text)).decode() == text
    except ValueError:
        return False


def encoded(content: bytes) -> str:
    """The base64 of `content`."""
    return base64.b64encode(content).decode()


def hint_of(text: str) -> str | None:
    """The hint of the fault that `text` has."""
    fault = check_base64(text)
    assert fault is not None
    return fault.hint


# --- file_name


@given(st.text(alphabet=st.characters(exclude_characters="/\\")).filter(lambda text: text not in (".", "..")))
def test_a_name_without_folders_is_good(name: str) -> None:
    """Whatever has no separator and is not `.` or `..` is a file name."""
    assert check_file_name(name) is None


@given(st.text(), st.sampled_from("/\\"), st.text())
def test_a_separator_is_a_fault(before: str, separator: str, after: str) -> None:
    """A slash or backslash anywhere is a fault, which names the first by position and code point."""
    fault = check_file_name(before + separator + after)
    position = re.split(r"[/\\]", before)[0]
    first = (before + separator)[len(position)]
    assert fault is not None
    assert fault[:2] == ("attachment.name", f"character {len(position) + 1} is U+{ord(first):04X}: a file name has no folders")


@given(st.lists(st.text(max_size=8) | st.sampled_from([".", "..", "", " ", "x.pdf", "a\x1b[2J"]), min_size=2).map("/".join))
def test_what_the_hint_says_to_write_is_a_name(path: str) -> None:
    """Where a path's hint quotes a name, it is a part of the path, printable and good."""
    fault = check_file_name(path)
    assert fault is not None
    assert fault.hint is not None
    if fault.hint not in ("write the file's own name", "write its last part only"):
        name = fault.hint.removeprefix("write ")
        assert name in path.replace("\\", "/").split("/")
        assert name.isprintable()
        assert check_file_name(name) is None


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("../x.pdf", "write x.pdf"),
        (r"C:\fakepath\x.pdf", "write x.pdf"),
        ("a/b\\c", "write c"),
        ("invoices/", "write invoices"),
        ("/", "write the file's own name"),
        ("../..", "write the file's own name"),
        ("a/\u3000", "write a"),
        ("a/\x1c", "write its last part only"),
        ("a/\x1b[2J", "write its last part only"),
        ("a/" + "b" * 1000, "write its last part only"),
    ],
)
def test_the_hint_names_the_last_part(path: str, hint: str) -> None:
    """A path's hint is its last part that is a file name, where that can be shown whole."""
    fault = check_file_name(path)
    assert fault is not None
    assert fault.hint == hint


@pytest.mark.parametrize("name", [".", ".."])
def test_dots_are_no_name(name: str) -> None:
    """`.` and `..` are folders."""
    assert check_file_name(name) == ("attachment.name", "dots alone name a folder, not a file", "write the file's own name")


# --- file_encoding_type

IMAGES = [prefix + name for prefix in ("", ".", "image/") for name in ("jpg", "jpeg", "png", "gif", "PNG", "Jpeg", "gIF")] + ["IMAGE/png"]
OTHERS = [
    "pdf",
    "txt",
    "",
    "pngx",
    "xpng",
    ".image/png",
    "image/.png",
    "image/svg+xml",
    "png ",
    "png\n",
    "jp\u0131g",
    "g\u0131f",
    "G\u0130F",
]


def test_every_letter_case_is_base64() -> None:
    """`base64` is good in each of its 16 spellings, for a file of any type."""
    spellings = list(map("".join, itertools.product("bB", "aA", "sS", "eE", "6", "4")))
    assert len(spellings) == 16
    assert all(is_base64(each) and check_encoding(each, "png") is None and check_encoding(each, "pdf") is None for each in spellings)


def test_no_other_character_passes_for_a_letter() -> None:
    """Only its own letter and capital can stand in `base64`: not the long s, not a full-width 6, nothing of the two planes that hold all letter cases."""
    for place, letter in enumerate("base64"):
        before, after = "base64"[:place], "base64"[place + 1 :]
        good = {letter, letter.upper()}
        assert {character for character in map(chr, range(0x20000)) if is_base64(before + character + after)} == good


@given(st.text(), st.sampled_from(IMAGES + OTHERS))
def test_no_other_encoding_is_known(encoding: str, file_type: str) -> None:
    """Whatever is not empty and not `base64` is a fault for a file of any type."""
    fault = check_encoding(encoding, file_type)
    if encoding and encoding not in map("".join, itertools.product("bB", "aA", "sS", "eE", "6", "4")):
        assert fault is not None
        assert fault[:2] == ("attachment.encoding", "neither empty nor base64")
    assert is_base64(encoding) is (bool(encoding) and fault is None)


@pytest.mark.parametrize("encoding", [None, ""])
@pytest.mark.parametrize("file_type", IMAGES)
def test_an_image_needs_base64(file_type: str, encoding: str | None) -> None:
    """An image without encoding is a fault, in any letter case, also after a full stop or `image/`."""
    assert check_encoding(encoding, file_type) == ("attachment.encoding", "files of this type are sent as base64", "write base64")


@pytest.mark.parametrize("encoding", [None, ""])
@pytest.mark.parametrize("file_type", OTHERS)
def test_other_files_need_no_encoding(file_type: str, encoding: str | None) -> None:
    """What is not exactly the name of one of the four image types needs no encoding; U+0131 is no i."""
    assert check_encoding(encoding, file_type) is None


@pytest.mark.parametrize(
    "encoding", ["base64 ", " base64", "base64\n", "Base 64", "base-64", "BASE_64", "b64", "x-base64", "\uff42ase64", '"base64"']
)
def test_near_base64_is_told_so(encoding: str) -> None:
    """What can only mean base64 is refused, with the hint to write it."""
    assert check_encoding(encoding, "pdf") == ("attachment.encoding", "neither empty nor base64", "write base64")


@pytest.mark.parametrize(
    ("encoding", "file_type", "hint"),
    [
        ("none", "txt", "leave it out: plain text has no encoding"),
        ("UTF-8", "txt", "leave it out: plain text has no encoding"),
        ("hex", "pdf", "write base64, or leave it out where the data is plain text"),
        ("base64url", "pdf", "write base64, or leave it out where the data is plain text"),
        ("base64".ljust(20), "pdf", "write base64"),
        ("base64".ljust(21), "pdf", "write base64, or leave it out where the data is plain text"),
        ("base64" * 1000, "pdf", "write base64, or leave it out where the data is plain text"),
        ("none", "png", "write base64"),
    ],
)
def test_the_hint_of_an_encoding_obeys_the_rule(encoding: str, file_type: str, hint: str) -> None:
    """The hint says what would be good for a file of that type."""
    fault = check_encoding(encoding, file_type)
    assert fault is not None
    assert fault.hint == hint


# --- file_data


@given(st.binary(max_size=400))
def test_base64_of_anything_is_good(content: bytes) -> None:
    """What the standard library encodes is good, and decodes to the same bytes under every spelling of base64."""
    assert check_base64(encoded(content)) is None
    assert decode_content(encoded(content), "Base64") == content


@given(
    st.text(alphabet="AQgwBz+/=", max_size=13)
    | st.text(alphabet=string.ascii_letters + string.digits + "+/=-_ \n\u017f\uff21\ud800", max_size=13)
    | st.text(max_size=13)
)
def test_only_base64_is_good(text: str) -> None:
    """A text is good exactly where it is what encoding its bytes gives."""
    assert (check_base64(text) is None) is is_canonical(text)


def test_every_short_text_is_judged_right() -> None:
    """All texts of up to 5 characters of a small alphabet, padding and a foreign character are judged as the definition does."""
    texts = list(map("".join, itertools.chain.from_iterable(itertools.product("AQgB=-", repeat=length) for length in range(6))))
    assert [text for text in texts if (check_base64(text) is None) is not is_canonical(text)] == []


def test_spare_bits_must_be_zero() -> None:
    """Of the 64 characters that can stand before one `=`, 16 are good; before two of them, 4."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    assert [letter for letter in letters if check_base64(f"AA{letter}=") is None] == list(letters[::4])
    assert [letter for letter in letters if check_base64(f"A{letter}==") is None] == list(letters[::16])


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_character_is_judged_right(content: bytes, data: st.DataObject) -> None:
    """One character put in, taken out or replaced: judged as the definition does."""
    text = encoded(content)
    place = data.draw(st.integers(0, len(text)))
    put, taken = data.draw(st.sampled_from(["", "=", "A", "/", "-", "\n", "\xe9"])), data.draw(st.integers(0, 1))
    changed = text[:place] + put + text[place + taken :]
    assert (check_base64(changed) is None) is is_canonical(changed)


@pytest.mark.parametrize("place", [0, 1, 131_070, 131_071, 131_072, 131_073, 262_143, 262_144, 399_994, 399_995, 399_999])
@pytest.mark.parametrize("character", ["-", "=", "\n", "\x80", "\u0100", "\U0001f60e"])
def test_a_foreign_character_is_found_anywhere(place: int, character: str) -> None:
    """In a long text the message says where the first foreign character is, and which."""
    text = "A" * place + character + "A" * (399_999 - place - 1) + "-"
    fault = check_base64(text)
    assert fault is not None
    assert fault.message.startswith(f"character {place + 1} is U+{ord(character):04X}: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("aG\nk=", "character 3 is U+000A: not in the alphabet of base64"),
        ("aG=k", "character 3 is U+003D: padding stands at the end only"),
        ("aGk", "the length without padding is 3, which asks for 1 '=' at the end, not 0"),
        ("aGk==", "the length without padding is 3, which asks for 1 '=' at the end, not 2"),
        ("aaaa=", "the length without padding is 4, which asks for 0 '=' at the end, not 1"),
        ("=", "the length without padding is 0, which asks for 0 '=' at the end, not 1"),
        ("aaaaa===", "the length without padding is 5, 1 modulo 4: a character is missing, or one too many"),
        ("aGl=", "the last character before the padding has bits to spare that are not zero"),
    ],
)
def test_the_message_says_what_is_wrong(text: str, message: str) -> None:
    """Each way to be no base64 has its message."""
    fault = check_base64(text)
    assert fault is not None
    assert (fault.code, fault.message) == ("attachment.base64", message)


@given(st.text(min_size=1).filter(lambda text: not is_canonical(text)))
def test_the_message_holds_no_data(text: str) -> None:
    """A message is one of four sentences with numbers and a code point in it, whatever the data."""
    fault = check_base64(text)
    assert fault is not None
    assert re.fullmatch(
        r"character \d+ is U\+[0-9A-F]{4,6}: (not in the alphabet of base64|padding stands at the end only)"
        r"|the length without padding is \d+, (which asks for [0-2] '=' at the end, not \d+|1 modulo 4: a character is missing, or one too many)"
        r"|the last character before the padding has bits to spare that are not zero",
        fault.message,
    )


# --- hints for file_data

# What people do to base64, in the order in which it happens, and what to do about it.
MISTAKES: dict[str, Callable[[str], str]] = {
    "unpadded": lambda text: text.rstrip("="),
    "URL-safe": lambda text: text.replace("+", "-").replace("/", "_"),
    "data: URI": lambda text: f"data:image/png;base64,{text}",
    "repr of bytes": lambda text: f"b'{text}'",
    "wrapped": lambda text: "\r\n".join(text[start : start + 10] for start in range(0, len(text), 10)) + "\n",
}
REMEDIES = {
    "wrapped": "remove white space and line breaks",
    "repr of bytes": "write what stands between the quotes",
    "data: URI": "write what follows the comma",
    "URL-safe": "write + for - and / for _",
}


@example(bytes(45), {"wrapped"})
@example(bytes(46), {"wrapped"})
@given(st.binary(min_size=20, max_size=120), st.sets(st.sampled_from(list(MISTAKES)), min_size=1))
def test_likely_mistakes_are_told_alone_and_together(content: bytes, made: set[str]) -> None:
    """The hint names what to do about each mistake that was made, and shows the outcome where that is short."""
    text = good = encoded(content)
    told = []
    for mistake, make in MISTAKES.items():
        if mistake in made and make(text) != text:
            told.append(REMEDIES.get(mistake) or f"append {len(good) - len(good.rstrip('='))} '=' at the end")
            text = make(text)
    assume(told)
    # Told in the order in which they are undone, the last mistake first; padding is added at the very end.
    hint = ", ".join(reversed(told))
    assert hint_of(text) == (f"{hint}: {good}" if len(good) <= 60 else hint)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("data:image/png;base64,aGk=", "write what follows the comma: aGk="),
        ("DATA:text/plain;charset=utf-8;BASE64,aGk=", "write what follows the comma: aGk="),
        ("-_-_", "write + for - and / for _: +/+/"),
        ("aGk", "append 1 '=' at the end: aGk="),
        ("aA", "append 2 '=' at the end: aA=="),
        ("aA=", "append 1 '=' at the end: aA=="),
        ("aGk==", "remove 1 '=' at the end: aGk="),
        ("b'aGk='", "write what stands between the quotes: aGk="),
        ('b"aGk="', "write what stands between the quotes: aGk="),
        ('"aGk="', "write what stands between the quotes: aGk="),
        ("b'aG\\nk=\\n'", "remove white space and line breaks, write what stands between the quotes: aGk="),
        ("\ufeffaGk=", "remove white space and line breaks: aGk="),
        ("aG k", "write + for every space: a web form has decoded it, it seems"),
        ("aGkh aGkh aGkh aGkh aGkh", "remove white space and line breaks: aGkhaGkhaGkhaGkhaGkh"),
        ("0x89504e470d0a1a0a", "these are hexadecimal digits, it seems: encode the bytes that they stand for in base64"),
        ("89504E470A", "these are hexadecimal digits, it seems: encode the bytes that they stand for in base64"),
        ("aGl=", GENERAL),
        ("aGl", GENERAL),
        ("aaaaa", GENERAL),
        ("data:,hello", GENERAL),
        ("data:image/png;base64,", GENERAL),
        ("Returns within 30 days.", GENERAL),
        ("=", GENERAL),
        ("'", GENERAL),
        ("b'", GENERAL),
        (" \n", GENERAL),
    ],
)
def test_the_hint_says_what_to_do(text: str, hint: str) -> None:
    """Each likely mistake has its hint; where none makes base64 of it, the hint says what base64 is made of."""
    assert hint_of(text) == hint


@given(st.text(alphabet="aGk=+/-_ \n'\"b,", min_size=1, max_size=80).filter(lambda text: not is_canonical(text)))
def test_what_a_hint_shows_is_good(text: str) -> None:
    """Data that a hint shows is base64, of some bytes and at most 60 characters."""
    shown = re.fullmatch(r".*?: (\S+)", hint_of(text) or "")
    if shown is not None:
        assert is_canonical(shown[1])
        assert 0 < len(shown[1]) <= 60


def test_a_long_hint_quotes_nothing() -> None:
    """The hint for a large file is as short as the steps are."""
    assert hint_of("data:image/png;base64," + "A" * 1_000_003) == "write what follows the comma, append 1 '=' at the end"


# --- decoding, memory


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.sampled_from([None, ""]))
def test_plain_content_is_utf_8(text: str, encoding: str | None) -> None:
    """Plain `file_data` is its UTF-8, also where it would be base64."""
    assert decode_content(text, encoding) == text.encode("utf-8")
    assert decode_content("aGk=", encoding) == b"aGk="


def test_judging_holds_no_copy() -> None:
    """A good text of 8 MiB is judged in less than 1 MiB of memory; a bad one, with its hint, in less than twice its size."""
    good = "A" * (8 << 20)
    bad = good[:-2] + "-\n"
    tracemalloc.start()
    try:
        assert check_base64(good) is None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        tracemalloc.reset_peak()
        assert check_base64(bad) is not None
        assert tracemalloc.get_traced_memory()[1] < 2.1 * len(bad)
    finally:
        tracemalloc.stop()
