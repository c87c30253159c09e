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
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.messages import Attachment, EmailMessage, Message, SmsMessage, WhatsAppMessage, ZaloMessage
from commspec.models.request import SendRequest
from commspec.models.response import (
    EmailReceipt,
    Outcome,
    Receipt,
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
    "Channel",
    "CommspecError",
    "Conversion",
    "Document",
    "EmailMessage",
    "EmailReceipt",
    "Extra",
    "Format",
    "Inspection",
    "InvalidDocument",
    "InvalidMessage",
    "Issue",
    "Limits",
    "MalformedDocument",
    "Message",
    "Outcome",
    "Receipt",
    "Received",
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
    "convert",
    "decode_request",
    "decode_response",
    "encode_request",
    "encode_response",
    "inspect_request",
]
