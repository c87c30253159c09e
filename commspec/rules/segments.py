"""What a text takes as an SMS: GSM 03.38 and UCS-2, and the segments that it is sent in (SPEC.md section 5, `sms.segments`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import attrs

# 3GPP TS 23.038 (GSM 03.38), sections 6.2.1 and 6.2.1.1: the default alphabet in the order of its codes, and what is written as an escape and a code.
# fmt: off
_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# fmt: on
_EXTENSION = "\f^{}\\[~]|€"
_ESCAPE = "\x1b"

_GSM = frozenset(_DEFAULT + _EXTENSION)
_ESCAPED = {ord(character): _ESCAPE + character for character in _EXTENSION}


@attrs.frozen
class SmsSegments:
    """What a text takes as an SMS.

    `encoding` is `GSM-7` (units of 7 bits, of which the extension table's characters take two) or `UCS-2` (UTF-16 units, of which a character above
    U+FFFF takes two). `units` is the length of the text in them, and `units_per_segment` how many a segment has room for: 160 or 70 where one holds
    all, else 153 or 67, since each part of several spends the rest on its number. `forcing` holds the characters that GSM-7 has not, each once, in
    order of appearance: without them the text would be GSM-7.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int
    units_per_segment: int
    forcing: tuple[str, ...]


def sms_segments(text: str) -> SmsSegments:
    """The encoding, units and segments of `text`. No segment ends inside a character, so parts may have a unit to spare. Empty text is one segment.

    >>> sms_segments("Pay ₹500 [today]").forcing
    ('₹',)
    """
    forcing = tuple(character for character in dict.fromkeys(text) if character not in _GSM)
    if forcing:
        data = text.encode("utf-16-le", "surrogatepass")
        units = len(data) // 2
        segments, size = _pack(units, 70, 67, lambda unit: data[2 * unit + 1] & 0xFC == 0xD8)
        return SmsSegments("UCS-2", units, segments, size, forcing)
    septets = text.translate(_ESCAPED)
    segments, size = _pack(len(septets), 160, 153, lambda unit: septets[unit] == _ESCAPE)
    return SmsSegments("GSM-7", len(septets), segments, size, ())


def _pack(units: int, alone: int, part: int, is_first_of_pair: Callable[[int], bool]) -> tuple[int, int]:
    """How many segments hold `units`, and how many units each has room for; what tells the first unit of a pair keeps it with the second."""
    if units <= alone:
        return 1, alone
    segments = start = 0
    while start < units:
        end = start + part
        start = end - 1 if end < units and is_first_of_pair(end - 1) else end
        segments += 1
    return segments, part
