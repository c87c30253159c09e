"""Rules of email addresses: one, or several separated by commas (SPEC.md sections 4.4 and 5).

An address is what email-validator says it is. Plain ones are told by a pattern that accepts only what email-validator accepts; it refuses
none, and email-validator is imported for the others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from commspec.errors import code_point
from commspec.rules.fault import Fault
from commspec.rules.text import WHITE_SPACE

_ATOM = r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]"
_ATOM_OR_PERIOD = bytes(code for code in range(128) if chr(code) == "." or re.match(_ATOM, chr(code)))
_RESERVED = r"(?i:a(?:rpa|lt)|in(?:valid|ternal)|local(?:host)?|onion)\Z"
# In no more than 67 characters, no label of a domain can be longer than 63, and nothing else too long. Labels with two hyphens in a row are
# left to email-validator, and so are domains that are reserved, now or likely some day, for other uses than mail.
_MAX_PLAIN = 67
_DOMAIN = rf"(?:[a-zA-Z0-9]+[.-])+(?<=\.)(?!{_RESERVED})[a-zA-Z]+"
_PLAIN = re.compile(rf"(?!.{{{_MAX_PLAIN + 1}}}){_ATOM}+(?:\.{_ATOM}+)*@{_DOMAIN}")
_PLAIN_DOMAIN = re.compile(_DOMAIN)
_FEW_DOMAINS = 4  # one to so many addresses, or fewer
_MAX_OCTETS = 254
_MAX_REPAIRED = 500

# White space that a one-line text may hold.
_SPACE = WHITE_SPACE.translate(dict.fromkeys(map(ord, "\n\x0b\x0c\r\x85\u2028\u2029")))


def check_address(text: str) -> Fault | None:
    """`email.list` where `text` is two or more good addresses separated by commas, `email.syntax` where it is anything else than one.

    White space around the address is refused, as is a display name.
    """
    if _is_address(text):
        return None
    items = _items(text)
    if len(items) > 1 and all(map(_is_address, items)):
        return Fault("email.list", f"{len(items)} addresses where one belongs", "write one address, and a message for each of the others")
    return Fault("email.syntax", _explain(text), _hint(text, _is_address))


def check_addresses(text: str) -> Fault | None:
    """`email.syntax` where `text` is neither empty nor one address, nor several separated by commas, white space around each aside.

    An item with nothing in it is refused, as where a comma ends the text, and so is white space alone. Line breaks are no such white space.
    The message says which item it is, counted from 0.
    """
    if not text:
        return None
    items = _items(text)
    if items == [""]:
        return Fault("email.syntax", "there is nothing in it but white space", "leave it empty")
    for index, item in enumerate(items):
        if not _is_address(item):
            where = f"item [{index}] of the list: " if len(items) > 1 else ""
            return Fault("email.syntax", where + _explain(item), _hint(text, _are_addresses))
    return None


def addresses_ok(column: Sequence[str]) -> bool:
    """Whether `check_address` finds nothing in any of `column`."""
    # All messages of a document mostly have the same sender.
    if len(column) > 1 and column.count(column[0]) == len(column):
        column = column[:1]
    return _are_plain(column) or all(map(_is_address, column))


def _are_plain(column: Sequence[str]) -> bool:
    """Whether all of `column` are plain addresses."""
    if len(column) < _FEW_DOMAINS:
        return all(map(_PLAIN.fullmatch, column))
    # Of many addresses, each domain is judged once, that of the first cut out at once, and the local parts all together. A comma stands before each but
    # the first, and an @ more behind each, so that where a text has no @ or several, a comma is in a domain, or there are more or fewer @.
    first = column[0].rpartition("@")[2]
    text = "@,".join(column) + "@"
    pieces = text.replace(f"@{first}@", "").split("@")
    domains = {first, *pieces[1::2]}
    if len(domains) * _FEW_DOMAINS > len(column):
        return all(map(_PLAIN.fullmatch, column))
    parts = "".join(pieces[::2])
    return (
        text.count("@") == 2 * len(column)
        and all(map(_PLAIN_DOMAIN.fullmatch, domains))
        and max(map(len, column)) <= _MAX_PLAIN
        and parts.isascii()
        and parts.encode().translate(None, _ATOM_OR_PERIOD) == b"," * (len(column) - 1)
        and ",," not in f",{parts},".replace(".", ",")
    )


def address_lists_ok(column: Sequence[str]) -> bool:
    """Whether `check_addresses` finds nothing in any of `column`."""
    lists = list(filter(None, column))
    return not lists or addresses_ok(_items(",".join(lists)))


def _items(text: str) -> list[str]:
    # No address holds a comma: email-validator takes one in a quoted local part only, and by default no quoted local part.
    return [item.strip(_SPACE) for item in text.split(",")]


def _is_address(text: str) -> bool:
    if _PLAIN.fullmatch(text):
        return True
    if len(text) > _MAX_OCTETS:
        return False  # what email-validator would say, after some time
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _are_addresses(text: str) -> bool:
    return all(map(_is_address, _items(text)))


# What the parts of a refused address may suffer from, to be looked for in this order.
_UNFIT = re.compile(r"[\x00- \x7f\"(),:;<>\[\]\\]")
_NO_DOMAIN = re.compile(r"[\x00-,/:-@\[-`{-\x7f]")
_LOCAL_FAULTS: tuple[tuple[str, str], ...] = (
    (r"\.", "begins with a period"),
    (r".*\.\Z", "ends with a period"),
    (r".*\.\.", "has two periods in a row"),
)
_DOMAIN_FAULTS = (
    *_LOCAL_FAULTS,
    (r"(?:.*\.)?-|.*-(?:\.|\Z)", "has a hyphen at the start or end of a label"),
    (r".*[^.]{64}", "has a label of more than 63 characters"),
    (r"[^.]*\Z", "has no period"),
    (r".*[0-9]\Z", "ends with a digit"),
    (r"(?:.*\.)?(?![xX][nN])[^.]{2}--", "has a label with two hyphens as third and fourth character"),
    (rf"(?:.*\.){_RESERVED}", "is reserved for other uses than mail"),
)


def _explain(text: str) -> str:
    """What is wrong with a refused address: lengths, positions and code points, none of it."""
    if not text:
        return "there is nothing in it"
    octets = len(text.encode(errors="surrogatepass"))
    if octets > _MAX_OCTETS:
        return f"{octets} octets in UTF-8; an address has {_MAX_OCTETS} at most"
    for position, character in enumerate(text, 1):
        if _UNFIT.match(character) or unicodedata.category(character)[0] in "CZ":
            return f"character {position} is {code_point(character)}, which no address holds"
    local, at, domain = text.partition("@")
    if not at:
        return "there is no @ in it"
    if "@" in domain:
        return f"there are {text.count('@')} @ in it"
    part, value, faults = "after", domain, _DOMAIN_FAULTS
    if not _is_address(f"{local}@a.aa"):
        part, value, faults = "before", local, _LOCAL_FAULTS
    elif found := _NO_DOMAIN.search(domain):
        return f"character {len(local) + found.start() + 2} is {code_point(found.group())}, which no domain holds"
    elif _is_address(f"a@{domain}"):
        return "it is too long once its domain is encoded"
    if not value:
        return f"there is nothing {part} the @"
    reason = next((reason for pattern, reason in faults if re.match(pattern, value)), "is not of a valid form")
    return f"the part {part} the @ {reason}"


def _hint(text: str, good: Callable[[str], bool]) -> str | None:
    """What to write instead of `text`, where that is clear; `good` says whether it would do."""
    if len(text) > _MAX_REPAIRED:
        return None
    for repair in (_show, _unwrap, _separate):
        text = repair(text)
        if good(text):
            return f"write {text}"
    if _are_addresses(text):
        return "write one address, and a message for each of the others"
    return None if "@" in text else "write it as name@example.com"


def _show(text: str) -> str:
    """`text` without what can't be seen, white space aside, and with the ASCII forms of full-width characters."""
    seen = (character for character in text if character in WHITE_SPACE or unicodedata.category(character) not in ("Cc", "Cf"))
    return "".join(
        unicodedata.normalize("NFKC", character) if "！" <= character <= "～" or character == "﹫" else character for character in seen
    )


def _unwrap(text: str) -> str:
    """`text` without `mailto:` and its headers, display names, and white space beside an @."""
    text = re.sub(r"(?i)mailto:([^?\s,;>]*)(?:\?[^\s,;>]*)?", r"\1", text)
    text = re.sub(r"\s*@\s*", "@", text)
    bracketed = re.findall(r"<([^<>]*)>", text)
    if bracketed and "".join(bracketed).count("@") == text.count("@"):
        return ", ".join(bracketed)
    return re.sub(r"(?:\"[^\"]*\"|[^<>@,;\"])*<([^<>]*)>", r"\1", text)


def _separate(text: str) -> str:
    """The items of `text`, however they are separated, without quotes, brackets and punctuation around them, separated by commas."""
    items = (item.rstrip(".:").strip("\"'`<>()[]{}").rstrip(".:") for item in re.split(r"[\s,;]+", text))
    return ", ".join(filter(None, items))
