"""msgspec Structs with constraints: the fastest typed decoder, made to check what its annotations can say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from benchmarks.peers import Peer, refuse_bad_base64

Phone = Annotated[str, Meta(pattern=r"^(?:\+[1-9][0-9]{5,14}|[0-9]{6,15})\Z")]
NotBlank = Annotated[str, Meta(pattern=r"\S")]
OneLine = Annotated[str, Meta(pattern=r"^[^\r\n\x85\u2028\u2029]*\Z")]
OneLineNotBlank = Annotated[str, Meta(pattern=r"^(?=.*\S)[^\r\n\x85\u2028\u2029]*\Z")]
Address = Annotated[str, Meta(pattern=r"^[\w.!#$%&'*+/=?^`{|}~-]+@(?:[\w-]+\.)+[\w-]+\Z")]
AddressList = Annotated[str, Meta(pattern=r"^(?:\s*[^\s@,]+@(?:[\w-]+\.)+[\w-]+\s*(?:,(?!\Z)|\Z))*\Z")]
FileName = Annotated[str, Meta(pattern=r"^(?=.*[^\s.])[^/\\\r\n]*\Z")]
Aware = Annotated[datetime, Meta(tz=True)]


class _Model(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    pass


class Sms(_Model, frozen=True):
    to: Phone
    body: NotBlank
    scheduled_time: Aware | None = None
    sender: OneLine | None = None


class Attachment(_Model, frozen=True):
    file_name: FileName
    file_type: OneLineNotBlank
    file_data: str
    file_encoding_type: OneLine | None = None

    def __post_init__(self) -> None:
        refuse_bad_base64(self.file_type, self.file_data, self.file_encoding_type)


class Attachments(_Model, frozen=True):
    attachment: Annotated[list[Attachment], Meta(min_length=1)]


class Email(_Model, frozen=True, kw_only=True):
    to: Address
    cc: AddressList | None = None
    bcc: AddressList | None = None
    from_: Address = field(name="from")
    subject: OneLineNotBlank
    body: str
    attachments: Attachments | None = None
    scheduled_time: Aware | None = None


class SmsList(_Model, frozen=True):
    sms: Annotated[list[Sms], Meta(min_length=1)]


class EmailList(_Model, frozen=True):
    email: Annotated[list[Email], Meta(min_length=1)]


class SmsDocument(_Model, frozen=True):
    root: SmsList


class EmailDocument(_Model, frozen=True):
    root: EmailList


_DOCUMENTS = {"sms": SmsDocument, "email": EmailDocument}


def peer(format: str, channel: str) -> Peer:
    """msgspec's way with JSON."""
    decoder = msgspec.json.Decoder(_DOCUMENTS[channel])
    return Peer(
        name="msgspec",
        decode=decoder.decode,
        encode=msgspec.json.Encoder().encode,
        messages=lambda request: getattr(request.root, channel),
    )
