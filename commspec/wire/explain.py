"""The explaining path of requests: one message out of its fields as the document spells them, with every fault and everything tolerated.

Here are the names and the tolerance of SPEC.md sections 4.8, 4.11 and 6, for both formats. A codec turns its tree into `Entry` and `Odd`, and says
what only it can see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from commspec.errors import Issue, shorten
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.judge import issue_of, judge_text, judging_order
from commspec.models.messages import Attachment, message_type
from commspec.models.table import Column, FormatName, cached, columns_of
from commspec.rules.attachment import is_base64
from commspec.rules.fault import Fault
from commspec.rules.text import WHITE_SPACE, check_characters
from commspec.rules.time import parse_documented_time, parse_time, parse_tolerated
from commspec.wire.columns import construct
from commspec.wire.report import Report, step


class Odd(NamedTuple):
    """A value that is no text where the table has a text.

    `what` says it with its article; `integer` is its spelling where it is a JSON integer; `seen` is what can be shown of it, which is the same then.
    """

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


class Reading(NamedTuple):
    """How a request is read: the format, whether section 6 is tolerated, the zone of times without offset, and where findings go.

    Without `echo`, messages with faults are not kept: there may be millions, and each is many times as large as what it was read from.
    """

    format: FormatName
    report: Report
    tolerant: bool = False
    zone: tzinfo | None = None
    echo: bool = True

    def aside(self) -> Reading:
        """The same reading, with findings that nobody hears of."""
        return self._replace(report=Report())

    def passes_over_unknown(self, *, tolerable: bool = True) -> bool:
        """Whether no more unknown things are listed, so that there is no use in explaining one; a fault is counted."""
        if self.tolerant and tolerable:
            return self.report.full_of_notes
        if self.report.full:
            self.report.skip()
        return self.report.full

    def unknown(self, path: str, what: str, *, line: int | None = None, hint: str | None = None, tolerable: bool = True) -> None:
        """Report something that the specification does not know: a fault, or where tolerated a loss."""
        if self.tolerant and tolerable:
            self.report.note("loss.unknown", path, f"{what}: dropped", line=line, hint=hint)
        else:
            self.report.issue(Issue("unknown", path, what, hint=hint, line=line))


class _Plan(NamedTuple):
    """What a class is read by: every name under which a column is known, and whether it is the format's own; the columns, in the order of judging.

    With each column stand its attribute and its name in the format; and with those that aren't files whether they are times, and for a text that is
    judged without others by what.
    """

    spellings: dict[str, tuple[Column, bool]]
    files: tuple[tuple[str, str], ...]
    others: tuple[tuple[Column, str, str, bool, Callable[[str], Fault | None] | None], ...]


@cached
def _plan(cls: type, format: FormatName) -> _Plan:
    # Its own last: a name that both formats have is the format's own.
    formats: tuple[FormatName, ...] = ("xml", "json") if format == "json" else ("json", "xml")
    columns = columns_of(cls)
    return _Plan(
        {column.named(each): (column, each == format) for each in formats for column in columns},
        tuple((column.name, column.named(format)) for column in columns if column.kind == "files"),
        tuple(
            (
                column,
                column.name,
                column.named(format),
                column.kind == "time",
                rule.fault if (rule := column.rule) and not rule.among else None,
            )
            for column in judging_order(cls)
        ),
    )


def read_message(channel: Channel, entries: Iterable[Entry], path: str, line: int | None, reading: Reading) -> Any | None:
    """The message that `entries` spell, or None where it has any fault; all that was found stands in the report."""
    return _read(message_type(channel), entries, path, line, reading)


def _read(cls: type, entries: Iterable[Entry], path: str, line: int | None, reading: Reading) -> Any | None:
    plan = _plan(cls, reading.format)
    faults = reading.report.count
    found = _by_column(plan, list(entries), path, reading)
    good: dict[str, Any] = {}
    for attribute, name in plan.files:
        entry = found.get(attribute, _NONE)
        if isinstance(entry.value, Files):
            good[attribute] = tuple(_read(Attachment, inner, at, where, reading) for at, inner, where in entry.value.files)
        elif isinstance(entry.value, Odd) and entry.value is not REPORTED:
            wrong = Fault("type", f"expected attachments, not {entry.value.what}")
            reading.report.issue(issue_of(wrong, step(path, name), entry.value.seen))
    for column, attribute, name, is_time, fault_of in plan.others:
        entry = found.get(attribute, _NONE)
        value = entry.value
        fault: Fault | None = None
        # Most fields even of a faulty message are good, and that is soon seen.
        if type(value) is str:
            if is_time:
                moment = parse_documented_time(value)
                if moment is not None:
                    good[attribute] = moment
                    continue
            elif fault_of is not None:
                fault = fault_of(value)
                if fault is None:
                    good[attribute] = value
                    continue
        elif value is None:
            if not column.required and (is_time or fault_of is not None):
                good[attribute] = None
                continue
            if column.required and reading.report.full and not (reading.tolerant and column.lenient is not None):
                reading.report.skip()
                continue
        elif value is REPORTED:
            continue
        assert not isinstance(value, Files), name
        at = f"{path}.{name}" if path else name  # by `step`, in half the time: names of the table's are plain ones
        where = entry.line if entry is not _NONE else line
        plain: Any = None
        if fault is None or reading.tolerant:
            fault, plain = _read_value(column, value, good, at, where, reading)
        if fault is None:
            good[attribute] = plain
        else:
            reading.report.issue(issue_of(fault, at, value.seen if isinstance(value, Odd) else value, where))
    return construct(cls, good) if reading.report.count == faults else None


def _by_column(plan: _Plan, entries: Sequence[Entry], path: str, reading: Reading) -> dict[str, Entry]:
    """The entries by the attribute they stand for. Unknown names are reported, and names that stand twice, whose entries become `REPORTED`."""
    found: dict[str, Entry] = {}
    again: dict[str, bool] | None = None
    for entry in entries:
        column, own = plan.spellings.get(entry.name, _UNKNOWN)
        if column is None or not (own or reading.tolerant):
            if again is None:
                again = _names_twice(entries) if reading.format == "json" else {}
            if entry.name in again:
                if again[entry.name] and reading.report.full:
                    reading.report.skip()
                elif again[entry.name]:
                    reading.report.issue(Issue("duplicate", step(path, entry.name), "stands twice", hint="keep one of them"))
                again[entry.name] = True
                continue
            if reading.passes_over_unknown():
                continue
            hint = _hint_for_name(entry.name, plan.spellings, reading)
            reading.unknown(step(path, entry.name), "no such field", line=entry.line, hint=hint)
        elif column.name in found:
            if reading.report.full:
                reading.report.skip()
            else:
                at = step(path, column.named(reading.format))
                twice = "stands twice" if found[column.name].name == entry.name else "stands twice, in two spellings"
                reading.report.issue(Issue("duplicate", at, twice, line=entry.line, hint="keep one of them"))
            found[column.name] = Entry(entry.name, REPORTED)
        else:
            if not own:
                name = column.named(reading.format)
                message = f"read from its other spelling, {entry.name}"
                reading.report.note("tolerated.spelling", step(path, name), message, line=entry.line, hint=f"write {name}")
            found[column.name] = entry
    return found


def _names_twice(entries: Sequence[Entry]) -> dict[str, bool]:
    """The keys of a JSON object that stand more than once, and whether one of each has been met: not yet."""
    return {name: False for name, count in Counter(entry.name for entry in entries).items() if count > 1}


_NONE = Entry("", None)
_UNKNOWN = (None, False)
_NO_FIELDS = Extra()


def _hint_for_name(name: str, spellings: Mapping[str, tuple[Column, bool]], reading: Reading) -> str | None:
    folded = {spelling.lower(): known for spelling, (known, _) in spellings.items()}  # JSON's have no underscores
    column = folded.get(name.lower().replace("_", "").replace("-", ""))
    if column is not None:
        return f"write {column.named(reading.format)}"
    if reading.report.long:
        return None
    import difflib

    close = difflib.get_close_matches(name[:80], [spelling for spelling, (_, own) in spellings.items() if own], n=1)
    return f"did you mean {close[0]}?" if close else None


def _read_value(
    column: Column, value: str | Odd | None, good: dict[str, Any], path: str, line: int | None, reading: Reading
) -> tuple[Fault | None, Any]:
    if value is None and column.required:
        if reading.tolerant and column.lenient is not None:
            reading.report.note(f"tolerated.{column.name}", path, "absent: read as empty", line=line)
            return None, column.lenient
        return Fault(
            "missing",
            "required, and not there",
            None if column.lenient is None else f"write it, if only as {column.lenient!r}".replace("''", '""'),
        ), None
    if isinstance(value, Odd) and column.digits and reading.tolerant and value.integer is not None:
        reading.report.note("tolerated.number", path, "a number, read as its digits", hint="write it as a text")
        value = value.integer
    if isinstance(value, Odd):
        return Fault("type", f"expected a text, not {value.what}", f'write "{value.integer}"' if value.integer else None), None
    if column.kind == "time":
        return _read_time(value, path, line, reading)
    fault = judge_text(column, value, good)
    if fault is not None and value is not None and reading.tolerant:
        spared = _without_space(column, value, good, reading)
        if spared is not None and judge_text(column, spared, good) is None:
            reading.report.note("tolerated.space", path, "white space left out", line=line)
            return None, spared
    return fault, value


def _read_time(value: str | None, path: str, line: int | None, reading: Reading) -> tuple[Fault | None, datetime | None]:
    if value is None:
        return None, None
    unfit = check_characters(value)
    if unfit is not None:
        return unfit, None
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
        return value.translate(_NO_SPACE) if is_base64(good.get("file_encoding_type")) else None
    if reading.format == "xml" and column.rule is not None and column.rule.one_line:
        return value.strip(WHITE_SPACE)
    return None


_NO_SPACE = dict.fromkeys(map(ord, WHITE_SPACE))


def received_fields(entries: Sequence[Entry]) -> Extra:
    """The fields of a message by the document's names, as a server echoes them."""
    if not entries:
        return _NO_FIELDS
    fields: dict[str, Any] = {}
    again: dict[str, list[Any]] = {}
    for name, value, _ in entries:
        plain: Any = value
        if isinstance(value, Odd):
            plain = value.seen
        elif isinstance(value, Files):
            plain = tuple(received_fields(inner) for _, inner, _ in value.files)
        if name not in fields:
            fields[name] = plain
        else:
            again.setdefault(name, [fields[name]]).append(plain)
    fields.update((name, tuple(values)) for name, values in again.items())
    return Extra.of_frozen(fields)
