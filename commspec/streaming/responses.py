"""Responses of any size, outcome by outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain
from typing import Any

import attrs
from lxml import etree

from commspec.codecs import json as json_codec
from commspec.codecs import json_door, json_replies, xml_door, xml_replies
from commspec.codecs import xml as xml_codec
from commspec.codecs.format import Format
from commspec.errors import Issue
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.response import Outcome, SendResponse, Status
from commspec.rules.time import find_zone
from commspec.streaming.findings import Findings
from commspec.streaming.json_lists import JsonText, find_list, items_of, parse_items, parse_rest
from commspec.streaming.source import Source, Text, open_document
from commspec.streaming.xml_tree import Tree, pieces_of, utf8_of
from commspec.wire import reply
from commspec.wire.columns import make
from commspec.wire.names import JSON_RESPONSE_LISTS, LISTS, RESPONSE, STATUS, XML_RESPONSE_LISTS, ListNames
from commspec.wire.reply import ReplyReading
from commspec.wire.report import DEFAULT_LIMITS, VALID_DEPTH, Limits, Report


@attrs.frozen
class ReceivedOutcome:
    """One outcome of a response as it came, and what was found in it."""

    index: int
    outcome: Outcome
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()


_HEAD_BYTES = 4096


class ResponseReader:
    """A response of any size: iterating it gives each outcome in order, as `ReceivedOutcome`, and `Findings` for what belongs to none.

    `status`, `channel` and `extra` are None, None and empty until they have been read: the status usually before the first outcome, all of them
    when the iteration is done.
    """

    def __init__(self, source: Source, format: Format | str | None, timezone: str | tzinfo | None, limits: Limits) -> None:
        self.status: Status | None = None
        self.channel: Channel | None = None
        self.extra = Extra()
        chunks, self.format = open_document(source, format, limits)
        self._report = Report(limits)
        self._reading = ReplyReading(self.format.value, self._report, find_zone(timezone))
        self._limits = limits
        self._batches = self._json(chunks) if self.format is Format.JSON else self._xml(chunks)

    def __iter__(self) -> Iterator[ReceivedOutcome | Findings]:
        index = told = noted = 0
        for batch in self._batches:
            issues, notes = tuple(self._report.issues[told:]), tuple(self._report.notes[noted:])
            if issues or notes:
                yield Findings(issues, notes)
            told, noted = len(self._report.issues), len(self._report.notes)
            if isinstance(batch, list):  # as documented, all of them
                count = len(batch)
                nothing = [()] * count
                columns = {"index": range(index, index + count), "outcome": batch, "issues": nothing, "notes": nothing}
                yield from make(ReceivedOutcome, columns, count)
                index += count
                continue
            for outcome in batch:
                issues, notes = tuple(self._report.issues[told:]), tuple(self._report.notes[noted:])
                told, noted = len(self._report.issues), len(self._report.notes)
                yield ReceivedOutcome(index, outcome, issues, notes)
                index += 1
        issues, notes = self._report.all_issues()[told:], tuple(self._report.notes[noted:])
        if issues or notes:
            yield Findings(issues, notes)

    def _end(self, rest: SendResponse) -> None:
        self.status, self.extra = rest.status, rest.extra
        self.channel = self.channel or rest.channel

    def _json(self, chunks: Iterator[bytes]) -> Iterator[Iterable[Outcome]]:
        text = JsonText(chunks, self._limits)
        found = find_list(text, (), JSON_RESPONSE_LISTS)
        if found is None:
            response = json_codec.read_response(json_door.parse(text.everything(), self._limits), self._reading)
            self._end(response)
            yield response.outcomes
            return
        head, name = found
        self.channel = JSON_RESPONSE_LISTS[name]
        self._peek(head + b"[]}")
        names, index = LISTS[self.channel], 0
        for items in items_of(text, self._limits, above=1):
            outcomes = json_replies.read_outcomes(items, self.channel) if self._limits.depth >= VALID_DEPTH else None
            if outcomes is not None:
                yield outcomes
                index += len(outcomes)
                continue
            trees = parse_items(text, items, self._limits, above=1)
            yield self._read(trees, names, index)
            index += len(trees)
        self._end(json_codec.read_response(parse_rest(text, head, self._limits), self._reading))

    def _read(self, trees: list[Any], names: ListNames, index: int) -> Iterator[Outcome]:
        """The outcomes of a list's items, each read when it is asked for: so that what is found in it is found between the one before and it."""
        for place, tree in enumerate(trees, start=index):
            path = f"{names.json_list}[{place}]"
            yield from reply.read_item(json_codec.reply_item(tree, path, self._reading), names, path, self._reading)

    def _peek(self, beginning: bytes) -> None:
        """The status, where it stands before the list."""
        response = json_replies.read_documented_response(beginning)
        self.status = None if response is None else response.status

    def _xml(self, chunks: Iterator[bytes]) -> Iterator[Iterable[Outcome]]:
        """The outcomes in batches: of a plain document those that the buffer holds whole, as of one in JSON. Where it is not plain, the parser goes on."""
        text = Text(utf8_of(chunks, self._limits), self._limits)
        while (found := xml_replies.opening(text.buffer, self._reading.zone)) is None and len(text.buffer) < _HEAD_BYTES and text.more():
            pass
        if found is None or self._limits.depth < VALID_DEPTH:
            yield from self._tree(Tree(text.rest(), self._limits), 0)
            return
        start, beginning = found
        self.status, self.channel = beginning.status, beginning.channel
        assert self.channel is not None
        head = text.buffer[:start]
        text.drop(start)
        index = 0
        for piece in pieces_of(text, LISTS[self.channel].xml_item):
            outcomes = xml_replies.read_outcomes(piece, self.channel, self._reading.zone)
            if outcomes is None:
                break
            text.drop(len(piece))
            yield outcomes
            index += len(outcomes)
        if text.ended and xml_replies.is_end(text.buffer, self.channel):
            return
        yield from self._tree(Tree.behind(head, text, self._limits), index)

    def _tree(self, tree: Tree, index: int) -> Iterator[Iterable[Outcome]]:
        """What the parser has of a document, of which `index` outcomes have been read elsewhere."""
        going = True
        holder = last = None
        while going:
            going = tree.grow()
            root = tree.root
            if root is None:
                continue
            # Only the last list can be growing. One that stands after another is at fault, and read with the rest.
            if holder is None and root.tag == RESPONSE:
                # A list that holds no element yet may still grow; where something stands behind it, it is none of outcomes.
                unseen = root.iterchildren() if last is None else chain((last,), last.itersiblings())
                for last in unseen:
                    if last.tag in XML_RESPONSE_LISTS and (index or len(last)):
                        holder = last
                        break
            if holder is None:
                continue
            self.channel = XML_RESPONSE_LISTS[str(holder.tag)]
            if self.status is None and holder.getprevious() is not None:
                self._peek_xml(root)
            complete = list(holder)
            if going and holder is root[-1]:
                complete = complete[:-1]
            if complete:
                tree.taken()
                yield self._taken(holder, complete, index)
                index += len(complete)
        if tree.root is not None:
            xml_door.check_depth(tree.root, self._limits)
            if holder is not None and index:
                self._lose_text(holder, ())
            self._end(xml_codec.read_response(tree.root, self._reading))

    def _peek_xml(self, root: etree._Element) -> None:
        status = root.find(STATUS)
        if status is not None:
            xml_door.check_depth(status, self._limits, above=1)
            # What is to be said of it, is said at the end.
            self.status = xml_codec.read_response(status, ReplyReading("xml", Report())).status

    def _taken(self, holder: etree._Element, complete: list[etree._Element], index: int) -> Iterator[Outcome]:
        """The outcomes of a list's elements, which are taken out of it, each read when it is asked for."""
        names = LISTS[XML_RESPONSE_LISTS[str(holder.tag)]]
        xml_door.check_depth(holder, self._limits, above=1)
        self._lose_text(holder, complete)
        holder[: len(complete)] = []
        return self._read_elements(complete, names, index)

    def _lose_text(self, holder: etree._Element, complete: Iterable[etree._Element]) -> None:
        """Report text in a list that is lost, before and behind `complete` elements of it."""
        xml_codec.report_lost_text(holder, complete, f"{RESPONSE}.{holder.tag!s}", self._reading)
        holder.text = None

    def _read_elements(self, elements: list[etree._Element], names: ListNames, index: int) -> Iterator[Outcome]:
        for place, element in enumerate(elements, start=index):
            path = f"{RESPONSE}.{names.xml_list}.{names.xml_item}[{place}]"
            if element.tag != names.xml_item:
                self._report.note("loss.unknown", path, f"an element of another name than {names.xml_item}: read as one of that name")
            yield from reply.read_item(xml_codec.reply_item(element, path, self._reading), names, path, self._reading)


def iter_response(
    source: Source, format: Format | str | None = None, *, timezone: str | tzinfo | None = None, limits: Limits = DEFAULT_LIMITS
) -> ResponseReader:
    """Each outcome of a response of any size, in order. Takes what `decode_response` takes.

    A list that holds anything but outcomes is kept in `extra` by `decode_response`. Here outcomes are out before that is known: an item that is no
    object reads as an outcome without a message, an element of another name as one of the right name, and either is `loss.unknown`.
    Iterating raises `MalformedDocument` where the document turns out to be none.
    """
    return ResponseReader(source, format, timezone, limits)
