"""Which outcome of an answer speaks of which message, and how surely that can be told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, pairwise
from typing import Literal, NamedTuple

import attrs

from commspec.models.messages import PHONE, Message
from commspec.models.request import RequestPart, SendRequest
from commspec.models.response import Outcome, Receipt, SendResponse, StatusDetail
from commspec.models.table import columns_of

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
    r"""Each message of `request` with its outcome in `response`, where it is sure which one that is.

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
    many outcomes as messages, and no number or text says otherwise of any, each outcome is that of the message in its place.

    A part of a split request, or of `retry_subset`, is matched likewise, and the indexes are those of the whole. A response for another channel has
    strangers only. Takes time and memory linear in messages and outcomes, but for sorting the texts.

    >>> from commspec import SmsMessage, SmsReceipt
    >>> request = SendRequest([SmsMessage("919876500001", "One"), SmsMessage("919876500002", "Two")])
    >>> answer = SendResponse(outcomes=[Outcome(SmsReceipt("9919876500002", "Two!")), Outcome(SmsReceipt("919876500001"), ["Invalid mobile"])])
    >>> print(*match(request, answer), sep="\n")
    message 0: failed (outcome 1, by number)
    message 1: accepted (outcome 0, by number, text)
    """
    part = RequestPart(request, range(len(request))) if isinstance(request, SendRequest) else request
    messages, outcomes = part.request.messages, response.outcomes
    if response.channel is not part.request.channel:
        return Matching(tuple(map(Match, part.indexes, messages)), tuple(range(len(outcomes))))
    return _Matcher(messages, outcomes, in_order=in_order and len(messages) == len(outcomes)).run(part)


def retry_subset(matching: Matching, *, codes: Collection[int | str] | None = None) -> RequestPart | None:
    """The messages that the server surely refused, as a request, with their indexes in the whole; None where there are none.

    With `codes`, only those of whose errors every one has one of these codes: those worth another try. What is not sure is left out, since it may
    have been sent: it is in `matching.unsure`.
    """
    again = [found for found in matching.failed if codes is None or all(_code(error) in codes for error in _errors(found))]
    return RequestPart(SendRequest(found.message for found in again), (found.index for found in again)) if again else None


def _errors(found: Match) -> tuple[StatusDetail | str, ...]:
    return () if found.outcome is None else found.outcome.errors


def _code(error: StatusDetail | str) -> int | str | None:
    return error.code if isinstance(error, StatusDetail) else None


# ---- What a message and an outcome say of themselves, in a form in which what a server may change is gone.

_SHORTEST_NUMBER = 6
_SEPARATORS = re.compile(r"[\s().+-]+")
_NO_WORD = re.compile(r"[\W_]+")

Texts = tuple[str | None, ...]
"""The folded texts of a message, None for one that is not there or is left out of account."""


def _fold(text: str | None) -> str | None:
    """The letters and digits of `text`, without case and accents; None where there are none. The beginning of a text folds to the beginning of this."""
    if text is None:
        return None
    # Accents go with the rest: decomposed, they are characters of their own, and no letters.
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text)
    folded = _NO_WORD.sub("", plain).casefold()
    return folded or None


def _core(digits: str) -> str:
    """A number without the zeros at its front, where a number is left."""
    stripped = digits.lstrip("0")
    return stripped if len(stripped) >= _SHORTEST_NUMBER else digits


def _read_number(text: str | None) -> str | None:
    """The digits that an outcome gives for its number; None where it is left out or masked."""
    digits = _SEPARATORS.sub("", text or "")
    return _core(digits) if digits.isascii() and digits.isdigit() else None


def _read_address(text: str | None) -> str | None:
    folded = (text or "").strip().casefold()
    return folded if folded and "*" not in folded else None


def _fits(said: str, sent: str) -> bool:
    """Whether a number that a server gives may be one that was sent."""
    return min(len(said), len(sent)) >= _SHORTEST_NUMBER and (said.endswith(sent) or sent.endswith(said))


def _uses(texts: Texts) -> tuple[Texts, ...]:
    """`texts`, then each alone where there are several; never none at all."""
    if len(texts) == 1:
        return () if texts[0] is None else (texts,)
    alone = tuple(
        tuple(text if place == index else None for place in range(len(texts))) for index, text in enumerate(texts) if text is not None
    )
    return alone if None in texts else (texts, *alone)


class _Group:
    """Messages that one recipient, as an outcome gives it, may be; and the outcomes that may be of several of them."""

    def __init__(self) -> None:
        self.members: list[int] = []
        self.claims: dict[Texts | None, list[int]] = {}
        self._by_texts: dict[Texts, list[int]] | None = None

    def with_texts(self, use: Texts, texts: Sequence[Texts]) -> Sequence[int]:
        """The members whose texts these are."""
        if self._by_texts is None:
            self._by_texts = {}
            for index in self.members:
                for own in _uses(texts[index]):
                    self._by_texts.setdefault(own, []).append(index)
        return self._by_texts.get(use, ())


class _Said(NamedTuple):
    """What an outcome says of its message.

    `groups` are those that its recipient fits, `use` is which of its texts tells a message among them, None where none does; `conflict` is whether
    recipient and texts, or two texts, contradict each other.
    """

    recipient: str | None
    texts: Texts
    groups: Sequence[_Group]
    use: Texts | None
    conflict: bool


class _Matcher:
    """One matching: groups of messages by recipient and within them by text, looked up for each outcome in turn."""

    def __init__(self, messages: Sequence[Message], outcomes: Sequence[Outcome], *, in_order: bool) -> None:
        self._messages, self._outcomes, self._in_order = messages, outcomes, in_order
        columns = columns_of(type(messages[0]))
        recipient = next(column for column in columns if column.role == "recipient")
        self._name, self._by_number = recipient.name, recipient.rule is PHONE
        self._text_names = [column.name for column in columns if column.role == "content"]
        recipients = [getattr(message, self._name) for message in messages]
        self._sent = (
            [_core(sent.lstrip("+")) for sent in recipients] if self._by_number else [sent.strip().casefold() for sent in recipients]
        )
        self._folded: dict[str | None, str | None] = {}
        self._texts = [self._texts_of(message) for message in messages]
        self._cut = [_beginnings({texts[place] for texts in self._texts}) for place in range(len(self._text_names))]
        self._everyone = _Group()
        self._everyone.members = list(range(len(messages)))
        # Groups by the last so many digits of the numbers of one length; made when an outcome asks for them.
        self._tables: dict[tuple[int, int], dict[str, _Group]] = {}
        self._lengths: dict[int, list[int]] = {}
        for index, sent in enumerate(self._sent):
            self._lengths.setdefault(self._length(sent), []).append(index)

    def _texts_of(self, part: Message | Receipt) -> Texts:
        folded = self._folded
        texts = [getattr(part, name) for name in self._text_names]
        return tuple([folded[text] if text in folded else folded.setdefault(text, _fold(text)) for text in texts])

    def run(self, part: RequestPart) -> Matching:
        """The result, with the indexes of `part`."""
        owned: dict[int, list[int]] = {}
        strangers = []
        read = list(map(self._read, self._outcomes))
        # Where one outcome is out of its place, so may all be.
        in_order = self._in_order and all(self._may_be(said, place) for place, said in enumerate(read))
        for place, said in enumerate(read):
            owner, claimed = (place, True) if in_order else self._settle(place, said)
            if owner is not None:
                owned.setdefault(owner, []).append(place)
            elif not claimed:
                strangers.append(place)
        shared: dict[int, tuple[int, ...]] = {}

        def share(places: list[int]) -> tuple[int, ...]:
            return shared.setdefault(id(places), tuple(places))

        claims = [tuple(map(share, self._claims_on(index))) for index in range(len(self._messages))]
        settled: dict[int, tuple[int, tuple[Evidence, ...]]] = {}
        for index, places in owned.items():
            if len({self._outcomes[place].errors for place in places}) == 1:
                settled[index] = (places[0], self._evidence(index, places[0]))
            else:
                claims[index] = (tuple(places), *claims[index])
        return Matching(
            tuple(
                Match(whole, message, claims=claims[index])
                if (found := settled.get(index)) is None
                else Match(whole, message, self._outcomes[found[0]], *found)
                for index, (whole, message) in enumerate(zip(part.indexes, self._messages, strict=True))
            ),
            tuple(strangers),
        )

    def _settle(self, place: int, said: _Said) -> tuple[int | None, bool]:
        """The message that an outcome is surely of; without one, whether it claims any, which it then does in their groups."""
        if said.groups and not said.conflict:
            counted = [group.members if said.use is None else group.with_texts(said.use, self._texts) for group in said.groups]
            if sum(map(len, counted)) == 1:
                return next(members[0] for members in counted if members), True
            for group, members in zip(said.groups, counted, strict=True):
                if members:
                    group.claims.setdefault(said.use, []).append(place)
            return None, True
        # Number and text say different things, or one of them something unheard of: nothing is proven.
        for group in said.groups:
            group.claims.setdefault(None, []).append(place)
        elsewhere = [own for own in _uses(said.texts) if self._everyone.with_texts(own, self._texts)]
        for own in elsewhere:
            self._everyone.claims.setdefault(own, []).append(place)
        return None, bool(elsewhere)

    def _read(self, outcome: Outcome) -> _Said:
        recipient, texts = self._said(outcome)
        groups = [self._everyone] if recipient is None else self._groups(recipient)
        return _Said(recipient, texts, groups, *self._use(texts, groups))

    def _may_be(self, said: _Said, index: int) -> bool:
        """Whether an outcome may be of a message."""
        fits = said.recipient is None or self._is_of(said.recipient, index)
        return fits and not said.conflict and (said.use is None or said.use in _uses(self._texts[index]))

    def _said(self, outcome: Outcome) -> tuple[str | None, Texts]:
        """The recipient that an outcome gives, and its texts, without one that may be another's that was cut."""
        receipt = outcome.message
        if receipt is None:
            return None, (None,) * len(self._text_names)
        said = getattr(receipt, self._name)
        texts = tuple([None if text in cut else text for text, cut in zip(self._texts_of(receipt), self._cut, strict=True)])
        return (_read_number(said) if self._by_number else _read_address(said)), texts

    def _use(self, texts: Texts, groups: Sequence[_Group]) -> tuple[Texts | None, bool]:
        """Which of an outcome's texts tell its message among `groups` (None where none does), and whether they contradict that, or each other."""
        known = [use for use in _uses(texts) if any(group.with_texts(use, self._texts) for group in groups)]
        if known and (None not in known[0] or len(known) == 1):
            return known[0], False
        return None, any(self._everyone.with_texts(use, self._texts) for use in _uses(texts))

    def _length(self, recipient: str) -> int:
        # Of an address, all counts: one table holds all.
        return len(recipient) if self._by_number else 0

    def _groups(self, said: str) -> list[_Group]:
        """The groups of messages whose recipient an outcome may give as `said`."""
        found = []
        for length in self._lengths:
            overlap = min(length, len(said))
            if not self._by_number or overlap >= _SHORTEST_NUMBER:
                group = self._table(length, overlap).get(said[-overlap:])
                if group is not None:
                    found.append(group)
        return found

    def _table(self, length: int, overlap: int) -> Mapping[str, _Group]:
        table = self._tables.get((length, overlap))
        if table is None:
            table = self._tables[length, overlap] = {}
            for index in self._lengths[length]:
                ending = self._sent[index][-overlap:]
                if ending not in table:
                    table[ending] = _Group()
                table[ending].members.append(index)
        return table

    def _is_of(self, said: str, index: int) -> bool:
        return _fits(said, self._sent[index]) if self._by_number else said == self._sent[index]

    def _claims_on(self, index: int) -> Iterator[list[int]]:
        """The outcomes that may be of a message as well as of others, list by list, none of them empty."""
        sent = self._sent[index]
        length = self._length(sent)
        groups = [table.get(sent[-overlap:]) for (of_length, overlap), table in self._tables.items() if of_length == length]
        for group in (self._everyone, *groups):
            if group is not None and group.claims:
                for use in (None, *_uses(self._texts[index])):
                    if use in group.claims:
                        yield group.claims[use]

    def _evidence(self, index: int, place: int) -> tuple[Evidence, ...]:
        message, receipt = self._messages[index], self._outcomes[place].message
        found: list[Evidence] = ["position"] if index == place else []
        if receipt is not None:
            said = getattr(receipt, self._name)
            read = _read_number(said) if self._by_number else _read_address(said)
            if read is not None and self._is_of(read, index):
                found.append("number" if self._by_number else "address")
            if any(text is not None and text == own for text, own in zip(self._texts_of(receipt), self._texts[index], strict=True)):
                found.append("text")
            if _is_same_time(receipt.scheduled_time, message.scheduled_time):
                found.append("time")
        return tuple(found)


def _beginnings(texts: Iterable[str | None]) -> frozenset[str]:
    """Those of `texts` with which another of them begins. In alphabetical order, one such stands right after."""
    ordered = sorted(text for text in texts if text is not None)
    return frozenset(text for text, following in pairwise(ordered) if following.startswith(text))


def _is_same_time(said: datetime | str | None, sent: datetime | None) -> bool:
    if not isinstance(said, datetime) or sent is None:
        return False
    return said == (sent if said.tzinfo else sent.replace(tzinfo=None))
