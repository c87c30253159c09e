"""The check: probes first, then generated documents, then a smaller example of whatever was found broken."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from commspec.codecs import encode_request
from commspec.codecs.format import Format
from commspec.http.auth import BasicAuth, OAuthToken
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.testing.conformance.findings import Findings, Ledger
from commspec.testing.conformance.judge import Call, Judge, manner_of
from commspec.testing.conformance.probes import Probe, full, plain, probes
from commspec.testing.conformance.promises import PROMISES
from commspec.testing.conformance.target import Answer, Client, Sent, Target, Unreachable, now, with_headers
from commspec.testing.strategies import Faulty, Sample, codes_in, documents, faulty_documents
from commspec.wire.names import LISTS
from commspec.wire.report import DEFAULT_LIMITS

MOST_EXAMPLES = 100_000
_SHRINKING_LOOKS = 300
# What every answer to a valid call shows by itself, in whatever words it was asked.
_SHOWN_BY_ITSELF = frozenset({"accepts-valid", "outcomes", "text-kept", "empty-kept", "offset-kept", "number-kept"})
_MESSAGE = re.compile(r"root\.(\w+)\[(\d+)\]")


def check(
    target: Target,
    *,
    examples: int = 200,
    channels: Iterable[Channel | str] | None = None,
    seed: int | None = None,
    skip: Iterable[str] = (),
    tell: Callable[[str], None] | None = None,
) -> Findings:
    """What a server keeps of its promises: `PROMISES`, but those in `skip`.

    Sends some probes, then `examples` valid and as many faulty documents (0 to 100,000), of the `channels` (None for all) and of both formats; what is
    broken is then looked at once more for its smallest example, at most 300 times for each channel, format and kind. `seed` draws the same examples
    again; None draws others. `tell` is told what is done.

    Raises `Unreachable` where the server never answers (one that stops to answer ends the check, which a note says), and `ValueError` for an option that
    there is not.
    """
    wanted = tuple(Channel) if channels is None else tuple(dict.fromkeys(map(Channel, channels)))
    skipped = frozenset(skip)
    unknown = skipped - {promise.name for promise in PROMISES}
    if unknown:
        raise ValueError(f"no promise {min(unknown)!r}")
    if not 0 <= examples <= MOST_EXAMPLES or not wanted:
        raise ValueError(f"examples are 0 to {MOST_EXAMPLES}, of one channel or more")
    chosen = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    start = now()
    with Client(target) as client:
        run = _Run(client, wanted, chosen, tell or (lambda _: None))
        ended: tuple[str, ...] = ()
        try:
            run.learn()
            run.probe()
            if examples:
                run.draw(examples)
        except Unreachable as error:
            if client.answered is None:
                raise
            ended = (f"the check ended early: {error}",)
        return Findings(target, run.whole.verdicts(skipped), (*run.notes(), *ended), client.calls, now() - start, chosen)


class _Smaller(Exception):
    """A promise is broken by this example: Hypothesis looks for a smaller one."""


class _Run:
    """One check of one server."""

    def __init__(self, client: Client, channels: tuple[Channel, ...], seed: int, tell: Callable[[str], None]) -> None:
        self.whole = self.ledger = Ledger()
        self._client = client
        self._channels = channels
        self._seed = seed
        self._tell = tell
        self._judge = Judge(self.ledger)
        self._fine: dict[tuple[Channel, Format, SendRequest], bool] = {}

    # ---- Calls.

    def _call(self, channel: Channel, body: bytes, format: Format, accept: Format | None = None, **other: Any) -> Call:
        asked = accept or format
        query = other.get("query")
        headers = (("Content-Type", other.get("media_type") or format.media_type), ("Accept", asked.media_type))
        sent = Sent(f"channel={channel}" if query is None else query, with_headers(headers, self._client.target.auth), body)
        return Call(sent, channel, asked)

    def _send(self, call: Call) -> Answer:
        return self._client.send(call.sent)

    # ---- How the server answers.

    def learn(self) -> None:
        """See which fields come back, in which order, before any of that is judged."""
        for channel in self._channels:
            request = SendRequest(full(channel, number) for number in range(4))
            for form in Format:
                call = self._call(channel, encode_request(request, form), form)
                answer = self._send(call)
                response = self._judge.accepted(call, answer, request)
                if response is not None:
                    self._judge.manners[channel, form] = manner_of(request, response)

    def notes(self) -> tuple[str, ...]:
        """What is no promise, and good to know."""
        found = []
        manners = self._judge.manners
        for channel in self._channels:
            of_channel = [manner for (each, _), manner in manners.items() if each is channel]
            if any(not manner.ordered for manner in of_channel):
                found.append(f"{channel}: outcomes stand in another order than the messages")
            if any(manner.prefixed for manner in of_channel):
                found.append(f"{channel}: digits are put before numbers")
            for form in Format:
                manner = manners.get((channel, form))
                if manner is not None and not manner.echoed:
                    found.append(f"{channel}, {form.name}: nothing of a message comes back, so what became of it can't be seen")
        return tuple(found)

    # ---- Probes.

    def probe(self) -> None:
        """Ask what is asked in every check."""
        self._tell("asking what is asked in every check")
        for probe in probes(self._channels):
            self._ask(probe)
        for channel in self._channels:
            self._compare(channel, SendRequest([plain(channel)]))
            self._compare(channel, SendRequest(full(channel, number) for number in range(2)))
        if self._client.target.auth is not None:
            for call, why in self._strangers():
                self._judge.unserved(call, self._send(call), why)

    def _ask(self, probe: Probe) -> None:
        call = self._call(probe.channel, probe.body, probe.format, probe.accept, query=probe.query, media_type=probe.media_type)
        answer = self._send(call)
        if probe.means is not None:
            # What fails in its plainest form too is no fault of the form.
            by_itself = probe.promise in _SHOWN_BY_ITSELF or not self._is_fine(probe.channel, probe.format, probe.means)
            self._judge.accepted(call, answer, probe.means, None if by_itself else probe.promise)
        else:
            self._judge.refused(call, answer, probe.promise, probe.count, probe.faulty, probe.why)
            if probe.secret is not None:
                self._judge.hidden(call, answer, probe.secret)

    def _is_fine(self, channel: Channel, form: Format, request: SendRequest) -> bool:
        """Whether the request is answered as it should be where commspec writes it."""
        key = (channel, form, request)
        if key not in self._fine:
            whole, once = self.ledger, Ledger()
            self._write_in(once)
            call = self._call(channel, encode_request(request, form), form)
            self._judge.accepted(call, self._send(call), request)
            self._write_in(whole)
            self._fine[key] = not once.broken
        return self._fine[key]

    def _compare(self, channel: Channel, request: SendRequest) -> None:
        """Look at whether a request is answered alike in both formats."""
        asked = {form: self._call(channel, encode_request(request, form), form, Format.JSON) for form in Format}
        answers = {form: self._send(call) for form, call in asked.items()}
        in_json, in_xml = (self._judge.read(asked[form], answers[form]) for form in Format)
        if in_json is not None and in_xml is not None:
            self._judge.same(asked[Format.XML], answers[Format.XML], in_json, in_xml)

    def _strangers(self) -> Iterator[tuple[Call, str]]:
        auth = self._client.target.auth
        wrong: list[tuple[str, BasicAuth | OAuthToken | None]] = [("served without a secret", None)]
        if isinstance(auth, BasicAuth):
            wrong.append(("served with a wrong password", BasicAuth(auth.user, auth.password + "x")))
            wrong.append(("served as another user", BasicAuth(auth.user + "x", auth.password)))
        else:
            assert auth is not None
            wrong.append(("served with a wrong token", OAuthToken(auth.token + "x")))
        for channel in self._channels:
            body = encode_request(SendRequest([plain(channel)]))
            for why, other in wrong:
                headers = with_headers((("Content-Type", "application/json"), ("Accept", "application/json")), other)
                yield Call(Sent(f"channel={channel}", headers, body), channel, Format.JSON), why

    # ---- Generated documents.

    def draw(self, examples: int) -> None:
        """Send valid and faulty documents, as many of each; then look for smaller ones of what they showed."""
        places = [(channel, form) for channel in self._channels for form in Format]
        for index, (channel, form) in enumerate(places):
            share = examples // len(places) + (index < examples % len(places))
            if not share:
                continue
            self._tell(f"sending {share} valid and {share} faulty documents for {channel} in {form.name}")
            codes = [code for code in codes_in("request", form) if not code.startswith("limit.")]
            for strategy, look in (
                (documents("request", form, channel=channel), self._look_at_valid),
                (faulty_documents("request", form, channel=channel, codes=codes), self._look_at_faulty),
            ):
                self._run(strategy, look, channel, share)

    def _run(self, strategy: SearchStrategy[Any], look: Callable[[Channel, Any], None], channel: Channel, share: int) -> None:
        before = self.ledger
        drawn = Ledger()
        self._write_in(drawn)
        self._given(strategy, functools.partial(look, channel), share)
        new = drawn.broken - before.broken
        self._write_in(before)
        before.take(drawn)
        if new:
            self._tell("looking for a smaller example")
            self._shrink(strategy, look, channel, share, new)

    def _write_in(self, ledger: Ledger) -> None:
        self.ledger = ledger
        manners = self._judge.manners
        self._judge = Judge(ledger)
        self._judge.manners = manners

    def _shrink(
        self, strategy: SearchStrategy[Any], look: Callable[[Channel, Any], None], channel: Channel, share: int, new: set[str]
    ) -> None:
        whole = self.ledger
        for name in sorted(new):
            looks = 0

            def smaller(example: Any, name: str = name) -> None:
                nonlocal looks
                if looks >= _SHRINKING_LOOKS // len(new):
                    return
                once = Ledger()
                self._write_in(once)
                look(channel, example)
                whole.take_examples(once)
                # Until the first break, this is only what was drawn before.
                looks += bool(looks) or name in once.broken
                if name in once.broken:
                    raise _Smaller

            self._given(strategy, smaller, share)
        self._write_in(whole)

    def _given(self, strategy: SearchStrategy[Any], look: Callable[[Any], None], share: int) -> None:
        def test(example: Any) -> None:
            look(example)

        quiet = settings(
            max_examples=share,
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        try:
            hypothesis.seed(self._seed)(quiet(given(strategy)(test)))()
        except (_Smaller, HypothesisException):
            # The ledger has the smallest example; that the budget made the last ones pass is no news.
            return

    def _look_at_valid(self, channel: Channel, sample: Sample) -> None:
        request = sample.value
        for accept in Format:
            call = self._call(channel, sample.document, sample.format, accept)
            self._judge.accepted(call, self._send(call), request)
        self._compare(channel, request)

    def _look_at_faulty(self, channel: Channel, sample: Faulty) -> None:
        if sample.limits != DEFAULT_LIMITS:
            return
        name = LISTS[channel].message
        places = [_MESSAGE.match(issue.path) for issue in sample.issues]
        faulty = {int(found.group(2)) for found in places if found is not None and found.group(1) == name}
        whole = any(found is None or found.group(1) != name for found in places)
        call = self._call(channel, sample.document, sample.format)
        why = ", ".join(sorted({f"{issue.code} at {issue.path or 'the document'}" for issue in sample.issues}))
        answer = self._send(call)
        response = self._judge.read(call, answer)
        # How many messages a faulty document has, its issues don't say; that each has an outcome is looked at elsewhere.
        count = len(response.outcomes) if response is not None and len(response.outcomes) > max(faulty, default=-1) else 0
        if whole:
            self._judge.refused(call, answer, "refuses-faulty", why=why)
        else:
            self._judge.refused(call, answer, "refuses-faulty", count, faulty, why)
