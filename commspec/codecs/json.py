"""JSON: requests and responses to and from bytes (SPEC.md sections 2 and 3).

| object | JSON |
|---|---|
| `SendRequest` | `{"root": {LIST: [message, …]}}`, camelCase names |
| `Attachment`s | `"attachments": {"attachment": [{…}, …]}` |
| time | `YYYY-MM-DDTHH:MM:SS[.ffffff]±HH:MM` |
| absent field | no key; `null` reads the same |
| `SendResponse` | `{"status": {…}, LISTS: [{LIST: {…}, "errors": […], "warnings": […]}, …]}` |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from commspec.codecs.format import depth_fault
from commspec.codecs.json_door import Repeated, is_list, is_object, members, parse
from commspec.codecs.json_replies import documented_tree, outcome_structs, read_documented_response
from commspec.codecs.json_structs import read_request, write
from commspec.errors import InvalidDocument, InvalidMessage, Issue, shorten
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.judge import a, seen_of
from commspec.models.messages import MESSAGE_TYPES, Attachment, Message, message_type
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, SendResponse, Status
from commspec.models.table import Column, cached, columns_of
from commspec.rules.time import format_time
from commspec.wire import reply
from commspec.wire.explain import REPORTED, Entry, Files, Odd, Reading, read_message
from commspec.wire.names import JSON_RESPONSE_LISTS, LISTS, REQUEST_LISTS, ROOT, STATUS, Kind, ListNames
from commspec.wire.reply import Fields, Member, Number, ReplyReading
from commspec.wire.report import DEFAULT_LIMITS, Report, step
from commspec.wire.request import Received, RequestReader, request_of

if TYPE_CHECKING:
    import cattrs

__all__ = [
    "configure_converter",
    "explain_request",
    "kind_of",
    "parse",
    "read_documented_response",
    "read_request",
    "read_response",
    "write_request",
    "write_response",
]


# ---- The explaining path of requests.


def explain_request(tree: Any, channel: Channel | None, reading: Reading) -> list[Received]:
    """Every message of the tree, or its fields as received, with all that is to be said in the report."""
    reader = RequestReader(channel, reading)
    explain_tree(tree, reader, reading)
    return reader.received


def explain_tree(tree: Any, reader: RequestReader, reading: Reading) -> None:
    """Read the tree into `reader`, which may have read a beginning of its first list already."""
    root = _root(tree, reading)
    if root is None:
        return
    for name, value in _single(root, ROOT, reading):
        if name not in REQUEST_LISTS:
            if value is not REPORTED and not reading.passes_over_unknown(tolerable=False):
                reading.unknown(step(ROOT, name), "no such list of messages", hint=reader.hint_for_list(name), tolerable=False)
            reader.saw_unknown()
        elif value is not None:
            _read_list(name, value, reader, reading)
    reader.finish(None)


def _root(tree: Any, reading: Reading) -> Any | None:
    """The object that holds the lists; None where there is none, which is reported."""
    report = reading.report
    if not is_object(tree):
        report.issue(
            Issue("missing", ROOT, "required, and not there")
            if tree is None
            else Issue("type", "", f"expected an object, not {_what(tree)}")
        )
        return None
    found = {name for name, _ in members(tree)}
    if ROOT not in found and any(name in REQUEST_LISTS for name in found):
        if reading.tolerant:
            report.note("tolerated.root", ROOT, "absent: its lists stand in the document itself", hint='write {"root": {…}}')
        else:
            report.issue(Issue("missing", ROOT, "required, and not there", hint='write {"root": {…}} around the lists'))
        return tree
    root = None
    for name, value in _single(tree, "", reading):
        if name != ROOT and value is not REPORTED:
            hint = f"write {ROOT}" if name.lower() == ROOT else None
            reading.unknown(step("", name), "no such root", hint=hint, tolerable=ROOT in found and name not in REQUEST_LISTS)
        elif name == ROOT:
            root = value
            if value is None:
                report.issue(Issue("missing", ROOT, "required, and not there"))
            elif value is not REPORTED and not is_object(value):
                report.issue(Issue("type", ROOT, f"expected an object, not {_what(value)}"))
    if not found:
        report.issue(Issue("missing", ROOT, "required, and not there"))
    return root if is_object(root) else None


def _read_list(name: str, value: Any, reader: RequestReader, reading: Reading) -> None:
    path = step(ROOT, name)
    if not reader.knows(name):
        reader.begin_list(name, path)
    items = None if value is REPORTED else _as_list(value, path, reading)
    if items is None:
        reader.saw_unread()
        return
    explain_items(name, items, reader, reading)


def explain_items(name: str, items: Iterable[Any], reader: RequestReader, reading: Reading) -> None:
    """Read further items of a list that has begun."""
    for item in items:
        at = reader.next_path(name)
        if is_object(item):
            reader.add(name, _entries(item, message_type(REQUEST_LISTS[name]), at, reading), at)
        elif item is None:
            reader.add(name, Issue("missing", at, "expected a message, not null"), at)
        else:
            reader.add(name, Issue("type", at, f"expected an object, not {_what(item)}"), at)


def _as_list(value: Any, path: str, reading: Reading) -> list[Any] | None:
    """`value` where it is a list; a list of it where it is the one object that a list may hold, which is reported; otherwise None, likewise."""
    if is_list(value):
        return list(value)
    if is_object(value) and reading.tolerant:
        reading.report.note("tolerated.list", path, "an object, read as a list of one", hint="write it in brackets")
        return [value]
    reading.report.issue(
        Issue("type", path, f"expected a list, not {_what(value)}", hint="write it in brackets" if is_object(value) else None)
    )
    return [value] if is_object(value) else None


_PLAIN = frozenset((str, type(None)))


def _entries(item: Any, cls: type, path: str, reading: Reading) -> Iterable[Entry]:
    files = _files_of(cls)
    if isinstance(item, dict) and files.keys().isdisjoint(item) and _PLAIN.issuperset(map(type, item.values())):
        # Most are such. A tuple's own constructor takes half the time of a named tuple's.
        return [tuple.__new__(Entry, (name, value, None)) for name, value in item.items()]
    return _entries_of_any(item, files, path, reading)


def _entries_of_any(item: Any, files: dict[str, Column], path: str, reading: Reading) -> Iterator[Entry]:
    twice = isinstance(item, Repeated) and sum(name in files for name, _ in item) > 1
    for name, value in members(item):
        if name in files and value is not None:
            yield Entry(name, _received_files(value, files[name], step(path, name), reading.aside() if twice else reading))
        else:
            yield Entry(name, value if type(value) is str or value is None else _odd(value))


@cached
def _files_of(cls: type) -> dict[str, Column]:
    return {column.json: column for column in columns_of(cls) if column.kind == "files"}


def _received_files(value: Any, column: Column, path: str, reading: Reading) -> Files | Odd:
    assert column.item is not None
    items: list[Any] | None = []
    within = step(path, column.item)
    if is_list(value):
        if reading.tolerant:
            reading.report.note("tolerated.attachments", path, "a list, read as the list in it", hint=f'write {{"{column.item}": […]}}')
        else:
            reading.report.issue(Issue("type", path, "expected an object, not a list", hint=f'write {{"{column.item}": […]}}'))
        items = list(value)
    elif not is_object(value):
        return _odd(value)
    else:
        for name, inner in _single(value, path, reading):
            if name != column.item:
                if inner is not REPORTED:
                    reading.unknown(step(path, name), "no such field", hint=f"write {column.item}", tolerable=False)
            elif inner is not None and inner is not REPORTED:
                items = _as_list(inner, within, reading)
    found: list[tuple[str, list[Entry], int | None]] = []
    for index, item in enumerate(items or ()):
        at = f"{within}[{index}]"
        if is_object(item):
            found.append((at, list(_entries(item, Attachment, at, reading)), None))
        elif item is None:
            reading.report.issue(Issue("missing", at, "expected an attachment, not null"))
        else:
            reading.report.issue(Issue("type", at, f"expected an object, not {_what(item)}"))
    return Files(found)


def _single(value: Any, path: str, reading: Reading) -> Iterator[tuple[str, Any]]:
    """The members of an object, each key once: a key that stands again is reported.

    What can be read of such a one is its first list or object; other values are `REPORTED`, since one field has one issue.
    """
    if not isinstance(value, Repeated):
        yield from value.items()
        return
    times: dict[str, int] = {}
    for name, _ in value:
        times[name] = times.get(name, 0) + 1
        if times[name] > 1 and reading.report.full:
            reading.report.skip()
        elif times[name] > 1:
            reading.report.issue(Issue("duplicate", step(path, name), "stands twice", hint="keep one of them"))
    firsts = dict(reversed(value))
    for name, count in times.items():
        inner = firsts[name]
        readable = count == 1 or (is_object(inner) if name == ROOT else is_list(inner) and bool(inner))
        yield name, inner if readable else REPORTED


def _odd(value: Any) -> Odd:
    if isinstance(value, Number):
        return Odd(_what(value), str(value) if value.is_integer else None, str(value))
    return Odd(_what(value), None, None if not isinstance(value, bool) else str(value).lower())


def _what(value: Any) -> str:
    if isinstance(value, Number):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else "a list" if is_list(value) else "an object"


def kind_of(tree: Any) -> Kind | None:
    """What the tree is, by the names in its root; None where they tell nothing."""
    names = dict(members(tree)) if is_object(tree) else {}
    if ROOT in names:
        return "request"
    if STATUS in names or not names.keys().isdisjoint(JSON_RESPONSE_LISTS):
        return "response"
    return None if names.keys().isdisjoint(REQUEST_LISTS) else "request"


# ---- Responses.


def read_response(tree: Any, reading: ReplyReading) -> SendResponse:
    """The response of a JSON tree; its faults stand in the report."""
    if not is_object(tree):
        reading.report.issue(Issue("type", "", f"expected an object, not {_what(tree)}"))
        return SendResponse()
    return reply.read_response(_fields(tree), "", reading)


def _fields(value: Any) -> Fields:
    return Fields(Member(name, _reply_value(inner)) for name, inner in members(value))


def _reply_value(value: Any) -> Any:
    if is_object(value):
        return _fields(value)
    return list(map(_reply_value, value)) if isinstance(value, list) else value


def reply_item(item: Any, path: str, reading: ReplyReading) -> Fields | None:
    """One outcome as it is read; None for one that is no object, which is lost and reported, but for null."""
    if is_object(item):
        return _fields(item)
    if item is not None:
        seen = shorten(item) if isinstance(item, str) else _odd(item).seen
        reading.report.note("loss.unknown", path, f"{_what(item)} where an object belongs: dropped", seen=seen)
    return None


def write_response(response: SendResponse, indent: int | None, zone: tzinfo | None, report: Report) -> bytes:
    """The JSON document of `response`, in UTF-8. `zone` plays no part: JSON holds every time with the offset that it has.

    Lost is only what stands in `extra` under a name that is taken; that stands in the report's notes.
    """
    tree = documented_tree(response)
    return dump(_response_tree(response, report) if tree is None else tree, indent)


def _outcome_trees(outcomes: Sequence[Outcome], names: ListNames, index: int, report: Report) -> Sequence[Any]:
    return [_outcome_tree(outcome, names, place, report) for place, outcome in enumerate(outcomes, start=index)]


def written_outcomes(outcomes: Sequence[Outcome], names: ListNames, index: int, report: Report) -> Sequence[Any]:
    """Outcomes as structs, which are made and written in a fraction of the time, or as trees."""
    structs = outcome_structs(outcomes, names.channel)
    return _outcome_trees(outcomes, names, index, report) if structs is None else structs


def _response_tree(response: SendResponse, report: Report) -> dict[str, Any]:
    tree = _reply_part(response, "", report, channel=response.channel)
    if response.channel is not None:
        names = LISTS[response.channel]
        outcomes = _outcome_trees(response.outcomes, names, 0, report)
        status = {STATUS: tree.pop(STATUS)} if STATUS in tree else {}
        tree = {**status, names.json_list: outcomes, **tree}
    return tree


def _outcome_tree(outcome: Outcome, names: ListNames, index: int, report: Report) -> dict[str, Any]:
    """One outcome, as it stands in the list of a response, the `index`-th."""
    path = f"{names.json_list}[{index}]"
    receipt = {} if outcome.message is None else {names.message: _reply_part(outcome.message, f"{path}.{names.message}", report)}
    return {**receipt, **_reply_part(outcome, path, report, channel=names.channel)}


def _reply_part(part: Any, path: str, report: Report, order: tuple[str, ...] = (), channel: Channel | None = None) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for column in reply.documented_order(type(part), "json", order):
        value, name = getattr(part, column.name), column.json
        if column.kind == "details":
            tree[name] = [
                item if isinstance(item, str) else _reply_part(item, f"{step(path, name)}[{index}]", report, reply.ERROR_ORDER)
                for index, item in enumerate(value)
            ]
        elif column.kind == "values":
            if value is not None:
                tree[name] = list(map(_plain, value))
        elif column.kind == "detail" and value is None and isinstance(part, Status):
            tree[name] = _reply_part(part.as_detail(), path, report)
        elif value is not None:
            tree[name] = (
                _reply_part(value, step(path, name), report)
                if column.kind == "detail"
                else format_time(value)
                if isinstance(value, datetime)
                else value
            )
    if part.extra:
        present = reply.present_in(part)
        for name, value in part.extra.items():
            lost = reply.lost_under(type(part), name, value, "json", present, channel)
            if lost is not None:
                report.note("loss.extra", step(path, name), lost)
            if lost != reply.DROPPED:
                tree[name] = _plain(value)
    return tree


def _plain(value: Any) -> Any:
    if isinstance(value, Extra):
        return {name: _plain(inner) for name, inner in value.items()}
    return list(map(_plain, value)) if isinstance(value, tuple) else value


# ---- Writing.

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def write_items(items: Sequence[Any], indent: int | None, level: int) -> bytes:
    """Trees or structs as the items of a list whose items stand at `level`, without the list's brackets."""
    written = _ENCODER.encode(items)
    if indent is None:
        return written[1:-1]
    lines = _indented(written, indent)[1:-2]
    return lines.replace(b"\n", b"\n" + b" " * (indent * (level - 1)))


def _indented(document: bytes, indent: int) -> bytes:
    """The document with its tokens on lines, `indent` spaces a level. Lines break between tokens only: no text of JSON has a line break in it."""
    lines = msgspec.json.format(document, indent=indent or 1)
    return lines if indent else re.sub(rb"\n +", b"\n", lines)


def write_messages(messages: Sequence[Message], indent: int | None) -> bytes:
    """Messages of one channel, as they stand in a request."""
    return write(messages, lambda structs: write_items(structs, indent, 3))


def request_frame(channel: Channel, indent: int | None) -> tuple[bytes, bytes]:
    """What stands before and after the messages of a request."""
    return _frame({ROOT: {LISTS[channel].message: _HOLE}}, indent, 2)


def response_frame(head: SendResponse, indent: int | None, report: Report, *, empty: bool) -> tuple[bytes, bytes]:
    """What stands before and after the outcomes of a response; with `empty`, all of it stands before them."""
    tree = _response_tree(head, report)
    if empty:
        return dump(tree, indent), b""
    assert head.channel is not None
    name = LISTS[head.channel].json_list
    return _frame({**({STATUS: tree[STATUS]} if STATUS in tree else {}), name: _HOLE}, indent, 1, {**tree, name: _HOLE})


_HOLE = [0]


def _frame(tree: dict[str, Any], indent: int | None, level: int, whole: dict[str, Any] | None = None) -> tuple[bytes, bytes]:
    """The document before and after the items of its list, which holds nothing but a zero; in `tree` it comes last, and more follows in `whole`."""
    pad = b"" if indent is None else b"\n" + b" " * (indent * level)
    hole = b"[" + (b"" if indent is None else pad + b" " * indent) + b"0" + pad + b"]"
    before = dump(tree, indent).rpartition(hole)[0]
    return before + b"[", pad + b"]" + dump(tree if whole is None else whole, indent)[len(before) + len(hole) :]


def dump(tree: Any, indent: int | None) -> bytes:
    """The document of a tree; with `indent`, a line break ends it."""
    document = _ENCODER.encode(tree)
    return document if indent is None else _indented(document, indent) + b"\n"


def write_request(request: SendRequest, indent: int | None) -> bytes:
    """The JSON document of `request`, in UTF-8: on one line without `indent`, otherwise with as many spaces a level and a line break at the end."""
    return write(request.messages, lambda structs: dump({ROOT: {LISTS[request.channel].message: structs}}, indent))


# ---- cattrs.


def configure_converter(converter: cattrs.Converter) -> None:
    """Put commspec's hooks on any cattrs converter: its messages, requests and responses to and from the trees that `json.loads` gives.

    Structuring is strict and raises `InvalidDocument` with every issue, paths beginning at the object itself, and `MalformedDocument` for a tree that
    no document could be. Numbers of a tree are read by value.

    >>> import cattrs
    >>> from commspec import SmsMessage
    >>> converter = cattrs.Converter()
    >>> configure_converter(converter)
    >>> converter.unstructure(converter.structure({"to": "919876500001", "body": "Hi"}, SmsMessage))
    {'to': '919876500001', 'body': 'Hi'}
    """
    for cls in MESSAGE_TYPES:
        converter.register_unstructure_hook(cls, lambda message: msgspec.json.decode(write_messages([message], None)))
        converter.register_structure_hook(cls, _structure_message)
    converter.register_unstructure_hook(SendRequest, lambda request: msgspec.json.decode(write_request(request, None)))
    converter.register_structure_hook(SendRequest, _structure_request)
    converter.register_unstructure_hook(SendResponse, lambda response: _response_tree(response, Report()))
    converter.register_structure_hook(SendResponse, _structure_response)


def _structure_message(tree: Any, cls: type[Message]) -> Message:
    reading = Reading("json", Report())
    value = _plain_tree(tree)
    if not is_object(value):
        raise InvalidDocument.of((Issue("type", "", f"expected an object, not {_what(value)}"),))
    message: Message | None = read_message(cls.channel, _entries(value, cls, "", reading), "", None, reading)
    reading.report.raise_issues()
    assert message is not None
    return message


def _structure_request(tree: Any, _: type[SendRequest]) -> SendRequest:
    reading = Reading("json", Report())
    received = explain_request(_plain_tree(tree), None, reading)
    reading.report.raise_issues()
    return request_of(received)


def _structure_response(tree: Any, _: type[SendResponse]) -> SendResponse:
    reading = ReplyReading("json", Report())
    try:
        response = read_response(_plain_tree(tree), reading)
    except InvalidMessage as error:  # a text of the tree that no document could hold
        raise InvalidDocument.of(error.issues) from None
    reading.report.raise_issues()
    return response


def _plain_tree(tree: Any, depth: int = DEFAULT_LIMITS.depth) -> Any:
    """A tree of plain Python values as the door would give it: its numbers as they are spelled.

    Raises `InvalidDocument` for what JSON has no form for, and `MalformedDocument` (`limit.depth`) where it is nested more than `depth` deep.
    """
    if isinstance(tree, (dict, list, tuple)) and not depth:
        raise depth_fault(DEFAULT_LIMITS.depth)
    if isinstance(tree, dict):
        if not all(isinstance(name, str) for name in tree):
            raise InvalidDocument.of((Issue("type", "", "a name is a text, and nothing else"),))
        return {str.__str__(name): _plain_tree(value, depth - 1) for name, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_plain_tree(value, depth - 1) for value in tree]
    if isinstance(tree, str):
        return str.__str__(tree)
    if tree is None or isinstance(tree, bool):
        return tree
    if isinstance(tree, (int, float, Decimal)):
        number = Decimal(repr(float(tree)) if isinstance(tree, float) else tree)
        if number.is_finite():
            return Number(repr(float(tree)) if isinstance(tree, float) else number)
    raise InvalidDocument.of((Issue("type", "", f"expected a JSON value, not {a(type(tree).__name__)}", seen_of(tree)),))
