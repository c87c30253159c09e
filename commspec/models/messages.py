"""What the four channels send (SPEC.md section 2). A message object is always sendable: one that breaks a rule can't be made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import attrs

from commspec.errors import InvalidMessage, Issue, shorten
from commspec.models.channel import Channel
from commspec.models.judge import settle, wrong_types
from commspec.models.table import column
from commspec.rules.attachment import check_base64, check_encoding, check_file_name, decode_content, is_base64
from commspec.rules.email import address_lists_ok, addresses_ok, check_address, check_addresses
from commspec.rules.phone import check_phone, phones_ok
from commspec.rules.rule import Beside, TextRule

PHONE = TextRule(
    "6 to 15 digits, with an optional + before them",
    blank=False,
    one_line=True,
    check=check_phone,
    column=phones_ok,
    pattern=r"\+[1-9][0-9]{5,14}|[0-9]{6,15}",
)
ADDRESS = TextRule(
    "one email address, without a display name",
    blank=False,
    one_line=True,
    check=check_address,
    column=addresses_ok,
    pattern=r'[^ "(),:;<>@\[\\\]]+@[^ "(),:;<>@\[\\\]]+',
)
# White space may stand around an address of a list.
ADDRESSES = TextRule(
    "empty, one email address, or several separated by commas",
    one_line=True,
    check=check_addresses,
    column=address_lists_ok,
    pattern=r'([^"(),:;<>@\[\\\]]+@[^"(),:;<>@\[\\\]]+(,[^"(),:;<>@\[\\\]]+@[^"(),:;<>@\[\\\]]+)*)?',
)
CONTENT = TextRule("text that is not blank; line breaks are content", blank=False)
FREE = TextRule("any text; line breaks are content")

SUBJECT = TextRule("one line of text that is not blank", blank=False, one_line=True)
LABEL = TextRule("one line of text", one_line=True)
FILE_NAME = TextRule(
    "a file name without folders, and not . or .. alone",
    blank=False,
    one_line=True,
    check=check_file_name,
    pattern=r"\.{0,2}[^./\\][^/\\]*|\.{3}[^/\\]*",
)
_BASE64 = "[Bb][Aa][Ss][Ee]64"
_IMAGE = r"(\.|[Ii][Mm][Aa][Gg][Ee]/)?([Jj][Pp][Ee]?[Gg]|[Pp][Nn][Gg]|[Gg][Ii][Ff])"
ENCODING = TextRule(
    "empty or base64, in any letter case; base64 for jpg, jpeg, png and gif",
    one_line=True,
    after=("file_type",),
    among=lambda encoding, good: check_encoding(encoding, good.get("file_type")),
    pattern=f"({_BASE64})?",
    beside=Beside("file_type", when=_IMAGE, then=_BASE64),
)
FILE_DATA = TextRule(
    "base64 with its padding where the encoding says so, otherwise any text",
    after=("file_type", "file_encoding_type"),
    among=lambda data, good: check_base64(data) if data is not None and is_base64(good.get("file_encoding_type")) else None,
    # In no more than this, every validator is done with a file of 20 MiB at once; groups of four would take some of them a gigabyte.
    beside=Beside("file_encoding_type", when=_BASE64, then="[A-Za-z0-9+/]*={0,2}"),
)
TIME = TextRule(
    "ISO 8601 with an offset of whole minutes, and no more than six digits of a second",
    one_line=True,
    pattern=r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])",
)

_TIME = column("When to send: date, time and offset.", kind="time", rule=TIME, example="2024-02-22T00:25:06+05:30")


def _short(text: str) -> str:
    return repr(text) if len(text) <= 80 else f"'{shorten(text, max_characters=40)}'"


@attrs.frozen
class Attachment:
    """A file that an email carries.

    `file_data` is the content as the documents hold it: base64 where `file_encoding_type` is `base64` (any letter case), otherwise plain text.
    `from_bytes`, `from_text` and `from_path` make one from a content; `content` gives it back. Raises `InvalidMessage`.
    """

    file_name: str = attrs.field(metadata=column("Name of the file, without folders.", required=True, rule=FILE_NAME, example="dot.png"))
    file_type: str = attrs.field(metadata=column("Kind of file: its usual ending.", required=True, rule=SUBJECT, example="png"))
    file_data: str = attrs.field(
        repr=_short, metadata=column("The file's content, encoded.", required=True, rule=FILE_DATA, example="aGk=")
    )
    file_encoding_type: str | None = attrs.field(
        default=None, metadata=column("How the content is encoded; base64 for images.", rule=ENCODING, example="base64")
    )

    def __attrs_post_init__(self) -> None:
        settle(self)

    @property
    def content(self) -> bytes:
        """The file's bytes: `file_data` decoded from base64, or as UTF-8 where it is plain text."""
        return decode_content(self.file_data, self.file_encoding_type)

    @classmethod
    def from_bytes(cls, content: bytes, file_name: str, file_type: str | None = None) -> Attachment:
        """An attachment that holds `content` as base64. Without `file_type`, the name's ending (`pdf`) says it."""
        import base64

        data = base64.b64encode(content).decode("ascii")
        return cls(file_name, _file_type(file_name) if file_type is None else file_type, data, "base64")

    @classmethod
    def from_text(cls, content: str, file_name: str, file_type: str | None = None) -> Attachment:
        """An attachment that holds `content` as it is, unencoded: for text files, and only for characters that XML can carry."""
        return cls(file_name, _file_type(file_name) if file_type is None else file_type, content)

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], file_type: str | None = None) -> Attachment:
        """An attachment of the file at `path`, named as the file is, in base64. Raises `OSError` where the file can't be read."""
        file = Path(path)
        return cls.from_bytes(file.read_bytes(), file.name, file_type)


def _file_type(file_name: str) -> str:
    ending = os.path.splitext(file_name)[1].lstrip(".")
    if not ending:
        raise InvalidMessage.of((Issue("missing", "file_type", "required, and the file's name has no ending to take it from"),))
    return ending.lower()


def _files(files: Iterable[Attachment] | None) -> tuple[Attachment, ...]:
    return () if files is None else tuple(files)


@attrs.frozen
class SmsMessage:
    """One SMS. Raises `InvalidMessage`, with every fault.

    >>> SmsMessage(to="+447700900123", body="Your code is 7731.")
    SmsMessage(to='+447700900123', body='Your code is 7731.', scheduled_time=None, sender=None)
    """

    channel: ClassVar[Channel] = Channel.SMS

    to: str = attrs.field(
        metadata=column("Mobile number of the recipient.", role="recipient", required=True, rule=PHONE, digits=True, example="919876500001")
    )
    body: str = attrs.field(metadata=column("Text to send.", role="content", required=True, rule=CONTENT, example="Your code is 7731."))
    scheduled_time: datetime | None = attrs.field(default=None, metadata=_TIME)
    sender: str | None = attrs.field(
        default=None,
        metadata=column("Sender ID to send from; absent for the organisation's own.", rule=LABEL, digits=True, example="ACMESHOP"),
    )

    def __attrs_post_init__(self) -> None:
        settle(self)


@attrs.frozen(kw_only=True)
class EmailMessage:
    """One email. `from_` is the sender's address, `from` in the documents. Raises `InvalidMessage`, with every fault.

    `attachments` takes any iterable of `Attachment`; None and an empty one are the same.
    """

    channel: ClassVar[Channel] = Channel.EMAIL

    to: str = attrs.field(
        metadata=column("Address of the recipient.", role="recipient", required=True, rule=ADDRESS, example="rhea@example.com")
    )
    cc: str | None = attrs.field(
        default=None,
        metadata=column(
            "Addresses to copy, separated by commas.", role="copy", rule=ADDRESSES, example="audit@example.com, archive@example.org"
        ),
    )
    bcc: str | None = attrs.field(
        default=None,
        metadata=column("Addresses to copy unseen, separated by commas.", role="copy", rule=ADDRESSES, example="audit@example.com"),
    )
    from_: str = attrs.field(metadata=column("Address of the sender.", required=True, rule=ADDRESS, example="hello@shop.example.com"))
    subject: str = attrs.field(metadata=column("Subject line.", role="content", required=True, rule=SUBJECT, example="Your receipt"))
    body: str = attrs.field(
        metadata=column(
            "Content, as HTML or text; may be empty.", role="content", required=True, rule=FREE, lenient="", example="<p>Thank you.</p>"
        ),
    )
    attachments: tuple[Attachment, ...] = attrs.field(
        default=(), converter=_files, metadata=column("Files to attach.", kind="files", item="attachment")
    )
    scheduled_time: datetime | None = attrs.field(default=None, metadata=_TIME)

    def __attrs_post_init__(self) -> None:
        wrong = tuple(wrong_types("attachments", self.attachments, Attachment, "an Attachment"))
        try:
            settle(self)
        except InvalidMessage as error:
            raise InvalidMessage.of(error.issues + wrong) from None
        if wrong:
            raise InvalidMessage.of(wrong)


@attrs.frozen
class WhatsAppMessage:
    """One WhatsApp message. Raises `InvalidMessage`, with every fault."""

    channel: ClassVar[Channel] = Channel.WHATSAPP

    receiver: str = attrs.field(
        metadata=column("Mobile number of the recipient.", role="recipient", required=True, rule=PHONE, digits=True, example="919876500001")
    )
    template: str = attrs.field(metadata=column("Text to send.", role="content", required=True, rule=CONTENT, example="Your code is 7731."))
    scheduled_time: datetime | None = attrs.field(default=None, metadata=_TIME)

    def __attrs_post_init__(self) -> None:
        settle(self)


@attrs.frozen
class ZaloMessage:
    """One Zalo message. Raises `InvalidMessage`, with every fault."""

    channel: ClassVar[Channel] = Channel.ZALO

    receiver: str = attrs.field(
        metadata=column("Mobile number of the recipient.", role="recipient", required=True, rule=PHONE, digits=True, example="919876500001")
    )
    template: str = attrs.field(metadata=column("Text to send.", role="content", required=True, rule=CONTENT, example="Your code is 7731."))
    scheduled_time: datetime | None = attrs.field(default=None, metadata=_TIME)

    def __attrs_post_init__(self) -> None:
        settle(self)


Message = SmsMessage | EmailMessage | WhatsAppMessage | ZaloMessage
"""Any of the four messages."""

MESSAGE_TYPES: tuple[type[Message], ...] = (SmsMessage, EmailMessage, WhatsAppMessage, ZaloMessage)


def message_type(channel: Channel) -> type[Message]:
    """The class of a channel's messages."""
    return _TYPES[channel]


_TYPES = dict(zip(Channel, MESSAGE_TYPES, strict=True))
