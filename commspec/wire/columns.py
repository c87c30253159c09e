"""The happy path: objects from columns, judged a column at a time; and columns from objects.

A codec reads each field of all messages of a document into one list. Here every list is judged by its rule's columnar twin and, where all are good,
put into new objects by their slots, without the constructors: what those would check has been checked. Where anything is off, there are no objects,
and the codec goes through the explaining path.

Loops over fields by name are written out for each class, as attrs writes constructors: Python takes an attribute whose name stands in the code out of
its slot at a fraction of what `getattr`, `attrgetter` or a slot's own `__get__` and `__set__` cost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import repeat
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

    `slots` are its fields, with what stands there where one is absent, and `fill` puts values for them into drafts, of which it makes objects of the
    class. `steps` are its columns in the order in which they are judged: name, whether it is a time, its rule.
    """

    slots: tuple[tuple[str, object], ...]
    draft: type
    fill: Callable[..., None]
    steps: tuple[tuple[str, bool, TextRule | None], ...]


@cached
def _plan(cls: type) -> _Plan:
    names = [attribute.name for attribute in attrs.fields(cls)]
    lines = ["def fill(drafts, *columns):", f"  for draft, {', '.join(names)} in zip(drafts, *columns):", *_finished(names, "    ")]
    return _Plan(
        tuple((attribute.name, _absent(attribute)) for attribute in attrs.fields(cls)),
        _draft(cls),
        written_out(lines, {"cls": cls}),
        tuple((column.name, column.kind == "time", column.rule) for column in judging_order(cls)),
    )


@cached
def _draft(cls: type) -> type:
    """`cls` with fields that can be set. Nothing else is different, so that a draft becomes an object of `cls` by its `__class__` alone."""
    return type(cls)(cls.__name__, (cls,), {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__})


def _finished(names: Iterable[str], indent: str) -> list[str]:
    """Lines that give a `draft` its fields, the variables of those `names`, and make it an object of `cls`."""
    return [*(f"{indent}draft.{name} = {name}" for name in names), f"{indent}draft.__class__ = cls"]


def written_out(lines: Sequence[str], scope: dict[str, Any]) -> Callable[..., Any]:
    """The function that `lines` define, of names and checks of the table alone."""
    exec("\n".join(lines), scope)  # noqa: S102
    return cast("Callable[..., Any]", scope[lines[0].partition("(")[0].removeprefix("def ")])


def _absent(attribute: attrs.Attribute[Any]) -> object:
    """What stands in the attribute of an object whose document has no such field."""
    default = attribute.default
    factory = getattr(default, "factory", None)
    return None if default is attrs.NOTHING else default if factory is None else factory()


def assemble(cls: type, columns: Mapping[str, Values], count: int, *, gaps: Collection[str], clean: bool) -> list[Any] | None:
    """`count` objects of `cls` out of `columns`, or None where any value has a fault.

    A required field stands in `columns` with a text for every object; another may be missing there, or be None for some and then stand in `gaps` too.
    With `clean`, every text is known to hold only characters that XML can carry.
    """
    plan = _plan(cls)
    ready: dict[str, Values] = dict(columns)
    for name, is_time, rule in plan.steps:
        values = columns.get(name)
        if values is not None:
            present = [value for value in values if value is not None] if name in gaps else values
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


FEW = 8
"""Up to how many objects cost less one by one, by `one_of`, than setting up the columns does."""


@cached
def one_of(cls: type) -> Callable[..., Any] | None:
    """What makes one object of `cls` out of the values of its columns, by position: the object, and how many strings they are in JSON; None for a fault.

    There is none for a class with a rule that looks at other fields than its own.

    Values are texts whose characters XML can carry, or attachments, or for an absent field None or msgspec's UNSET, which no required field may be.
    In JSON a value is two strings with its key, null is one, and UNSET none.

    For a message alone, loops over columns and the calls between them cost more than the work itself. So the function is written out, a step for each
    column, as attrs writes constructors.
    """
    columns = columns_of(cls)
    if any(column.rule is not None and column.rule.among for column in columns):
        return None
    scope: dict[str, Any] = {"parse_time": parse_documented_time, "UNSET": UNSET}
    names = [column.name for column in columns]
    steps = [f"strings = {2 * len(names)}"]
    for column in columns:
        name, bad = column.name, _bad(column, scope)
        if column.required:
            steps.append(f"if {bad}: return None" if bad else "")
            continue
        absent = f"{name} = {() if column.kind == 'files' else None}"
        steps += f"if {name} is UNSET: strings -= 2; {absent}", f"elif {name} is None: strings -= 1; {absent}"
        if bad:
            steps.append(f"elif {bad}: return None")
    return one_maker(cls, names, steps, scope)


def one_maker(cls: type, names: Sequence[str], steps: Iterable[str], scope: Mapping[str, Any]) -> Callable[..., Any]:
    """A function of the values of the attributes `names`, by position, that goes through `steps` and gives an object of `cls` and their `strings`.

    Other attributes may follow; they are absent otherwise.
    """
    others = {attribute.name: _absent(attribute) for attribute in attrs.fields(cls) if attribute.name not in names}
    given = ", ".join([*names, *(f"{name}={name}" for name in others)])
    lines = [f"def one({given}):", *(f"  {step}" for step in steps), "  draft = new(Draft)", *_finished([*names, *others], "  ")]
    return written_out([*lines, "  return draft, strings"], {**scope, **others, "cls": cls, "new": object.__new__, "Draft": _draft(cls)})


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
    plan = _plan(cls)
    objects: list[Any] = list(map(object.__new__, repeat(plan.draft, count)))
    plan.fill(objects, *(columns.get(name) or repeat(absent) for name, absent in plan.slots))
    return objects


def spread(present: Iterable[Any], values: Values) -> list[Any]:
    """What stands for each of `values` that is not None, in order; None for the others."""
    following = iter(present)
    return [None if value is None else next(following) for value in values]


def construct(cls: type, values: Mapping[str, Any]) -> Any:
    """One object of `cls` of values that are known to be good; a field that is not among them is absent."""
    plan = _plan(cls)
    one: Any = object.__new__(plan.draft)
    plan.fill((one,), *((values.get(name, absent),) for name, absent in plan.slots))
    return one


def take_apart(cls: type, objects: Sequence[Any]) -> list[tuple[Column, Values]]:
    """The columns of objects of `cls` that any of them has, as documents hold them: times as texts, None where an object has no such field."""
    columns: list[tuple[Column, Values]] = []
    for column, taken in zip(columns_of(cls), _own_takers(cls), strict=True):
        values: Values = taken(objects)
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


def takers(cls: type) -> tuple[Callable[[Sequence[Any]], list[Any]], ...]:
    """For each column of `cls`, what takes it out of objects of one class, which need not be `cls`: Python learns where it finds the attributes."""
    return tuple(
        written_out(["def take(objects):", f"  return [each.{column.name} for each in objects]"], {}) for column in columns_of(cls)
    )


_own_takers = cached(takers)


def rows_maker(cls: type, row: Callable[..., Any]) -> Callable[[Sequence[Any]], list[Any]]:
    """What makes of objects of `cls` a list of what `row` makes of the values of their columns, given by position."""
    values = ", ".join(f"each.{column.name}" for column in columns_of(cls))
    return written_out(["def rows(objects):", f"  return [row({values}) for each in objects]"], {"row": row})
