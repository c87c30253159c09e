"""What makes two messages the same to whoever sends them only once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from commspec.models.messages import Attachment, Message
from commspec.models.table import columns_of

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
_VERSION = b"commspec/1"


def content_key(message: Message) -> str:
    """A digest of what `message` says, as 64 hexadecimal digits: equal for equal messages, whichever format they came from, in every version.

    To send once only, keep the keys of what was sent. The same instant in another offset is the same message, as it is to Python. `+91…` and `91…`, an
    absent `cc` and an empty one, are not. Nothing is hidden by it: who can guess a message can check the guess.

    The digest is SHA-256 of a chain of netstrings (a length in bytes as digits, `:`, the bytes in UTF-8, `,`): `commspec/1`, the channel's name, then for
    each field that is not None its XML name and its value, sorted by name. A time is its microseconds since 1970 in UTC; attachments, which are left
    out where there are none, are a netstring for each, which holds the chain of its fields.

    >>> from commspec import SmsMessage
    >>> content_key(SmsMessage("919876500001", "Hi"))[:16]
    'a2153d7d5e8e4122'
    """
    chain = _netstring(_VERSION) + _netstring(message.channel.value.encode()) + _fields(message)
    return hashlib.sha256(chain).hexdigest()


def _fields(part: Message | Attachment) -> bytes:
    chain = b""
    for column in sorted(columns_of(type(part)), key=lambda column: column.xml):
        value = getattr(part, column.name)
        if value is not None and value != ():
            chain += _netstring(column.xml.encode()) + _netstring(_value(value))
    return chain


def _value(value: str | datetime | tuple[Attachment, ...]) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, tuple):
        return b"".join(_netstring(_fields(attachment)) for attachment in value)
    # Without `astimezone`, which has no year 0 or 10000 to put the first and last days of the calendar in.
    since = value.replace(tzinfo=None) - _EPOCH - (value.utcoffset() or timedelta())
    return str(since // timedelta(microseconds=1)).encode()


def _netstring(data: bytes) -> bytes:
    return b"%d:%b," % (len(data), data)
