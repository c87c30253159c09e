"""commspec: the sendMessage call's messages and replies, in JSON and XML, right once and for all."""

from __future__ import annotations

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
from commspec.http import BasicAuth, HttpReply, HttpRequest, OAuthToken, response_to
from commspec.matching import Match, Matching, match, retry_subset
from commspec.models.channel import Channel
from commspec.models.content_key import content_key
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

__version__ = "0.1.0"

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
    "Status",
    "StatusDetail",
    "WhatsAppMessage",
    "WhatsAppReceipt",
    "ZaloMessage",
    "ZaloReceipt",
    "__version__",
    "content_key",
    "convert",
    "decode_request",
    "decode_response",
    "encode_request",
    "encode_response",
    "inspect_request",
    "match",
    "response_to",
    "retry_subset",
]
