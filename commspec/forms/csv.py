"""CSV: a message a row, under the XML names."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Any

import attrs

from commspec.errors import InvalidDocument, Issue, MalformedDocument, shorten
from commspec.forms.shared import BATCH, CHANNEL, guess, last, names_channel, other_channel, taken, too_long, unnamed
from commspec.models.channel import Channel
from commspec.models.messages import EmailMessage, Message, message_type
from commspec.models.table import Column, columns_of
from commspec.streaming.findings import Findings
from commspec.streaming.source import CHUNK_BYTES, Source, pieces_of
from commspec.streaming.writing import MessageWriter
from commspec.wire.columns import assemble, take_apart
from commspec.wire.explain import REPORTED, Entry, Reading
from commspec.wire.names import LISTS, ROOT
from commspec.wire.report import DEFAULT_LIMITS, Limits, Report, step
from commspec.wire.request import Received, RequestReader

_SEPARATORS = ",;\t"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
# No more than spreadsheets make: a sender may be any text, and one such as 1E5 is nobody's number.
_AS_SHOWN = re.compile(r"[1-9](?:[.,][0-9]+)?E\+[0-9]{2,}|[1-9][0-9]{5,}[.,]0")
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _text_lines(source: Source, limits: Limits) -> Iterator[str]:
    """The source's lines with their ends, as `csv.reader` takes them."""
    pieces = pieces_of(source)
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= 3:
            break
    encoding = _UTF_16.get(head[:2], "utf-8")
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    head = head.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8" else head[2:]
    pending: list[str] = []
    size, number = 0, 1
    # A last piece of nothing, which shows whether the source ends within a character.
    for piece, final in chain(((piece, False) for piece in chain((head,), pieces)), [(b"", True)]):
        try:
            text = decoder.decode(piece, final)
        except UnicodeDecodeError:
            message = f"a byte after this line's beginning is not {encoding.upper()}"
            hint = "save it as CSV UTF-8" if encoding == "utf-8" else None
            raise MalformedDocument.of((Issue("encoding", "", message, hint=hint, line=number),)) from None
        if "\n" not in text:
            pending.append(text)
            size += len(text)
            if size > limits.bytes:
                raise too_long("a line", limits, number)
            continue
        *lines, rest = "".join((*pending, text)).split("\n")
        for line in lines:
            if _is_longer(line, limits):
                raise too_long("a line", limits, number)
            yield line + "\n"
            number += 1
        pending, size = [rest], len(rest)
    rest = "".join(pending)
    if _is_longer(rest, limits):
        raise too_long("a line", limits, number)
    if rest:
        yield rest


def _is_longer(text: str, limits: Limits) -> bool:
    """Whether a text is longer than the limit, in UTF-8. Most need no counting: no character takes more than four bytes."""
    return len(text) * 4 > limits.bytes and len(text.encode()) > limits.bytes


@attrs.frozen
class _Header:
    """The first row: for each cell the column of the table that it names, `CHANNEL`, None for what is dropped, or an empty text where it names nothing."""

    cells: tuple[Column | str | None, ...]

    @property
    def columns(self) -> list[tuple[int, Column]]:
        """The columns of the table, and the cells they stand in."""
        return [(place, cell) for place, cell in enumerate(self.cells) if isinstance(cell, Column)]


def iter_csv(source: Source, channel: Channel | None, reading: Reading, limits: Limits) -> Iterator[Received | Findings]:
    """Each message of a source; see `commspec.forms.iter_form`."""
    lines = _text_lines(source, limits)
    reader = RequestReader(None, reading)
    first, skipped = _first_line(lines)
    separator = _separator(first)
    announced = _SEPARATOR_LINE.fullmatch(first)
    if announced:
        separator = announced.group(1)
        first, more = _first_line(lines)
        skipped += more + 1
    # A cell may be as long as a message; the module's own limit is one for the whole process, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), min(limits.bytes, 2**31 - 1)))
    rows = csv.reader(chain((first,), lines), delimiter=separator, strict=True)
    names = next(_checked(rows, skipped, limits), ([], 1))[0]
    if channel is None:
        channel = guess(names)
    ahead: list[tuple[list[str], int]] = []
    following = _checked(rows, skipped, limits)
    if channel is None and CHANNEL in names:
        for row, line in following:
            ahead.append((row, line))
            if any(row):
                channel = _channel_in(row, names)
                break
    line = skipped + 1
    if channel is None:
        if names:
            yield unnamed(names, line, "column")
        else:
            yield from last(reader, reading)
        return
    name = LISTS[channel].message
    path = f"{ROOT}.{name}"
    reader.begin_list(name, path)
    if separator != ",":
        message = "cells are separated by " + ("tabs" if separator == "\t" else separator)
        if reading.tolerant:
            reading.report.note("tolerated.separator", "", message, hint="separate them by commas", line=line)
        else:
            reading.report.issue(Issue("csv.separator", "", message, hint="separate them by commas, or read it tolerantly", line=line))
    header = _read_header(names, channel, path, line, reading)
    if reading.report.issues or reading.report.notes:
        yield Findings(tuple(reading.report.issues), tuple(reading.report.notes))
    if header is None:
        return
    numbers = _Numbers()
    batch: list[tuple[list[str], int]] = []
    size = 0
    for row, at in chain(ahead, following):
        if not any(row):
            continue
        batch.append((row, at))
        size += sum(map(len, row))
        if len(batch) >= BATCH or size >= CHUNK_BYTES:
            yield from _read_rows(batch, header, channel, numbers, reader, reading)
            batch, size = [], 0
    if batch:
        yield from _read_rows(batch, header, channel, numbers, reader, reading)
    yield from last(reader, reading)


def _first_line(lines: Iterator[str]) -> tuple[str, int]:
    """The first line with anything in it, and how many stood before it."""
    for skipped, line in enumerate(lines):
        if line.strip("\r\n"):
            return line, skipped
    return "", 0


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def _checked(rows: Any, skipped: int, limits: Limits) -> Iterator[tuple[list[str], int]]:
    """Each row and the line on which it begins. Raises `MalformedDocument`."""
    while True:
        line = skipped + rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            if "field limit" in str(error):
                raise too_long("a cell", limits, line) from None
            message, _, advice = str(error).partition(" - ")
            hint = "a quote is closed by another, and one inside a cell is doubled" if "expected after" in message else advice or None
            raise MalformedDocument.of((Issue("csv.syntax", "", message, hint=hint, line=line),)) from None
        if row is None:
            return
        yield row, line


def _channel_in(row: Sequence[str], names: Sequence[str]) -> Channel | None:
    place = list(names).index(CHANNEL)
    try:
        return Channel(row[place]) if place < len(row) else None
    except ValueError:
        return None


def _read_header(names: Sequence[str], channel: Channel, path: str, line: int, reading: Reading) -> _Header | None:
    """What each cell of the first row names; None where no row can be read under it."""
    cls = message_type(channel)
    columns = columns_of(cls)
    own = {column.xml: column for column in columns}
    others = {column.json: column for column in columns}
    cells: list[Column | str | None] = []
    readable = True
    for given in names:
        name = given if given in own or given == CHANNEL or not reading.tolerant else given.strip()
        column = own.get(name)
        if column is None and reading.tolerant and name in others:
            column = others[name]
            message = f"read from its other spelling, {name}"
            reading.report.note("tolerated.spelling", step(path, column.xml), message, hint=f"write {column.xml}", line=line)
        cell: Column | str | None = CHANNEL if name == CHANNEL else column
        if cell is not None and cell in cells:
            reading.report.issue(Issue("duplicate", step(path, name), "stands twice in the first row", hint="keep one of them", line=line))
            readable = False
        elif isinstance(cell, Column) and cell.kind == "files":
            reading.report.issue(_no_attachments(step(path, name), line))
            readable = False
        elif cell is None and name:
            # A nameless column is looked at row by row: a spreadsheet leaves such that are empty.
            hint = f"write {others[name].xml}" if name in others else None
            reading.unknown(step(path, name), "no such field", hint=hint, line=line)
        cells.append(cell if cell is not None or name else "")
    for column in columns:
        if column.required and column not in cells and not (reading.tolerant and column.lenient is not None):
            hint = "the first row holds the fields' names" if not any(isinstance(cell, Column) for cell in cells) else None
            reading.report.issue(Issue("missing", step(path, column.xml), "required, and not in the first row", hint=hint, line=line))
            readable = False
    return _Header(tuple(cells)) if readable else None


def _no_attachments(path: str, line: int | None = None) -> Issue:
    return Issue("csv.attachments", path, "CSV has no place for attachments", hint="use NDJSON, JSON or XML", line=line)


class _Numbers:
    """What spreadsheets make of numbers: `4.479E+11`, `447700900123.0`, and a leading zero taken off.

    The forms with an exponent or a point are refused as senders, too. That a zero is gone shows only beside others: where a recipient's number without it
    is one digit shorter than one of the column that still begins with a zero.
    """

    def __init__(self) -> None:
        self._lengths: dict[str, set[int]] = {}

    def learn(self, column: Column, values: Iterable[str]) -> None:
        """Look at a column's numbers that begin with zero."""
        self._lengths.setdefault(column.name, set()).update(len(value) for value in values if value[:1] == "0" and value.isdigit())

    def fault(self, column: Column, value: str, path: str, line: int) -> Issue | None:
        """What a spreadsheet has done to a value."""
        if _AS_SHOWN.fullmatch(value):
            message, hint = "a number as a spreadsheet shows it, whose digits are lost", "format the column as text, and export it again"
        elif value[:1] != "0" and len(value) + 1 in self._lengths.get(column.name, ()) and value.isdigit() and column.required:
            message = f"{len(value)} digits, where numbers of {len(value) + 1} that begin with 0 stand beside it: has its zero been lost?"
            hint = f"write 0{value}, and format the column as text; or +{value} where it is whole"
        else:
            return None
        return Issue("csv.number", path, message, shorten(value), hint, line)


def _read_rows(
    batch: Sequence[tuple[list[str], int]],
    header: _Header,
    channel: Channel,
    numbers: _Numbers,
    reader: RequestReader,
    reading: Reading,
) -> Iterator[Received]:
    name = LISTS[channel].message
    for place, column in header.columns:
        if column.digits:
            numbers.learn(column, (row[place] for row, _ in batch if place < len(row)))
    messages = _rows_happily(batch, header, channel, numbers)
    if messages is not None:
        yield from reader.take_good(name, messages)
        return
    for row, line in batch:
        path = reader.next_path(name)
        reader.add(name, _entries(row, header, channel, numbers, path, line, reading), path, line)
        yield taken(reader)


def _rows_happily(batch: Sequence[tuple[list[str], int]], header: _Header, channel: Channel, numbers: _Numbers) -> list[Message] | None:
    width = len(header.cells)
    if any(len(row) != width for row, _ in batch):
        return None
    columns: dict[str, Sequence[Any]] = {}
    gaps: list[str] = []
    cells = list(zip(*(row for row, _ in batch), strict=True))
    for cell, values in zip(header.cells, cells, strict=True):
        if isinstance(cell, Column):
            if cell.digits and any(numbers.fault(cell, value, "", 0) for value in values):
                return None
            if cell.required:
                if "" in values and not _may_be_empty(cell):
                    return None
                columns[cell.name] = values
            elif any(values):
                columns[cell.name] = [value or None for value in values]
                gaps.append(cell.name)
        elif cell is not None and any(value and value != channel.value for value in values):
            return None
    cls = message_type(channel)
    if any(column.required and column.name not in columns for column in columns_of(cls)):
        return None
    return assemble(cls, columns, len(batch), gaps=gaps, clean=False)


def _may_be_empty(column: Column) -> bool:
    return column.required and column.rule is not None and column.rule.blank


def _entries(
    row: Sequence[str], header: _Header, channel: Channel, numbers: _Numbers, path: str, line: int, reading: Reading
) -> Iterator[Entry]:
    for place, value in enumerate(row):
        cell = header.cells[place] if place < len(header.cells) else ""
        if isinstance(cell, Column):
            fault = numbers.fault(cell, value, step(path, cell.xml), line) if cell.digits else None
            if fault is not None:
                reading.report.issue(fault)
                yield Entry(cell.xml, REPORTED, line)
            elif value or _may_be_empty(cell):
                yield Entry(cell.xml, value, line)
        elif cell == CHANNEL and value:
            fault = other_channel(value, channel, path, line)
            if fault is not None:
                reading.report.issue(fault)
        elif cell == "" and value:
            message = f"cell {place + 1} has no name in the first row"
            reading.report.issue(Issue("unknown", path, message, shorten(value), "is there a separator too many in the row?", line))


# ---- Writing.


class CsvWriter(MessageWriter):
    """Writes messages a row each under the channel's XML names, into a file opened in binary mode: UTF-8, commas, CRLF (RFC 4180).

    An empty text of an optional field is written as an empty cell, which reads as absent: `notes` has a `loss.empty` for each. `name_channel` puts a
    column `channel` first; None does where it is needed. Raises `InvalidDocument` (`csv.attachments`) for a message with attachments, and
    `ValueError` as `NdjsonWriter` does. What is written is for programs: a spreadsheet takes `+447…` for a number, and text after `=` for a formula.
    """

    def __init__(
        self, file: IO[bytes], channel: Channel | str, *, name_channel: bool | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        super().__init__(file, channel)
        self._named = names_channel(self._channel, name_channel)
        self._report = Report(limits)
        self._columns = [column for column in columns_of(message_type(self._channel)) if column.kind != "files"]
        self._path = f"{ROOT}.{LISTS[self._channel].message}"

    @property
    def notes(self) -> tuple[Issue, ...]:
        """What was lost in writing."""
        return tuple(self._report.notes)

    def write(self, message: Message) -> None:
        """Add a message."""
        if isinstance(message, EmailMessage) and message.attachments:
            place = self._count + len(self._batch)
            raise InvalidDocument.of((_no_attachments(f"{self._path}[{place}].attachments"),))
        super().write(message)

    def header(self) -> bytes:
        """The first row."""
        names = [CHANNEL] * self._named + [column.xml for column in self._columns]
        return (",".join(names) + "\r\n").encode()

    def _write_batch(self) -> None:
        if not self._count:
            self._file.write(self.header())
        count = len(self._batch)
        held = {column.name: values for column, values in take_apart(type(self._batch[0]), self._batch)}
        cells = [held.get(column.name) or [None] * count for column in self._columns]
        for column, values in zip(self._columns, cells, strict=True):
            if not column.required and "" in values:
                for place, value in enumerate(values, start=self._count):
                    if value == "":
                        path = step(f"{self._path}[{place}]", column.xml)
                        self._report.note("loss.empty", path, "empty: an empty cell reads as absent")
        if self._named:
            cells.insert(0, [self._channel.value] * count)
        text = io.StringIO(newline="")
        csv.writer(text).writerows(zip(*cells, strict=True))
        self._file.write(text.getvalue().encode())
