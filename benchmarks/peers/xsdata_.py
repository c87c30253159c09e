"""xsdata's dataclasses, as its generator writes them. It takes restrictions (`pattern`) as metadata and checks none, so none stand here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic.alias_generators import to_camel
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import JsonParser, XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler
from xsdata.formats.dataclass.serializers import DictFactory, JsonSerializer, XmlSerializer
from xsdata.models.datatype import XmlDateTime

from benchmarks.peers import Peer


def _one(name: str | None = None) -> Any:
    return field(metadata={"type": "Element", "required": True, **({"name": name} if name else {})})


def _maybe() -> Any:
    return field(default=None, metadata={"type": "Element"})


def _many() -> Any:
    return field(default_factory=list, metadata={"type": "Element", "min_occurs": 1})


@dataclass(kw_only=True)
class Sms:
    to: str = _one()
    body: str = _one()
    scheduled_time: XmlDateTime | None = _maybe()
    sender: str | None = _maybe()


@dataclass(kw_only=True)
class Attachment:
    file_name: str = _one()
    file_type: str = _one()
    file_data: str = _one()
    file_encoding_type: str | None = _maybe()


@dataclass(kw_only=True)
class Attachments:
    attachment: list[Attachment] = _many()


@dataclass(kw_only=True)
class Email:
    to: str = _one()
    cc: str | None = _maybe()
    bcc: str | None = _maybe()
    from_: str = _one("from")
    subject: str = _one()
    body: str = _one()
    attachments: Attachments | None = _maybe()
    scheduled_time: XmlDateTime | None = _maybe()


@dataclass(kw_only=True)
class SmsRoot:
    class Meta:
        name = "root"

    sms: list[Sms] = _many()


@dataclass(kw_only=True)
class EmailRoot:
    class Meta:
        name = "root"

    email: list[Email] = _many()


@dataclass(kw_only=True)
class SmsDocument:
    root: SmsRoot = _one()


@dataclass(kw_only=True)
class EmailDocument:
    root: EmailRoot = _one()


_DOCUMENTS: dict[str, type] = {"sms": SmsDocument, "email": EmailDocument}
_ROOTS: dict[str, type] = {"sms": SmsRoot, "email": EmailRoot}
_CONFIG = ParserConfig(fail_on_unknown_attributes=True, fail_on_converter_warnings=True)
_CAMEL = XmlContext(element_name_generator=to_camel)


def peer(format: str, channel: str) -> Peer:
    """xsdata's way. For XML its expat handler, which is the faster one here and the only one without a limit of 10 MB on a text."""
    if format == "json":
        document = _DOCUMENTS[channel]
        read = JsonParser(config=_CONFIG, context=_CAMEL)
        write = JsonSerializer(context=_CAMEL, dict_factory=DictFactory.FILTER_NONE)
        return Peer(
            name="xsdata",
            decode=lambda data: read.from_bytes(data, document),
            encode=write.render,
            messages=lambda request: getattr(request.root, channel),
        )
    root = _ROOTS[channel]
    read_xml, write_xml = XmlParser(config=_CONFIG, handler=XmlEventHandler), XmlSerializer()
    return Peer(
        name="xsdata",
        decode=lambda data: read_xml.from_bytes(data, root),
        encode=write_xml.render,
        messages=lambda request: getattr(request, channel),
    )
