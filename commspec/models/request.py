"""What one call sends: the messages of one channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from commspec.errors import InvalidMessage, Issue
from commspec.models.channel import Channel
from commspec.models.judge import settle_many
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

    messages: tuple[Message, ...] = attrs.field(converter=_messages)

    def __attrs_post_init__(self) -> None:
        issues = list(settle_many("messages", self.messages, MESSAGE_TYPES, "a message"))
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

    def __len__(self) -> int:
        return len(self.messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)
