"""Phone numbers: the wire form, what people write instead, and numbering plans (SPEC.md section 5)."""

from __future__ import annotations

import contextlib
import functools
import itertools
import random
import re
import string
import subprocess
import sys
import unicodedata
from collections.abc import Iterator

import phonenumbers
import pytest
from cost import instructions
from hypothesis import example, given
from hypothesis import strategies as st

from commspec.errors import CommspecError, InvalidMessage, Issue, shorten
from commspec.rules import numbering
from commspec.rules.numbering import check_plan, is_plan_valid, normalize_phone
from commspec.rules.phone import check_phone, phones_ok
from commspec.testing.strategies import phone_numbers

SEPARATORS = (" ", "-", ".", "\u00a0", "\u2011", "\u2013", "\u202f", "\u200b", "\u202a", "\u00ad", "\u30fc")
DIGIT_ZEROS = ("0", "٠", "۰", "०", "０", "𝟎")

near_numbers = st.text(st.sampled_from("+0123456789") | st.integers(0, 0x10FFFF).map(chr), max_size=18) | phone_numbers()


def expected_code(text: str) -> str | None:
    """The sentence of section 5, said once more without a regular expression."""
    digits = text.removeprefix("+")
    if any(character not in string.digits for character in digits) or text.startswith("+0"):
        return "phone.characters"
    return None if 6 <= len(digits) <= 15 else "phone.length"


def parsed_valid(digits: str) -> bool:
    """What phonenumbers says of digits with their country code first."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse("+" + digits))
    except phonenumbers.NumberParseException:
        return False


def wire_form(number: phonenumbers.PhoneNumber) -> str:
    """Country code and number, as phonenumbers writes them."""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@functools.cache
def examples(region: str) -> list[phonenumbers.PhoneNumber]:
    """A region's example numbers, one of every kind it has."""
    found = [phonenumbers.example_number_for_type(region, kind) for kind in sorted(phonenumbers.supported_types_for_region(region))]
    return [number for number in found if number is not None and phonenumbers.is_valid_number(number)]


def all_examples() -> list[str]:
    """The example numbers of all regions, and of the country codes that belong to none."""
    worldwide = map(phonenumbers.example_number_for_non_geo_entity, sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))
    return [wire_form(number) for number in [*itertools.chain.from_iterable(map(examples, REGIONS)), *worldwide] if number is not None]


@contextlib.contextmanager
def changed(monkeypatch: pytest.MonkeyPatch, metadata: object, **fields: object) -> Iterator[None]:
    """Have libphonenumber's metadata say something else, and forget what was worked out from it."""
    with monkeypatch.context() as patch:
        patch.setattr(metadata, "_mutable", True)
        for name, value in fields.items():
            patch.setattr(metadata, name, value)
        forget()
        yield
    forget()


def forget() -> None:
    """Forget all that was worked out from metadata."""
    numbering._plan_at.cache_clear()
    numbering._plan.cache_clear()


class TestWireForm:
    """`check_phone` and its columnar twin."""

    @given(near_numbers)
    @example("")
    @example("+")
    @example("+0123456")
    @example("12345６")
    @example("123456\n")
    def test_verdict(self, text: str) -> None:
        """A number is refused exactly where section 5 says so, with the code that it says."""
        fault = check_phone(text)
        assert (fault and fault.code) == expected_code(text)

    @given(st.lists(near_numbers | phone_numbers(), max_size=5))
    @example([])
    @example(["123456", ""])
    @example(["12345", "1234567"])
    @example(["123456+", "012345"])
    @example(["٣٣٣٣٣٣"])
    def test_column(self, column: list[str]) -> None:
        """A column is good exactly where each of its numbers is."""
        assert phones_ok(column) == all(expected_code(text) is None for text in column)

    @pytest.mark.parametrize("number", ["919591471711", "+919591471711"])
    def test_long_column(self, number: str) -> None:
        """A million numbers are judged as one is, also where only the last is at fault."""
        assert phones_ok([number] * 1_000_000)
        assert not phones_ok([number] * 1_000_000 + [number + "\n"])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("91 98765", "character 3 is U+0020: a phone number is digits, with an optional + before them"),
            ("91+98765", "character 3 is U+002B: a phone number is digits, with an optional + before them"),
            ("91९८७६५", "character 3 is U+096F: a phone number is digits, with an optional + before them"),
            ("+0919591471711", "character 2 is U+0030: no country code begins with 0"),
            ("+12345", "5 digits; a phone number has 6 to 15"),
            ("+", "0 digits; a phone number has 6 to 15"),
        ],
    )
    def test_message(self, text: str, message: str) -> None:
        """The message says which character, or how many digits."""
        fault = check_phone(text)
        assert fault is not None
        assert fault.message == message

    @given(st.text("0123456789+ -\u200b٣x", min_size=6))
    def test_privacy(self, text: str) -> None:
        """No message holds the number."""
        fault = check_phone(text)
        assert fault is None or text not in fault.message

    @pytest.mark.parametrize("tail", ["1", "x", " ", "+", "(", "/", "\u200b", "1/", "+1", "1,"])
    def test_long_text(self, tail: str) -> None:
        """A megabyte is refused in no more steps than a kilobyte, whatever it is made of; patterns are looked at elsewhere."""

        def refuse(length: int) -> None:
            assert check_phone("1" + tail * (length // len(tail))) is not None

        assert instructions(lambda: refuse(1_000_000)) <= instructions(lambda: refuse(1_000))


class TestHints:
    """What `check_phone` says to write instead."""

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("+91 95914 71711", "write 919591471711"),
            ("+44 20 7946 0018", "write 442079460018"),
            ("91-95914.71711", "write 919591471711"),
            ("(+91) 9591471711", "write 919591471711"),
            ("tel:+91-9591471711", "write 919591471711"),
            ("'919591471711", "write 919591471711"),
            ("919,591,471,711", "write 919591471711"),
            ("919591471711.0", "write 919591471711"),
            ("91९५९१४७१७११", "write 919591471711"),
            ("＋９１９５９１４７１７１１", "write 919591471711"),
            ("\u200b919591471711", "write 919591471711, without U+200B (ZERO WIDTH SPACE)"),
            (
                "919591\ufeff471711\u202c",
                "write 919591471711, without U+202C (POP DIRECTIONAL FORMATTING) and U+FEFF (ZERO WIDTH NO-BREAK SPACE)",
            ),
            ("4.47E+11", "take the number from its source, into a column of texts"),
            ("4,47e11", "take the number from its source, into a column of texts"),
            ("1-800-FLOWERS", "write country code and number only, in digits"),
            ("91 95914 71711 ext. 5", "write country code and number only: no message reaches an extension"),
            ("919591471711, 919591471712", "write one number, and a message for each"),
            ("+919591471711 / +919591471712", "write one number, and a message for each"),
            ("+0919591471711", "write the country code first, without 0 or 00 before it, and digits only"),
            ("0091 95914 71711", "write the country code first, without 0 or 00 before it, and digits only"),
            ("(555) 555-5555", "write country code and number as dialled from abroad, digits only"),
            ("+44 (0)20 7946 0018", "write country code and number as dialled from abroad, digits only"),
            ("+44 020 7946 0018", "write country code and number as dialled from abroad, digits only"),
            ("[555] 555-5555", "write country code and number as dialled from abroad, digits only"),
            ("（555）555-5555", "write country code and number as dialled from abroad, digits only"),
            ("+44 79 (0)11 123456", "write country code and number as dialled from abroad, digits only"),
            ("12345", "write country code and number, 6 to 15 digits"),
            ("1234567890123456", "write country code and number, 6 to 15 digits"),
            ("+", "write country code and number, 6 to 15 digits"),
            ("9" * 101, "write country code and number, 6 to 15 digits"),
            ("919591471711".rjust(100), "write 919591471711"),
            ("919591471711".rjust(101), "write country code and number, 6 to 15 digits"),
        ],
    )
    def test_likely_mistakes(self, text: str, hint: str) -> None:
        """Each likely mistake has a hint that says what to write instead."""
        fault = check_phone(text)
        assert fault is not None
        assert fault.hint == hint

    @pytest.mark.parametrize("code", sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
    def test_trunk_zero(self, code: int) -> None:
        """After whatever country code a 0 stands, in brackets or not, no number is proposed: it may or may not be dialled from abroad."""
        for zero in ("0", "(0)", "( 0 )", "（０）", "[0]"):
            fault = check_phone(f"+{code} {zero}212 345 678")
            assert fault is not None
            assert fault.hint == "write country code and number as dialled from abroad, digits only"
        for national in ("212 345 078", "20 7946 0018", "200 345 6780"):
            fault = check_phone(f"+{code} {national}")
            assert fault is not None
            assert fault.hint == f"write {code}{national.replace(' ', '')}"

    def test_invisible(self) -> None:
        """Whatever invisible character is in a number is named."""
        invisible = [character for character in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(character) == "Cf"]
        for character in invisible:
            fault = check_phone(f"9195914{character}71711")
            assert fault is not None
            assert fault.hint == f"write 919591471711, without U+{ord(character):04X} ({unicodedata.name(character)})"

    @given(near_numbers | st.text(st.sampled_from("+0123456789 ()-./,;xE\u200b٣"), max_size=25))
    def test_proposals(self, text: str) -> None:
        """A number that a hint proposes is in wire form, and has the digits of the text, in their order."""
        fault = check_phone(text)
        proposed = re.match("write ([+0-9]+)", (fault and fault.hint) or "")
        if proposed is not None:
            assert expected_code(proposed[1]) is None
            assert "".join(str(int(c)) for c in text if c.isdecimal()) in (proposed[1], proposed[1] + "0", proposed[1] + "00")


DIGITS_ONLY = "write country code and number only, in digits"
NO_EXTENSION = "write country code and number only: no message reaches an extension"
ONE_NUMBER = "write one number, and a message for each"
OR_REGION = "write + and the country code first, or give the region"


class TestNormalize:
    """`normalize_phone`."""

    @pytest.mark.parametrize(
        ("text", "region", "wire"),
        [
            ("+91 95914 71711", None, "919591471711"),
            ("919591471711", None, "919591471711"),
            ("0091 95914 71711", None, "919591471711"),
            ("tel:+91-95914-71711", None, "919591471711"),
            ("TEL:95914-71711;phone-context=+91", None, "919591471711"),
            ("+44 (0)20 7946 0018", None, "442079460018"),
            ("+44 020 7946 0018", None, "442079460018"),
            ("0044 (0) 20 7946 0018", None, "442079460018"),
            ("0044 (0)20 7946 0018", "US", "442079460018"),
            ("011 44 (0)20 7946 0018", "US", "442079460018"),
            ("+44 ( 0 ) 20 7946 0018", None, "442079460018"),
            ("+44 [0] 20 7946 0018", None, "442079460018"),
            ("＋４４（０）２０７９４６００１８", None, "442079460018"),
            ("+44 20 (0)7946 0018", None, "442079460018"),
            ("+44 79 (0)11 123456", None, "447911123456"),
            ("44 20 (0)7946 0018", None, "442079460018"),
            ("44 (0)20 7946 0018", None, "442079460018"),
            ("44 (0)20 7946 0018", "GB", "442079460018"),
            ("44 (0)20 7946 0018", "DE", "442079460018"),
            ("(0)345 1234567", "IT", "3903451234567"),
            ("+39 06 698 1234", None, "39066981234"),
            ("+49 30/123456", None, "4930123456"),
            ("[+91]\u00a095914·71711", None, "919591471711"),
            ("“+91 95914 71711”", None, "919591471711"),
            ("95914 71711", "IN", "919591471711"),
            ("095914 71711", "in", "919591471711"),
            ("91 95914 71711", "IN", "919591471711"),
            ("(0)20 7946 0018", "GB", "442079460018"),
            ("011 44 20 7946 0018", "US", "442079460018"),
            ("0044 20 7946 0018", "US", "442079460018"),
            ("44 20 7946 0018", "IN", "442079460018"),
            ("6591234567", "IN", "916591234567"),
            ("6591234567", "SG", "6591234567"),
            ("+91 95914 71711".ljust(100), None, "919591471711"),
        ],
    )
    def test_readings(self, text: str, region: str | None, wire: str) -> None:
        """What people write becomes digits with their country code first."""
        assert normalize_phone(text, region) == wire

    @pytest.mark.parametrize(
        ("text", "region", "code", "message", "hint"),
        [
            *((text, None, "phone.length", "there is no digit in it", None) for text in ("", "+", "()", "+ ( ) -")),
            ("9" * 101, None, "phone.length", "101 characters, which no phone number takes", None),
            ("+9195", None, "phone.length", "4 digits; a phone number has 6 to 15", "write country code and number, 6 to 15 digits"),
            ("+91 FLOWERS", None, "phone.characters", "letters: U+0046", DIGITS_ONLY),
            ("+91 ＦＬＯＷＥＲＳ", None, "phone.characters", "letters: U+FF26", DIGITS_ONLY),
            ("Tel. +91 95914 71711", None, "phone.characters", "letters: U+0054", DIGITS_ONLY),
            ("*121#", None, "phone.characters", "what no phone number holds: U+002A", DIGITS_ONLY),
            ("！121～", None, "phone.characters", "what no phone number holds: U+FF01", DIGITS_ONLY),
            ("121～", None, "phone.characters", "what no phone number holds: U+FF5E", DIGITS_ONLY),
            ("+91 95914 71711 x5", None, "phone.characters", "an extension", NO_EXTENSION),
            ("+91 95914 71711 X5", None, "phone.characters", "an extension", NO_EXTENSION),
            ("tel:+919591471711;ext=5", None, "phone.characters", "an extension", NO_EXTENSION),
            (
                "4.47959E+11",
                None,
                "phone.characters",
                "a spreadsheet has rounded it: digits are lost",
                "take the number from its source, into a column of texts",
            ),
            ("919591471711, 919591471712", None, "phone.characters", "more than one number, it seems", ONE_NUMBER),
            ("919591471711/12", None, "phone.characters", "more than one number, it seems", ONE_NUMBER),
            *(
                (text, None, "phone.characters", "more than one number, it seems", ONE_NUMBER)
                for text in ("+919591471711 +919591471712", "++919591471711", "9+19591471711", "919591471711+")
            ),
            (
                "+00 91 95914 71711",
                None,
                "phone.characters",
                "character 2 is U+0030: no country code begins with 0",
                "write the country code first, without 0 or 00 before it, and digits only",
            ),
            ("095914 71711", None, "phone.plan", "a national number, by the 0 at its start, and no region is given", OR_REGION),
            ("(0)20 7946 0018", None, "phone.plan", "a national number, by the 0 at its start, and no region is given", OR_REGION),
            ("95914 71711", None, "phone.plan", "no valid number with its country code first, and no region is given", OR_REGION),
            (
                "6591234567",
                None,
                "phone.plan",
                "it may be numbers of two countries, with country code and without, and no region is given",
                OR_REGION,
            ),
            ("0011 91 95914 71711", None, "phone.plan", "no valid number with its country code first", None),
            ("+39 (0)345 1234567", None, "phone.plan", "valid both with and without its (0)", None),
            ("+39 ( 0 )345 1234567", None, "phone.plan", "valid both with and without its (0)", None),
            ("+39 [0]345 1234567", None, "phone.plan", "valid both with and without its (0)", None),
            ("39 (0)345 1234567", None, "phone.plan", "valid both with and without its (0)", None),
            ("39 (0)345 1234567", "IT", "phone.plan", "valid both with and without its (0)", None),
            ("39 (0)345 1234567", "DE", "phone.plan", "valid both with and without its (0)", None),
            ("0039 (0)345 1234567", "US", "phone.plan", "valid both with and without its (0)", None),
            ("011 39 (0)345 1234567", "US", "phone.plan", "valid both with and without its (0)", None),
            ("12345", "IN", "phone.plan", "no valid number of IN, nor one with a country code first", None),
        ],
    )
    def test_refusals(self, text: str, region: str | None, code: str, message: str, hint: str | None) -> None:
        """What is no one number, or could be several countries', is refused with the reason, what was seen and what to write, where that is known."""
        with pytest.raises(InvalidMessage) as caught:
            normalize_phone(text, region)
        assert caught.value.issues == (Issue(code, "", message, shorten(text), hint),)

    def test_unknown_region(self) -> None:
        """A region that is none is refused, also where the number needs none."""
        with pytest.raises(InvalidMessage) as caught:
            normalize_phone("+919591471711", "India")
        message = "unknown region 'India'; expected two letters of ISO 3166, such as IN"
        assert caught.value.issues == (Issue("phone.plan", "", message),)

    @pytest.mark.parametrize("region", REGIONS)
    def test_formats(self, region: str) -> None:
        """The forms that libphonenumber writes are read as it reads them: every region, every kind."""
        formats = phonenumbers.PhoneNumberFormat
        for number in examples(region):
            assert normalize_phone(phonenumbers.format_number(number, formats.INTERNATIONAL)) == wire_form(number)
            assert normalize_phone(phonenumbers.format_number(number, formats.RFC3966)) == wire_form(number)
            national = phonenumbers.format_number(number, formats.NATIONAL)
            assert normalize_phone(national, region) == wire_form(phonenumbers.parse(national, region))

    @given(
        st.from_regex(r"[1-9]{4}[0-9]{4,9}", fullmatch=True), st.text(st.sampled_from(SEPARATORS), max_size=3), st.sampled_from(DIGIT_ZEROS)
    )
    def test_separators(self, wire: str, separator: str, zero: str) -> None:
        """Separators, invisible characters and the script of the digits make no difference."""
        assert normalize_phone("+" + separator.join(chr(ord(zero) + int(digit)) for digit in wire)) == wire

    @pytest.mark.parametrize("region", REGIONS)
    def test_zero_after_country_code(self, region: str) -> None:
        """A 0 after a country code is kept or dropped as the numbering plan has it; where that has no such number, it is refused."""
        for number in examples(region):
            written = f"+{number.country_code}0{phonenumbers.national_significant_number(number)}"
            if parsed_valid(written[1:]):
                assert normalize_phone(written) == wire_form(phonenumbers.parse(written))
            else:
                with pytest.raises(InvalidMessage, match=r"phone\.plan"):
                    normalize_phone(written)

    @given(st.text(st.sampled_from("+0123456789 ()-./,;#xE\u200b٣"), max_size=25), st.sampled_from([None, "IN", "US", "IT"]))
    def test_only_wire_form(self, text: str, region: str | None) -> None:
        """What it returns is in wire form without +; it raises nothing but `InvalidMessage`, with one issue and no number in its text."""
        try:
            wire = normalize_phone(text, region)
        except InvalidMessage as refusal:
            error = refusal
        else:
            assert expected_code(wire) is None
            assert not wire.startswith("+")
            return
        (issue,) = error.issues
        assert issue.code in ("phone.characters", "phone.length", "phone.plan")
        assert len(text) < 6 or text not in str(error)


class TestPlan:
    """`check_plan` and `is_plan_valid`."""

    @pytest.mark.parametrize(
        ("number", "region"),
        [
            ("919591471711", None),
            ("+919591471711", None),
            ("9591471711", "IN"),
            ("09591471711", "in"),
            ("442079460018", "IN"),
            ("+390669812345", None),
        ],
    )
    def test_valid(self, number: str, region: str | None) -> None:
        """A number of the world's plan is fine, and so is a national one of the region."""
        assert check_plan(number, region) is None

    @pytest.mark.parametrize(
        ("number", "region", "message", "hint"),
        [
            ("9591471711", None, "no number in the numbering plan of country code 95", "write the country code first"),
            ("+9591471711", "IN", "no number in the numbering plan of country code 95", None),
            ("+919591", None, "too short in the numbering plan of country code 91", None),
            ("+91959147171100000", None, "too long in the numbering plan of country code 91", None),
            ("00919591471711", None, "it does not begin with a country code and go on", "write 919591471711"),
            (
                "00919591471711",
                "IN",
                "it does not begin with a country code and go on, nor is it a national number of IN",
                "write 919591471711",
            ),
            ("09591471711", None, "it does not begin with a country code and go on", "write the country code instead of the 0"),
            ("+999123456", None, "it does not begin with a country code and go on", None),
            (
                "00999123456",
                "IN",
                "it does not begin with a country code and go on, nor is it a national number of IN",
                "write the country code instead of the 0",
            ),
        ],
    )
    def test_advice(self, number: str, region: str | None, message: str, hint: str | None) -> None:
        """Any other number is advised about, with the reason."""
        assert check_plan(number, region) == ("phone.plan", message, hint)

    def test_unknown_region(self) -> None:
        """A region that is none is refused, also where the number needs none."""
        with pytest.raises(InvalidMessage, match="unknown region 'XX'"):
            check_plan("919591471711", "XX")

    def test_examples(self) -> None:
        """The example numbers of all regions are valid, and so are they with +."""
        assert [number for number in all_examples() if not (is_plan_valid(number) and is_plan_valid("+" + number))] == []

    def test_zero_first(self) -> None:
        """No country code begins with 0, so no number that does is valid."""
        assert [number for number in all_examples() if is_plan_valid("0" + number) or is_plan_valid("00" + number)] == []

    @given(st.from_regex(r"[0-9]{1,22}", fullmatch=True))
    @example("9")
    @example("390236618300000000000")
    def test_any_digits(self, digits: str) -> None:
        """The verdict on any digits is that of phonenumbers."""
        assert is_plan_valid(digits) == parsed_valid(digits)

    def test_mutations(self) -> None:
        """The verdict is that of phonenumbers on numbers of all regions with digits changed, added and taken away, and prefixes put in."""
        source = random.Random(20240222)
        checked = valid = 0
        for number in all_examples() * 4:
            end = next(end for end in (1, 2, 3) if int(number[:end]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
            national = number[end:]
            for _ in range(source.randrange(3)):
                at = source.randrange(len(national) + 1)
                new = source.choice([*string.digits, "0", "00", "15", "8", ""])
                national = source.choice([national[:at] + new + national[at:], national[:at] + new + national[at + 1 :], new + national])
            digits = number[:end] + national
            expected = parsed_valid(digits)
            assert is_plan_valid(digits) == expected, digits
            checked, valid = checked + 1, valid + expected
        assert checked // 4 < valid < checked * 3 // 4

    @pytest.mark.parametrize("text", ["", "+", "++919591471711", "٩١٩٥٩١٤٧١٧١١", "91 9591471711", "919591471711x5", "9" * 300])
    def test_no_number(self, text: str) -> None:
        """What is no number is no valid one."""
        assert not is_plan_valid(text)

    @pytest.mark.parametrize("prefix", ["", "0", "0037680"])
    @pytest.mark.parametrize("length", range(8, 20))
    def test_longest(self, prefix: str, length: int) -> None:
        """A national number may be of 17 digits, as Japan's are, and its prefix with a carrier's digits does not count among them."""
        digits = f"81{prefix}0037{'0123456789012345'[: length - 4]}"
        assert is_plan_valid(digits) == parsed_valid(digits) == (10 <= length <= 17)

    @pytest.mark.parametrize("code", [44, 91, 262])
    @pytest.mark.parametrize("claim", ["", "7", "[689]", "[0-9]"])
    def test_claims(self, code: int, claim: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever leading digits a region claims, all alone under its code or not, the verdict is that of phonenumbers."""
        for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
            with changed(monkeypatch, phonenumbers.PhoneMetadata.metadata_for_region(region), leading_digits=claim or None):
                numbers = [number for number in all_examples() if number.startswith(str(code))]
                assert [number for number in numbers if is_plan_valid(number) != parsed_valid(number)] == []

    @pytest.mark.parametrize("lengths", [(), (10,), (6, 7, 11)])
    def test_lengths(self, lengths: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever lengths a kind of number may have, or where nothing is said of them, the verdict is that of phonenumbers."""
        india = phonenumbers.PhoneMetadata.metadata_for_region("IN")
        assert india is not None
        with changed(monkeypatch, india.mobile, possible_length=lengths):
            assert is_plan_valid("919591471711") == parsed_valid("919591471711") == (lengths in ((), (10,)))


class TestPackage:
    """Without `phonenumbers`, the extra `phone`."""

    @pytest.fixture(autouse=True)
    def missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have it fail to import."""
        monkeypatch.setitem(sys.modules, "phonenumbers", None)

    @pytest.mark.parametrize("text", ["95914 71711", "+44 (0)20 7946 0018"])
    def test_needed(self, text: str) -> None:
        """Where a numbering plan must be asked, one line says what to install."""
        message = r"^numbering plans need the package phonenumbers: pip install 'commspec\[phone\]'$"
        with pytest.raises(CommspecError, match=message):
            normalize_phone(text)

    @pytest.mark.parametrize("text", ["+91 95914 71711", "+44 20 7946 0018", "+7 300 123 45 67"])
    def test_not_needed(self, text: str) -> None:
        """A number that begins with +, its country code and no 0 after it needs none."""
        assert normalize_phone(text) == text[1:].replace(" ", "")


def test_import() -> None:
    """Importing the module, and judging the wire form, does not import phonenumbers."""
    code = "import sys; from commspec.rules.phone import check_phone; check_phone('+91 95914'); sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
