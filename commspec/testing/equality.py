"""Equality that looks at types too: `True == 1`, `1 == 1.0`, and one instant in two offsets are equal to Python, and not to a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs


def same(one: Any, other: Any) -> bool:
    """Whether two values are of the same types and say the same all the way down: times to their offset, decimals to their digits.

    >>> same(1, True), same((1, "x"), (1, "x"))
    (False, True)
    """
    return difference(one, other) is None


def difference(one: Any, other: Any, path: str = "") -> str | None:
    """Where and how two values first differ, in words; None where they are the `same`.

    >>> from commspec import SmsMessage
    >>> difference(SmsMessage("919876500001", "Hi"), SmsMessage("919876500001", "Ho"))
    "body: 'Hi' is not 'Ho'"
    """
    if type(one) is not type(other):
        return _said(path, f"{one!r} ({type(one).__name__}) is not {other!r} ({type(other).__name__})")
    if attrs.has(type(one)):
        names = [attribute.name for attribute in attrs.fields(type(one))]
        return _first(path, ((f".{name}", getattr(one, name), getattr(other, name)) for name in names))
    if isinstance(one, Mapping):
        if one.keys() != other.keys():
            return _said(path, f"the names {sorted(one)!r} are not {sorted(other)!r}")
        return _first(path, ((f"[{name!r}]", one[name], other[name]) for name in one))
    if isinstance(one, (tuple, list)):
        if len(one) != len(other):
            return _said(path, f"{one!r} is not {other!r}: {len(one)} items, not {len(other)}")
        return _first(path, ((f"[{index}]", *pair) for index, pair in enumerate(zip(one, other, strict=True))))
    if isinstance(one, datetime):
        equal = one.isoformat() == other.isoformat() and one.fold == other.fold
    elif isinstance(one, Decimal):
        equal = str(one) == str(other)
    else:
        equal = bool(one == other)
    return None if equal else _said(path, f"{one!r} is not {other!r}")


def _first(path: str, parts: Iterable[tuple[str, Any, Any]]) -> str | None:
    return next((found for step, one, other in parts if (found := difference(one, other, path + step)) is not None), None)


def _said(path: str, words: str) -> str:
    return f"{path.lstrip('.')}: {words}" if path else words
