"""The rule of phone numbers as they travel (SPEC.md section 5). What people write instead, and whose numbers they are, is for `commspec.rules.numbering`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence

from commspec.errors import code_point
from commspec.rules.fault import Fault

WIRE = re.compile(r"[0-9]{6,15}|\+[1-9][0-9]{5,14}")
"""The form that a number travels in."""
_LENGTHS = frozenset(range(6, 16))
_OFFENCE = re.compile(r"[^0-9+]|(?!^)\+|(?<=^\+)0")


def check_phone(text: str) -> Fault | None:
    """`phone.characters` where `text` isn't ASCII digits after an optional `+`, or has +0; `phone.length` where they aren't 6 to 15.

    Digits that begin with `0` or `00` are legal on the wire. Whether they are a number of anyone's is for `numbering.check_plan` to say.
    """
    if WIRE.fullmatch(text):
        return None
    hint = _hints()(text)
    found = _OFFENCE.search(text)
    if found is None:
        return Fault("phone.length", f"{len(text.removeprefix('+'))} digits; a phone number has 6 to 15", hint)
    expected = "no country code begins with 0" if found.group() == "0" else "a phone number is digits, with an optional + before them"
    return Fault("phone.characters", f"character {found.start() + 1} is {code_point(found.group())}: {expected}", hint)


@functools.cache
def _hints() -> Callable[[str], str]:
    from commspec.rules.numbering import hint_of  # what people write is looked into where something is wrong

    return hint_of


def phones_ok(column: Sequence[str]) -> bool:
    """Whether `check_phone` finds nothing in any of `column`."""
    digits = "".join(column)
    if digits.isascii() and digits.encode().isdigit():  # at memory speed, unlike that of a text
        return _LENGTHS.issuperset(map(len, column))
    return all(map(WIRE.fullmatch, column))
