"""What a server said beyond the specification, frozen: comparable, hashable and picklable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any, Union

Value = Union[str, bool, int, Decimal, None, "tuple[Any, ...]", "Extra"]
"""A JSON value: text, boolean, integer, `Decimal` (any other number, every digit kept), null, tuple (a list), `Extra` (an object)."""


class Extra(Mapping[str, Value]):
    """An immutable mapping of names to JSON values, in the server's order; equal to any mapping of the same items.

    Takes a mapping or pairs of plain values (dict, list, float) and freezes them; a name whose value is None is absent, as null is everywhere. A float
    becomes the `Decimal` of its shortest spelling. Raises `TypeError` for a name that is no str, and for a value that JSON has no form for.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self._items: dict[str, Value] = {}
        for name, value in dict(items).items():
            if not isinstance(name, str):
                raise TypeError(f"a name is a str, not {type(name).__name__}")
            if value is not None:
                self._items[str.__str__(name)] = freeze(value)

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

    def __reduce__(self) -> tuple[object, ...]:
        return Extra.of_frozen, (self._items,)


def any_extra(extras: Iterable[Extra]) -> bool:
    """Whether any of `extras` holds anything, in a fraction of what `any` of them takes."""
    return any(map(_ITEMS, extras))


_ITEMS = attrgetter("_items")


def freeze(value: Any) -> Value:
    """`value` and all that it holds as JSON values that can't change. Raises `TypeError` for a value that JSON has no form for."""
    if value is None or isinstance(value, (bool, Extra)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, Mapping):
        return Extra(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(freeze, value))
    raise TypeError(f"{type(value).__name__} is no JSON value")


LONGEST_INTEGER = 640
"""The most characters, sign included, that an integer is kept as one with: the most digits that no Python refuses to read or print, however it is guarded."""

_TOO_LONG: int = 10**LONGEST_INTEGER
_TOO_LOW: int = -(10 ** (LONGEST_INTEGER - 1))


def is_short(number: int) -> bool:
    """Whether an integer has few enough characters (`LONGEST_INTEGER`) to be kept as one."""
    return _TOO_LOW < number < _TOO_LONG


def _number(value: int | float | Decimal) -> int | Decimal:
    if isinstance(value, int):
        return int(value) if is_short(value) else Decimal(value)
    number = Decimal(repr(float(value)) if isinstance(value, float) else value)
    if not number.is_finite():
        raise TypeError(f"{value} is no JSON number")
    # A number that is spelled as an integer reads as one.
    whole = number.as_tuple().exponent == 0 and (number or not number.is_signed())
    # By its length, since Python takes quadratic time to make a long one an integer.
    return int(number) if whole and number.adjusted() + 1 + number.is_signed() <= LONGEST_INTEGER else number
