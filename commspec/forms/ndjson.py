"""NDJSON: a message a line, in the JSON names."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from typing import IO, Any

import attrs
import msgspec

from commspec.codecs import json as json_codec
from commspec.codecs import json_door, json_structs
from commspec.errors import Issue, MalformedDocument
from commspec.forms.shared import BATCH, CHANNEL, guess, last, names_channel, other_channel, taken, too_long, unnamed
from commspec.models.channel import Channel
from commspec.models.messages import Message
from commspec.streaming.findings import Findings
from commspec.streaming.source import Source, pieces_of
from commspec.streaming.writing import MessageWriter
from commspec.wire.explain import Reading
from commspec.wire.names import LISTS, ROOT
from commspec.wire.report import VALID_DEPTH, Limits, step
from commspec.wire.request import Received, RequestReader

_ONE_VALUE = msgspec.json.Decoder(msgspec.Raw)


def _lines(source: Source, limits: Limits) -> Iterator[list[bytes]]:
    """The source's lines, some at a time."""
    pending: list[bytes] = []
    size, line = 0, 1
    for piece in pieces_of(source):
        if b"\n" not in piece:
            pending.append(piece)
            size += len(piece)
            if size > limits.bytes:
                raise too_long("a line", limits, line)
            continue
        *lines, rest = b"".join((*pending, piece)).split(b"\n")
        for place, one in enumerate(lines):
            if len(one) > limits.bytes:
                raise too_long("a line", limits, line + place)
        yield lines
        line += len(lines)
        pending, size = [rest], len(rest)
        if size > limits.bytes:
            raise too_long("a line", limits, line)
    rest = b"".join(pending)
    if rest:
        yield [rest]


def iter_ndjson(source: Source, channel: Channel | None, reading: Reading, limits: Limits) -> Iterator[Received | Findings]:
    """Each message of a source; see `commspec.forms.iter_form`."""
    reader = RequestReader(None, reading)
    if channel is not None:
        reader.begin_list(LISTS[channel].message, f"{ROOT}.{LISTS[channel].message}")
    number = 1
    for lines in _lines(source, limits):
        if number == 1:
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
        numbered = [(at, line) for at, line in enumerate(lines, start=number) if line and not line.isspace()]
        number += len(lines)
        if not numbered:
            continue
        if channel is None:
            channel = find_channel(numbered[0][1])
            if channel is None:
                yield unnamed(_names(numbered[0][1]), numbered[0][0], "key")
                return
            reader.begin_list(LISTS[channel].message, f"{ROOT}.{LISTS[channel].message}")
        for start in range(0, len(numbered), BATCH):
            yield from _read_lines(numbered[start : start + BATCH], channel, reader, reading, limits)
    yield from last(reader, reading)


def find_channel(line: bytes) -> Channel | None:
    """The channel that a line of NDJSON is for: the one that its `channel` names, or else what its fields tell."""
    names = _names(line)
    if CHANNEL in names:
        try:
            return Channel(msgspec.json.decode(line)[CHANNEL])
        except ValueError:
            return None
    return guess(names)


def _names(line: bytes) -> list[str]:
    try:
        tree = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return list(tree) if isinstance(tree, dict) else []


def _read_lines(
    numbered: Sequence[tuple[int, bytes]], channel: Channel, reader: RequestReader, reading: Reading, limits: Limits
) -> Iterator[Received]:
    name = LISTS[channel].message
    messages = _read_happily([line for _, line in numbered], channel) if limits.depth >= VALID_DEPTH else None
    if messages is not None:
        yield from reader.take_good(name, messages)
        return
    for number, line in numbered:
        path = reader.next_path(name)
        try:
            item = _without_channel(json_door.parse(line, limits, above=2), channel, path, number)
        except MalformedDocument as error:
            item = attrs.evolve(error.issues[0], path=path)
        if isinstance(item, Issue):
            reader.add(name, item, path, number)
        else:
            json_codec.explain_items(name, [item], reader, reading)
        received = taken(reader)
        yield attrs.evolve(received, issues=_at(received.issues, number), notes=_at(received.notes, number))


def _at(issues: tuple[Issue, ...], line: int) -> tuple[Issue, ...]:
    return tuple(attrs.evolve(issue, line=line) for issue in issues)


def _read_happily(lines: list[bytes], channel: Channel) -> list[Message] | None:
    """The messages of lines that are strictly valid, whose channel, if named, stands first as it is written; None for any others."""
    prefix = b'{"%s":"%s",' % (CHANNEL.encode(), channel.value.encode())
    if lines[0].startswith(prefix):
        lines = [b"{" + line[len(prefix) :] if line.startswith(prefix) else line for line in lines]
    try:
        # Each line is one value. Without this, two halves could make one, and one line hold two.
        for line in lines:
            _ONE_VALUE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return json_structs.read_items(b"[" + b",".join(lines) + b"]", channel)


def _without_channel(tree: Any, channel: Channel, path: str, line: int) -> Any:
    """The message's tree without its `channel`, or the fault of that."""
    if not json_door.is_object(tree):
        return tree
    members = json_door.members(tree)
    values = [value for name, value in members if name == CHANNEL]
    if not values:
        return tree
    if len(values) > 1:
        return Issue("duplicate", step(path, CHANNEL), "stands twice", hint="keep one of them", line=line)
    value = values[0]
    if value is not None:
        if type(value) is not str:
            return Issue("type", step(path, CHANNEL), "expected a text", line=line)
        fault = other_channel(value, channel, path, line)
        if fault is not None:
            return fault
    rest = [(name, value) for name, value in members if name != CHANNEL]
    return json_door.Repeated(rest) if isinstance(tree, json_door.Repeated) else dict(rest)


# ---- Writing.


class NdjsonWriter(MessageWriter):
    """Writes messages a line each, into a file opened in binary mode. `name_channel` puts `channel` first in each; None does where it is needed.

    A context manager, as `RequestWriter` is. Raises `ValueError` for a message of another channel, and on finishing where there was none.
    """

    def __init__(self, file: IO[bytes], channel: Channel | str, *, name_channel: bool | None = None) -> None:
        super().__init__(file, channel)
        named = names_channel(self._channel, name_channel)
        self._begin = b'{"%s":"%s",' % (CHANNEL.encode(), self._channel.value.encode()) if named else b"{"

    def _write_batch(self) -> None:
        lines = json_structs.write(self._batch, _ENCODER.encode_lines)
        # A line break in a text is written as an escape, so a brace after a break begins a message.
        self._file.write(self._begin + lines[1:].replace(b"\n{", b"\n" + self._begin))


_ENCODER = msgspec.json.Encoder()
