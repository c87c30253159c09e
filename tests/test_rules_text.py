"""Rules that every text obeys (SPEC.md sections 4.3 and 4.7)."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from commspec.models.messages import ADDRESS, ADDRESSES, CONTENT, FILE_NAME, FREE, LABEL, PHONE, SUBJECT
from commspec.rules.fault import Fault
from commspec.rules.rule import TextRule
from commspec.rules.text import (
    WHITE_SPACE,
    check_characters,
    check_one_line,
    check_surrogates,
    holds_forbidden,
    holds_noncharacter,
    is_blank,
)

RULES = {
    "phone": PHONE,
    "address": ADDRESS,
    "addresses": ADDRESSES,
    "content": CONTENT,
    "free": FREE,
    "subject": SUBJECT,
    "label": LABEL,
    "file name": FILE_NAME,
}


def test_exactly_what_xml_can_carry_is_allowed() -> None:
    """A character is allowed exactly where an XML parser takes it, over all of Unicode's planes' edges and the whole first plane."""
    for number in [*range(0x10000), 0x10000, 0x1F60E, 0x1FFFE, 0x1FFFF, sys.maxunicode - 1, sys.maxunicode]:
        character = chr(number)
        try:
            etree.fromstring(f"<a>&#{number};</a>".encode())
            carried = True
        except etree.XMLSyntaxError:
            carried = False
        assert (check_characters(character) is None) is carried, hex(number)


def test_bytes_hold_what_their_text_holds() -> None:
    """What is looked for in UTF-8 is what is looked for in its text, for every character, wherever it stands."""
    for number in range(sys.maxunicode + 1):
        if not 0xD800 <= number < 0xE000:
            text = f"a\u0416{chr(number)}\uffee"
            refused = check_characters(text) is not None
            assert holds_forbidden(text.encode()) is refused, hex(number)
            assert holds_noncharacter(text.encode()) is (refused and number > 32), hex(number)


@pytest.mark.parametrize("place", [0, 1, 2**16 - 2, 2**16 - 1, 2**16, 2**17 - 1, 2**17, 150_000 - 3])
def test_a_character_is_found_wherever_a_long_document_holds_it(place: int) -> None:
    """A document is looked through piece by piece, and none of its characters lies between two."""
    plain = b"a" * 150_000
    assert not holds_forbidden(plain)
    for bad in ("\x00", "\x1f", "\ufffe", "\uffff"):
        assert holds_forbidden(plain[:place] + bad.encode() + plain[place:])


def test_white_space_is_unicodes() -> None:
    """White_Space is every character that Unicode calls so: separators, and the controls that move the place of writing; no zero-width ones."""
    separators = {chr(number) for number in range(sys.maxunicode + 1) if unicodedata.category(chr(number)) in ("Zs", "Zl", "Zp")}
    assert set(WHITE_SPACE) == separators | set("\t\n\x0b\x0c\r\x85")
    assert is_blank(WHITE_SPACE)
    assert not is_blank("\u200b")
    assert not is_blank("\x1c")


@pytest.mark.parametrize("character", "\x00\x0b\x1f\ud800\udfff\ufffe\uffff")
def test_what_xml_cannot_carry_is_named(character: str) -> None:
    """Each of them is refused wherever it stands, and named by its place and code point."""
    message = f"character 3 is U+{ord(character):04X}, which XML cannot carry"
    assert check_characters(f"ab{character}c") == Fault("text.character", message, "leave it out")


@pytest.mark.parametrize("character", "\r\n\x85\u2028\u2029")
def test_a_line_break_is_named(character: str) -> None:
    """Each of the five line breaks is refused in a one-line field, and named by its place and code point."""
    message = f"character 3 is U+{ord(character):04X}: one line only"
    assert check_one_line(f"ab{character}") == Fault("text.newline", message, "write it in one line")


def test_a_lone_surrogate_is_all_that_a_response_refuses() -> None:
    """Any text that can be encoded passes; half of a surrogate pair does not."""
    assert check_surrogates("\x00\ufffe\U0001f60e") is None
    assert check_surrogates("a\ud83d") == Fault("text.character", "character 2 is U+D83D, half of a surrogate pair")


@pytest.mark.parametrize("name", ["subject", "label"])
def test_what_is_blank(name: str) -> None:
    """Where something must be there, nothing and nothing but white space are refused, and told apart; a control character is no white space."""
    if RULES[name].blank:
        assert RULES[name].fault("") is None
        return
    assert RULES[name].fault("") == Fault("blank", "there is nothing in it")
    for space in WHITE_SPACE:
        assert RULES[name].fault(space) == Fault("blank", "there is nothing in it but white space")
    assert RULES[name].fault("\x1c") == check_characters("\x1c")


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("character", "\r\n\x85\u2028\u2029")
def test_what_is_said_of_a_text_first(name: str, character: str) -> None:
    """A character that XML cannot carry comes before a line break, and that before the field's own rule; only one-line fields refuse it."""
    rule = RULES[name]
    assert rule.fault(f"a{character}\x00") == check_characters(f"a{character}\x00")
    assert rule.fault(f"a{character}b") == (check_one_line(f"a{character}b") if rule.one_line else None)
    assert rule.accepts([f"a{character}b"], clean=True) is not rule.one_line


@given(st.sampled_from(sorted(RULES)), st.lists(st.text(st.characters(codec=None), max_size=6), min_size=1, max_size=3))
def test_the_columns_verdict_is_never_milder(name: str, column: list[str]) -> None:
    """What a rule accepts as a column has no fault in any text, whatever stands in it; what it does not is for the single verdicts."""
    rule: TextRule = RULES[name]
    if rule.accepts(column, clean=False):
        assert [rule.fault(text) for text in column] == [None] * len(column)


@given(
    st.sampled_from(sorted(RULES)),
    st.lists(
        st.text(st.characters(exclude_characters="".join(map(chr, range(0x20))), exclude_categories=["Cs", "Cn"]), max_size=6), max_size=3
    ),
)
@example("file name", ["a.pdf", "b.pdf"])
@example("file name", ["a.pdf", "b/c.pdf"])
@example("file name", ["a/b.pdf", "c/d.pdf"])
def test_the_columns_verdict_is_exact_without_controls(name: str, column: list[str]) -> None:
    """For texts without control characters, the verdict on a column is that on its texts."""
    rule: TextRule = RULES[name]
    assert rule.accepts(column, clean=False) == all(rule.fault(text) is None for text in column)


REFUSED = [*map(chr, range(0x20)), "\x85", "\u2028", "\u2029", "\ud800", "\udfff", "\ufffe", "\uffff", ""]
WELL_KNOWN = {
    "phone": ("919876500001", "+919876500001"),
    "address": ("a.b@example.com",),
    "addresses": ("a@example.com, b@example.com", ""),
}


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_what_passes_a_check_with_a_twin_passes_all(name: str) -> None:
    """A rule with a twin asks its own check first: that refuses all that the rules of every text refuse, wherever it stands."""
    rule = RULES[name]
    assert rule.check is not None
    assert rule.column is not None
    near = [*(" " * count for count in range(3)), *WHITE_SPACE]
    for text in WELL_KNOWN[name]:
        assert rule.fault(text) is None
        near += [text[:at] + character + text[at:] for character in REFUSED for at in range(len(text) + 1)]
    for text in near:
        common = (not rule.blank and is_blank(text)) or check_characters(text) or (rule.one_line and check_one_line(text))
        assert not common or rule.check(text) is not None, text
