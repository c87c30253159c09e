"""What is measured: messages as plain records, the documents that hold them, and what a result says, to compare with them.

A record is a dict of commspec's field names to texts, and the same on every run. `sms` and `email` are uniform like the vendor's
samples (an SMS is 170 to 180 bytes of JSON); `mixed` has SMS with and without `sender` and a time, in three scripts, with escapes and references.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

Record = dict[str, Any]

MIB = 2**20
FIELDS = ("to", "cc", "bcc", "from_", "subject", "body", "attachments", "scheduled_time", "sender")
FILE_FIELDS = ("file_name", "file_type", "file_data", "file_encoding_type")
XML_NAMES = {name: name.rstrip("_") for name in FIELDS + FILE_FIELDS}
JSON_NAMES = {
    **XML_NAMES,
    "scheduled_time": "scheduledTime",
    "file_name": "fileName",
    "file_type": "fileType",
    "file_data": "fileData",
    "file_encoding_type": "fileEncodingType",
}

_FIRST = datetime(2024, 2, 22, 0, 25, 6, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def _time(index: int) -> str:
    return (_FIRST + timedelta(seconds=index)).isoformat()


def _number(index: int) -> str:
    return f"9195{index * 7919 % 10**8:08d}"


def sms(count: int) -> list[Record]:
    """SMS with `to`, `body` and `scheduled_time`, and no `sender`, each one's values its own."""
    return [
        {
            "to": _number(index),
            "body": f"{index * 104729 % 10**6:06d}-is the OTP for company X. Valid for 15 minutes. Do not share it with anyone. flob0a0BiPA",
            "scheduled_time": _time(index),
        }
        for index in range(count)
    ]


def mixed(count: int) -> list[Record]:
    """SMS of four kinds in turn: as in `sms`; with a `sender` and a `+`; without a time; with both, line breaks, quotes, markup and other scripts."""
    records = sms(count)
    for index, record in enumerate(records):
        if index % 4 == 1:
            record.update(to="+" + record["to"], sender="ACMESHOP")
        elif index % 4 == 2:
            del record["scheduled_time"]
        elif index % 4 == 3:
            record.update(
                body=f'Ihr Paket <{index}> ist da – "Abholcode" & mehr:\nआपका पार्सल आ गया है 📦 {index}',
                scheduled_time=f"2026-03-02T04:00:{index % 60:02d}.250000+00:00",
                sender="PÄCKCHEN",
            )
    return records


def email(count: int) -> list[Record]:
    """Emails with every field but attachments; `cc` and `bcc` are empty, as in the vendor's sample; every recipient is another."""
    return [
        {
            "to": f"rhea.{index}@example.com",
            "cc": "",
            "bcc": "",
            "from_": "hello@shop.example.com",
            "subject": f"Your receipt, order {index}",
            "body": f"<p>Thank you for order {index} &mdash; see you soon.</p>",
            "scheduled_time": _time(index),
        }
        for index in range(count)
    ]


def email_with_file(size_bytes: int) -> list[Record]:
    """One email with one file of `size_bytes` bytes, in base64."""
    content = bytes(range(251)) * (size_bytes // 251 + 1)
    file = {
        "file_name": "report.pdf",
        "file_type": "pdf",
        "file_data": base64.b64encode(content[:size_bytes]).decode(),
        "file_encoding_type": "base64",
    }
    return [{**email(1)[0], "attachments": [file]}]


FAULTS: tuple[Callable[[Record], object], ...] = (
    lambda record: record.update(to="+91 95914 71711"),
    lambda record: record.update(body=" "),
    lambda record: record.update(scheduled_time="2024-02-30T00:25:06+05:30"),
    lambda record: record.update(scheduled_time="2024-02-22T00:25:06"),
    lambda record: record.pop("body"),
)
"""What `faulty` does to a record: each breaks one rule of one field."""


def faulty(count: int) -> list[Record]:
    """The records of `sms`, each with exactly one fault, of five kinds in turn."""
    records = sms(count)
    for index, record in enumerate(records):
        FAULTS[index % len(FAULTS)](record)
    return records


def to_json(records: Iterable[Record], channel: str = "sms") -> bytes:
    """The records as a compact JSON request in UTF-8."""

    def tree(record: Record) -> Record:
        return {
            JSON_NAMES[name]: {"attachment": [tree(file) for file in value]} if name == "attachments" else value
            for name, value in record.items()
        }

    return json.dumps({"root": {channel: [tree(record) for record in records]}}, ensure_ascii=False, separators=(",", ":")).encode()


def to_xml(records: Iterable[Record], channel: str = "sms") -> bytes:
    """The records as an XML request in UTF-8, with a declaration and not indented."""

    def element(name: str, record: Record) -> str:
        parts = (
            f"<{name}>{''.join(element('attachment', file) for file in value)}</{name}>"
            if name == "attachments"
            else f"<{XML_NAMES[name]}>{escape(value)}</{XML_NAMES[name]}>"
            for name, value in record.items()
        )
        return f"<{name}>{''.join(parts)}</{name}>"

    return f"<?xml version='1.0' encoding='UTF-8'?>\n<root>{''.join(element(channel, record) for record in records)}</root>".encode()


WRITERS: Mapping[str, Callable[[Iterable[Record], str], bytes]] = {"json": to_json, "xml": to_xml}


def from_document(document: bytes, format: str, channel: str) -> list[Record]:
    """What a written document says, read by `json` or lxml alone."""
    if format == "json":
        return read(json.loads(document)["root"][channel])
    return read(etree.fromstring(document, etree.XMLParser(huge_tree=True)).iterchildren(channel))


def read(messages: Iterable[object]) -> list[Record]:
    """The records that decoded messages stand for: objects with commspec's field names, dicts with JSON's or lxml elements."""
    return [_record(message, FIELDS) for message in messages]


def _record(message: object, fields: tuple[str, ...]) -> Record:
    values = ((name, _get(message, name)) for name in fields)
    return {name: _plain(name, value) for name, value in values if value is not None and value != ()}


def _get(message: object, name: str) -> object:
    if isinstance(message, dict):
        return message.get(JSON_NAMES[name])
    if isinstance(message, etree._Element):
        child = message.find(XML_NAMES[name])
        return child if child is None or name == "attachments" else child.text or ""
    return getattr(message, name, None)


def _plain(name: str, value: Any) -> object:
    if name == "attachments":
        files = value["attachment"] if isinstance(value, dict) else getattr(value, "attachment", value)
        return [_record(file, FILE_FIELDS) for file in files]
    if name == "scheduled_time":
        moment = value.to_datetime() if hasattr(value, "to_datetime") else value
        return moment.isoformat() if isinstance(moment, datetime) else datetime.fromisoformat(moment.replace("Z", "+00:00")).isoformat()
    return str(value)
