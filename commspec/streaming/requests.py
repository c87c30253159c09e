"""Requests of any size, message by message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from lxml import etree

from commspec.codecs import json as json_codec
from commspec.codecs import json_door, json_structs, xml_door, xml_plain
from commspec.codecs import xml as xml_codec
from commspec.codecs.format import Format
from commspec.errors import Issue, MalformedDocument
from commspec.models.channel import Channel
from commspec.rules.time import find_zone
from commspec.streaming.findings import Findings
from commspec.streaming.json_lists import JsonText, find_list, items_of, parse_items, parse_rest
from commspec.streaming.source import Source, Text, open_document
from commspec.streaming.xml_tree import Tree, pieces_of, utf8_of
from commspec.wire.explain import Reading
from commspec.wire.names import LISTS, REQUEST_LISTS, ROOT
from commspec.wire.report import DEFAULT_LIMITS, VALID_DEPTH, Limits, Report, step
from commspec.wire.request import Received, RequestReader


def iter_request(
    source: Source,
    format: Format | str | None = None,
    *,
    channel: Channel | str | None = None,
    tolerant: bool = False,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Received | Findings]:
    """Each message of a request of any size, in order, or its fields as received with their issues.

    Takes what `decode_request` takes. What belongs to no message (there is none, two channels, something unknown beside them) comes as `Findings`.
    `fields` are those of messages with faults; of others they may be empty.

    Raises `MalformedDocument` where the document turns out to be none.
    """
    asked = None if channel is None else Channel(channel)
    zone = find_zone(timezone)
    chunks, found = open_document(source, format, limits)
    return _iter_request(chunks, found, asked, tolerant, zone, limits)


def _iter_request(
    chunks: Iterator[bytes], found: Format, asked: Channel | None, tolerant: bool, zone: tzinfo | None, limits: Limits
) -> Iterator[Received | Findings]:
    report = Report(limits)
    reading = Reading(found.value, report, tolerant, zone)
    reader = RequestReader(asked, reading, taken=True)
    batches = _json_request(chunks, reader, reading, limits) if found is Format.JSON else _xml_request(chunks, reader, reading, limits)
    told = noted = 0
    for batch in batches:
        yield from batch
        received, reader.received = reader.received, []
        yield from received
        own_issues = [issue for item in received for issue in item.issues]
        own_notes = [note for item in received for note in item.notes]
        issues = _others(report.issues[told:], own_issues)
        notes = _others(report.notes[noted:], own_notes)
        told, noted = len(report.issues), len(report.notes)
        if issues or notes:
            yield Findings(issues, notes)
    last = report.all_issues()
    if len(last) > told:
        yield Findings(last[told:], ())


def _others(found: Sequence[Issue], owned: Sequence[Issue]) -> tuple[Issue, ...]:
    """What was found that no message owns."""
    own = {id(issue) for issue in owned}
    return tuple(issue for issue in found if id(issue) not in own)


def _json_request(chunks: Iterator[bytes], reader: RequestReader, reading: Reading, limits: Limits) -> Iterator[list[Received]]:
    text = JsonText(chunks, limits)
    found = find_list(text, (ROOT,), REQUEST_LISTS)
    if found is None:
        json_codec.explain_tree(json_door.parse(text.everything(), limits), reader, reading)
        yield []
        return
    head, name = found
    channel = REQUEST_LISTS[name]
    reader.begin_list(name, f"{ROOT}.{name}")
    for items in items_of(text, limits, above=2):
        messages = json_structs.read_items(items, channel) if limits.depth >= VALID_DEPTH else None
        if messages is not None:
            yield reader.take_good(name, messages)
            continue
        json_codec.explain_items(name, parse_items(text, items, limits, above=2), reader, reading)
        yield []
    tree = parse_rest(text, head, limits)
    json_codec.explain_tree(tree, reader, reading)
    yield []


def _xml_request(chunks: Iterator[bytes], reader: RequestReader, reading: Reading, limits: Limits) -> Iterator[list[Received]]:
    """A plain document is cut after the last message that the buffer holds whole, as one of JSON is. Where it is not plain, the parser goes on."""
    text = Text(utf8_of(chunks, limits), limits)
    while (found := xml_plain.opening(text.buffer)) is None and len(text.buffer) < _HEAD_BYTES and text.more():
        pass
    if found is None or limits.depth < VALID_DEPTH or reader.asks_for_another(found[1]):
        yield from _tree_request(Tree(text.rest(), limits), reader, reading, limits)
        return
    start, channel = found
    name = LISTS[channel].message
    head, _, tag = text.buffer[:start].rstrip().rpartition(b"<")
    root, above = b"<" + tag, head.count(b"\n")
    text.drop(start)
    for piece in pieces_of(text, name):
        messages = xml_plain.read_messages(piece.lstrip(), channel)
        if messages is not None:
            if not reader.knows(name):
                reader.begin_list(name, step(ROOT, name))
            received = reader.take_good(name, messages)
        else:
            batch = _parsed(root + b"\n" * min(text.lines, xml_codec.MOST_LINES) + piece + xml_plain.TAIL, limits)
            if batch is None or not xml_codec.explain_batch(batch, reader, reading):
                break
            received = []
        text.drop(len(piece))
        yield received
    if text.ended and xml_plain.is_end(text.buffer):
        reader.finish(None)
        yield []
        return
    yield from _tree_request(Tree.behind(b"\n" * above + root, text, limits), reader, reading, limits)


_HEAD_BYTES = 4096


def _parsed(document: bytes, limits: Limits) -> etree._Element | None:
    try:
        return xml_door.parse_utf8(document, limits)
    except MalformedDocument:
        return None  # which the whole document may be, or it was cut in a comment


def _tree_request(tree: Tree, reader: RequestReader, reading: Reading, limits: Limits) -> Iterator[list[Received]]:
    known: bool | None = None
    stray = False
    going = True
    while going:
        going = tree.grow()
        root = tree.root
        if root is None:
            continue
        if known is None:
            known = xml_codec.explain_root(root, reading)
        if not known:
            xml_door.check_depth(root, limits)
            root[:-1] = []
            continue
        complete = list(root)
        if going:
            complete = complete[:-1]
        if complete or not going:
            tree.taken()
            if not stray:
                stray = xml_codec.report_stray_text(root, complete, ROOT, reading)
            batch = etree.Element(ROOT)
            batch.extend(complete)
            xml_door.check_depth(batch, limits)
            for child in batch:
                xml_codec.explain_child(child, reader, reading)
            yield []
    if known:
        assert tree.root is not None
        reader.finish(xml_codec.line_of(tree.root))
        yield []
