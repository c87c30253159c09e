"""pydantic 2, with the rules as annotations: the ones a user would write, fast ones first (patterns run in Rust)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, EmailStr, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from benchmarks.peers import Peer, refuse_bad_base64

Phone = Annotated[str, StringConstraints(pattern=r"^(\+[1-9][0-9]{5,14}|[0-9]{6,15})$")]
NotBlank = Annotated[str, StringConstraints(pattern=r"\S")]
OneLine = Annotated[str, StringConstraints(pattern=r"^[^\r\n\x{85}\x{2028}\x{2029}]*$")]
OneLineNotBlank = Annotated[str, StringConstraints(pattern=r"^[^\r\n\x{85}\x{2028}\x{2029}]*[^\s][^\r\n\x{85}\x{2028}\x{2029}]*$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\\r\n]*[^/\\\s.][^/\\\r\n]*$")]

_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)


def check_list(addresses: str) -> str:
    """`addresses` as they are, if they are empty or good addresses between commas."""
    if addresses:
        for address in addresses.split(","):
            _ADDRESS.validate_python(address.strip())
    return addresses


AddressList = Annotated[str, AfterValidator(check_list)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel)


class Sms(_Model):
    to: Phone
    body: NotBlank
    scheduled_time: AwareDatetime | None = None
    sender: OneLine | None = None


class Attachment(_Model):
    file_name: FileName
    file_type: OneLineNotBlank
    file_data: str
    file_encoding_type: OneLine | None = None

    def model_post_init(self, context: Any, /) -> None:
        refuse_bad_base64(self.file_type, self.file_data, self.file_encoding_type)


class Attachments(_Model):
    attachment: list[Attachment] = Field(min_length=1)


class Email(_Model):
    to: EmailStr
    cc: AddressList | None = None
    bcc: AddressList | None = None
    from_: EmailStr = Field(alias="from")
    subject: OneLineNotBlank
    body: str
    attachments: Attachments | None = None
    scheduled_time: AwareDatetime | None = None


class SmsList(_Model):
    sms: list[Sms] = Field(min_length=1)


class EmailList(_Model):
    email: list[Email] = Field(min_length=1)


class SmsDocument(_Model):
    root: SmsList


class EmailDocument(_Model):
    root: EmailList


_DOCUMENTS: dict[str, type[BaseModel]] = {"sms": SmsDocument, "email": EmailDocument}


def peer(format: str, channel: str) -> Peer:
    """pydantic's way with JSON."""
    document = _DOCUMENTS[channel]
    return Peer(
        name="pydantic",
        decode=document.model_validate_json,
        encode=lambda request: request.model_dump_json(by_alias=True, exclude_none=True),
        messages=lambda request: getattr(request.root, channel),
        faults=lambda error: len(error.errors()) if isinstance(error, ValidationError) else 0,
    )
