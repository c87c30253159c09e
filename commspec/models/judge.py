"""How a constructor judges its values: every fault at once, by the table's rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from commspec.errors import InvalidMessage, Issue, shorten
from commspec.models.table import Column, columns_of
from commspec.rules.fault import Fault
from commspec.rules.time import fix_offset


def issue_of(fault: Fault, path: str, value: object, line: int | None = None) -> Issue:
    """The issue that a rule's fault in `value` makes at `path`."""
    return Issue(fault.code, path, fault.message, seen_of(value), fault.hint, line)


def seen_of(value: object) -> str | None:
    """What an issue shows of a value: texts and numbers shortened and escaped, times as they are, anything else by its type; None for None."""
    if value is None:
        return None
    if isinstance(value, str):
        return shorten(str.__str__(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (bool, int, float)):
        return shorten(repr(value)) if not isinstance(value, int) or value.bit_length() < 1000 else "a number of more than 300 digits"
    return type(value).__name__


def settle(message: object) -> None:
    """Put the plain form of every value in its place (exact `str`, fixed offset), then raise `InvalidMessage` with every fault there is."""
    issues: list[Issue] = []
    good: dict[str, object] = {}
    for column in judging_order(type(message)):
        value = getattr(message, column.name)
        fault, plain = judge(column, value, good)
        if fault is not None:
            issues.append(issue_of(fault, column.name, value))
        else:
            good[column.name] = plain
            if plain is not value:
                object.__setattr__(message, column.name, plain)
    if issues:
        raise InvalidMessage.of(tuple(issues))


def judging_order(cls: type) -> list[Column]:
    """The columns of `cls` in the order in which they can be judged: each after those that its rule looks at."""
    return sorted(
        (column for column in columns_of(cls) if column.kind != "files"), key=lambda column: len(column.rule.after) if column.rule else 0
    )


def judge(column: Column, value: object, good: dict[str, object]) -> tuple[Fault | None, object]:
    """The fault of one value, or its plain form; `good` holds those judged good before it."""
    if value is None and column.required:
        return Fault("missing", "required, and not there"), None
    if column.kind == "time":
        if value is None:
            return None, None
        if not isinstance(value, datetime):
            return Fault("type", f"expected a datetime, not {a(type(value).__name__)}"), None
        moment = fix_offset(value)
        if isinstance(moment, Fault):
            return moment, None
        plain = type(value) is datetime and type(value.tzinfo) is timezone and not value.fold
        return None, value if plain else moment
    if value is not None and not isinstance(value, str):
        return Fault("type", f"expected a str, not {a(type(value).__name__)}"), None
    text = value if value is None or type(value) is str else str.__str__(value)
    return judge_text(column, text, good), text


def judge_text(column: Column, text: str | None, good: dict[str, object]) -> Fault | None:
    """The first fault of a text (None where it is absent) by its own rule, then beside those of the fields its rule looks at that are in `good`."""
    rule = column.rule
    assert rule is not None, column
    fault = rule.fault(text) if text is not None else None
    if fault is None and rule.among is not None:
        fault = rule.among(text, good)
    return fault


def a(noun: str) -> str:
    """`noun` with its indefinite article."""
    return ("an " if noun[:1] in "aeiou" else "a ") + noun


def wrong_type(path: str, value: object, expected: str) -> Issue:
    """The issue of a value at `path` that is not what is `expected` there, which is said with its article."""
    return Issue("type", path, f"expected {expected}, not {a(type(value).__name__)}", seen_of(value))


def wrong_types(name: str, values: tuple[object, ...], cls: type | tuple[type, ...], expected: str) -> Iterator[Issue]:
    """An issue for each of `values` that is no instance of `cls`."""
    for index, value in enumerate(values):
        if not isinstance(value, cls):
            yield wrong_type(f"{name}[{index}]", value, expected)
