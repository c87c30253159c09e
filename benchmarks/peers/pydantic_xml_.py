"""pydantic-xml over lxml, with the rules of `pydantic_`."""

from __future__ import annotations

from typing import Any

from lxml import etree
from pydantic import AwareDatetime, ConfigDict, EmailStr, ValidationError
from pydantic_xml import BaseXmlModel, element

from benchmarks.peers import Peer, refuse_bad_base64
from benchmarks.peers.pydantic_ import AddressList, FileName, NotBlank, OneLine, OneLineNotBlank, Phone

_HUGE = etree.XMLParser(huge_tree=True)


class _Model(BaseXmlModel, search_mode="unordered"):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sms(_Model, tag="sms"):
    to: Phone = element()
    body: NotBlank = element()
    scheduled_time: AwareDatetime | None = element(default=None)
    sender: OneLine | None = element(default=None)


class Attachment(_Model, tag="attachment"):
    file_name: FileName = element()
    file_type: OneLineNotBlank = element()
    file_data: str = element()
    file_encoding_type: OneLine | None = element(default=None)

    def model_post_init(self, context: Any, /) -> None:
        refuse_bad_base64(self.file_type, self.file_data, self.file_encoding_type)


class Attachments(_Model, tag="attachments"):
    attachment: list[Attachment] = element(min_length=1)


class Email(_Model, tag="email"):
    to: EmailStr = element()
    cc: AddressList | None = element(default=None)
    bcc: AddressList | None = element(default=None)
    from_: EmailStr = element(tag="from")
    subject: OneLineNotBlank = element()
    body: str = element()
    attachments: Attachments | None = element(default=None)
    scheduled_time: AwareDatetime | None = element(default=None)


class SmsRoot(_Model, tag="root"):
    sms: list[Sms] = element(min_length=1)


class EmailRoot(_Model, tag="root"):
    email: list[Email] = element(min_length=1)


_ROOTS: dict[str, type[BaseXmlModel]] = {"sms": SmsRoot, "email": EmailRoot}


def peer(format: str, channel: str) -> Peer:
    """pydantic-xml's way with XML, its parser allowed a text of more than 10 MB."""
    root = _ROOTS[channel]
    return Peer(
        name="pydantic-xml",
        decode=lambda document: root.from_xml(document, empty_as_string=True, parser=_HUGE),
        encode=lambda request: request.to_xml(exclude_none=True, encoding="UTF-8", xml_declaration=True),
        messages=lambda request: getattr(request, channel),
        faults=lambda error: len(error.errors()) if isinstance(error, ValidationError) else 0,
    )
