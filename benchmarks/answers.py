"""Answers of a server, and those who read and write them: commspec, pydantic, msgspec and pydantic-xml, and the floor.

The documents are as the vendor's samples: a status, and for each message what the server echoes of it; every tenth has an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
import orjson
from lxml import etree
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_xml import BaseXmlModel, element, wrapped

import commspec
from benchmarks.harness import Work

Said = tuple[str, str, str, str, list[tuple[bool, int, str]]]
"""What an answer says of one message: number, text, time (as a wall clock), sender, errors."""

_CLOCK = "2024-02-22T00:25:06"


def said(count: int) -> list[Said]:
    """What the answer to `count` messages says of each."""
    error = [(False, 8056, "Invalid mobile")]
    return [
        (f"9195{index * 7919 % 10**8:08d}", f"{index % 10**6:06d} is your one-time code.", _CLOCK, "ACMESHOP", [] if index % 10 else error)
        for index in range(count)
    ]


def json_document(count: int) -> bytes:
    """The answer in JSON."""
    outcomes = [
        {
            "sms": {"to": to, "body": body, "scheduledTime": f"{time}+05:30", "sender": sender},
            "errors": [{"status": status, "code": code, "message": message} for status, code, message in errors],
            "warnings": [],
        }
        for to, body, time, sender, errors in said(count)
    ]
    detail = {"message": "Some requests have failed due to errors", "code": 201}
    status = {
        "count": count,
        "statusCode": {"status": True, **detail},
        "successCount": 0,
        "warnings": [],
        "warningsAsStatusCode": [],
        **detail,
    }
    return json.dumps({"status": {**status, "success": True}, "smsList": outcomes}, separators=(",", ":")).encode()


def xml_document(count: int) -> bytes:
    """The answer in XML."""
    outcomes = "".join(
        f"<smsData><sms><sender>{sender}</sender><to>{to}</to><body>{body}</body><scheduledTime>{time.replace('T', ' ')}</scheduledTime></sms>"
        + "".join(
            f"<errors><error><status>{str(status).lower()}</status><code>{code}</code><message>{message}</message></error></errors>"
            for status, code, message in errors
        )
        + "</smsData>"
        for to, body, time, sender, errors in said(count)
    )
    status = f"<message>Some failed</message><code>201</code><success>true</success><totalCount>{count}</totalCount><successCount>0</successCount>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<response><status>{status}</status><messages>{outcomes}</messages></response>'.encode()


DOCUMENTS: dict[str, Callable[[int], bytes]] = {"json": json_document, "xml": xml_document}


# ---- pydantic and msgspec, for JSON.


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel)


class Detail(_Model):
    status: bool | None = None
    code: int | None = None
    message: str | None = None


class Sms(_Model):
    to: str | None = None
    body: str | None = None
    scheduled_time: datetime | None = None
    sender: str | None = None


class Item(_Model):
    sms: Sms | None = None
    errors: list[Detail] = []
    warnings: list[Detail] = []


class Status(_Model):
    count: int | None = None
    status_code: Detail | None = None
    success_count: int | None = None
    warnings: list[Detail] = []
    warnings_as_status_code: list[Detail] = []
    message: str | None = None
    code: int | None = None
    success: bool | None = None


class Answer(_Model):
    status: Status | None = None
    sms_list: list[Item] = []


class _Struct(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    pass


class DetailStruct(_Struct, frozen=True):
    status: bool | None = None
    code: int | None = None
    message: str | None = None


class SmsStruct(_Struct, frozen=True):
    to: str | None = None
    body: str | None = None
    scheduled_time: datetime | None = None
    sender: str | None = None


class ItemStruct(_Struct, frozen=True):
    sms: SmsStruct | None = None
    errors: tuple[DetailStruct, ...] = ()
    warnings: tuple[DetailStruct, ...] = ()


class StatusStruct(_Struct, frozen=True):
    count: int | None = None
    status_code: DetailStruct | None = None
    success_count: int | None = None
    warnings: tuple[DetailStruct, ...] = ()
    warnings_as_status_code: tuple[DetailStruct, ...] = ()
    message: str | None = None
    code: int | None = None
    success: bool | None = None


class AnswerStruct(_Struct, frozen=True):
    status: StatusStruct | None = None
    sms_list: tuple[ItemStruct, ...] = ()


# ---- pydantic-xml.


class DetailElement(BaseXmlModel, tag="error", frozen=True):
    status: bool | None = element(default=None)
    code: int | None = element(default=None)
    message: str | None = element(default=None)


class SmsElement(BaseXmlModel, tag="sms", frozen=True):
    sender: str | None = element(default=None)
    to: str | None = element(default=None)
    body: str | None = element(default=None)
    scheduled_time: datetime | None = element(tag="scheduledTime", default=None)


class ItemElement(BaseXmlModel, tag="smsData", frozen=True, search_mode="ordered"):
    sms: SmsElement | None = element(default=None)
    errors: list[DetailElement] = wrapped("errors", element(tag="error", default=[]), default=[])
    warnings: list[DetailElement] = wrapped("warnings", element(tag="warning", default=[]), default=[])


class StatusElement(BaseXmlModel, tag="status", frozen=True):
    message: str | None = element(default=None)
    code: int | None = element(default=None)
    success: bool | None = element(default=None)
    count: int | None = element(tag="totalCount", default=None)
    success_count: int | None = element(tag="successCount", default=None)


class AnswerElement(BaseXmlModel, tag="response", frozen=True):
    status: StatusElement | None = element(tag="status", default=None)
    items: list[ItemElement] = wrapped("messages", element(tag="smsData", default=[]))


# ---- Who reads and writes what.


def _ours(answer: commspec.SendResponse) -> Iterable[Any]:
    return ((outcome.message, outcome.errors) for outcome in answer.outcomes)


def _theirs(items: Iterable[Any]) -> Iterable[Any]:
    return ((item.sms, item.errors) for item in items)


_Peer = tuple[str, Callable[[bytes], Any], Callable[[Any], Any], Callable[[Any], Iterable[Any]] | None]
"""Its name, how it reads and writes, and the message and the errors of each item of what it has read; None for plain trees."""

PEERS: dict[str, list[_Peer]] = {
    "json": [
        ("commspec", partial(commspec.decode_response, format="json"), partial(commspec.encode_response, format="json"), _ours),
        (
            "pydantic",
            Answer.model_validate_json,
            lambda answer: answer.model_dump_json(by_alias=True, exclude_none=True),
            lambda answer: _theirs(answer.sms_list),
        ),
        (
            "msgspec",
            msgspec.json.Decoder(AnswerStruct).decode,
            msgspec.json.Encoder().encode,
            lambda answer: _theirs(answer.sms_list),
        ),
        ("floor", msgspec.json.decode, orjson.dumps, None),
    ],
    "xml": [
        ("commspec", partial(commspec.decode_response, format="xml"), partial(commspec.encode_response, format="xml"), _ours),
        (
            "pydantic-xml",
            AnswerElement.from_xml,
            lambda answer: answer.to_xml(exclude_none=True, encoding="UTF-8", xml_declaration=True),
            lambda answer: _theirs(answer.items),
        ),
        ("floor", etree.fromstring, partial(etree.tostring, encoding="UTF-8"), None),
    ],
}


def works(format: str, verb: str, count: int) -> list[Work]:
    """Reading (`decode`) or writing (`encode`) the answer to `count` messages, by everyone."""
    document = DOCUMENTS[format](count)
    # What is written says the same, by commspec's account.
    read = partial(commspec.decode_response, format=format)

    def check_written(written: Any) -> None:
        _check("what is written", _ours, count, read(written))

    if verb == "encode":
        return [Work(name, partial(encode, decode(document)), check_written, count) for name, decode, encode, _ in PEERS[format]]
    return [Work(name, partial(decode, document), partial(_check, name, items, count), count) for name, decode, _, items in PEERS[format]]


def _check(name: str, items: Callable[[Any], Iterable[Any]] | None, count: int, answer: Any) -> None:
    if items is None:
        return
    found = [
        (
            sms.to,
            sms.body,
            sms.scheduled_time.replace(tzinfo=None).isoformat(),
            sms.sender,
            [(error.status, error.code, error.message) for error in errors],
        )
        for sms, errors in items(answer)
    ]
    assert found == said(count), f"{name}: other values than the document has"
