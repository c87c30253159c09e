"""Faulty responses: a known field twice, two lists, another root, and wall clocks that a time zone doesn't have (SPEC.md section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from commspec.models.channel import Channel
from commspec.models.response import Outcome, SendResponse, StatusDetail, detail_type, receipt_type
from commspec.models.table import columns_of
from commspec.testing.broken_requests import ODD_VALUES, Findings
from commspec.testing.samples import Finding
from commspec.testing.trees import Dice, FormatName, Member, Part, Spelled
from commspec.wire.names import LISTS, RESPONSE
from commspec.wire.report import DEFAULT_LIMITS, Limits


def _parts_of(root: Part, path: str, cls: type, format: FormatName, channel: Channel | None) -> Iterator[tuple[str, type, Part]]:
    """Every part of a response's tree of which the specification knows fields."""
    yield path, cls, root
    columns = {spelling: column for column in columns_of(cls) for spelling in (column.json, column.xml)}
    for member in root.members:
        at = f"{path}.{member.name}" if path else member.name
        column = columns.get(member.name)
        if column is not None and column.kind == "detail" and isinstance(member.value, Part):
            yield from _parts_of(member.value, at, detail_type(cls), format, channel)
        elif column is not None and column.kind == "details" and not (isinstance(member.value, str) or member.value is None):
            items: Any = member.value
            if format == "xml":
                if not isinstance(items, Part) or [inner.name for inner in items.members] != [column.item]:
                    continue
                at, items = f"{at}.{column.item}", items.members[0].value
            if isinstance(items, list):
                for index, item in enumerate(items):
                    if isinstance(item, Part):
                        yield from _parts_of(item, f"{at}[{index}]", StatusDetail, format, channel)
        elif cls is SendResponse and channel is not None:
            names = LISTS[channel]
            outcomes: Any = member.value
            if member.name != (names.json_list if format == "json" else names.xml_list):
                continue
            if format == "xml" and isinstance(outcomes, Part):
                at, outcomes = f"{at}.{names.xml_item}", outcomes.members[0].value
            for index, item in enumerate(outcomes):
                yield from _parts_of(item, f"{at}[{index}]", Outcome, format, channel)
        elif cls is Outcome and channel is not None and member.name == LISTS[channel].message and isinstance(member.value, Part):
            yield from _parts_of(member.value, at, receipt_type(channel), format, channel)


@attrs.frozen
class Broken:
    """What is left of a good response, and the issues that it must give; `name` is the root's in XML."""

    issues: Findings
    tree: Any
    name: str = RESPONSE
    limits: Limits = DEFAULT_LIMITS
    timezone: str | None = None


def break_response(code: str, response: SendResponse, root: Part, format: FormatName, roll: Dice) -> Broken:
    """The tree `root` of `response`, broken so that it gives `code`: one of `CODES`."""
    path = "" if format == "json" else RESPONSE
    if code == "time.zone":
        return _clocks(response, roll)
    if code == "channel":
        return _second_list(response, root, path, format, roll)
    if code == "unknown":
        name = roll.pick(("Response", "root", "responses", "html"))
        return Broken([Finding(code, name)], root, name)
    if code == "type":
        return Broken([Finding(code, "")], roll.pick(([], [root], "x", *ODD_VALUES, None)))
    return _repeated(code, response, root, path, format, roll)


CODES: dict[str, tuple[FormatName, ...]] = {
    "channel": ("json", "xml"),
    "duplicate": ("json", "xml"),
    "limit.issues": ("json", "xml"),
    "time.zone": ("xml",),
    "type": ("json",),
    "unknown": ("xml",),
}
"""What a response can be at fault for, besides its bytes."""


def _repeated(code: str, response: SendResponse, root: Part, path: str, format: FormatName, roll: Dice) -> Broken:
    """A known field that stands several times, anywhere; for `limit.issues` more often than issues are listed."""
    if root.find("status") is None:
        root.add("status", Part())
    at, cls, part = roll.pick(list(_parts_of(root, path, SendResponse, format, response.channel)))
    name = _repeatable(cls, part, response.channel, format, roll)
    first = part.find(name)
    if first is None:
        first = Member(name, Part() if name in ("status", "errors") else "x")
        part.members.append(first)
    if format == "xml" and first.value in (None, []):
        first.value = "x"
    again = 3 if code == "limit.issues" else roll.pick((1, 1, 2))
    for _ in range(again):
        of_xml: tuple[Any, ...] = ("", "x", Part([Member("a", "b")]))
        part.add(name, roll.pick(of_xml if format == "xml" else (None, "x", Spelled("1"), [], Part())))
    found = Finding("duplicate", f"{at}.{name}" if at else name)
    if code == "duplicate":
        return Broken([found] * again, root)
    limit = 1 + roll.roll(2)
    return Broken([found] * limit + [Finding(code, "")], root, limits=Limits(issues=limit))


def _repeatable(cls: type, part: Part, channel: Channel | None, format: FormatName, roll: Dice) -> str:
    """The name of a known field, one that is there if any is."""
    names = [column.named(format) for column in columns_of(cls) if column.kind != "extra"]
    there = [member.name for member in part.members if member.name in names]
    if channel is not None:
        lists = LISTS[channel]
        if cls is Outcome and format == "json" and part.find(lists.message):
            there.append(lists.message)
        if cls is SendResponse:
            there.append(lists.json_list if format == "json" else lists.xml_list)
    return roll.pick(there or names)


def _second_list(response: SendResponse, root: Part, path: str, format: FormatName, roll: Dice) -> Broken:
    first = response.channel or roll.pick(list(Channel))
    other = roll.pick([channel for channel in Channel if channel is not first])
    for channel in (other,) if response.channel is not None else (first, other):
        names = LISTS[channel]
        if format == "json":
            root.add(names.json_list, [])
        else:
            root.add(names.xml_list, roll.pick((Part(), Part([Member(names.xml_item, [Part()])]))))
    name = LISTS[other].json_list if format == "json" else LISTS[other].xml_list
    return Broken([Finding("channel", f"{path}.{name}" if path else name)], root)


_CLOCKS = (
    ("Europe/Berlin", "2024-03-31 02:30:00"),
    ("Europe/Berlin", "2024-10-27 02:00:00"),
    ("America/New_York", "2024-11-03 01:59:59.999999"),
    ("Australia/Lord_Howe", "2024-10-06 02:15:00"),
    ("Pacific/Apia", "2011-12-30 12:00:00"),
)
"""Wall clocks that a zone shows never or twice."""


def _clocks(response: SendResponse, roll: Dice) -> Broken:
    """Wall clocks that a time zone shows twice or never (XML): in a response of its own, for every other time would be judged too."""
    zone, text = roll.pick(_CLOCKS)
    names = LISTS[response.channel or Channel.SMS]
    count = 1 + roll.roll(2)
    times = [text] * count + ["2024-06-01 00:00:00"]
    items = [Part([Member(names.message, Part([Member("scheduledTime", time)]))]) for time in times]
    at = f"{RESPONSE}.{names.xml_list}.{names.xml_item}"
    issues = [Finding("time.zone", f"{at}[{index}].{names.message}.scheduledTime") for index in range(count)]
    return Broken(issues, Part([Member(names.xml_list, Part([Member(names.xml_item, items)]))]), timezone=zone)
