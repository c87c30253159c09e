"""Encoding, units and segments of an SMS (SPEC.md section 5, `sms.segments`)."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commspec.rules.segments import SmsSegments, sms_segments

# GSM 03.38 by the names of its characters: what of ASCII it has, and what else.
ASCII = set(string.ascii_letters + string.digits + " !\"#$%&'()*+,-./:;<=>?@_\n\r")
NAMED = set(
    map(
        unicodedata.lookup,
        [
            *("POUND SIGN", "YEN SIGN", "CURRENCY SIGN", "SECTION SIGN", "INVERTED EXCLAMATION MARK", "INVERTED QUESTION MARK"),
            *("LATIN SMALL LETTER E WITH GRAVE", "LATIN SMALL LETTER E WITH ACUTE", "LATIN CAPITAL LETTER E WITH ACUTE"),
            *("LATIN SMALL LETTER U WITH GRAVE", "LATIN SMALL LETTER I WITH GRAVE", "LATIN SMALL LETTER O WITH GRAVE"),
            *("LATIN SMALL LETTER A WITH GRAVE", "LATIN CAPITAL LETTER C WITH CEDILLA", "LATIN SMALL LETTER SHARP S"),
            *("LATIN CAPITAL LETTER O WITH STROKE", "LATIN SMALL LETTER O WITH STROKE"),
            *("LATIN CAPITAL LETTER A WITH RING ABOVE", "LATIN SMALL LETTER A WITH RING ABOVE"),
            *("LATIN CAPITAL LETTER AE", "LATIN SMALL LETTER AE"),
            *("LATIN CAPITAL LETTER N WITH TILDE", "LATIN SMALL LETTER N WITH TILDE"),
            *(f"LATIN {case} LETTER {letter} WITH DIAERESIS" for case in ("CAPITAL", "SMALL") for letter in "AOU"),
            *(f"GREEK CAPITAL LETTER {name}" for name in ["DELTA", "PHI", "GAMMA", "LAMDA", "OMEGA", "PI", "PSI", "SIGMA", "THETA", "XI"]),
        ],
    )
)
EXTENSION = {*"^{}\\[~]|", unicodedata.lookup("EURO SIGN"), "\x0c"}


def packed(text: str) -> tuple[str, int, int]:
    """Encoding, units and segments of `text`, by putting one character after another into parts."""
    gsm = set(text) <= ASCII | NAMED | EXTENSION
    widths = [2 if (character in EXTENSION if gsm else character > "\uffff") else 1 for character in text]
    alone, part = (160, 153) if gsm else (70, 67)
    if sum(widths) <= alone:
        return "GSM-7" if gsm else "UCS-2", sum(widths), 1
    segments, room = 1, part
    for width in widths:
        if width > room:
            segments, room = segments + 1, part
        room -= width
    return "GSM-7" if gsm else "UCS-2", sum(widths), segments


def repeated(alphabet: str) -> st.SearchStrategy[str]:
    """Texts of runs, so that they are long enough to take several segments."""
    return st.lists(st.tuples(st.sampled_from(alphabet), st.integers(1, 170)), max_size=8).map(
        lambda runs: "".join(character * count for character, count in runs)
    )


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("a" * 80 + "\r\n" + "a" * 79, "GSM-7", 161, 2),
        ("a" * 80 + "\n" + "a" * 79, "GSM-7", 160, 1),
        ("\xe9" * 70, "GSM-7", 70, 1),
        ("e\u0301" * 70, "UCS-2", 140, 3),
        ("\u4e2d" * 70, "UCS-2", 70, 1),
        ("\u4e2d" * 71, "UCS-2", 71, 2),
        ("|" * 69 + "\u221e", "UCS-2", 70, 1),
        ("\U0001f60e" * 70, "UCS-2", 140, 3),
        ("\u20ac" * 80, "GSM-7", 160, 1),
        ("\u20ac" * 81, "GSM-7", 162, 2),
        ("\u20ac" * 152, "GSM-7", 304, 2),
        ("\u20ac" * 153, "GSM-7", 306, 3),
        ("\U0001f60e" * 35, "UCS-2", 70, 1),
        ("\U0001f60e" * 66, "UCS-2", 132, 2),
        ("\U0001f60e" * 67, "UCS-2", 134, 3),
        ("\xe7", "UCS-2", 1, 1),
        ("`", "UCS-2", 1, 1),
        ("\x1b", "UCS-2", 1, 1),
    ],
)
def test_known_counts(text: str, encoding: str, units: int, segments: int) -> None:
    """The counts that every operator gives, and those where a pair does not fit into a part any more."""
    found = sms_segments(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


def test_empty_text_is_one_segment() -> None:
    """An SMS without text is an SMS."""
    assert sms_segments("") == SmsSegments("GSM-7", 0, 1, 160, ())


def test_gsm_is_gsm_03_38() -> None:
    """Of all characters below the surrogates the 127 of the default alphabet take one unit and the 10 of the extension table two; no other is GSM-7."""
    assert len(ASCII | NAMED) == 127
    found = {character: sms_segments(character) for character in map(chr, range(0xD800))}
    assert {character for character, its in found.items() if its.encoding == "GSM-7" and its.units == 1} == ASCII | NAMED
    assert {character for character, its in found.items() if its.encoding == "GSM-7" and its.units == 2} == EXTENSION
    assert {its.units for its in found.values() if its.encoding == "UCS-2"} == {1}


# One above U+FFFF for each of the ranges D8xx to DBxx that the first half of its pair may lie in.
PAIRED = "\U0001f60e\U0005f60e\U0009f60e\U0010fffd"


@given(repeated("ab\n\xe9\u20ac[|") | repeated("a\u20ac\u4e2d" + PAIRED) | st.text())
@example("\U0005f60e" * 67)
@example("\U0009f60e" * 67)
@example("\U0010fffd" * 67)
@example("\u4e2d" * 66 + "\U0001f60e" + "\u4e2d" * 65)
@example("\u4e2d" * 133 + "\ud83d")
def test_counts_are_those_of_a_naive_packer(text: str) -> None:
    """Encoding, units and segments are what putting one character after another gives."""
    found = sms_segments(text)
    assert (found.encoding, found.units, found.segments) == packed(text)
    assert type(found.units) is type(found.segments) is int


@given(repeated("a\u20ac") | repeated("a\u4e2d\U0001f60e"))
def test_segments_have_room_for_all_units(text: str) -> None:
    """The room of all segments holds the units, with less than one unit per part and one part to spare."""
    found = sms_segments(text)
    assert found.units <= found.segments * found.units_per_segment
    assert found.segments == 1 or found.units > (found.segments - 1) * (found.units_per_segment - 1)
    assert (
        found.units_per_segment
        in {("GSM-7", True): (160,), ("GSM-7", False): (153,), ("UCS-2", True): (70,), ("UCS-2", False): (67,)}[
            found.encoding, found.segments == 1
        ]
    )


@given(st.text(alphabet="ab\u2019\u4e2d\U0001f60e\u20b9["))
def test_forcing_says_what_to_leave_out(text: str) -> None:
    """`forcing` is each character that GSM-7 has not, in order of first appearance; without them the text is GSM-7."""
    found = sms_segments(text)
    outside = [character for character in text if character not in ASCII | NAMED | EXTENSION]
    assert list(found.forcing) == sorted(set(outside), key=outside.index)
    assert sms_segments("".join(character for character in text if character not in found.forcing)).encoding == "GSM-7"


def test_half_a_pair_counts_as_one() -> None:
    """A lone surrogate, which no message holds, is counted and raises nothing."""
    assert sms_segments("\ud83d" * 71).units == 71
