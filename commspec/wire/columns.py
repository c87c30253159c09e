"""The happy path: objects from columns, judged a column at a time; and columns from objects.

A codec reads each field of all messages of a document into one list. Here every list is judged by its rule's columnar twin and, where all are good,
put into new objects by their slots, without the constructors: what those would check has been checked. Where anything is off, there are no objects,
and the codec goes through the explaining path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any

import attrs

from commspec.models.judge import judging_order
from commspec.models.table import Column, cached, columns_of
from commspec.rules.rule import TextRule
from commspec.rules.time import format_times, parse_times

Values = Sequence[Any]
"""One field of all messages in order; None where a message has no such field."""


@attrs.frozen
class _Plan:
    """What `assemble` does for one class, worked out once.

    `setters` are those of its slots, with what stands there where a field is absent; `steps` its columns in the order in which they are judged: name,
    whether it is a time, whether it is required, its rule.
    """

    setters: tuple[tuple[str, Callable[[object, object], None], object], ...]
    steps: tuple[tuple[str, bool, bool, TextRule | None], ...]


@cached
def _plan(cls: type) -> _Plan:
    return _Plan(
        tuple((attribute.name, getattr(cls, attribute.name).__set__, _absent(attribute)) for attribute in attrs.fields(cls)),
        tuple((column.name, column.kind == "time", column.required, column.rule) for column in judging_order(cls)),
    )


def _absent(attribute: attrs.Attribute[Any]) -> object:
    """What stands in the attribute of an object whose document has no such field."""
    default = attribute.default
    factory = getattr(default, "factory", None)
    return None if default is attrs.NOTHING else default if factory is None else factory()


def assemble(cls: type, columns: dict[str, Values], count: int, *, clean: bool) -> list[Any] | None:
    """`count` objects of `cls` out of `columns`, or None where any value has a fault.

    A required field stands in `columns` with a text for every object; another may be missing there, and be None for some. With `clean`, every
    text is known to hold only characters that XML can carry.
    """
    plan = _plan(cls)
    ready: dict[str, Values] = dict(columns)
    for name, is_time, required, rule in plan.steps:
        values = columns.get(name)
        if values is not None:
            present = values if required or None not in values else [value for value in values if value is not None]
            if is_time:
                moments = parse_times(present)
                if moments is None:
                    return None
                ready[name] = moments if present is values else _spread(moments, values)
            elif rule is None or not rule.accepts(present, clean=clean):
                return None
        if rule is not None and rule.among is not None:
            beside = zip(*(ready.get(other) or repeat(None, count) for other in rule.after), strict=True)
            if any(map(rule.among, values or repeat(None), (dict(zip(rule.after, row, strict=True)) for row in beside))):
                return None
    return make(cls, ready, count)


def assemble_one(cls: type, values: dict[str, Any], *, clean: bool) -> Any | None:
    """One object of `cls` out of the texts of its fields, or None where any has a fault: `assemble` for a message or a few, which columns don't pay for.

    `values` must have a text for every required field, and none that is None; what stands there is replaced by what the object holds.
    """
    for name, is_time, _, rule in _plan(cls).steps:
        value = values.get(name)
        if value is not None:
            if is_time:
                moments = parse_times((value,))
                if moments is None:
                    return None
                values[name] = moments[0]
            elif rule is None or not rule.accepts((value,), clean=clean):
                return None
        if rule is not None and rule.among is not None and rule.among(value, {other: values.get(other) for other in rule.after}):
            return None
    return construct(cls, values)


FEW = 8
"""Up to so many messages, one after the other costs less than setting up the columns."""


def make(cls: type, columns: Mapping[str, Values], count: int) -> list[Any]:
    """`count` objects of `cls` of values that are known to be good, past the constructor; a field without a column is absent from all."""
    objects: list[Any] = list(map(object.__new__, repeat(cls, count)))
    for name, setter, absent in _plan(cls).setters:
        # A deque of no length is the quickest way to call a C function for each pair of two lists.
        deque(map(setter, objects, columns.get(name) or repeat(absent)), 0)
    return objects


def _spread(moments: Sequence[object], values: Values) -> list[object]:
    following = iter(moments)
    return [None if value is None else next(following) for value in values]


def construct(cls: type, values: Mapping[str, Any]) -> Any:
    """One object of `cls` of values that are known to be good; a field that is not among them is absent."""
    one: Any = object.__new__(cls)
    for name, setter, absent in _plan(cls).setters:
        setter(one, values.get(name, absent))
    return one


def take_apart(cls: type, objects: Sequence[Any]) -> list[tuple[Column, Values]]:
    """The columns of objects of `cls` that any of them has, as documents hold them: times as texts, None where an object has no such field."""
    columns: list[tuple[Column, Values]] = []
    for column, getter in _getters(cls):
        values: Values = list(map(getter, objects))
        if not column.required:
            if column.kind == "files":
                if any(values):
                    columns.append((column, values))
                continue
            present = [value for value in values if value is not None] if None in values else values
            if not present:
                continue
            if column.kind == "time":
                values = format_times(present) if present is values else _spread(format_times(present), values)
        columns.append((column, values))
    return columns


@cached
def _getters(cls: type) -> tuple[tuple[Column, Callable[[Any], Any]], ...]:
    return tuple((column, attrgetter(column.name)) for column in columns_of(cls))
