"""Judges one answer: what a call promises to get, held against what it got."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs

from commspec.codecs.format import Format, detect
from commspec.errors import CommspecError, shorten
from commspec.http.client import parse_reply
from commspec.http.headers import values_of
from commspec.matching import match
from commspec.models.channel import Channel
from commspec.models.messages import PHONE, Message, message_type
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, Receipt, SendResponse, receipt_type
from commspec.models.table import Column, columns_of
from commspec.testing.conformance.findings import Ledger
from commspec.testing.conformance.target import Answer, Sent
from commspec.wire.names import LISTS

_SUCCESS, _SOME, _NONE = 200, 201, 500


@attrs.frozen
class Manner:
    """How a server answers on one channel in one format, which the specification leaves to it.

    `echoed` are the fields that it gives back at all. `ordered`: outcomes stand in the order of the messages. `wall_clock`: times without offset are
    those that were sent. `prefixed`: it puts digits before numbers.
    """

    echoed: frozenset[str] = frozenset()
    ordered: bool = True
    wall_clock: bool = True
    prefixed: bool = False


@attrs.frozen
class Call:
    """A call and what is known of it: the channel of its messages, and the format that the answer is to have."""

    sent: Sent
    channel: Channel
    accept: Format


class Judge:
    """Holds answers to what was promised, and writes every look down in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.manners: dict[tuple[Channel, Format], Manner] = {}

    # ---- Whatever was asked.

    def read(self, call: Call, answer: Answer) -> SendResponse | None:
        """The response, where there is one; promises of every answer are looked at on the way."""
        if not self._hold("answers", answer.fault is None, answer.fault or "", call, answer):
            return None
        said = values_of(answer.headers, "Content-Type")
        looks = detect(answer.body)
        try:
            response = parse_reply(answer.headers, answer.body)
        except CommspecError as error:
            self._hold("answers", False, f"HTTP {answer.status}, and the body is no response: {error}", call, answer)
            return None
        if not self._hold(
            "answers",
            response.status is not None and not 300 <= answer.status < 400,
            f"HTTP {answer.status}, and the response has no status" if response.status is None else f"HTTP {answer.status}, elsewhere",
            call,
            answer,
        ):
            return None
        named = said[-1] if said else "none"
        right = looks is call.accept and _is_format(named, call.accept)
        found = looks.name if looks is not None else "neither format"
        self._hold("format-asked", right, f"asked for {call.accept.name}: the body is {found}, Content-Type {shorten(named)}", call, answer)
        if looks is Format.JSON:
            odd = odd_type(answer.body, call.channel)
            self._hold("documented-types", odd is None, odd or "", call, answer)
        return response

    # ---- A call that must be accepted.

    def accepted(self, call: Call, answer: Answer, request: SendRequest, promise: str | None = None) -> SendResponse | None:
        """The response to a valid call. Where it isn't accepted, or not as it was meant, `promise` is broken, or else what fits the fault."""
        response = self.read(call, answer)
        if response is None:
            if promise is not None:
                self._hold(promise, False, "a valid call gets no response", call, answer)
            return None
        status = response.status
        assert status is not None
        count = len(request)
        if response.outcomes:
            self._status(call, answer, response, count)
        good = answer.status < 300 and status.code in (None, _SUCCESS) and status.success in (None, True) and not response.failed
        refusal = "" if good else f"a valid call is refused: HTTP {answer.status}, code {status.code}, {first_error(response)}"
        self._hold(promise or "accepts-valid", good, refusal, call, answer)
        if promise is not None:
            self._hold("accepts-valid", good, refusal, call, answer)
        if not good:
            return None
        right = len(response.outcomes) == count and response.channel is request.channel
        if not self._hold("outcomes", right, f"{count} messages for {request.channel}, and {_outcomes(response)}", call, answer):
            return response
        self._echoes(call, answer, request, response, promise)
        return response

    def _echoes(self, call: Call, answer: Answer, request: SendRequest, response: SendResponse, promise: str | None) -> None:
        manner = self.manners.get((request.channel, call.accept), Manner())
        if not manner.echoed:
            return
        pairs = self._pairs(request, response, manner)
        lost = [index for index, (_, outcome) in enumerate(pairs) if outcome is None]
        self._hold("outcomes", not lost, f"no outcome fits message {lost[0] if lost else ''}", call, answer)
        for index, (message, outcome) in enumerate(pairs):
            if outcome is None or outcome.message is None:
                continue
            for name, what in differences(message, outcome.message, call.accept, manner):
                self._hold(name, not what, f"message {index}: {what}", call, answer)
                if what and promise is not None:
                    self._hold(promise, False, f"message {index}: {what}", call, answer)

    def _pairs(self, request: SendRequest, response: SendResponse, manner: Manner) -> list[tuple[Message, Outcome | None]]:
        """Each message with its outcome; left out where several messages might be meant, None where nothing fits."""
        if manner.ordered:
            return list(zip(request.messages, response.outcomes, strict=True))
        return [(each.message, each.outcome) for each in match(request, response) if each.sure or not each.candidates]

    # ---- A call that must be refused, whole or in part.

    def refused(self, call: Call, answer: Answer, promise: str, count: int = 0, faulty: Iterable[int] = (), why: str = "a fault") -> None:
        """Look at the answer to a faulty call of `count` messages, of which those at `faulty` have faults; without any, all of it has."""
        response = self.read(call, answer)
        if response is None:
            return
        status = response.status
        assert status is not None
        bad = frozenset(faulty)
        failed = {index for index, outcome in enumerate(response.outcomes) if outcome.errors}
        whole = answer.status >= 400 or (isinstance(status.code, int) and status.code >= 400) or status.success is False
        if not response.outcomes or not bad:
            fine = whole and len(failed) == len(response.outcomes)
            self._promised(promise, fine, f"accepted in spite of {why}: HTTP {answer.status}, code {status.code}", call, answer)
            return
        self._status(call, answer, response, count)
        if not self._hold("outcomes", len(response.outcomes) == count, f"{count} messages, and {_outcomes(response)}", call, answer):
            self._promised(promise, bool(failed), f"accepted in spite of {why}", call, answer)
            return
        if self.manners.get((call.channel, call.accept), Manner()).ordered:
            missed, blamed = bad - failed, failed - bad
            self._promised(promise, not missed, f"message {min(missed, default='')} is accepted in spite of {why}", call, answer)
            self._hold("blames-the-right-message", not blamed, f"message {min(blamed, default='')} has errors and no fault", call, answer)
        else:
            self._promised(promise, len(failed) >= len(bad), f"{len(bad)} messages are faulty, {len(failed)} have errors", call, answer)
            self._hold(
                "blames-the-right-message",
                len(failed) <= len(bad),
                f"{len(bad)} messages are faulty, {len(failed)} have errors",
                call,
                answer,
            )

    def unserved(self, call: Call, answer: Answer, why: str) -> None:
        """Look at the answer to a call of nobody who may."""
        response = self.read(call, answer)
        code = None if response is None or response.status is None else response.status.code
        fine = answer.status in (401, 403) or code in (401, 403)
        self._hold(
            "auth-required", fine and not (response and response.outcomes), f"{why}: HTTP {answer.status}, code {code}", call, answer
        )

    def same(self, call: Call, answer: Answer, one: SendResponse, other: SendResponse) -> None:
        """Look at whether one request in two formats got one answer."""
        manner = self.manners.get((call.channel, call.accept), Manner())
        summaries = [_summary(response, manner) for response in (one, other)]
        what = next((f"{left!r} and {right!r}" for left, right in zip(*summaries, strict=False) if left != right), "")
        self._hold(
            "formats-agree",
            summaries[0] == summaries[1],
            f"JSON and XML are answered differently: {shorten(what, max_characters=200)}",
            call,
            answer,
        )

    def hidden(self, call: Call, answer: Answer, secret: str) -> None:
        """Look at whether the answer keeps to itself what only an expanded entity could bring into it."""
        self._hold("entities-not-expanded", secret.encode() not in answer.body, "the answer holds the text of an entity", call, answer)

    # ---- Within.

    def _status(self, call: Call, answer: Answer, response: SendResponse, count: int) -> None:
        status = response.status
        assert status is not None
        failed = len(response.failed)
        if status.count is not None:
            self._hold("counts", status.count == count, f"count {status.count!r} for {count} messages", call, answer)
        if status.success_count is not None and response.outcomes:
            good = len(response.outcomes) - failed
            self._hold(
                "counts", status.success_count == good, f"successCount {status.success_count!r}, and {good} without errors", call, answer
            )
        if status.code is not None and response.outcomes:
            code = _SUCCESS if not failed else _NONE if failed == len(response.outcomes) else _SOME
            fits = answer.status == code or answer.status == _SUCCESS
            what = f"code {status.code!r}, HTTP {answer.status}, where {failed} of {len(response.outcomes)} failed"
            self._hold("codes", status.code == code and fits, what, call, answer)

    def _promised(self, promise: str, kept: bool, what: str, call: Call, answer: Answer) -> None:
        self._hold(promise, kept, what, call, answer)
        if promise != "refuses-faulty":
            self._hold("refuses-faulty", kept, what, call, answer)

    def _hold(self, name: str, kept: bool, what: str, call: Call, answer: Answer) -> bool:
        return self._ledger.hold(name, kept, what, call.sent, answer)


def manner_of(request: SendRequest, response: SendResponse) -> Manner:
    """How a server answers, by its answer to a plain request whose messages are all different, and whose optional fields are all there."""
    outcomes = response.outcomes
    echoed = {
        column.name
        for column in columns_of(message_type(request.channel))
        if column.kind != "files"
        and outcomes
        and all(outcome.message is not None and getattr(outcome.message, column.name, None) not in (None, "") for outcome in outcomes)
    }
    matching = match(request, response)
    moved = any(each.position is not None and each.position != each.index for each in matching)
    pairs = [(each.message, each.outcome.message) for each in matching if each.outcome is not None and each.outcome.message is not None]
    prefixed = wall_clock = False
    for message, receipt in pairs:
        for column in columns_of(type(message)):
            sent, got = getattr(message, column.name), getattr(receipt, column.name, None)
            if column.rule is PHONE and isinstance(got, str) and got != sent and got.endswith(sent.lstrip("+")):
                prefixed = True
            if column.kind == "time" and isinstance(got, datetime) and got.replace(tzinfo=None) == sent.replace(tzinfo=None):
                wall_clock = True
    return Manner(frozenset(echoed), not moved, wall_clock, prefixed)


def differences(message: Message, receipt: Receipt, format: Format, manner: Manner) -> list[tuple[str, str]]:
    """For each field that a server gives back, the promise that it shows, and how it broke it (nothing where it didn't)."""
    return [
        found
        for column in columns_of(type(message))
        if column.name in manner.echoed
        for found in _difference(column, getattr(message, column.name), getattr(receipt, column.name, None), format, manner)
    ]


def _difference(column: Column, sent: Any, got: Any, format: Format, manner: Manner) -> list[tuple[str, str]]:
    name = column.named(format.value)
    if column.kind == "time":
        if sent is None or (format is Format.XML and not manner.wall_clock):
            return []
        # In XML the answer is a wall clock. In JSON the offset is part of what was asked.
        same = isinstance(got, datetime) and (
            got.isoformat() == sent.isoformat() if got.tzinfo or format is Format.JSON else got == sent.replace(tzinfo=None)
        )
        return [("offset-kept", "" if same else f"{name} {sent.isoformat()} came back as {got if got is None else str(got)!r}")]
    came = f"{name} {_shown(sent)} came back as {_shown(got)}"
    if column.rule is PHONE:
        digits = sent.lstrip("+")
        same = isinstance(got, str) and (got.endswith(digits) if manner.prefixed else got == sent)
        return [("number-kept", "" if same else came)]
    if not sent:
        return [("empty-kept", "" if got == sent else came)]
    return [("text-kept", "" if got == sent else came)]


def _shown(value: Any) -> str:
    return "absent" if value is None else f"'{shorten(str(value))}'"


def _summary(response: SendResponse, manner: Manner) -> list[Any]:
    outcomes = [
        (bool(outcome.errors), *(getattr(outcome.message, name, None) for name in sorted(manner.echoed))) for outcome in response.outcomes
    ]
    status = response.status
    said = (None, None, None) if status is None else (status.code, status.count, status.success_count)
    return [said, *(outcomes if manner.ordered else sorted(outcomes, key=repr))]


def odd_type(body: bytes, channel: Channel) -> str | None:
    """What in a JSON answer is of another type than the table's, in words."""
    try:
        root = json.loads(body.decode("utf-8-sig"))
    except ValueError:
        return None
    status = root.get("status") if isinstance(root, dict) else None
    if isinstance(status, dict):
        for name, kind in (("count", int), ("successCount", int), ("code", int), ("success", bool)):
            value = status.get(name)
            if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
                return f"status.{name} is {type(value).__name__} {shorten(str(value))}"
    names = LISTS[channel]
    outcomes = root.get(names.json_list) if isinstance(root, dict) else None
    for index, outcome in enumerate(outcomes if isinstance(outcomes, list) else []):
        receipt = outcome.get(names.message) if isinstance(outcome, dict) else None
        for column in columns_of(receipt_type(channel)):
            value = receipt.get(column.json) if isinstance(receipt, dict) else None
            if column.kind in ("text", "time") and value is not None and not isinstance(value, str):
                return f"{names.json_list}[{index}].{names.message}.{column.json} is {type(value).__name__} {shorten(str(value))}"
    return None


def first_error(response: SendResponse) -> str:
    """The first error of an answer, in its own words."""
    errors = [error for outcome in response.failed for error in outcome.errors]
    if not errors:
        return "no item errors" if response.status is None else shorten(str(response.status.message))
    return shorten(errors[0] if isinstance(errors[0], str) else f"{errors[0].message} ({errors[0].code})")


def _outcomes(response: SendResponse) -> str:
    return f"{len(response.outcomes)} outcomes for {response.channel or 'no channel'}"


def _is_format(media_type: str, format: Format) -> bool:
    try:
        return "/" in media_type and Format(media_type) is format
    except ValueError:
        return False
