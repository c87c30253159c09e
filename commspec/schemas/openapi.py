"""The call as OpenAPI 3.1 (SPEC.md sections 1 to 3)."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

import attrs

from commspec.codecs import encode_request, encode_response
from commspec.models.channel import Channel
from commspec.models.messages import Attachment, message_type
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, columns_of
from commspec.rules.time import parse_time
from commspec.schemas.json_schema import Parts, Schema
from commspec.wire.names import OAUTH_HEADER, PATH, Kind

_HOSTS = ("eu", "us", "apac", "apac2")
_REFUSALS = {
    400: "Bad input: the request is at fault.",
    401: "The authentication failed.",
    403: "No WRITE access to the Communication access group, or a mandatory field is missing.",
    500: "No message was accepted.",
}


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the call, as a tree that `json.dumps` takes: every time the same, in the same order.

    Its examples are made from the table, as its schemas are. A request's are those of `json_schema`, for XML under the XML names and with OpenAPI's
    `xml` keyword. A response's have the types that `SendResponse` has, which clients can be generated from; `json_schema` takes whatever a server sends.

    >>> list(openapi()["paths"])
    ['/v1.1/communications/sendMessage']
    """
    kinds: tuple[Kind, Kind] = ("request", "response")
    json_parts = Parts("json", "#/components/schemas/", permissive=False)
    xml_parts = Parts("xml", "#/components/schemas/", "Xml", permissive=False)
    request, response = (_documents(kind, json_parts, xml_parts) for kind in kinds)
    call = {
        "operationId": "sendMessage",
        "summary": "Send messages of one channel.",
        "parameters": [_channel_parameter()],
        "requestBody": {
            "description": "The messages, all for the channel that is asked for.",
            "required": True,
            "content": _content(request, {channel.value: _request(channel) for channel in Channel}),
        },
        "responses": {
            "200": {
                "description": "All messages were accepted, or the status says otherwise: its code counts.",
                "content": _content(response, {channel.value: _response(channel) for channel in Channel}),
            },
            "201": {"description": "Some messages were not accepted.", "content": _content(response, {"partial": _partial()})},
            **{f"{code}": _refusal(response, code, description) for code, description in _REFUSALS.items()},
            "default": {"description": "The call was refused; the status says why.", "content": _content(response, {})},
        },
        "security": [{"basic": []}, {"oauth": []}],
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sendMessage",
            "description": "Sends SMS, emails, WhatsApp and Zalo messages. This document is commspec's account of the call, not the vendor's own.",
            "version": "1.1",
        },
        "servers": [{"url": f"https://{host}.api.capillarytech.com"} for host in _HOSTS],
        "paths": {PATH: {"post": call}},
        "components": {
            "schemas": {**json_parts.named, **xml_parts.named},
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The password is sent as the hexadecimal MD5 digest of its UTF-8.",
                },
                "oauth": {"type": "apiKey", "in": "header", "name": OAUTH_HEADER, "description": "An access token."},
            },
        },
    }


def _documents(kind: Kind, *formats: Parts) -> list[Schema]:
    """References to the documents of a kind, in each format."""
    return [parts.refer(kind.capitalize(), functools.partial(parts.document, kind)) for parts in formats]


def _channel_parameter() -> dict[str, Any]:
    names = [channel.value for channel in Channel]
    any_case = "|".join("".join(f"[{letter.upper()}{letter}]" for letter in name) for name in names)
    return {
        "name": "channel",
        "in": "query",
        "description": "The channel of the messages, in any letter case.",
        "schema": {"type": "string", "anyOf": [{"enum": names}, {"pattern": f"^({any_case})$"}], "default": Channel.SMS.value},
    }


def _refusal(schemas: list[Schema], code: int, description: str) -> dict[str, Any]:
    status = Status(success=False, code=code, message=description.partition(":")[0].rstrip("."))
    return {"description": description, "content": _content(schemas, {"refused": SendResponse(status)})}


def _content(schemas: list[Schema], examples: Mapping[str, SendRequest | SendResponse]) -> dict[str, Any]:
    """What a body may be: its schemas by media type, with `examples` in both formats."""
    as_json, as_xml = schemas
    return {
        "application/json": {"schema": as_json, "examples": {name: {"value": _as_json(value)} for name, value in examples.items()}},
        "application/xml": {"schema": as_xml, "examples": {name: {"value": _as_xml(value)} for name, value in examples.items()}},
        "text/xml": {"schema": as_xml},
    }


def _as_json(example: SendRequest | SendResponse) -> Any:
    return json.loads(encode_request(example) if isinstance(example, SendRequest) else encode_response(example))


def _as_xml(example: SendRequest | SendResponse) -> str:
    encoded = encode_request(example, "xml", indent=2) if isinstance(example, SendRequest) else encode_response(example, "xml", indent=2)
    return encoded.decode()


# ---- Examples, made from those of the table.


def _example(column: Column) -> Any:
    if column.kind == "files":
        return (_of_examples(Attachment),)
    return parse_time(column.example) if column.kind == "time" else column.example


def _of_examples(cls: Any, **fields: Any) -> Any:
    """An object whose fields are the examples of the table, as far as there are any, and `fields`."""
    examples = {column.name: _example(column) for column in columns_of(cls) if column.example or column.kind == "files"}
    return cls(**{**examples, **fields})


def _request(channel: Channel) -> SendRequest:
    return SendRequest([_of_examples(message_type(channel))])


def _response(channel: Channel) -> SendResponse:
    return SendResponse(_of_examples(Status, count=1, success_count=1), [Outcome(_of_examples(receipt_type(channel)))])


def _partial() -> SendResponse:
    """A response that tells of a message sent and one refused."""
    status = _of_examples(Status, count=2, success_count=1, code=201, message="Some requests have failed due to errors")
    sent = _of_examples(receipt_type(Channel.SMS))
    refused = attrs.evolve(sent, to="12", status=None, ns_admin_id=None)
    return SendResponse(status, [Outcome(sent), Outcome(refused, errors=[StatusDetail(False, "Invalid mobile", 8056)])])
