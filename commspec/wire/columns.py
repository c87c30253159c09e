"""The happy path: objects from columns, judged a column at a time; and columns from objects.

A codec reads each field of all messages of a document into one list. Here every list is judged by its rule's columnar twin and, where all are good,
put into new objects by their slots, without the constructors: what those would check has been checked. Where anything is off, there are no objects,
and the codec goes through the explaining path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple, cast

import attrs
from msgspec import UNSET

from commspec.models.judge import judging_order
from commspec.models.table import Column, cached, columns_of
from commspec.rules.rule import TextRule
from commspec.rules.time import format_times, parse_documented_time, parse_times

Values = Sequence[Any]
"""One field of all messages in order; None where a message has no such field."""


class _Plan(NamedTuple):
    """What is done for one class, worked out once.

    `setters` are those of its slots, with what stands there where a field is absent. `steps` are its columns in the order in which they are judged:
    name, whether it is a time, whether it is required, its rule.
    """

    setters: tuple[tuple[str, Callable[[object, object], None], object], ...]
    steps: tuple[tuple[str, bool, bool, TextRule | None], ...]


@cached
def _plan(cls: type) -> _Plan:
    columns = judging_order(cls)
    return _Plan(
        tuple((attribute.name, getattr(cls, attribute.name).__set__, _absent(attribute)) for attribute in attrs.fields(cls)),
        tuple((column.name, column.kind == "time", column.required, column.rule) for column in columns),
    )


def _absent(attribute: attrs.Attribute[Any]) -> object:
    """What stands in the attribute of an object whose document has no such field."""
    default = attribute.default
    factory = getattr(default, "factory", None)
    return None if default is attrs.NOTHING else default if factory is None else factory()


def assemble(cls: type, columns: Mapping[str, Values], count: int, *, clean: bool) -> list[Any] | None:
    """`count` objects of `cls` out of `columns`, or None where any value has a fault.

    A required field stands in `columns` with a text for every object; another may be missing there, and be None for some. With `clean`, every
    text is known to hold only characters that XML can carry.
    """
    plan = _plan(cls)
    ready: dict[str, Values] = dict(columns)
    for name, is_time, required, rule in plan.steps:
        values = columns.get(name)
        if values is not None:
            present = values if required or are_texts(values) else [value for value in values if value is not None]
            if is_time:
                moments = parse_times(present)
                if moments is None:
                    return None
                ready[name] = moments if present is values else spread(moments, values)
            elif rule is None or not rule.accepts(present, clean=clean):
                return None
        if rule is not None and rule.among is not None:
            beside = zip(*(ready.get(other) or repeat(None, count) for other in rule.after), strict=True)
            if any(map(rule.among, values or repeat(None), (dict(zip(rule.after, row, strict=True)) for row in beside))):
                return None
    return make(cls, ready, count)


def are_texts(values: Values) -> bool:
    """Whether each of `values` is a text, so that none is absent."""
    try:
        "".join(values)  # in half the time of looking for None
    except TypeError:
        return False
    return True


FEW = 8
"""Up to how many objects cost less one by one, by `one_of`, than setting up the columns does."""


@cached
def one_of(cls: type) -> Callable[..., Any] | None:
    """What makes one object of `cls` out of the values of its columns, by position: the object, or None where any value has a fault.

    There is none for a class with a rule that looks at other fields than its own.

    Values are texts whose characters XML can carry, or attachments, or for an absent field None or msgspec's UNSET, which no required field may be.

    For a message alone, loops over columns and the calls between them cost more than the work itself. So the function is written out, a step for each
    column, as attrs writes constructors.
    """
    columns = columns_of(cls)
    if any(column.rule is not None and column.rule.among for column in columns):
        return None
    scope: dict[str, Any] = {"cls": cls, "new": object.__new__, "parse_time": parse_documented_time, "UNSET": UNSET}
    steps = [f"def one({', '.join(column.name for column in columns)}):"]
    for column in columns:
        name, bad = column.name, _bad(column, scope)
        if column.required:
            steps.append(f"  if {bad}: return None" if bad else "")
            continue
        steps.append(f"  if {name} is None or {name} is UNSET: {name} = {() if column.kind == 'files' else None}")
        if bad:
            steps.append(f"  elif {bad}: return None")
    steps.append("  made = new(cls)")
    for column in columns:
        scope[f"set_{column.name}"] = getattr(cls, column.name).__set__
        steps.append(f"  set_{column.name}(made, {column.name})")
    exec("\n".join([*steps, "  return made"]), scope)  # noqa: S102 - of names and checks of the table alone
    return cast("Callable[..., Any]", scope["one"])


def _bad(column: Column, scope: dict[str, Any]) -> str | None:
    """The expression that is true of a text with a fault, None where no text has any; what it calls is put into `scope`."""
    name, rule = column.name, column.rule
    if column.kind == "time":
        return f"({name} := parse_time({name})) is None"
    if rule is None or (rule.blank and not rule.one_line and rule.check is None):
        return None
    if rule.column is not None:  # whose twin sees to all that the rule asks for
        scope[f"check_{name}"] = rule.check
        return f"check_{name}({name}) is not None"
    if not rule.one_line and rule.check is None:
        return f"not {name}.strip()"
    scope[f"accepts_{name}"] = rule.accepts
    return f"not accepts_{name}(({name},), clean=True)"


def make(cls: type, columns: Mapping[str, Values], count: int) -> list[Any]:
    """`count` objects of `cls` of values that are known to be good, past the constructor; a field without a column is absent from all."""
    objects: list[Any] = list(map(object.__new__, repeat(cls, count)))
    for name, setter, absent in _plan(cls).setters:
        # A deque of no length is the quickest way to call a C function for each pair of two lists.
        deque(map(setter, objects, columns.get(name) or repeat(absent)), 0)
    return objects


def spread(present: Iterable[Any], values: Values) -> list[Any]:
    """What stands for each of `values` that is not None, in order; None for the others."""
    following = iter(present)
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
                values = format_times(present) if present is values else spread(format_times(present), values)
        columns.append((column, values))
    return columns


@cached
def _getters(cls: type) -> tuple[tuple[Column, Callable[[Any], Any]], ...]:
    return tuple((column, attrgetter(column.name)) for column in columns_of(cls))
