"""Which outcome of an answer speaks of which message, and how surely that can be told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Literal

import attrs

from commspec.errors import shorten
from commspec.models.channel import Channel
from commspec.models.messages import Message
from commspec.models.request import RequestPart, SendRequest
from commspec.models.response import Outcome, SendResponse, StatusDetail

Evidence = Literal["position", "number", "address", "text", "time"]
"""What of an outcome agrees with its message: its place in the answer, the number or the address, the text, the time."""


@attrs.frozen
class Match:
    """One message of a request, and what the answer says of it.

    `index` is the message's place in the whole request, from 0, also where a part of it was sent. `outcome` is what became of it, where that is sure,
    `position` is its place in the answer, and `evidence` what in it agrees with the message. Where it is not sure, `outcome` is None, and `candidates`
    are the places of the outcomes that may be the message's: none of them, where the answer says nothing of it.
    """

    index: int
    message: Message
    outcome: Outcome | None = None
    position: int | None = None
    evidence: tuple[Evidence, ...] = ()
    _claims: tuple[Sequence[int], ...] = attrs.field(default=(), repr=False)

    @property
    def sure(self) -> bool:
        """Whether `outcome` is this message's beyond doubt."""
        return self.outcome is not None

    @property
    def failed(self) -> bool | None:
        """Whether the server surely refused the message; None where that can't be told."""
        return None if self.outcome is None else bool(self.outcome.errors)

    @property
    def candidates(self) -> tuple[int, ...]:
        """The places of the outcomes that may be this message's, in order; its own place alone where that is sure."""
        return tuple(sorted(set(chain.from_iterable(self._claims)))) if self.position is None else (self.position,)

    def __str__(self) -> str:
        if self.outcome is not None:
            verdict = "failed" if self.outcome.errors else "accepted"
            return f"message {self.index}: {verdict} (outcome {self.position}, by {', '.join(self.evidence) or 'exclusion'})"
        count = len(self.candidates)
        return f"message {self.index}: " + (f"one of {count} outcomes, or none" if count else "the answer says nothing of it")


@attrs.frozen
class Matching:
    """Every message of a request, in order, with its outcome where that is sure; and the places of the outcomes that are of no message."""

    matches: tuple[Match, ...]
    strangers: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    def __len__(self) -> int:
        return len(self.matches)

    def __getitem__(self, index: int) -> Match:
        return self.matches[index]

    @property
    def sure(self) -> bool:
        """Whether the outcome of every message is sure."""
        return all(match.sure for match in self.matches)

    @property
    def accepted(self) -> tuple[Match, ...]:
        """The messages that the server surely accepted."""
        return tuple(match for match in self.matches if match.failed is False)

    @property
    def failed(self) -> tuple[Match, ...]:
        """The messages that the server surely refused."""
        return tuple(match for match in self.matches if match.failed)

    @property
    def unsure(self) -> tuple[Match, ...]:
        """The messages of which it can't be told what became: ask the server, or a person."""
        return tuple(match for match in self.matches if not match.sure)


def match(request: SendRequest | RequestPart, response: SendResponse, *, in_order: bool = False) -> Matching:
    """Each message of `request` with its outcome in `response`, where it is sure which one that is.

    A server may answer in any order, leave outcomes out or repeat them, put other times in (the vendor's sample does), and change numbers and texts. So
    neither the place of an outcome nor its time decides anything. What is taken for granted of a server is only this:

    - An outcome is of a message of the request, or names a recipient that no message has.
    - **Its number** is the message's own, or has digits put before it (a country code), or taken from its front (down to 6; also a 0 that dials
      out of a country, whatever is put in its place), or it is left out or masked (`98XXXXXX01`). **Its address** may differ in letter case.
    - **Its text** is the message's own, but for letter case, accents, white space and punctuation, or cut short at its end; or another text altogether,
      but not by chance that of another message to the same recipient; or none. Of an email, subject and body are texts.
    - Where an outcome is repeated, it has the same errors.

    From this it follows which messages an outcome may be of: those that its number fits (all, where it has none); of these, those that have its text, if
    any has. A text that another begins with proves nothing, since that may be what was cut. Where number and text contradict each other (the number is one
    message's, the text another's), nothing is proven. An outcome that is left with one message is surely of it. Messages to one
    recipient with the same text can't be told apart: their outcomes are candidates for each of them. So a request of different messages is
    matched whole, one that sends a text twice to the same number is not.

    With `in_order`, you know of the server that it answers each message in turn, as one does that is built on `response_to`: where there are as
    many outcomes as messages, place decides what number and text leave open.

    A part of a split request, or of `retry_subset`, is matched likewise, and the indexes are those of the whole. A response for another channel has
    strangers only. Takes time and memory linear in messages and outcomes, but for sorting the texts.

    >>> from commspec import SmsMessage, SmsReceipt
    >>> request = SendRequest([SmsMessage("919876500001", "One"), SmsMessage("919876500002", "Two")])
    >>> answer = SendResponse(outcomes=[Outcome(SmsReceipt("9919876500002", "Two!")), Outcome(SmsReceipt("919876500001"), ["Invalid mobile"])])
    >>> print(*match(request, answer), sep="\\n")
    message 0: failed (outcome 1, by number)
    message 1: accepted (outcome 0, by number, text)
    """
    part = RequestPart(request, range(len(request))) if isinstance(request, SendRequest) else request
    messages, outcomes = part.request.messages, response.outcomes
    if response.channel is not part.request.channel:
        return Matching(_matches(part, [()] * len(messages), [], outcomes), tuple(range(len(outcomes))))
    return _Matcher(messages, outcomes, in_order=in_order and len(messages) == len(outcomes)).run(part)


def retry_subset(matching: Matching, *, codes: Collection[int | str] | None = None) -> RequestPart | None:
    """The messages that the server surely refused, as a request, with their indexes in the whole; None where there are none.

    With `codes`, only those of whose errors every one has one of these codes: those worth another try. What is not sure is left out, since it may
    have been sent: it is in `matching.unsure`.
    """
    again = [found for found in matching.failed if codes is None or (found.outcome is not None and all(_code(error) in codes for error in found.outcome.errors))]
    return RequestPart(SendRequest(found.message for found in again), (found.index for found in again)) if again else None


def _code(error: StatusDetail | str) -> int | str | None:
    return error.code if isinstance(error, StatusDetail) else None
