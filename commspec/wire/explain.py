"""The explaining path of requests: one message out of its fields as the document spells them, with every fault and everything tolerated.

Here are the names and the tolerance of SPEC.md sections 4.8, 4.11 and 6, for both formats. A codec turns its tree into `Entry` and `Odd`, and says
what only it can see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Literal, NamedTuple

import attrs

from commspec.errors import Issue, shorten
from commspec.models.channel import Channel
from commspec.models.judge import issue_of, judge_text, judging_order, seen_of
from commspec.models.messages import Attachment, message_type
from commspec.models.table import Column, cached, columns_of
from commspec.rules.attachment import is_base64
from commspec.rules.fault import Fault
from commspec.rules.text import WHITE_SPACE
from commspec.rules.time import find_zone, parse_time, parse_tolerated
from commspec.wire.report import Report, step

FormatName = Literal["json", "xml"]


class Odd(NamedTuple):
    """A value that is no text where the table has a text: `what` says it with its article; `integer` is its spelling where it is a JSON integer."""

    what: str
    integer: str | None = None
    seen: str | None = None


class Files(NamedTuple):
    """The attachments of a message as the document spells them, each with its path and line."""

    files: list[tuple[str, list[Entry], int | None]]


class Entry(NamedTuple):
    """One field as the document spells it. None is JSON's null. `Odd` with `what` empty: the codec has reported the fault."""

    name: str
    value: str | Odd | Files | None
    line: int | None = None


REPORTED = Odd("")


@attrs.frozen
class Reading:
    """How a request is read: the format, whether section 6 is tolerated, the zone of times without offset, and where findings go."""

    format: FormatName
    report: Report
    tolerant: bool = False
    zone: tzinfo | None = attrs.field(default=None, converter=find_zone)

    def name(self, column: Column) -> str:
        """What the format calls the column."""
        return column.json if self.format == "json" else column.xml

    def unknown(self, path: str, what: str, *, line: int | None = None, hint: str | None = None, tolerable: bool = True) -> None:
        """Report something that the specification does not know: a fault, or where tolerated a loss."""
        if self.tolerant and tolerable:
            self.report.note("loss.unknown", path, f"{what}: dropped", line=line, hint=hint)
        else:
            self.report.issue(Issue("unknown", path, what, hint=hint, line=line))


@cached
def _spellings(cls: type, format: FormatName) -> dict[str, tuple[Column, bool]]:
    """Every name under which a column of `cls` is known, and whether it is the format's own."""
    columns = columns_of(cls)
    own = {(column.json if format == "json" else column.xml): (column, True) for column in columns}
    other = {(column.xml if format == "json" else column.json): (column, False) for column in columns}
    return {**other, **own}


def read_message(channel: Channel, entries: Iterable[Entry], path: str, line: int | None, reading: Reading) -> Any | None:
    """The message that `entries` spell, or None where it has any fault; all that was found stands in the report."""
    return _read(message_type(channel), entries, path, line, reading)


def _read(cls: type, entries: Iterable[Entry], path: str, line: int | None, reading: Reading) -> Any | None:
    found, sound = _by_column(cls, entries, path, reading)
    good: dict[str, Any] = {}
    for column in columns_of(cls):
        if column.kind == "files" and column.name in found:
            value = found[column.name].value
            if isinstance(value, Files):
                files = [
                    _read(Attachment, *file_entries, reading)
                    for file_entries in ((entries, at, where) for at, entries, where in value.files)
                ]
                good[column.name] = files
                sound &= None not in files
            else:
                sound &= value is None
                if isinstance(value, (str, Odd)) and value != REPORTED:
                    _type_issue(value, step(path, reading.name(column)), "attachments", found[column.name].line, reading)
                    sound = False
    for column in judging_order(cls):
        at = step(path, reading.name(column))
        entry = found.get(column.name, Entry(reading.name(column), None, line))
        if entry.value == REPORTED:
            sound = False
            continue
        fault, value = _read_value(column, entry, good, at, reading)
        if fault is None:
            good[column.name] = value
        else:
            reading.report.issue(issue_of(fault, at, _seen(entry.value), entry.line))
            sound = False
    return cls(**good) if sound else None


def _by_column(cls: type, entries: Iterable[Entry], path: str, reading: Reading) -> tuple[dict[str, Entry], bool]:
    """The entries by the attribute they stand for. Unknown names are reported, and names that stand twice, whose entries become `REPORTED`."""
    spellings = _spellings(cls, reading.format)
    found: dict[str, Entry] = {}
    spelled: dict[str, str] = {}
    sound = True
    for entry in entries:
        column, own = spellings.get(entry.name, (None, False))
        if column is None or not (own or reading.tolerant):
            reading.unknown(
                step(path, entry.name), "no such field", line=entry.line, hint=_hint_for_name(entry.name, column, spellings, reading)
            )
            sound &= reading.tolerant
            continue
        at = step(path, reading.name(column))
        if column.name in found:
            twice = "stands twice" if spelled[column.name] == entry.name else "stands twice, in two spellings"
            reading.report.issue(Issue("duplicate", at, twice, line=entry.line, hint="keep one of them"))
            found[column.name] = Entry(entry.name, REPORTED, entry.line)
            sound = False
            continue
        if not own:
            reading.report.note(
                "tolerated.spelling",
                at,
                f"read from its other spelling, {entry.name}",
                line=entry.line,
                hint=f"write {reading.name(column)}",
            )
        found[column.name] = entry
        spelled[column.name] = entry.name
    return found, sound


def _hint_for_name(name: str, column: Column | None, spellings: Mapping[str, tuple[Column, bool]], reading: Reading) -> str | None:
    if column is None:
        folded = {spelling.lower().replace("_", ""): known for spelling, (known, _) in spellings.items()}
        column = folded.get(name.lower().replace("_", "").replace("-", ""))
        if column is None:
            import difflib

            close = difflib.get_close_matches(name[:80], [spelling for spelling, (_, own) in spellings.items() if own], n=1)
            return f"did you mean {close[0]}?" if close else None
    return f"write {reading.name(column)}"


def _read_value(column: Column, entry: Entry, good: dict[str, Any], path: str, reading: Reading) -> tuple[Fault | None, Any]:
    value = entry.value
    if value is None and column.required:
        if reading.tolerant and column.lenient is not None:
            reading.report.note(f"tolerated.{column.name}", path, "absent: read as empty", line=entry.line)
            return None, column.lenient
        return Fault(
            "missing",
            "required, and not there",
            None if column.lenient is None else f"write it, if only as {column.lenient!r}".replace("''", '""'),
        ), None
    if isinstance(value, Odd) and column.digits and reading.tolerant and value.integer is not None:
        reading.report.note("tolerated.number", path, "a number, read as its digits", line=entry.line, hint="write it as a text")
        value = value.integer
    if isinstance(value, (Odd, Files)):
        what = value.what if isinstance(value, Odd) else "a list"
        return Fault(
            "type", f"expected a text, not {what}", f'write "{value.integer}"' if isinstance(value, Odd) and value.integer else None
        ), None
    if column.kind == "time":
        return _read_time(column, value, path, entry.line, reading)
    fault = judge_text(column, value, good)
    if fault is not None and value is not None and reading.tolerant:
        spared = _without_space(column, value, good, reading)
        if spared is not None and judge_text(column, spared, good) is None:
            reading.report.note("tolerated.space", path, "white space left out", line=entry.line)
            return None, spared
    return fault, value


def _read_time(column: Column, value: str | None, path: str, line: int | None, reading: Reading) -> tuple[Fault | None, datetime | None]:
    if value is None:
        return None, None
    moment: datetime | Fault | None = parse_time(value)
    if not isinstance(moment, Fault) or not reading.tolerant:
        return (moment, None) if isinstance(moment, Fault) else (None, moment)
    fault, text = moment, value
    if reading.format == "xml" and value.strip(WHITE_SPACE) != value:
        text = value.strip(WHITE_SPACE)
        moment = parse_time(text)
        if not isinstance(moment, Fault):
            reading.report.note("tolerated.space", path, "white space left out", line=line)
            return None, moment
    if not text:
        reading.report.note("tolerated.time", path, "empty: read as absent", line=line, hint="leave the field out")
        return None, None
    moment = parse_tolerated(text, reading.zone)
    if moment is None:
        return fault, None
    if isinstance(moment, Fault):
        return moment, None
    if text != value:
        reading.report.note("tolerated.space", path, "white space left out", line=line)
    reading.report.note(
        "tolerated.time", path, "not in the documented form", seen=shorten(text), line=line, hint=f"write {moment.isoformat()}"
    )
    return None, moment


def _without_space(column: Column, value: str, good: Mapping[str, Any], reading: Reading) -> str | None:
    """`value` without the white space that tolerance forgives in its field: around a one-line XML field, anywhere in base64."""
    if column.name == "file_data":
        return "".join(value.split()) if is_base64(good.get("file_encoding_type")) else None
    if reading.format == "xml" and column.rule is not None and column.rule.one_line:
        return value.strip(WHITE_SPACE)
    return None


def _seen(value: object) -> object:
    return (value.seen or value.integer) if isinstance(value, Odd) else None if isinstance(value, Files) else value


def _type_issue(value: str | Odd, path: str, expected: str, line: int | None, reading: Reading) -> None:
    what = value.what if isinstance(value, Odd) else "a text"
    reading.report.issue(Issue("type", path, f"expected {expected}, not {what}", seen_of(_seen(value)), line=line))
