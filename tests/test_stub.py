"""The stub server, called over loopback: it answers as the specification says, remembers what came, and shows it without running it."""

from __future__ import annotations

import http.client
import json
import logging
import math
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

pytest.importorskip("starlette", reason="needs commspec[stub]")
pytest.importorskip("uvicorn", reason="needs commspec[stub]")

from command_line import invoke

from commspec import (
    Attachment,
    BasicAuth,
    EmailMessage,
    Format,
    HttpReply,
    Inspection,
    Limits,
    OAuthToken,
    Outcome,
    SendRequest,
    SendResponse,
    SmsMessage,
    SmsReceipt,
    Status,
    StatusDetail,
    WhatsAppMessage,
    ZaloMessage,
    decode_response,
    encode_request,
    encode_response,
    match,
)
from commspec.http import Headers
from commspec.testing.stub import Desk, create_app, serving
from commspec.testing.stub.app import Application
from commspec.wire.names import PATH

MOMENT = "2024-02-22T00:25:06+05:30"
ONE, TWO = SmsMessage("919876500001", "One\r\n"), SmsMessage("+447700900123", "Two <b>&amp;</b>")
REQUESTS = [
    SendRequest([ONE, TWO]),
    SendRequest(
        [EmailMessage(to="a@example.com", from_="b@example.com", subject="S", body="", attachments=[Attachment.from_bytes(b"x", "x.png")])]
    ),
    SendRequest([WhatsAppMessage("919876500001", "Hi")]),
    SendRequest([ZaloMessage("919876500001", "Hi")]),
]
HALF_BAD = b'{"root":{"sms":[{"to":"919876500001","body":"One"},{"to":"12","body":"Two"}]}}'


class Answered(NamedTuple):
    """What the stub answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def response(self) -> SendResponse:
        """The body, read."""
        return decode_response(self.body)


@contextmanager
def stub(**options: Any) -> Iterator[tuple[str, Application]]:
    """A stub that is served: its address and its application."""
    app = create_app(**options)
    with serving(app) as url:
        yield url, app


def ask(url: str, method: str, path: str, body: Any = None, **headers: str) -> Answered:
    """One call of any kind; `_` in a header's name stands for `-`."""
    with closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answered(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())


def send(url: str, body: bytes, query: str = "?channel=sms", **headers: str) -> Answered:
    """The call, with a JSON body unless `Content_Type` says otherwise."""
    return ask(url, "POST", PATH + query, body, **{"Content_Type": "application/json", **headers})


@pytest.fixture(scope="module")
def plain() -> Iterator[tuple[str, Application]]:
    """A stub without any habits, one for the module."""
    with stub() as served:
        yield served


# ---- The call.


@pytest.mark.parametrize("accept", Format)
@pytest.mark.parametrize("body", Format)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: str(request.channel))
def test_every_channel_in_both_formats(plain: tuple[str, Application], request_: SendRequest, body: Format, accept: Format) -> None:
    """A valid request of any channel, in either format, is accepted, and answered in the format asked for."""
    document = encode_request(request_, body)
    answer = send(plain[0], document, f"?channel={request_.channel}", Content_Type=body.media_type, Accept=accept.media_type)
    assert (answer.status, answer.headers["content-type"]) == (200, accept.media_type)
    assert answer.body.startswith(b"{" if accept is Format.JSON else b"<")
    assert answer.response.ok
    assert match(request_, answer.response).sure


@pytest.mark.parametrize("query", ["", "?channel=SMS", "?channel=Sms"])
def test_channel_in_any_letter_case_or_absent(plain: tuple[str, Application], query: str) -> None:
    """The channel is read in any letter case, and is sms where it is absent."""
    assert send(plain[0], encode_request(REQUESTS[0]), query).status == 200


@pytest.mark.parametrize(("query", "code"), [("?channel=fax", 4218), ("?channel=email", 400), ("?channel=sms&channel=sms", 4218)])
def test_wrong_channel_is_refused(plain: tuple[str, Application], query: str, code: int) -> None:
    """An unknown channel, another than the body's, and two of them are refused with 400 and the vendor's code."""
    answer = send(plain[0], encode_request(REQUESTS[0]), query)
    status = answer.response.status
    assert answer.status == 400
    assert status is not None
    assert status.code == code


def test_without_accept_the_answer_has_the_bodys_format(plain: tuple[str, Application]) -> None:
    """Without `Accept`, the answer is in the format of the body."""
    assert send(plain[0], encode_request(REQUESTS[0], "xml"), Content_Type="text/xml").headers["content-type"] == "application/xml"


def test_some_messages_fail(plain: tuple[str, Application]) -> None:
    """A faulty message gets its errors and is echoed as it came, and the good one beside it is accepted: 201, two of them, one success."""
    answer = send(plain[0], HALF_BAD)
    response = answer.response
    assert answer.status == 201
    assert response.status is not None
    assert (response.status.code, response.status.count, response.status.success_count) == (201, 2, 1)
    assert not response.outcomes[0].errors
    (error,) = response.outcomes[1].errors
    assert isinstance(error, StatusDetail)
    assert error.code == 8056
    assert isinstance(response.outcomes[1].message, SmsReceipt)
    assert response.outcomes[1].message.to == "12"


def test_all_messages_fail(plain: tuple[str, Application]) -> None:
    """Where every message is faulty, the answer is 500 with errors for each."""
    answer = send(plain[0], b'{"root":{"sms":[{"to":"12","body":"Two"},{"to":"919876500001"}]}}')
    assert answer.status == 500
    assert all(outcome.errors for outcome in answer.response.outcomes)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"root":{"sms":[]}}', b'<!DOCTYPE r [<!ENTITY a "b">]><root/>', b"\xff\xff"])
def test_a_malformed_call_is_refused(plain: tuple[str, Application], body: bytes) -> None:
    """What is no request at all gets 400 and no outcomes."""
    answer = send(plain[0], body, Content_Type="application/xml" if body.startswith(b"<") else "application/json")
    assert answer.status == 400
    assert not answer.response.outcomes


@pytest.mark.parametrize(("method", "path", "status"), [("GET", PATH, 405), ("POST", "/other", 404), ("POST", "/received", 405)])
def test_other_methods_and_paths(plain: tuple[str, Application], method: str, path: str, status: int) -> None:
    """Another method or path is what HTTP says it is."""
    assert ask(plain[0], method, path).status == status


# ---- Authentication.


@pytest.mark.parametrize("auth", [BasicAuth("till", "s3cret:ü"), OAuthToken("tok3n")])
def test_authentication(auth: BasicAuth | OAuthToken) -> None:
    """Whoever has one of the secrets is answered; nobody, and someone with another secret, gets 401 and leaves no message."""
    with stub(auth=[BasicAuth("till", "s3cret:ü"), OAuthToken("tok3n")]) as (url, app):
        name, value = auth.header()
        assert send(url, encode_request(REQUESTS[0]), **{name: value}).status == 200
        for headers in ({}, {name: value[:-1] + "x"}, {"Authorization": "Basic dGlsbDpzM2NyZXQ="}):
            refused = send(url, encode_request(REQUESTS[0]), Accept="application/xml", **headers)
            assert (refused.status, refused.headers["content-type"]) == (401, "application/xml")
            assert refused.headers["www-authenticate"].startswith("Basic")
        assert [call.request is None for call in app.desk.received] == [False, True, True, True]


def test_no_secret_is_shown_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither `/received`, nor a call's repr, nor a log holds a secret."""
    caplog.set_level(logging.DEBUG)
    secrets = BasicAuth("till", "s3cret"), OAuthToken("tok3n")
    with stub(auth=secrets) as (url, app):
        for name, value in [auth.header() for auth in secrets] + [("Cookie", "id=s3cret-cookie")]:
            send(url, encode_request(REQUESTS[0]), **{name: value})
        shown = ask(url, "GET", "/received").body.decode() + repr(app.desk.received) + caplog.text
    for secret in ("s3cret", "tok3n", secrets[0].header()[1].removeprefix("Basic ")):
        assert secret not in shown


# ---- Habits.


def test_country_code_is_put_before_numbers() -> None:
    """With a country code, echoed numbers have it before them; `match` still tells whose they are."""
    with stub(country_code="91") as (url, _):
        response = send(url, encode_request(REQUESTS[0])).response
        assert [getattr(outcome.message, "to", None) for outcome in response.outcomes] == ["91919876500001", "91447700900123"]
        assert match(REQUESTS[0], response).sure
        email = send(url, encode_request(REQUESTS[1]), "?channel=email").response
        assert getattr(email.outcomes[0].message, "to", None) == "a@example.com"


def test_outcomes_in_another_order() -> None:
    """With `reorder`, outcomes never stand in the order of their messages, and errors stay with their own."""
    with stub(reorder=True) as (url, _):
        for _ in range(10):
            response = send(url, HALF_BAD).response
            assert [bool(outcome.errors) for outcome in response.outcomes] == [True, False]


def test_failing_by_chance_is_settled_by_the_seed() -> None:
    """With `fail`, some messages are refused, and the same ones in every run of the same seed."""
    many = encode_request(SendRequest([SmsMessage(f"9198765{index:05}", "Hi") for index in range(100)]))

    def failed(seed: int) -> list[list[int]]:
        with stub(fail=0.3, seed=seed) as (url, _):
            answers = [send(url, many).response for _ in range(2)]
        return [[index for index, outcome in enumerate(answer.outcomes) if outcome.errors] for answer in answers]

    first = failed(7)
    assert first == failed(7) != failed(8)
    assert first[0] != first[1]
    assert all(10 < len(indexes) < 60 for indexes in first)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many seconds the stub has been told to wait before its answers; it doesn't."""
    told: list[float] = []

    async def wait(seconds: float) -> None:
        told.append(seconds)

    monkeypatch.setattr("commspec.testing.stub.app.asyncio", SimpleNamespace(sleep=wait))
    return told


def test_latency(waits: list[float]) -> None:
    """Every answer waits as long as it is told to."""
    with stub(latency_seconds=60) as (url, _):
        assert [send(url, encode_request(REQUESTS[0])).status for _ in range(2)] == [200, 200]
    assert waits == [60, 60]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fail": 1.1}, "fail is a chance, from 0 to 1"),
        ({"fail": -0.1}, "fail is a chance, from 0 to 1"),
        ({"fail": math.nan}, "fail is a chance, from 0 to 1"),
        ({"latency_seconds": -1}, "the latency is from 0 to 600 seconds"),
        ({"latency_seconds": math.inf}, "the latency is from 0 to 600 seconds"),
        ({"country_code": "+91"}, "a country code is 1 to 3 digits"),
        ({"keep_calls": 0}, "keep_calls is 1 or more"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], says: str) -> None:
    """An option out of its range is a `ValueError`."""
    with pytest.raises(ValueError, match=f"^{says}$"):
        Desk(**options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"auth": "u:p"}, "auth is a BasicAuth, an OAuthToken, several of them or None, not str"),
        ({"auth": ""}, "auth is a BasicAuth, an OAuthToken, several of them or None, not str"),
        ({"auth": ("u", "p")}, "auth is a BasicAuth, an OAuthToken, several of them or None, not str"),
        ({"auth": [BasicAuth("u", "p"), None]}, "auth is a BasicAuth, an OAuthToken, several of them or None, not NoneType"),
        ({"auth": 5}, "auth is a BasicAuth, an OAuthToken, several of them or None, not int"),
        ({"fail": "0.1"}, "fail is a number, not str"),
        ({"latency_seconds": None}, "latency_seconds is a number, not NoneType"),
        ({"latency_seconds": True}, "latency_seconds is a number, not bool"),
        ({"country_code": 91}, "a country code is a str, not int"),
        ({"limits": 5}, "limits are a commspec.Limits, not int"),
        ({"keep_calls": 1.5}, "keep_calls is an int, not float"),
        ({"keep_calls": True}, "keep_calls is an int, not bool"),
        ({"on_call": "print"}, "on_call is a function or None, not str"),
    ],
)
def test_options_of_another_type(options: dict[str, Any], says: str) -> None:
    """An option of another type is a `TypeError`, at once and not when a call comes."""
    with pytest.raises(TypeError, match=f"^{says}$"):
        Desk(**options)


# ---- Scripts.


def test_script() -> None:
    """Scripted answers are given one each, in order; then the usual ones come again."""
    said = SendResponse(Status(message="Busy", code=503, success=False))
    error = StatusDetail(False, "No", 9)
    with stub() as (url, app):
        app.desk.script(said, error, (502, "<html>", "text/html"), (429, b"slow"), HttpReply(201, Headers({"X-A": "b"}), b"{}"), None)
        answers = [send(url, encode_request(REQUESTS[0])) for _ in range(7)]
        assert not app.desk.scripted
    assert [answer.status for answer in answers] == [503, 500, 502, 429, 201, 200, 200]
    assert answers[0].response == said
    assert {outcome.errors for outcome in answers[1].response.outcomes} == {(error,)}
    assert (answers[2].headers["content-type"], answers[2].body) == ("text/html", b"<html>")
    assert (answers[3].body, answers[4].headers["x-a"]) == (b"slow", "b")


def test_script_hangs_up() -> None:
    """A scripted `ConnectionError` closes the connection without an answer, and the next call is answered."""
    with stub() as (url, app):
        app.desk.script(ConnectionError)
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            send(url, encode_request(REQUESTS[0]))
        assert [call.status for call in app.desk.received] == [None]
        assert send(url, encode_request(REQUESTS[0])).status == 200


def test_script_delays(waits: list[float]) -> None:
    """A scripted delay holds back the usual answer, or a given one, and no other."""
    with stub() as (url, app):
        app.desk.script(delay_seconds=60)
        app.desk.script((503, "Busy"), delay_seconds=30)
        assert [send(url, encode_request(REQUESTS[0])).status for _ in range(3)] == [200, 503, 200]
    assert waits == [60, 30]


def test_script_of_what_xml_cannot_hold() -> None:
    """An answer that its format can't hold says so to whoever wrote the script."""
    with stub() as (url, app):
        app.desk.script(SendResponse(outcomes=[Outcome(SmsReceipt("1", "\x00"))]))
        answer = send(url, encode_request(REQUESTS[0]), Accept="application/xml")
        assert (answer.status, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")
        assert b"text.character" in answer.body


@pytest.mark.parametrize("accept", Format)
@pytest.mark.parametrize(
    "said",
    [
        SendResponse(),
        SendResponse(channel="sms"),
        SendResponse(outcomes=[Outcome(SmsReceipt(to="1"))]),
        SendResponse(outcomes=[Outcome(SmsReceipt(to="1"), [StatusDetail(False, "No", 9)])]),
        SendResponse(Status(message="Well")),
    ],
)
def test_scripted_response_is_sent_as_it_is(said: SendResponse, accept: Format) -> None:
    """A scripted response gets no status, code or count that it doesn't have; its HTTP status is 200 then."""
    with stub() as (url, app):
        app.desk.script(said)
        answer = send(url, encode_request(REQUESTS[0]), Accept=accept.media_type)
    assert (answer.status, answer.headers["content-type"]) == (200, accept.media_type)
    assert answer.body == encode_response(said, accept)


def test_judgement_without_a_status_gets_one() -> None:
    """Where a desk of one's own says of each message what became of it and no more, the status is worked out."""

    class Brief(Desk):
        def judge(self, inspection: Inspection, chance: random.Random) -> SendResponse:
            return SendResponse(outcomes=super().judge(inspection, chance).outcomes)

    with stub(desk=Brief()) as (url, _):
        answer = send(url, HALF_BAD)
    assert answer.status == 201
    assert answer.response.status is not None
    assert (answer.response.status.count, answer.response.status.success_count) == (2, 1)


NO_ANSWER = "an answer is a SendResponse, a StatusDetail, an HttpReply, (status, body), ConnectionError or None, not "


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (503, f"{NO_ANSWER}int"),
        ("text", f"{NO_ANSWER}str"),
        (ValueError, f"{NO_ANSWER}type"),
        ((1,), f"{NO_ANSWER}tuple"),
        ([200, "x"], f"{NO_ANSWER}list"),
        (("200", "x"), "an answer's HTTP status is an int, not str"),
        ((True, "x"), "an answer's HTTP status is an int, not bool"),
        ((200.0, "x"), "an answer's HTTP status is an int, not float"),
        ((200, None), "an answer's body is a str or bytes, not NoneType"),
        ((200, "x", b"text/plain"), "an answer's media type is a str, not bytes"),
        (HttpReply("200", {}, b""), "an answer's HTTP status is an int, not str"),  # type: ignore[arg-type]
        (HttpReply(200, {}, "x"), "the content of an HttpReply is bytes, not str"),  # type: ignore[arg-type]
    ],
)
def test_script_takes_nothing_else(answer: Any, says: str) -> None:
    """What is no answer is a `TypeError`, at once and not when the call comes; none of the answers beside it is scripted."""
    desk = Desk()
    with pytest.raises(TypeError, match=f"^{re.escape(says)}$"):
        desk.script(None, answer)
    assert not desk.scripted


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        *(((status, "x"), f"an answer's HTTP status is from 200 to 599, not {status}") for status in (-1, 0, 99, 100, 199, 600, 1000)),
        (HttpReply(100, Headers(), b""), "an answer's HTTP status is from 200 to 599, not 100"),
        ((204, "x"), "HTTP 204 has no body"),
        (HttpReply(304, Headers(), b"x"), "HTTP 304 has no body"),
        (SendResponse(Status(code=204)), "HTTP 204 has no body, so no SendResponse can have that code"),
        ((200, "\ud800"), "an answer's body holds half of a surrogate pair, which UTF-8 can't say"),
        *(((200, "x", bad), "the header Content-Type must be printable ASCII in one line") for bad in ("bad\r\nX: y", "té", "\ud800", " ")),
        (HttpReply(200, Headers({"Content-Length": "2"}), b"abc"), "the Content-Length is 2, and the body has 3 bytes"),
        (HttpReply(200, Headers({"content-length": "x"}), b""), "the Content-Length is x, and the body has 0 bytes"),
        (HttpReply(200, Headers({"Transfer-Encoding": "gzip"}), b""), "the Transfer-Encoding of an answer is chunked, or none"),
    ],
)
def test_script_takes_nothing_that_cannot_be_sent(answer: Any, says: str) -> None:
    """What no server could send is a `ValueError`, at once and not when the call comes."""
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        Desk().script(answer)


@pytest.mark.parametrize("status", [200, 204, 205, 304, 404, 418, 599])
def test_every_status_that_is_taken_is_sent(status: int) -> None:
    """A status of 200 to 599, whether it has a name or not, reaches whoever calls, and the call is remembered."""
    with stub() as (url, app):
        app.desk.script((status, ""), HttpReply(status, Headers(), b""))
        assert [send(url, HALF_BAD).status for _ in range(2)] == [status, status]
        assert [call.status for call in app.desk.received] == [status, status]


@pytest.mark.parametrize("seconds", [-0.001, 600.1, 1e9, math.inf, -math.inf, math.nan])
def test_script_takes_no_endless_delay(seconds: float) -> None:
    """A delay is 0 to 600 seconds, as the options' are."""
    with pytest.raises(ValueError, match=r"^a delay is from 0 to 600 seconds$"):
        Desk().script(None, delay_seconds=seconds)


@pytest.mark.parametrize("seconds", ["1", None, True])
def test_script_takes_only_numbers_for_a_delay(seconds: Any) -> None:
    """A delay that is no number is a `TypeError`."""
    with pytest.raises(TypeError, match=rf"^delay_seconds is a number, not {type(seconds).__name__}$"):
        Desk().script(None, delay_seconds=seconds)


# ---- What came.


def test_received() -> None:
    """`GET /received` has each call with its messages, faults, and both formats, the newest last; `after` leaves out the older."""
    with stub() as (url, _):
        send(url, encode_request(REQUESTS[0]))
        send(url, HALF_BAD)
        send(url, b"\xff")
        found = json.loads(ask(url, "GET", "/received").body)
        assert found["count"] == 3
        one, two, three = found["calls"]
        assert [call["number"] for call in json.loads(ask(url, "GET", "/received?after=2").body)["calls"]] == [3]
        assert ask(url, "GET", "/received?after=x").status == 400
    assert (one["channel"], one["format"], one["status"], one["issues"]) == ("sms", "json", 200, [])
    assert one["document"].encode() == encode_request(REQUESTS[0])
    assert one["xml"].encode() == encode_request(REQUESTS[0], "xml", indent=2)
    assert [message["valid"] for message in two["messages"]] == [True, False]
    assert two["messages"][1]["issues"][0]["code"] == "phone.length"
    assert (three["document"], three["document_base64"], three["json"]) == (None, "/w==", None)


def test_received_is_forgotten() -> None:
    """`DELETE /received` forgets what came; numbers go on."""
    with stub() as (url, _):
        send(url, encode_request(REQUESTS[0]))
        assert ask(url, "DELETE", "/received").status == 204
        assert json.loads(ask(url, "GET", "/received").body) == {"count": 1, "calls": []}


def test_received_is_bounded() -> None:
    """Only the newest calls are remembered."""
    with stub(keep_calls=3) as (url, app):
        for _ in range(5):
            send(url, HALF_BAD)
        assert [call.number for call in app.desk.received] == [3, 4, 5]


@pytest.mark.parametrize(
    ("host", "status"), [("evil.example", 403), ("localhost:1", 200), ("10.1.2.3", 200), ("stub:8000", 200), ("a.test", 200)]
)
def test_only_local_names_may_read_it(host: str, status: int) -> None:
    """A name that a web site could have is refused, unless it is the stub's own, so that no page can read what came through its own name."""
    with stub(host="a.test") as (url, _):
        assert ask(url, "GET", "/received", Host=host).status == ask(url, "GET", "/", Host=host).status == status


# ---- Bodies that are too long.


def test_a_body_over_the_limit_is_refused_unread() -> None:
    """A body whose length says that it is over the limit is refused before any of it is sent, in the format asked for."""
    with stub(limits=Limits(bytes=1000)) as (url, app):
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAccept: text/xml\r\nContent-Length: 1001\r\n\r\n".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            status = decode_response(answer.read()).status
            assert status is not None
            assert (answer.status, status.code, answer.headers["Connection"]) == (413, 413, "close")
        assert [(call.status, call.document) for call in app.desk.received] == [(413, b"")]


def test_a_body_without_length_is_refused_at_the_limit() -> None:
    """A body in chunks is refused as soon as it is over the limit, however much more there is."""
    with stub(limits=Limits(bytes=1000)) as (url, _):
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(
                f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + b"1f4\r\n" + b"x" * 500 + b"\r\n"
            )
            connection.sendall(b"1f5\r\n" + b"x" * 501 + b"\r\n")
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.status == 413


def test_a_body_that_breaks_off_is_no_call() -> None:
    """A call whose connection ends before its body does is not answered, and not remembered."""
    with stub() as (url, app):
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nhalf".encode())
        assert send(url, HALF_BAD).status == 201
        assert [call.document for call in app.desk.received] == [HALF_BAD]


def test_a_body_at_the_limit_is_read() -> None:
    """A body of just the limit is read."""
    with stub(limits=Limits(bytes=len(HALF_BAD))) as (url, _):
        assert send(url, HALF_BAD).status == 201


# ---- The command.


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 0)])
def test_command(stop: signal.Signals, status: int) -> None:
    """`commspec stub` prints its address, says what came without its content, and ends with 0 on Ctrl-C, 143 on SIGTERM."""
    command = [sys.executable, "-m", "commspec", "stub", "--user", "till", "--password", "s3cret"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            url = process.stdout.readline().decode().strip()
            name, value = BasicAuth("till", "s3cret").header()
            assert send(url, HALF_BAD, **{name: value}).status == 201
            assert send(url, HALF_BAD).status == 401
        finally:
            process.send_signal(stop)
        assert process.wait(20) == status
        assert process.stderr.read().decode() == "1: json sms 2 messages, 1 at fault: answered 201\n2: 0 messages: answered 401\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--user", "u"), "commspec stub: --user and --password go together\nTry 'commspec stub --help'.\n"),
        (("--fail", "2"), "commspec stub: fail is a chance, from 0 to 1\nTry 'commspec stub --help'.\n"),
        (
            ("--token", "a b"),
            "commspec stub: an OAuthToken must be printable ASCII without spaces, and not empty\nTry 'commspec stub --help'.\n",
        ),
        (("--port", "70000"), "commspec stub: invalid value for '--port': 70000 is not between 0 and 65535\nTry 'commspec stub --help'.\n"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], says: str) -> None:
    """Wrong options are one line, and exit status 2."""
    assert invoke("stub", *arguments) == (2, b"", says)


def test_port_in_use() -> None:
    """A port that is taken is one line, and exit status 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = invoke("stub", "--port", str(port))
    assert ran == (2, b"", f"commspec: 127.0.0.1 port {port}: address already in use\n")


def test_without_the_extra() -> None:
    """Where Starlette is not installed, one line says how to get it, from Python and on the command line."""
    code = (
        "import sys; sys.modules['starlette'] = None\nfrom commspec import CommspecError\nimport commspec.testing.stub as stub\n"
        "try:\n    stub.create_app\nexcept CommspecError as error:\n    print(error)\n"
        "from commspec.cli import run\nprint(run(['stub'], None, sys.stdout, sys.stdout))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    says = "the stub server needs the package starlette: pip install 'commspec[stub]'\n"
    assert ran.stdout == f"{says}commspec: {says}2\n"


# ---- The page.


def test_page_needs_nothing_from_elsewhere(plain: tuple[str, Application]) -> None:
    """The page has no address but the stub's own in it, and its policy lets it load nothing and run nothing else."""
    page = ask(plain[0], "GET", "/")
    assert page.status == 200
    assert b"http://" not in page.body
    assert b"https://" not in page.body
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'sha256-")


class Browser:
    """Headless Chromium, spoken to through its pipe."""

    def __init__(self, program: str, profile: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        shell = f'exec 8<&{to_browser} 9>&{from_browser}; exec 3<&8 4>&9 8<&- 9>&-; exec "$@"'
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", program, *options],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """The result of one command of its protocol."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self._write, json.dumps(command).encode() + b"\0")
        while True:
            while b"\0" not in self._buffer:
                chunk = os.read(self._read, 65536)
                if not chunk:
                    raise RuntimeError("Chromium has ended")
                self._buffer += chunk
            message, _, self._buffer = self._buffer.partition(b"\0")
            found = json.loads(message)
            if found.get("id") == self._number:
                return found["result"]

    def open(self, url: str) -> None:
        """Go there."""
        self.ask("Page.navigate", self._session, url=url)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is, in the page."""
        return self.ask("Runtime.evaluate", self._session, expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression: str, seconds: float = 15) -> bool:
        """Whether the expression comes true in time."""
        deadline = time.monotonic() + seconds
        while not self.value(expression):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)
        os.close(self._write)
        os.close(self._read)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """Headless Chromium, where it is installed."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if program is None or sys.platform == "win32":
        pytest.skip("no Chromium to try the page in: apt-get install chromium")
    started = Browser(program, tmp_path)
    yield started
    started.close()


def test_page_shows_messages_as_they_arrive(browser: Browser) -> None:
    """The page lists calls as they arrive, the newest first, in both formats; nothing in them runs, and nothing is loaded from elsewhere."""
    evil = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>\u202e"
    with stub() as (url, _):
        browser.open(url)
        assert browser.wait("document.getElementById('state').textContent.startsWith('Waiting')")
        assert send(url, encode_request(SendRequest([SmsMessage("919876500001", evil, sender=evil)]))).status == 200
        assert browser.wait("document.querySelectorAll('article').length == 1")
        send(url, b'{"root":{"sms":[{"to":"<b>1</b>","body":"</pre><script>document.title=1</script>","<i>":1}]}}')
        assert browser.wait("document.querySelectorAll('article').length == 2")
        assert browser.value("document.querySelector('article').dataset.number") == "2"
        parts = browser.value("Array.from(document.querySelectorAll('article:last-child .both pre')).map((part) => part.textContent)")
        assert evil.replace('"', '\\"').replace("\u202e", "\\u202e") in parts[0]
        assert "&lt;img src=x" in parts[1]
        assert browser.value("document.querySelectorAll('article img, article script, article b').length") == 0
        assert browser.value("document.title") == "commspec stub"
        assert browser.value("performance.getEntriesByType('resource').every((entry) => entry.name.startsWith(location.origin))")
        browser.value("document.getElementById('clear').click()")
        assert browser.wait("document.querySelectorAll('article').length == 0")
