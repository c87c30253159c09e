"""What one call sends: the messages of one channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

import attrs

from commspec.errors import InvalidMessage, Issue
from commspec.models.channel import Channel
from commspec.models.judge import wrong_types
from commspec.models.messages import MESSAGE_TYPES, Message


def _messages(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple(messages)


@attrs.frozen
class SendRequest:
    """The messages of one call: one or more, all of one channel (SPEC.md section 2). `messages` takes any iterable; raises `InvalidMessage`.

    >>> from commspec import SmsMessage
    >>> SendRequest([SmsMessage("919876500001", "Hello")]).channel
    <Channel.SMS: 'sms'>
    """

    # Put in place by the codecs, since models know no format.
    encoded_size: ClassVar[Callable[[SendRequest, str], int]]
    """`request.encoded_size(format)`: how many bytes its document has, written without indentation."""

    messages: tuple[Message, ...] = attrs.field(converter=_messages)

    def __attrs_post_init__(self) -> None:
        issues = list(wrong_types("messages", self.messages, MESSAGE_TYPES, "a message"))
        if not self.messages:
            issues.append(Issue("empty", "messages", "expected one message or more"))
        elif not issues:
            first = self.messages[0].channel
            issues.extend(
                Issue(
                    "channel",
                    f"messages[{index}]",
                    f"a message for {message.channel} among those for {first}",
                    hint="make a request of each channel",
                )
                for index, message in enumerate(self.messages)
                if message.channel is not first
            )
        if issues:
            raise InvalidMessage.of(tuple(issues))

    @property
    def channel(self) -> Channel:
        """The channel of every message."""
        return self.messages[0].channel

    def split(self, *, max_messages: int | None = None, max_bytes: int | None = None, format: str = "json") -> tuple[RequestPart, ...]:
        """The request as several, in order, each as full as the limits allow; each knows where its messages stand in the whole.

        `max_bytes` is of a document as `encode_request` writes it in `format` without indentation. None is no limit. Raises `InvalidMessage`
        (`limit.bytes`) where a message alone is longer than that, with an issue for each, and `ValueError` for a limit below 1.

        >>> from commspec import SmsMessage
        >>> request = SendRequest([SmsMessage("919876500001", "One"), SmsMessage("919876500002", "Two"), SmsMessage("919876500003", "Three")])
        >>> [part.indexes for part in request.split(max_messages=2)]
        [(0, 1), (2,)]
        """
        if any(limit is not None and limit < 1 for limit in (max_messages, max_bytes)):
            raise ValueError("a limit of a split is 1 or more")
        if max_bytes is None:
            step = max_messages or len(self)
            return tuple(self._part(start, min(start + step, len(self))) for start in range(0, len(self), step))
        sizes, glue = self._sizes(max_bytes, format)
        parts: list[RequestPart] = []
        start, total = 0, sizes[0]
        for index in range(1, len(self)):
            total += glue + sizes[index]
            if total > max_bytes or index - start == max_messages:
                parts.append(self._part(start, index))
                start, total = index, sizes[index]
        parts.append(self._part(start, len(self)))
        return tuple(parts)

    def _sizes(self, max_bytes: int, format: str) -> tuple[list[int], int]:
        """The size of a document of each message alone, and what has to be added to the sum of two for the size of both in one document."""
        sizes = [SendRequest((message,)).encoded_size(format) for message in self.messages]
        issues = [
            Issue("limit.bytes", f"messages[{index}]", f"{size} bytes on its own, where {max_bytes} are allowed")
            for index, size in enumerate(sizes)
            if size > max_bytes
        ]
        if issues:
            raise InvalidMessage.of(tuple(issues))
        first = self.messages[0]
        return sizes, SendRequest((first, first)).encoded_size(format) - 2 * sizes[0]

    def _part(self, start: int, end: int) -> RequestPart:
        return RequestPart(SendRequest(self.messages[start:end]), range(start, end))

    def __len__(self) -> int:
        return len(self.messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)


def _indexes(indexes: Iterable[int]) -> tuple[int, ...]:
    return tuple(indexes)


@attrs.frozen
class RequestPart:
    """Some messages of a request: `request` holds them, and `indexes` says where each of them stands in the whole, from 0."""

    request: SendRequest
    indexes: tuple[int, ...] = attrs.field(converter=_indexes)

    def __attrs_post_init__(self) -> None:
        if len(self.indexes) != len(self.request):
            message = f"expected one for each of the {len(self.request)} messages, not {len(self.indexes)}"
            raise InvalidMessage.of((Issue("type", "indexes", message),))

    def split(self, *, max_messages: int | None = None, max_bytes: int | None = None, format: str = "json") -> tuple[RequestPart, ...]:
        """The part as several, as `SendRequest.split` makes them; their indexes are of the same whole as this part's."""
        parts = self.request.split(max_messages=max_messages, max_bytes=max_bytes, format=format)
        return tuple(RequestPart(part.request, (self.indexes[index] for index in part.indexes)) for part in parts)
