"""Headers as calls and replies have them: read in any form and letter case, and printed without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from commspec.wire.names import OAUTH_HEADER

_SECRET = frozenset({"authorization", OAUTH_HEADER.lower()})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[!-~](?:[ -~\t]*[!-~])?|")

HeaderSource = Mapping[Any, Any] | Iterable[tuple[Any, Any]]
"""Headers as any framework has them: a mapping, or pairs (a name may come again); names and values are str or bytes, in any letter case."""


class Headers(Mapping[str, str]):
    """Headers that are ready to send: an immutable mapping, in order, that finds a name in any letter case.

    `repr` and `str` hide the values of those that carry secrets. Raises `ValueError` for a name or value that no HTTP message can hold as one header:
    line breaks, other controls, and characters outside ASCII.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._items: dict[str, tuple[str, str]] = {}
        for name, value in items.items() if isinstance(items, Mapping) else items:
            if not _NAME.fullmatch(name):
                raise ValueError("a header's name is letters, digits and hyphens")
            if not _VALUE.fullmatch(value):
                raise ValueError(f"the header {name} must be printable ASCII in one line")
            self._items[name.lower()] = (name, value)

    def __getitem__(self, name: str) -> str:
        return self._items[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.values()))

    def __repr__(self) -> str:
        shown = {name: "…" if key in _SECRET else value for key, (name, value) in self._items.items()}
        return f"Headers({shown!r})"

    def __reduce__(self) -> tuple[type[Headers], tuple[dict[str, str]]]:
        return Headers, (dict(self),)


def values_of(headers: HeaderSource, name: str) -> list[str]:
    """What every header of that name says, without white space around it; nothing for one that says nothing."""
    pairs = headers.items() if isinstance(headers, Mapping) or hasattr(headers, "items") else headers
    found = [_text(value).strip(" \t\r\n") for key, value in pairs if _text(key).strip().lower() == name.lower()]
    return [value for value in found if value]


def _text(part: Any) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else str(part)


_PARAMETER = re.compile(r""";\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))""", re.DOTALL)


def parameters(value: str, name: str) -> list[str]:
    """What every parameter of that name in a header's value says, quotes taken off."""
    return [
        re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
        for key, quoted, plain in (found.groups() for found in _PARAMETER.finditer(value))
        if key.lower() == name
    ]
