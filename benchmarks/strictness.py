"""What each peer checks of the specification: a list of documents, most of them wrong in one way, and who treats them as SPEC.md says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from benchmarks import documents
from benchmarks.documents import Record
from benchmarks.peers import Peer
from benchmarks.peers.every import peers

_SMS: Record = {"to": "919591471711", "body": "x"}
_EMAIL: Record = {"to": "a@example.com", "from": "b@example.com", "subject": "s", "body": "x"}


@attrs.frozen
class Case:
    """A document, and what it says, if it is right; None where it has to be refused."""

    name: str
    format: str
    channel: str
    document: bytes
    record: Record | None = None


def _json(channel: str, message: Record, changes: Record) -> bytes:
    changed = {name: value for name, value in {**message, **changes}.items() if value is not ...}
    return json.dumps({"root": {channel: [changed]}}).encode()


def _file(**fields: str) -> Record:
    return {
        "attachments": {
            "attachment": [{"fileName": "a.txt", "fileType": "txt", "fileData": "aGk=", "fileEncodingType": "base64", **fields}]
        }
    }


def _json_cases() -> Iterator[Case]:
    sms: dict[str, Record] = {
        "a letter in a number": {"to": "91959147l711"},
        "a JSON number for text": {"to": 919591471711},
        "a blank body": {"body": "\u3000"},
        "a control character": {"body": "a\x01"},
        "a missing field": {"body": ...},
        "null in a required field": {"body": None},
        "an unknown field": {"x": "1"},
        "a line break in a sender": {"sender": "a\nb"},
        "a time without an offset": {"scheduledTime": "2024-02-22T00:25:06"},
        "a time with a space for its T": {"scheduledTime": "2024-02-22 00:25:06+05:30"},
        "a time with seven digits of fraction": {"scheduledTime": "2024-02-22T00:25:06.1234567+05:30"},
        "a day that doesn't exist": {"scheduledTime": "2024-02-30T00:25:06+05:30"},
    }
    email: dict[str, Record] = {
        "an address with two dots": {"to": "a..b@example.com"},
        "an address with a display name": {"to": "A <a@example.com>"},
        "two addresses for one": {"to": "a@example.com, b@example.com"},
        "a bad address in a list": {"cc": "a@example.com, b"},
        "a blank subject": {"subject": " "},
        "a folder in a file's name": _file(fileName="a/b.txt"),
        "an image without base64": _file(fileType="PNG", fileEncodingType=""),
        "wrong base64": _file(fileData="aGk*"),
        "base64 with trailing bits": _file(fileData="aGl="),
    }
    yield Case("a field twice", "json", "sms", b'{"root": {"sms": [{"to": "919591471711", "to": "919591471711", "body": "x"}]}}')
    yield Case("no message", "json", "sms", b'{"root": {"sms": []}}')
    yield from (Case(name, "json", "sms", _json("sms", _SMS, changes)) for name, changes in sms.items())
    yield from (Case(name, "json", "email", _json("email", _EMAIL, changes)) for name, changes in email.items())


def _xml_cases() -> Iterator[Case]:
    to, body = "<to>919591471711</to>", "<body>x</body>"
    messages = {
        "a field twice": to + to + body,
        "a missing field": to,
        "an unknown element": to + "<q>1</q>" + body,
        "an unknown element, empty": to + "<q/>" + body,
        "text between elements": to + "y" + body,
        "an element inside a text": to + "<body>x<b/></body>",
        "an attribute": "<to type='x'>919591471711</to>" + body,
        "a namespace": "<to xmlns='urn:x'>919591471711</to>" + body,
        "a letter in a number": "<to>91959147l711</to>" + body,
        "a blank body": to + "<body> </body>",
        "a time without an offset": to + body + "<scheduled_time>2024-02-22T00:25:06</scheduled_time>",
        "a number for a time": to + body + "<scheduled_time>1708541706</scheduled_time>",
    }
    documents_ = {
        "no message": "<root/>",
        "another root": f"<r><sms>{to}{body}</sms></r>",
        "a DOCTYPE": f"<!DOCTYPE root><root><sms>{to}{body}</sms></root>",
        **{name: f"<root><sms>{fields}</sms></root>" for name, fields in messages.items()},
    }
    yield from (Case(name, "xml", "sms", document.encode()) for name, document in documents_.items())
    yield Case("right: fields in another order", "xml", "sms", f"<root><sms>{body}{to}</sms></root>".encode(), _SMS)
    yield Case(
        "right: a comment inside a text",
        "xml",
        "sms",
        f"<root><sms>{to}<body>x<!--c-->y</body></sms></root>".encode(),
        {**_SMS, "body": "xy"},
    )


def judge(peer: Peer, case: Case) -> bool:
    """Whether `peer` does with the case's document what the specification says: refuse it (by any exception) or read it as it is."""
    try:
        result: Any = peer.decode(case.document)
    except Exception:
        return case.record is None
    return case.record is not None and documents.read(peer.messages(result)) == [case.record]


def verdicts(format: str) -> dict[str, dict[str, bool]]:
    """By case and peer, whether it is treated as the specification says. The floor checks nothing and is left out."""
    by_channel = {channel: [peer for peer in peers(format, channel) if peer.name != "floor"] for channel in ("sms", "email")}
    cases = _json_cases() if format == "json" else _xml_cases()
    return {case.name: {peer.name: judge(peer, case) for peer in by_channel[case.channel]} for case in cases}
