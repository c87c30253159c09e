"""attrs classes through cattrs and orjson, with no rules: what is left of a decoder when nothing is checked but shape."""

from __future__ import annotations

from datetime import datetime

import attrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.orjson import make_converter

from benchmarks.documents import JSON_NAMES
from benchmarks.peers import Peer


@attrs.frozen(kw_only=True)
class Sms:
    to: str
    body: str
    scheduled_time: datetime | None = None
    sender: str | None = None


@attrs.frozen(kw_only=True)
class Attachment:
    file_name: str
    file_type: str
    file_data: str
    file_encoding_type: str | None = None


@attrs.frozen(kw_only=True)
class Attachments:
    attachment: list[Attachment]


@attrs.frozen(kw_only=True)
class Email:
    to: str
    cc: str | None = None
    bcc: str | None = None
    from_: str
    subject: str
    body: str
    attachments: Attachments | None = None
    scheduled_time: datetime | None = None


@attrs.frozen
class SmsList:
    sms: list[Sms]


@attrs.frozen
class EmailList:
    email: list[Email]


@attrs.frozen
class SmsDocument:
    root: SmsList


@attrs.frozen
class EmailDocument:
    root: EmailList


_converter = make_converter(forbid_extra_keys=True, omit_if_default=True)
for _model in (Attachment, Sms, Email):
    _names = {a.name: override(rename=JSON_NAMES[a.name]) for a in attrs.fields(_model)}
    _converter.register_structure_hook(
        _model,
        make_dict_structure_fn(_model, _converter, _cattrs_forbid_extra_keys=True, **_names),  # type: ignore[arg-type]
    )
    _converter.register_unstructure_hook(
        _model,
        make_dict_unstructure_fn(_model, _converter, _cattrs_omit_if_default=True, **_names),  # type: ignore[arg-type]
    )


_DOCUMENTS: dict[str, type] = {"sms": SmsDocument, "email": EmailDocument}


def peer(format: str, channel: str) -> Peer:
    """cattrs' way with JSON, its detailed validation on, as by default."""
    document = _DOCUMENTS[channel]
    return Peer(
        name="cattrs + orjson",
        decode=lambda data: _converter.loads(data, document),
        encode=_converter.dumps,
        messages=lambda request: getattr(request.root, channel),
    )
