"""commspec: the sendMessage call's messages and replies, in JSON and XML, right once and for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commspec.codecs import (
    Document,
    Format,
    Inspection,
    Received,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    inspect_request,
)
from commspec.convert import Conversion, convert
from commspec.errors import CommspecError, InvalidDocument, InvalidMessage, Issue, MalformedDocument
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.messages import Attachment, EmailMessage, Message, SmsMessage, WhatsAppMessage, ZaloMessage
from commspec.models.request import RequestPart, SendRequest
from commspec.models.response import (
    EmailReceipt,
    Outcome,
    Receipt,
    SendFailed,
    SendResponse,
    SmsReceipt,
    Status,
    StatusDetail,
    WhatsAppReceipt,
    ZaloReceipt,
)
from commspec.wire.report import Limits

if TYPE_CHECKING:
    from commspec.advice import advise
    from commspec.http import BasicAuth, HttpReply, HttpRequest, OAuthToken, response_to
    from commspec.matching import Match, Matching, match, retry_subset
    from commspec.models.content_key import content_key
    from commspec.rules.numbering import normalize_phone
    from commspec.rules.segments import SmsSegments, sms_segments

__version__ = "0.1.0"

# Not every program that reads a document calls or matches: what these take to import waits until one is asked for.
_ROOMS = {
    "commspec.advice": ("advise",),
    "commspec.http": ("BasicAuth", "HttpReply", "HttpRequest", "OAuthToken", "response_to"),
    "commspec.matching": ("Match", "Matching", "match", "retry_subset"),
    "commspec.models.content_key": ("content_key",),
    "commspec.rules.numbering": ("normalize_phone",),
    "commspec.rules.segments": ("SmsSegments", "sms_segments"),
}

__all__ = [
    "Attachment",
    "BasicAuth",
    "Channel",
    "CommspecError",
    "Conversion",
    "Document",
    "EmailMessage",
    "EmailReceipt",
    "Extra",
    "Format",
    "HttpReply",
    "HttpRequest",
    "Inspection",
    "InvalidDocument",
    "InvalidMessage",
    "Issue",
    "Limits",
    "MalformedDocument",
    "Match",
    "Matching",
    "Message",
    "OAuthToken",
    "Outcome",
    "Receipt",
    "Received",
    "RequestPart",
    "SendFailed",
    "SendRequest",
    "SendResponse",
    "SmsMessage",
    "SmsReceipt",
    "SmsSegments",
    "Status",
    "StatusDetail",
    "WhatsAppMessage",
    "WhatsAppReceipt",
    "ZaloMessage",
    "ZaloReceipt",
    "__version__",
    "advise",
    "content_key",
    "convert",
    "decode_request",
    "decode_response",
    "encode_request",
    "encode_response",
    "inspect_request",
    "match",
    "normalize_phone",
    "response_to",
    "retry_subset",
    "sms_segments",
]


def __getattr__(name: str) -> object:
    room = next((room for room, names in _ROOMS.items() if name in names), None)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = globals()[name] = getattr(importlib.import_module(room), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
