"""What a server said beyond the specification, frozen: comparable, hashable and picklable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Union

Value = Union[str, bool, int, Decimal, None, "tuple[Any, ...]", "Extra"]
"""A JSON value: text, boolean, integer, `Decimal` (any other number, every digit kept), null, tuple (a list), `Extra` (an object)."""


class Extra(Mapping[str, Value]):
    """An immutable mapping of names to JSON values, in the server's order; equal to any mapping of the same items.

    Takes a mapping or pairs of plain values (dict, list, float) and freezes them. A float becomes the `Decimal` of its shortest spelling.
    Raises `TypeError` for a value that JSON has no form for.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self._items: dict[str, Value] = {name: freeze(value) for name, value in dict(items).items()}

    @classmethod
    def of_frozen(cls, items: dict[str, Value]) -> Extra:
        """An `Extra` of values that are frozen already; it takes `items` for its own."""
        extra = cls.__new__(cls)
        extra._items = items
        return extra

    def __getitem__(self, name: str) -> Value:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"Extra({self._items!r})" if self._items else "Extra()"

    def __reduce__(self) -> tuple[type[Extra], tuple[dict[str, Value]]]:
        return Extra, (self._items,)


def freeze(value: Any) -> Value:
    """`value` and all that it holds as JSON values that can't change. Raises `TypeError` for a value that JSON has no form for."""
    if value is None or isinstance(value, (bool, int, Extra)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is no JSON number")
        return value
    if isinstance(value, Mapping):
        return Extra(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(freeze, value))
    raise TypeError(f"{type(value).__name__} is no JSON value")
