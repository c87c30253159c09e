"""The conformance check, held against our own stub: sound, it breaks no promise; broken in each of these ways, it is caught.

`HYPOTHESIS_PROFILE=deep` is the whole proof: every fault on every channel with 40 examples, and twenty seeds with 200 on the sound stub.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest
from lxml import etree

pytest.importorskip("hypothesis", reason="needs commspec[testing]")
pytest.importorskip("starlette", reason="needs commspec[stub]")
pytest.importorskip("uvicorn", reason="needs commspec[stub]")

from command_line import invoke

from commspec import (
    BasicAuth,
    Channel,
    Format,
    HttpReply,
    Inspection,
    Issue,
    OAuthToken,
    Outcome,
    SendResponse,
    SmsMessage,
    ZaloReceipt,
    decode_request,
)
from commspec.http import Headers, inspect
from commspec.http.headers import values_of
from commspec.models.messages import message_type
from commspec.models.table import columns_of
from commspec.testing.conformance import PROMISES, Findings, Refused, Sent, Unreachable, check, target_of
from commspec.testing.stub import Desk, create_app, serving
from commspec.testing.stub.app import Application

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
AUTH = BasicAuth("till", "s3cret")
REFUSED = Inspection((), (Issue("type", "", "refused by a fault"),), (), None, None)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Application]]:
    """One server for the module; each test puts its own desk into it."""
    app = create_app()
    with serving(app) as url:
        yield url, app


def examine(
    served: tuple[str, Application], desk: Desk, channels: tuple[str, ...] = ("sms",), examples: int = 0, seed: int = 1
) -> Findings:
    """What the check finds of a server with that desk, which asks for `AUTH`."""
    url, app = served
    app.desk = desk
    return check(target_of(url, auth=AUTH), channels=channels, examples=examples, seed=seed)


# ---- Faults, each a desk that does one thing wrong.


class Broken(Desk):
    """A desk that asks for `AUTH`."""

    def __init__(self) -> None:
        super().__init__(auth=AUTH, seed=1)


FAULTS: dict[str, tuple[type[Broken], str, str]] = {}


def fault(name: str, promise: str, channel: str = "sms") -> Callable[[type[Broken]], type[Broken]]:
    """Enter a desk as a fault that must be seen as this promise broken, on this channel at least."""

    def enter(desk: type[Broken]) -> type[Broken]:
        assert name not in FAULTS
        FAULTS[name] = desk, promise, channel
        return desk

    return enter


def of_body(name: str, promise: str, change: Callable[[bytes], bytes | None], channel: str = "sms") -> None:
    """A fault of reading: the body is changed before it is read, or the call refused (None)."""

    class OfBody(Broken):
        def read(self, query: str, headers: Any, body: bytes) -> Inspection:
            changed = change(body)
            return REFUSED if changed is None else super().read(query, headers, changed)

    fault(name, promise, channel)(OfBody)


def of_query(name: str, promise: str, change: Callable[[str], str | None], channel: str = "sms") -> None:
    """A fault of reading: the query is changed before it is read, or the call refused (None)."""

    class OfQuery(Broken):
        def read(self, query: str, headers: Any, body: bytes) -> Inspection:
            changed = change(query)
            return REFUSED if changed is None else super().read(changed, headers, body)

    fault(name, promise, channel)(OfQuery)


def of_answer(name: str, promise: str, change: Callable[[SendResponse], SendResponse], channel: str = "sms") -> None:
    """A fault of answering: the response is changed before it is written."""

    class OfAnswer(Broken):
        def judge(self, inspection: Inspection, chance: random.Random) -> SendResponse:
            return change(super().judge(inspection, chance))

    fault(name, promise, channel)(OfAnswer)


def of_reply(name: str, promise: str, change: Callable[[HttpReply], HttpReply], channel: str = "sms") -> None:
    """A fault of writing: the reply is changed before it is sent."""

    class OfReply(Broken):
        def write(self, response: SendResponse, format: Format) -> HttpReply:
            return change(super().write(response, format))

    fault(name, promise, channel)(OfReply)


def of_echo(name: str, promise: str, change: Callable[[str, Any], Any], channel: str = "sms") -> None:
    """A fault of echoing: each field's value is changed (by its attribute's name)."""

    def changed(response: SendResponse) -> SendResponse:
        def of_outcome(outcome: Outcome) -> Outcome:
            receipt = outcome.message
            if receipt is None or response.channel is None:
                return outcome
            names = [column.name for column in columns_of(message_type(response.channel)) if column.kind != "files"]
            new: dict[str, Any] = {each: change(each, getattr(receipt, each)) for each in names}
            return attrs.evolve(outcome, message=attrs.evolve(receipt, **new))

        return attrs.evolve(response, outcomes=[of_outcome(outcome) for outcome in response.outcomes])

    of_answer(name, promise, changed, channel)


def of_text(name: str, promise: str, change: Callable[[str], str | None], channel: str = "sms") -> None:
    """A fault of echoing: each text is changed."""
    of_echo(name, promise, lambda _, value: change(value) if isinstance(value, str) else value, channel)


def of_time(name: str, change: Callable[[datetime], datetime]) -> None:
    """A fault of echoing: each time is changed."""
    of_echo(name, "offset-kept", lambda _, value: change(value) if isinstance(value, datetime) else value)


def of_status(name: str, promise: str, **fields: Callable[[Any], Any]) -> None:
    """A fault of the status of calls that were not refused whole."""

    def changed(response: SendResponse) -> SendResponse:
        if response.status is None or not response.outcomes:
            return response
        new: dict[str, Any] = {field: change(getattr(response.status, field)) for field, change in fields.items()}
        return attrs.evolve(response, status=attrs.evolve(response.status, **new))

    of_answer(name, promise, changed)


# The answer as a whole.
of_status("wrong count", "counts", count=lambda count: count + 1)
of_status("count of the good ones", "counts", success_count=lambda _: 0)
of_status("200 for partial failure", "codes", code=lambda code: 200 if code == 201 else code)
of_status("201 for no failure", "codes", code=lambda code: 201 if code == 200 else code)
of_status("code as a word", "documented-types", code=lambda code: "OK" if code == 200 else code)
of_answer("second message dropped", "outcomes", lambda response: attrs.evolve(response, outcomes=response.outcomes[:1]))
of_answer("an outcome too many", "outcomes", lambda response: attrs.evolve(response, outcomes=response.outcomes + response.outcomes[:1]))


def rotated(response: SendResponse) -> SendResponse:
    """The errors of each message on the next."""
    outcomes = response.outcomes
    return attrs.evolve(
        response, outcomes=[attrs.evolve(outcome, errors=outcomes[index - 1].errors) for index, outcome in enumerate(outcomes)]
    )


def forgiven(response: SendResponse) -> SendResponse:
    """No errors at all."""
    outcomes = [attrs.evolve(outcome, errors=()) for outcome in response.outcomes]
    if not outcomes or response.status is None:
        return response
    return attrs.evolve(
        response, outcomes=outcomes, status=attrs.evolve(response.status, code=200, success=True, success_count=len(outcomes))
    )


of_answer("errors on the wrong item", "blames-the-right-message", rotated)
of_answer("nothing is checked", "refuses-faulty", forgiven)


def typed(reply: HttpReply, media_type: str) -> HttpReply:
    """The reply under another Content-Type."""
    return attrs.evolve(reply, headers=Headers({**reply.headers, "Content-Type": media_type}))


of_reply("wrong content type", "format-asked", lambda reply: typed(reply, "application/json"))
of_reply("text/plain for all", "format-asked", lambda reply: typed(reply, "text/plain"))
of_reply(
    "an error page", "answers", lambda reply: attrs.evolve(typed(reply, "text/html"), content=b"<html>") if reply.status == 400 else reply
)
of_reply("no status", "answers", lambda reply: attrs.evolve(reply, content=re.sub(rb'"status":', b'"state":', reply.content, count=1)))
of_reply("an answer cut short", "answers", lambda reply: attrs.evolve(reply, content=reply.content[:-1]))
of_reply(
    "numbers as integers",
    "documented-types",
    lambda reply: attrs.evolve(reply, content=re.sub(rb'"(to|receiver)":"([1-9]\d+)"', rb'"\1":\2', reply.content)),
)


@fault("always JSON", "format-asked")
class AlwaysJson(Broken):
    """Answers in JSON, whatever is asked for."""

    def format_for(self, headers: Any, body: Format | None) -> Format:
        """JSON."""
        return Format.JSON


@fault("the body's format", "format-asked")
class BodysFormat(Broken):
    """Answers in the format of the body, whatever is asked for."""

    def format_for(self, headers: Any, body: Format | None) -> Format:
        """As the body."""
        return body or Format.JSON


# Texts, times and numbers.
of_text("CR lost", "text-kept", lambda text: text.replace("\r\n", "\n").replace("\r", "\n"))
of_text("white space stripped", "text-kept", str.strip)
of_text("only the basic plane", "text-kept", lambda text: re.sub("[\U00010000-\U0010ffff]", "?", text))
of_text("markup taken out", "text-kept", lambda text: re.sub("<[^>]*>", "", text), "whatsapp")
of_text("text cut at 160", "text-kept", lambda text: text[:160])
of_text("text cut at 500", "text-kept", lambda text: text[:500], "email")
of_text("text cut at 1,600", "text-kept", lambda text: text[:1600], "whatsapp")
of_text("text cut at 2,000 bytes", "text-kept", lambda text: text.encode()[:2000].decode(errors="ignore"), "zalo")
of_text("null for the text null", "text-kept", lambda text: None if text == "null" else text)
of_text("empty to null", "empty-kept", lambda text: text or None)
of_echo("null to empty", "empty-kept", lambda name, value: "" if value is None and name == "sender" else value)
of_time("offset dropped", lambda moment: moment.replace(tzinfo=None))
of_time("times converted to UTC", lambda moment: moment.astimezone(timezone.utc))
of_time("microseconds dropped", lambda moment: moment.replace(microsecond=0))
of_text("leading + lost", "number-kept", lambda text: text.removeprefix("+"))
of_text("leading zeros lost", "number-kept", lambda text: text.lstrip("0"))


def in_capitals(outcome: Outcome) -> Outcome:
    """The outcome with its text in capitals."""
    assert isinstance(outcome.message, ZaloReceipt)
    return attrs.evolve(outcome, message=attrs.evolve(outcome.message, template=f"{outcome.message.template}!".upper()))


@fault("XML in capitals", "formats-agree", "zalo")
class Capitals(Broken):
    """What came in XML is echoed in capitals."""

    def judge(self, inspection: Inspection, chance: random.Random) -> SendResponse:
        """In capitals."""
        response = super().judge(inspection, chance)
        if inspection.format is not Format.XML or not response.outcomes:
            return response
        return attrs.evolve(response, outcomes=[in_capitals(outcome) for outcome in response.outcomes])


# Reading JSON and XML.
def json_only(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    """A change of the members of a JSON document, which are all that Python's own parser keeps."""

    def changed(body: bytes) -> bytes:
        try:
            return json.dumps(change(json.loads(body))).encode()
        except (ValueError, RecursionError):
            return body

    return changed


def each_message(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Any], Any]:
    """A change of each message of a JSON document."""

    def changed(tree: Any) -> Any:
        root = tree.get("root") if isinstance(tree, dict) else None
        if not isinstance(root, dict):
            return tree
        for name, messages in root.items():
            if isinstance(messages, list):
                root[name] = [change(message) if isinstance(message, dict) else message for message in messages]
        return tree

    return changed


KNOWN = {spelling for channel in Channel for column in columns_of(message_type(channel)) for spelling in (column.json, column.xml)}
DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\])?>", re.DOTALL)


def expanded(body: bytes) -> bytes:
    """The document with its entities put in."""
    declared = dict(re.findall(rb'<!ENTITY (\w+) "([^"]*)">', body))
    return re.sub(rb"&(e);", lambda found: declared.get(found.group(1), found.group()), DOCTYPE.sub(b"", body))


def ordered_only(names: list[str], order: list[str]) -> bool:
    """Whether the names come in the order of the table."""
    places = [order.index(name) for name in names if name in order]
    return places == sorted(places)


@fault("order-dependent parsing", "order-free")
class OrderDependent(Broken):
    """Reads fields in the documented order only."""

    def read(self, query: str, headers: Any, body: bytes) -> Inspection:
        """Refused where the order is another."""
        inspection = super().read(query, headers, body)
        for received in inspection.messages:
            for spelling in ("json", "xml"):
                order = [getattr(column, spelling) for column in columns_of(message_type(received.channel))]
                if not ordered_only(list(received.fields), order):
                    return REFUSED
        return inspection


of_body("the last of duplicates wins", "duplicates-refused", json_only(lambda tree: tree))
of_body(
    "unknown accepted",
    "unknown-refused",
    json_only(each_message(lambda message: {name: value for name, value in message.items() if name in KNOWN})),
)
of_body("attributes ignored", "unknown-refused", lambda body: re.sub(rb'(<\w+) x="1"', rb"\1", body))
of_body("numbers accepted", "types-refused", lambda body: re.sub(rb'"(to|receiver)": ?(\d+)', rb'"\1": "\2"', body))
of_body("null refused", "null-is-absent", lambda body: None if b"null" in body and b'"null"' not in body else body)
of_body("null as a text", "null-is-absent", lambda body: body.replace(b": null", b': "919876500001"'))
of_body("DOCTYPE accepted", "doctype-refused", lambda body: DOCTYPE.sub(b"", body))
of_body("XML entities expanded", "entities-not-expanded", expanded)
of_body("comment cuts text", "markup-read", lambda body: re.sub(rb"<!--x-->[^<]*", b"", body))
of_body("comments kept", "markup-read", lambda body: body.replace(b"<!--x-->", b"x"))
of_body("CDATA lost", "markup-read", lambda body: re.sub(rb"<!\[CDATA\[.*?\]\]>", b"", body))
of_body("BOM refused", "encodings", lambda body: None if body.startswith(b"\xef\xbb\xbf") else body)
of_body("UTF-16 refused", "encodings", lambda body: None if body[:2] in (b"\xff\xfe", b"\xfe\xff") else body)
of_body("declared encoding ignored", "encodings", lambda body: re.sub(rb"<\?xml[^>]*\?>", b"", body).decode("utf-8", "replace").encode())
of_body("bad bytes replaced", "encodings", lambda body: body if body[:1] not in (b"{", b"\n") else body.decode("utf-8", "replace").encode())
of_body("first list only", "one-list", json_only(lambda tree: {"root": dict(list(tree["root"].items())[:1])} if "root" in tree else tree))
of_body(
    "attachment dropped",
    "attachments-checked",
    json_only(each_message(lambda message: {name: value for name, value in message.items() if name != "attachments"})),
    "email",
)
of_body("attachments of XML dropped", "attachments-checked", lambda body: re.sub(rb"<attachments>.*?</attachments>", b"", body), "email")
of_body(
    "messages after the first dropped",
    "outcomes",
    json_only(lambda tree: {"root": {name: value[:1] for name, value in tree["root"].items()}} if "root" in tree else tree),
)
of_body("root of any name", "unknown-refused", lambda body: body.replace(b"Root>", b"root>"))

# The address, the headers, and who asks.
of_query("channel case-sensitive", "channel-case", lambda query: query if query == query.lower() else None)
of_query("default channel missing", "channel-default", lambda query: query or None)
of_query("another default channel", "channel-default", lambda query: query or "channel=email", "email")
of_query(
    "unknown channel is sms", "channel-unknown-refused", lambda query: "channel=sms" if query in ("channel=fax", "channel=") else query
)
of_query("channel ignored", "channel-wrong-refused", lambda _: "channel=sms")


@fault("auth not checked", "auth-required")
class NoAuth(Broken):
    """Serves anyone."""

    def admits(self, headers: Any) -> bool:
        """Yes."""
        return True


@fault("any password", "auth-required")
class AnyPassword(Broken):
    """Serves anyone who has a secret."""

    def admits(self, headers: Any) -> bool:
        """Whether there is one."""
        return bool(values_of(headers, "Authorization"))


@fault("text/xml refused", "media-types")
class NoTextXml(Broken):
    """Knows one media type of XML."""

    def read(self, query: str, headers: Any, body: bytes) -> Inspection:
        """Refused for the other."""
        return REFUSED if values_of(headers, "Content-Type") == ["text/xml"] else super().read(query, headers, body)


@fault("parameters refused", "media-types")
class NoParameters(Broken):
    """Knows media types without parameters."""

    def read(self, query: str, headers: Any, body: bytes) -> Inspection:
        """Refused with them."""
        return REFUSED if ";" in values_of(headers, "Content-Type")[0] else super().read(query, headers, body)


@fault("tolerant", "unknown-refused")
class Tolerant(Broken):
    """Reads what only tolerant readers read."""

    def read(self, query: str, headers: Any, body: bytes) -> Inspection:
        """Tolerantly."""
        return inspect("?" + query, headers, body, tolerant=True)


@fault("hangs up on faults", "answers")
class HangsUp(Broken):
    """Closes the connection where a call is at fault."""

    def take(self, query: str, headers: Any, body: bytes) -> tuple[HttpReply | None, float]:
        """Nothing, where it is."""
        reply, delay = super().take(query, headers, body)
        return (reply if (reply is not None and reply.status in (200, 401)) or random.Random(body).random() < 0.5 else None), delay


@fault("redirects", "answers")
class Redirects(Broken):
    """Sends callers elsewhere."""

    def write(self, response: SendResponse, format: Format) -> HttpReply:
        """Elsewhere."""
        return attrs.evolve(super().write(response, format), status=307)


# ---- The proof.


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_caught(served: tuple[str, Application], name: str) -> None:
    """Each way of being broken is seen as the promise that it breaks."""
    desk, promise, channel = FAULTS[name]
    channels, examples = (tuple(Channel), 40) if DEEP else ((channel,), 0)
    findings = examine(served, desk(), channels, examples)
    assert promise in {verdict.promise.name for verdict in findings.broken}, findings.text()


@pytest.mark.parametrize("seed", range(20 if DEEP else 1))
@pytest.mark.parametrize("options", [{}, {"country_code": "91", "reorder": True}], ids=["plain", "with habits"])
def test_a_sound_server_breaks_no_promise(served: tuple[str, Application], options: dict[str, Any], seed: int) -> None:
    """There is no false alarm, whatever the seed, and none for the real server's habits, which are notes."""
    findings = examine(served, Desk(auth=AUTH, seed=seed, **options), tuple(Channel), 200 if DEEP else 8, seed)
    assert findings.ok, findings.text()
    assert {verdict.word for verdict in findings.verdicts} == {"kept"}
    assert bool(findings.notes) == bool(options)


def test_every_promise_has_a_fault() -> None:
    """No promise is there that no fault shows to be looked at, but `accepts-valid`, which any of them breaks."""
    assert {promise.name for promise in PROMISES} - {promise for _, promise, _ in FAULTS.values()} == {"accepts-valid"}


def test_a_generated_fault_is_shown_small(served: tuple[str, Application]) -> None:
    """What only generated documents show is shown by a document as small as can be: one message, one text, one character of it."""
    of_text("some scripts lost", "text-kept", lambda text: re.sub("[\u0100-\u02ff\u0370-\u05cf\u3000-\ud7ff]", "", text))
    desk, _, _ = FAULTS.pop("some scripts lost")
    assert examine(served, desk()).ok
    findings = examine(served, desk(), examples=40)
    (verdict,) = findings.broken
    assert verdict.promise.name == "text-kept"
    assert verdict.example is not None
    (message,) = decode_request(verdict.example.sent.body)
    assert isinstance(message, SmsMessage)
    assert (len(message.body), len(message.sender or "")) in ((1, 0), (1, 1))
    assert message.scheduled_time is None


def test_a_server_that_echoes_nothing_is_not_blamed(served: tuple[str, Application]) -> None:
    """Any field of an answer may be absent: what can't be seen is said not to be seen, and is no fault."""

    class Silent(Broken):
        def judge(self, inspection: Inspection, chance: random.Random) -> SendResponse:
            response = super().judge(inspection, chance)
            outcomes = [attrs.evolve(outcome, message=None) for outcome in response.outcomes]
            return attrs.evolve(response, outcomes=outcomes, channel=response.channel)

    findings = examine(served, Silent(), ("sms", "email"), 4)
    assert findings.ok, findings.text()
    assert {verdict.promise.name for verdict in findings.verdicts if verdict.word == "not seen"} == {
        *("text-kept", "empty-kept", "offset-kept", "number-kept")
    } or all(verdict.word == "kept" for verdict in findings.verdicts if not verdict.promise.name.endswith("-kept"))
    assert len(findings.notes) == 4


# ---- Which servers are checked.


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://eu.api.capillarytech.com",
            "https://EU.API.CapillaryTech.COM",
            "https://capillarytech.com.",
            "http://capillarytech.com:8000/x",
        ),
        *(
            "https://127.0.0.1@eu.api.capillarytech.com",
            "https://eu.api.capillarytech.com..",
            "https://ｃapillarytech.com",
            "https://capillarytech。com",
        ),
        *(
            "https://a.b.c.capillarytech.com:443/v1.1",
            "HTTPS://apac2.api.capillarytech.com?x=1",
            "https://eu.api.capillarytech.com%2f@127.0.0.1",
        ),
        *("https://eu.api.capillarytech.com\\@127.0.0.1", "https://127.0.0.1\t.capillarytech.com", "https://%65u.api.capillarytech.com"),
    ],
)
def test_the_vendor_is_never_called(url: str) -> None:
    """No spelling of the vendor's hosts is taken, not even with the user's word."""
    with pytest.raises(Refused):
        target_of(url, owned=True)


@pytest.mark.parametrize(
    "url", ["http://capillarytech.com.example.org", "http://notcapillarytech.com", "http://127.0.0.1/capillarytech.com"]
)
def test_hosts_that_only_look_like_the_vendors(url: str) -> None:
    """A host that has the vendor's name elsewhere in its own is someone else's."""
    assert target_of(url, owned=True).url.startswith("http://")


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1", "http://example.org", "http://0.0.0.0:8000", "http://[2001:db8::1]", "http://localhost.example.org"]
)
def test_other_machines_need_the_users_word(url: str) -> None:
    """A server elsewhere is checked only where the user says that it is theirs."""
    with pytest.raises(Refused, match="is not this machine"):
        target_of(url)
    assert target_of(url, owned=True).auth is None


def test_an_alias_of_the_vendors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is but another for the vendor's is refused as the vendor's."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "EU.api.capillarytech.com.", ("192.0.2.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Refused, match="vendor"):
        target_of("https://messages.example.org", owned=True)


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1.1/communications/sendMessage"),
        ("http://localhost/", "http://localhost:80/v1.1/communications/sendMessage"),
        ("http://[::1]:8000/messages", "http://[::1]:8000/messages"),
    ],
)
def test_the_calls_path_is_put_after_the_address(url: str, called: str) -> None:
    """Without a path, the documented one is called; another is taken as it stands."""
    assert target_of(url).url == called


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:x",
        "http://127.0.0.1?a=b",
        "http://u:p@127.0.0.1",
        "http://127.0.0.1:0",
    ],
)
def test_no_address(url: str) -> None:
    """What is no plain address is refused."""
    with pytest.raises(Refused):
        target_of(url)


def test_a_secret_does_not_go_over_a_network_in_the_clear() -> None:
    """With a secret, only https leaves this machine."""
    with pytest.raises(Refused, match="in the clear"):
        target_of("http://192.0.2.1", auth=AUTH, owned=True)


# ---- Deadlines and bounds.


def answering(answer: Callable[[socket.socket], None]) -> tuple[socket.socket, threading.Thread]:
    """A server that takes one connection after the other, and what it does with each."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                answer(connection)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return listener, thread


def drip(connection: socket.socket, whole: list[None]) -> None:
    """One byte of a long header after the other, and then the rest of an answer; `whole` grows where somebody has waited for it."""
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            time.sleep(0.02)
            connection.sendall(b"x")
        connection.sendall(b"\r\nContent-Length: 0\r\n\r\n")
        whole.append(None)


def hang(connection: socket.socket, whole: list[None]) -> None:
    """Nothing, for longer than anyone waits."""
    connection.recv(1)
    time.sleep(0.6)


def close(connection: socket.socket, whole: list[None]) -> None:
    """Nothing, at once: the connection is closed."""


def close_after_reading(connection: socket.socket, whole: list[None]) -> None:
    """Nothing, once the call has begun to come."""
    connection.recv(65536)


def garble(connection: socket.socket, whole: list[None]) -> None:
    """What is no HTTP."""
    connection.recv(65536)
    connection.sendall(b"220 ready\r\n")


@pytest.mark.parametrize("answer", [drip, hang, close, close_after_reading, garble])
def test_a_server_that_never_answers_is_left(answer: Callable[[socket.socket, list[None]], None]) -> None:
    """Every call has a deadline, however the bytes come, or don't; after five without a whole answer the check ends."""
    whole: list[None] = []
    listener, thread = answering(lambda connection: answer(connection, whole))
    target = target_of(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_seconds=0.2)
    with pytest.raises(Unreachable, match="5 calls without an answer"):
        check(target, examples=0)
    assert not whole
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_server_that_stops_is_reported(served: tuple[str, Application]) -> None:
    """Of a server that answers no more, all is reported that was seen before, and the call that it did not survive."""
    url, app = served

    class Stuck(Broken):
        def take(self, query: str, headers: Any, body: bytes) -> tuple[HttpReply | None, float]:
            reply, delay = super().take(query, headers, body)
            return reply, 1.0 if self.count > 20 else delay

    app.desk = Stuck()
    findings = check(target_of(url, auth=AUTH, timeout_seconds=0.1), channels=["sms"], seed=1)
    assert [verdict.promise.name for verdict in findings.broken] == ["answers"]
    assert findings.notes[-1].startswith("the check ended early: ")
    assert findings.calls == 25


def test_a_server_that_begins_to_close_is_left(served: tuple[str, Application]) -> None:
    """A server that answered and then closes every connection is left after five calls, and one that it answered before."""
    url, app = served

    class Gone(Broken):
        def take(self, query: str, headers: Any, body: bytes) -> tuple[HttpReply | None, float]:
            reply, delay = super().take(query, headers, body)
            return None if self.count > 20 else reply, delay

    app.desk = Gone()
    findings = check(target_of(url, auth=AUTH), channels=["sms"], seed=1)
    assert [verdict.promise.name for verdict in findings.broken] == ["answers"]
    assert findings.notes[-1].endswith("5 calls without an answer, the last: the server closed the connection without an answer")
    assert findings.calls == 26


@pytest.mark.parametrize("closed", [(0, 1, 2, 3), (0, 1)], ids=["all", "half"])
def test_a_server_that_closes_on_some_calls_is_checked_to_the_end(served: tuple[str, Application], closed: tuple[int, ...]) -> None:
    """A server that closes the connection on faulty calls, all of them or some, is asked everything all the same."""

    class Closing(Broken):
        def admits(self, headers: Any) -> bool:
            return True

        def take(self, query: str, headers: Any, body: bytes) -> tuple[HttpReply | None, float]:
            reply, delay = super().take(query, headers, body)
            assert reply is not None
            return None if reply.status != 200 and self.count % 4 in closed else reply, delay

    findings = examine(served, Closing())
    # Whether strangers are served is asked last.
    assert [verdict.promise.name for verdict in findings.broken] == ["answers", "auth-required"]
    assert not findings.notes


def test_nobody_is_there() -> None:
    """A server that is not there is said so, at once."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="no connection: Connection refused"):
        check(target_of(f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize("options", [{"examples": -1}, {"examples": 100_001}, {"channels": []}, {"channels": ["fax"]}, {"skip": ["none"]}])
def test_options_that_there_are_not(options: dict[str, Any]) -> None:
    """Options out of their range are a `ValueError`."""
    with pytest.raises(ValueError, match=r"no |examples"):
        check(target_of("http://127.0.0.1:9"), **options)


# ---- Reports.


@pytest.mark.skipif(shutil.which("curl") is None or sys.platform == "win32", reason="no curl to try the lines with")
@pytest.mark.parametrize("body", [b'{"a": "it\'s"}', "<é>%\\%s\r\n".encode("utf-16"), b"@/etc/hostname", b"", b"'$(touch x)`\x00\x1b[31m"])
def test_the_curl_line_sends_what_was_sent(served: tuple[str, Application], body: bytes) -> None:
    """The curl line sends the very call again, byte for byte; the secret comes from the environment, and nothing unprintable is in it."""
    url, app = served
    app.desk = desk = Desk()
    name, value = AUTH.header()
    sent = Sent("channel=sms", (("Content-Type", "application/json"), (name, value)), body)
    line = target_of(url, auth=AUTH).curl(sent)
    assert line.isascii()
    assert line.isprintable()
    assert value not in line
    subprocess.run(["sh", "-c", line], check=True, capture_output=True, env={**os.environ, "COMMSPEC_AUTHORIZATION": value})
    (call,) = desk.received
    assert (call.document, call.query, dict(call.headers)["content-type"]) == (body, "channel=sms", "application/json")


def test_command(served: tuple[str, Application], tmp_path: Path) -> None:
    """`commspec conform` prints a table and each broken promise with its example, writes JUnit XML, and ends with 1."""
    url, app = served
    desk, _, _ = FAULTS["CR lost"]
    app.desk = desk()
    ran = invoke(
        *("conform", url, "--examples", "0", "--channel", "SMS", "--auth", "till:s3cret", "--seed", "3"), "--junit", str(tmp_path / "j.xml")
    )
    text = ran.out.decode()
    assert (ran.status, ran.err) == (1, "commspec: asking what is asked in every check\n")
    assert "\nbroken    text-kept" in text
    assert r"text-kept: message 0: body '\r\n x \t\n' came back as '\n x \t\n'" in text
    assert "curl -sS 'http://127.0.0.1:" in text
    assert "s3cret" not in text
    suite = etree.parse(str(tmp_path / "j.xml")).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("31", "1")
    (failure,) = suite.iter("failure")
    assert "curl -sS" in (failure.text or "")


@pytest.mark.parametrize("name", ["missing/j.xml", ".", ""])
def test_a_report_that_cannot_be_written_costs_no_call(
    served: tuple[str, Application], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Where the JUnit file can't be written, that is one line and exit status 2, before the first call."""
    url, app = served
    app.desk = Desk()
    monkeypatch.chdir(tmp_path)
    ran = invoke("conform", url, "--junit", name)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, b"", 1)
    assert ran.err.startswith("commspec: ")
    assert app.desk.count == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux's")
@pytest.mark.parametrize("report", ["text", "json"])
def test_a_report_that_is_not_written_after_all(served: tuple[str, Application], report: str) -> None:
    """Where writing the JUnit file fails after the check, what was found is printed, and exit status 2 wins over 1."""
    url, app = served
    app.desk = FAULTS["CR lost"][0]()
    arguments = ("--examples", "0", "--channel", "sms", "--auth", "till:s3cret", "--report", report)
    ran = invoke("conform", url, *arguments, "--junit", "/dev/full")
    assert (ran.status, ran.err.splitlines()[-1]) == (2, "commspec: /dev/full: no space left on device")
    assert b"text-kept" in ran.out
    assert json.loads(ran.out)["ok"] is False if report == "json" else b"1 of 31 promises broken" in ran.out


def test_command_for_programs(served: tuple[str, Application]) -> None:
    """With `--report json`, one object says it all; what is skipped is left out."""
    url, app = served
    app.desk = FAULTS["CR lost"][0]()
    ran = invoke(
        *("conform", url, "--examples", "0", "--channel", "sms", "--auth", "till:s3cret", "--skip", "text-kept", "--report", "json")
    )
    found = json.loads(ran.out)
    assert (ran.status, found["ok"], len(found["promises"])) == (0, True, 30)
    assert [promise["name"] for promise in found["promises"] if promise["verdict"] != "kept"] == ["attachments-checked"]


def test_command_with_a_token(served: tuple[str, Application]) -> None:
    """A token works as a password does."""
    url, app = served
    app.desk = Desk(auth=OAuthToken("tok3n"))
    assert invoke("conform", url, "--examples", "4", "--channel", "zalo", "--token", "tok3n").status == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--auth", "x"), "invalid value for '--auth': expected user:password"),
        (("--auth", "u:p", "--token", "t"), "--auth and --token are one or the other"),
        (("--skip", "count"), "invalid value for '--skip': no promise 'count'; did you mean 'counts'?"),
        (("--timeout", "0"), "invalid value for '--timeout': the timeout is more than 0 and up to 600 seconds"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], says: str) -> None:
    """Wrong usage is one line, and exit status 2."""
    ran = invoke("conform", "http://127.0.0.1", *arguments)
    assert ran == (2, b"", f"commspec conform: {says}\nTry 'commspec conform --help'.\n")


def test_command_refuses_the_vendor() -> None:
    """The vendor's hosts are refused in one line, with exit status 2."""
    says = "commspec: eu.api.capillarytech.com is the vendor's: generated messages would go out to real people\n"
    assert invoke("conform", "https://eu.api.capillarytech.com", "--i-own-this-server") == (2, b"", says)


def test_without_the_extra() -> None:
    """Where Hypothesis is not installed, one line says how to get it."""
    code = (
        "import sys; sys.modules['hypothesis'] = None\nfrom commspec.cli import run\n"
        "print(run(['conform', 'http://127.0.0.1'], None, sys.stdout, sys.stdout))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "commspec: the conformance check needs the package hypothesis: pip install 'commspec[testing]'\n2\n"
