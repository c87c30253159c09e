"""Phone numbers as people write them, and numbering plans (SPEC.md section 5).

Numbering plans are those of libphonenumber, by the package `phonenumbers` (the extra `phone`), which is imported where one is asked for.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from commspec.errors import CommspecError, InvalidMessage, Issue, code_point, shorten
from commspec.rules.fault import Fault
from commspec.rules.phone import WIRE, check_phone
from commspec.rules.text import WHITE_SPACE

# What people write. No phone number takes more characters than this, and nothing longer is looked into.
_MAX_WRITTEN = 100
_TEL = re.compile(r"(?i)tel:([^;]*)(?:;phone-context=(\+[^;]*))?")  # RFC 3966; a context of digits goes before the number
_QUOTES = "\"'‘’“”"
_LISTED = ",;|&\n\r\x85\u2028\u2029"
_ROUNDED = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_FRACTION = re.compile(r"(\+?[0-9]{6,})\.0{1,2}")
_THOUSANDS = re.compile(r"\+?[0-9]{1,3}(?:,[0-9]{3})+")
_EXTENSION = re.compile(r"(?i)[0-9]\W*(?:#|x|ext|extn|extension)\W*[0-9]+#?")
_SECOND = re.compile(r"[0-9].*\+|\+.*\+|(?:[0-9][^0-9]*){6}/")
_ODD = re.compile(r"[^0-9+ ()./-]")
_WITHOUT_SEPARATORS = str.maketrans("", "", " ()./-")
# A country code, by how long those that begin so are (ITU-T E.164), and a 0 after it, which may or may not be dialled from abroad.
_ONE_OR_TWO = "[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
_TRUNK_ZERO = re.compile(rf"(?:{_ONE_OR_TWO}|(?!{_ONE_OR_TWO})[2-9][0-9][0-9])(?:0|\(0\))")

_SEVERAL = Fault("phone.characters", "more than one number, it seems", "write one number, and a message for each")
_INVALID = Fault("phone.plan", "no valid number with its country code first")
_TYPES = ("mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")


def normalize_phone(text: str, region: str | None = None) -> str:
    """The wire form of a phone number as people write it: country code and number, 6 to 15 ASCII digits, without a `+`.

    Read are separators (white space, dashes, full stops, brackets, one slash), digits of any script, invisible characters, quotes around
    the number, `tel:`, `00` for `+`, and a `(0)` that is not dialled from abroad. A number without `+` is one that is dialled in `region`
    (two letters, ISO 3166), or else begins with its country code; without `region` it must not be some country's mobile number as well.

    Never guesses. Raises `InvalidMessage`, with one issue that says why, for letters, extensions, two numbers, digits that a spreadsheet
    has rounded, and what could be numbers of several countries. Any number but one that begins with `+`, its country code and no 0 after
    it must be valid in its numbering plan. To see that takes the package `phonenumbers`; where it is missing, that is a `CommspecError`.

    >>> normalize_phone("+91 95914 71711")
    '919591471711'
    """
    number = _read(text)
    if not isinstance(number, Fault):
        number = _settle(number, region)
    if not isinstance(number, Fault):
        number = check_phone(number) or number
    if isinstance(number, Fault):
        raise InvalidMessage.of((Issue(number.code, "", number.message, shorten(text), number.hint),))
    return number


def check_plan(number: str, region: str | None = None) -> Fault | None:
    """Advice `phone.plan` where `number`, in which `check_phone` finds nothing, is not valid in its numbering plan.

    It begins with its country code, with or without `+`; with `region` (two letters, ISO 3166), one without `+` may also be a national
    number of that region. Raises `InvalidMessage` for an unknown region, `CommspecError` without the package `phonenumbers`.
    """
    if region is not None:
        region = _known(region)
    plus = number.startswith("+")
    if is_plan_valid(number) or (region is not None and not plus and _is_national(number, region)):
        return None
    message = _plan_message(number) + ("" if region is None or plus else f", nor is it a national number of {region}")
    if number.startswith("00") and is_plan_valid(number[2:]):
        return Fault("phone.plan", message, f"write {number[2:]}")
    hint = "write the country code instead of the 0" if number.startswith("0") else "write the country code first"
    return Fault("phone.plan", message, None if plus else hint)


def is_plan_valid(number: str) -> bool:
    """Whether digits that begin with a country code, with or without `+` before it, are a valid number of its numbering plan.

    The verdict is that of `phonenumbers.is_valid_number` on the number parsed with `+`; False where that can't be parsed.
    """
    digits = number[1:] if number[:1] == "+" else number
    return digits.isascii() and digits.isdigit() and _plan_at(digits[:3])(digits)


@functools.cache
def _plan_at(head: str) -> Callable[[str], bool]:
    """What judges numbers whose first three digits (all, where there are fewer) are `head`. No country code begins with another."""
    known = _phonenumbers().COUNTRY_CODE_TO_REGION_CODE
    codes = [int(head[:end]) for end in range(1, len(head) + 1) if head[0] != "0" and int(head[:end]) in known]
    return _plan(codes[0]) if codes else lambda digits: False


@functools.cache
def _plan(code: int) -> Callable[[str], bool]:
    """What judges numbers of one country code: `phonenumbers.parse` and `is_valid_number`, with all worked out that is the same for each.

    Parsing goes by the code's main region: it takes a national prefix off, or puts in its place what the region's rule says, unless that
    turns a number of the general form into one that is not, or makes it too short. The rest is valid where a region has numbers like it.
    """
    main = _metadata(code, _phonenumbers().COUNTRY_CODE_TO_REGION_CODE[code][0])
    general, rule, start = main.general_desc, main.national_prefix_transform_rule, len(str(code))
    prefix = re.compile(main.national_prefix_for_parsing or "(?!)").match
    is_general = re.compile(general.national_number_pattern).fullmatch
    too_short = frozenset(range(general.possible_length[-1])).difference(general.possible_length).union(general.possible_length_local_only)
    matcher = functools.cache(lambda length: re.compile(_valid_pattern(code, length)).fullmatch)

    def judge(digits: str) -> bool:
        national = digits[start:]
        found = prefix(national)
        if found is not None:
            rest = found.re.sub(rule, national, count=1) if rule and found.groups()[-1] is not None else national[found.end() :]
            if len(rest) not in too_short and (is_general(rest) or not is_general(national)):
                national = rest
        return matcher(len(national))(national) is not None

    return judge


def _valid_pattern(code: int, length: int) -> str:
    """A regular expression of the valid national numbers of `length` digits under a country code.

    Of regions that share one, the first that has the number answers; but one that claims leading digits answers for all that begin so.
    """
    regions = _phonenumbers().COUNTRY_CODE_TO_REGION_CODE[code]
    pattern = "(?!)"
    for metadata in [_metadata(code, region) for region in reversed(regions)]:
        own, claim = _described(metadata, length, _TYPES), metadata.leading_digits
        pattern = f"{own}|{pattern}" if claim is None or len(regions) == 1 else f"(?={claim}){own}|(?!{claim})(?:{pattern})"
    return pattern


def _described(metadata: Any, length: int, types: Sequence[str]) -> str:
    """A regular expression of a region's national numbers of `length` digits that are of one of `types`."""

    def patterns(names: Sequence[str]) -> str:
        kinds = [kind for kind in (getattr(metadata, name) for name in names) if kind is not None and kind.national_number_pattern]
        fitting = {kind.national_number_pattern: None for kind in kinds if not kind.possible_length or length in kind.possible_length}
        return f"(?:{'|'.join(fitting) or '(?!)'})"

    return rf"(?={patterns(['general_desc'])}\Z){patterns(types)}"


@functools.cache
def _mobile_anywhere(length: int) -> Callable[[str], object]:
    """What finds digits to be a mobile number of some region, written without its country code."""
    phonenumbers = _phonenumbers()
    regions = map(phonenumbers.PhoneMetadata.metadata_for_region, sorted(phonenumbers.SUPPORTED_REGIONS))
    return re.compile("|".join(_described(metadata, length, ["mobile"]) for metadata in regions)).fullmatch


def _metadata(code: int, region: str) -> Any:
    return _phonenumbers().PhoneMetadata.metadata_for_region_or_calling_code(code, region)


def _is_national(number: str, region: str) -> bool:
    phonenumbers = _phonenumbers()
    try:
        parsed = phonenumbers.parse(number, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return False
    national: bool = parsed.country_code_source == phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY
    return national and phonenumbers.is_valid_number(parsed)


def _plan_message(number: str) -> str:
    phonenumbers = _phonenumbers()
    try:
        parsed = phonenumbers.parse("+" + number.removeprefix("+"))
    except phonenumbers.NumberParseException:
        return "it does not begin with a country code and go on"
    reasons = {phonenumbers.ValidationResult.TOO_SHORT: "too short", phonenumbers.ValidationResult.TOO_LONG: "too long"}
    reason = reasons.get(phonenumbers.is_possible_number_with_reason(parsed), "no number")
    return f"{reason} in the numbering plan of country code {parsed.country_code}"


def _read(text: str) -> str | Fault:
    """One number as a person wrote it: its ASCII digits after an optional `+`, with a 0 in brackets kept as `(0)`; or why it is not one."""
    if len(text) > _MAX_WRITTEN:
        return Fault("phone.length", f"{len(text)} characters, which no phone number takes")
    written = text.strip(WHITE_SPACE + _QUOTES)
    uri = _TEL.fullmatch(written)
    if uri is not None:
        written = (uri[2] or "") + uri[1]
    plain = written.translate(_PLAIN_ASCII) if written.isascii() else "".join(map(_plain, written))
    odd = _ODD.search(plain)
    if odd is not None:
        if _ROUNDED.fullmatch(plain):
            return Fault(
                "phone.characters",
                "a spreadsheet has rounded it: digits are lost",
                "take the number from its source, into a column of texts",
            )
        if _EXTENSION.search(plain):
            return Fault("phone.characters", "an extension", "write country code and number only: no message reaches an extension")
        if odd.group() not in _LISTED:
            what = "letters" if odd.group().isalpha() else "what no phone number holds"
            found = next(character for character in written if _plain(character) == odd.group())
            return Fault("phone.characters", f"{what}: {code_point(found)}", "write country code and number only, in digits")
        if not _THOUSANDS.fullmatch(plain):
            return _SEVERAL
        plain = plain.replace(",", "")
    elif ("/" in plain or "+" in plain[1:]) and _SECOND.search(plain):
        return _SEVERAL
    fraction = _FRACTION.fullmatch(plain)
    if fraction is not None:
        plain = fraction[1]
    digits = "(0)".join([part.translate(_WITHOUT_SEPARATORS) for part in plain.replace(" ", "").split("(0)")])
    return digits if digits.strip("+()") else Fault("phone.length", "there is no digit in it")


@functools.lru_cache(512)
def _plain(character: str) -> str:
    """A character as ASCII has it: a digit, a separator, nothing where it can't be seen; unchanged where it is none of these."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf":
        return ""
    if category == "Pd" or character in "−ー·•":
        return "-"
    if character in WHITE_SPACE and character not in _LISTED:
        return " "
    if "！" <= character <= "～":
        return chr(ord(character) - 0xFEE0)
    return {"[": "(", "]": ")"}.get(character, character)


_PLAIN_ASCII = {code: _plain(chr(code)) for code in range(128)}


def _settle(number: str, region: str | None) -> str | Fault:
    """The wire form of a number that `_read` has read; or why its country can't be told."""
    if region is not None:
        region = _known(region)
    if number.startswith("+"):
        return _from_abroad(number[1:]) if _TRUNK_ZERO.match(number, 1) or "(" in number else check_phone(number) or number[1:]
    dialled = number.replace("(0)", "0")
    if region is not None:
        # What stands before a (0) is a country code: with it nothing is dialled in the region.
        found = None if "(0)" in number[1:] else _wire(dialled, region)
        if found is None and dialled.startswith("00"):
            return _from_abroad(number[2:])
        return found or _from_abroad(number, Fault("phone.plan", f"no valid number of {region}, nor one with a country code first"), region)
    if dialled.startswith("00"):
        return _from_abroad(number[2:])
    hint = "write + and the country code first, or give the region"
    if dialled.startswith("0"):
        return Fault("phone.plan", "a national number, by the 0 at its start, and no region is given", hint)
    abroad = _from_abroad(number, Fault("phone.plan", "no valid number with its country code first, and no region is given", hint))
    if isinstance(abroad, str) and _mobile_anywhere(len(dialled))(dialled):
        return Fault("phone.plan", "it may be numbers of two countries, with country code and without, and no region is given", hint)
    return abroad


def _from_abroad(digits: str, invalid: Fault = _INVALID, region: str | None = None) -> str | Fault:
    """The wire form of digits with their country code first, in which `(0)` may have to go; `invalid` where they are no valid number.

    Before the country code may stand what is dialled for abroad in `region`.
    """
    written = [digits.replace("(0)", zero) for zero in ("0", "")]
    found = {_wire("+" + text) for text in written}
    if region is not None:
        found.update(_wire(text, region) for text in written if not _is_national(text, region))
    found.discard(None)
    if len(found) == 1:
        return str(*found)
    return Fault("phone.plan", "valid both with and without its (0)") if found else invalid


def _wire(text: str, region: str | None = None) -> str | None:
    phonenumbers = _phonenumbers()
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)).removeprefix("+")


def hint_of(text: str) -> str:
    """What to write instead of `text`: a number where its digits leave no doubt which, else what a number consists of."""
    number = _read(text)
    if isinstance(number, Fault):
        return number.hint or "write country code and number, 6 to 15 digits"
    if number.startswith(("0", "+0")):
        return "write the country code first, without 0 or 00 before it, and digits only"
    plus = number.startswith("+")
    if "(0)" in number or (_TRUNK_ZERO.match(number, 1) if plus else "(" in map(_plain, text)):
        return "write country code and number as dialled from abroad, digits only"
    digits = number.removeprefix("+")
    if not WIRE.fullmatch(digits):
        return "write country code and number, 6 to 15 digits"
    unseen = [] if text.isascii() else sorted({character for character in text if not _plain(character)})
    without = " and ".join(f"{code_point(character)} ({unicodedata.name(character)})" for character in unseen)
    return f"write {digits}" + (f", without {without}" if without else "")


def _known(region: str) -> str:
    """`region` in capitals; raises `InvalidMessage` where there is none of that name."""
    if region.upper() not in _phonenumbers().SUPPORTED_REGIONS:
        message = f"unknown region '{shorten(region)}'; expected two letters of ISO 3166, such as IN"
        raise InvalidMessage.of((Issue("phone.plan", "", message),))
    return region.upper()


def _phonenumbers() -> ModuleType:
    try:
        import phonenumbers
    except ImportError:
        raise CommspecError("numbering plans need the package phonenumbers: pip install 'commspec[phone]'") from None
    return phonenumbers
