"""The programs of docs/examples, run as a reader would: real clients against real servers over loopback, and curl against each server."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from types import ModuleType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

import commspec
from commspec import (
    BasicAuth,
    EmailMessage,
    HttpRequest,
    Outcome,
    SendRequest,
    SendResponse,
    SmsMessage,
    StatusDetail,
    WhatsAppMessage,
    decode_request,
    encode_request,
    match,
)
from commspec.http import build, parse_reply, reply, response_to

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
DOCUMENTS = EXAMPLES / "documents"
CALL = "/v1.1/communications/sendMessage"
AUTH = BasicAuth("till.1", "swordfish")
# The programs get the commspec that is tested here, whether or not it is installed.
ENVIRONMENT = {**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(Path(commspec.__file__).parent.parent)}


def example(name: str, *needs: str) -> ModuleType:
    """A program of docs/examples, imported; skips the test where a library that it needs is not there."""
    for package in needs:
        pytest.importorskip(package)
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- Servers, each on a free port of this machine for as long as a test needs it.


@contextmanager
def asgi(application: Any) -> Iterator[str]:
    """The host and port at which uvicorn serves an ASGI application."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", ws="none", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@contextmanager
def wsgi(application: Any) -> Iterator[str]:
    """The host and port at which the standard library serves a WSGI application."""
    with make_server("127.0.0.1", 0, application, _Threads, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(10)
            assert not thread.is_alive()


@contextmanager
def fastapi_server() -> Iterator[tuple[str, ModuleType]]:
    """The FastAPI example, serving."""
    module = example("fastapi_server", "fastapi", "uvicorn")
    with asgi(module.app) as host:
        yield host, module


@contextmanager
def wsgi_server() -> Iterator[tuple[str, ModuleType]]:
    """The WSGI example, serving."""
    module = example("wsgi_server")
    with wsgi(module.application) as host:
        yield host, module


@contextmanager
def django_view() -> Iterator[tuple[str, ModuleType]]:
    """The Django example, serving as a site of its own."""
    pytest.importorskip("django")
    os.environ["DJANGO_SETTINGS_MODULE"] = "django_view"
    module = sys.modules.get("django_view") or example("django_view")
    from django.core.wsgi import get_wsgi_application

    with wsgi(get_wsgi_application()) as host:
        module.OUTBOX.clear()
        yield host, module


SERVERS = (fastapi_server, wsgi_server, django_view)


@pytest.fixture(params=SERVERS, ids=lambda server: str(server.__name__))
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, ModuleType]]:
    """Each of the three servers in turn."""
    with request.param() as serving:
        yield serving


def ask(call: HttpRequest) -> SendResponse:
    """What a server says to a call."""
    httpx = pytest.importorskip("httpx")
    answer = httpx.request(**call, trust_env=False)
    response = parse_reply(answer.headers, answer.content)
    assert response.status is not None
    assert answer.status_code == response.status.code
    return response


REQUESTS = (
    SendRequest([SmsMessage("919876500001", "Grüße\r\n& <b>"), SmsMessage("+447700900123", "2", sender="ACMESHOP")]),
    SendRequest([EmailMessage(to="rhea@example.com", from_="hello@shop.example.com", subject="S", body="")]),
    SendRequest([WhatsAppMessage("919876500001", "Hi")]),
)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.channel.value)
@pytest.mark.parametrize(("format", "accept"), [("json", "json"), ("json", "xml"), ("xml", "xml"), ("xml", "json")])
def test_every_server_takes_and_answers_both_formats(
    server: tuple[str, ModuleType], request_: SendRequest, format: str, accept: str
) -> None:
    """What a client sends is what the server takes, and the answer, in the format asked for, says so of each message."""
    host, module = server
    response = ask(build(request_, host=host, format=format, accept=accept, auth=AUTH, scheme="http"))
    assert response.raise_for_errors() is response
    assert match(request_, response).sure
    assert tuple(module.OUTBOX) == request_.messages


FAULTY = {
    "json": b'{"root":{"sms":[{"to":"919876500001","body":"One"},{"to":"98765 00001","body":"Two"},{"to":"919876500003","body":"Three"}]}}',
    "xml": b"<root><sms><to>919876500001</to><body>One</body></sms><sms><to>98765 00001</to><body>Two</body></sms>"
    b"<sms><to>919876500003</to><body>Three</body></sms></root>",
}


def faulty(host: str, format: str) -> HttpRequest:
    """A call whose second message of three has a fault."""
    call = build(REQUESTS[0], host=host, format=format, auth=AUTH, scheme="http")
    return HttpRequest(call.method, call.url, call.headers, FAULTY[format])


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("serving", [fastapi_server, django_view])
def test_good_messages_go_out_beside_faulty_ones(serving: Callable[[], Any], format: str) -> None:
    """FastAPI's and Django's servers answer 201: the good messages are taken, the faulty one is echoed with the vendor's code."""
    with serving() as (host, module):
        response = ask(faulty(host, format))
    assert [[getattr(error, "code", None) for error in outcome.errors] for outcome in response.outcomes] == [[], [8056], []]
    assert response.status is not None
    assert (response.status.code, response.status.count, response.status.success_count) == (201, 3, 2)
    assert [message.body for message in module.OUTBOX] == ["One", "Three"]


@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_server_may_take_a_call_whole_or_not_at_all(format: str) -> None:
    """The WSGI server answers 400 with what is wrong, and takes nothing."""
    with wsgi_server() as (host, module):
        response = ask(faulty(host, format))
    assert response.status is not None
    assert (response.status.code, response.outcomes, module.OUTBOX) == (400, (), [])
    assert "root.sms[1].to: character 6 is U+0020" in (response.status.message or "")


def test_the_fastapi_server_knows_who_asks() -> None:
    """Without the right password the answer is 401, in the format asked for, and nothing is taken."""
    with fastapi_server() as (host, module):
        for auth in (None, BasicAuth("till.1", "swordfisH")):
            response = ask(build(REQUESTS[0], host=host, format="xml", auth=auth, scheme="http"))
            assert response.status is not None
            assert (response.status.code, response.ok) == (401, False)
    assert module.OUTBOX == []


def test_the_fastapi_server_refuses_what_it_cannot_deliver() -> None:
    """A number that is good by the rules and unknown to the server fails alone, also where all fail."""
    request = SendRequest([SmsMessage("919876500009", "One"), SmsMessage("919876500001", "Two")])
    with fastapi_server() as (host, _):
        assert [found.failed for found in match(request, ask(build(request, host=host, auth=AUTH, scheme="http")))] == [True, False]
        assert ask(build(SendRequest(request.messages[:1]), host=host, auth=AUTH, scheme="http")).outcomes[0].errors


def test_the_django_view_refuses_blocked_numbers() -> None:
    """A number on its list fails alone."""
    request = SendRequest([SmsMessage("919876500013", "One"), SmsMessage("919876500001", "Two")])
    with django_view() as (host, module):
        assert [found.failed for found in match(request, ask(build(request, host=host, scheme="http")))] == [True, False]
    assert tuple(module.OUTBOX) == request.messages[1:]


def test_the_wsgi_server_knows_its_limits() -> None:
    """It takes POST only, and no more than it can hold: other calls are answered without being read."""
    module = example("wsgi_server")
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        heads.append((status, headers))

    module.application({"REQUEST_METHOD": "GET"}, start_response)
    module.application({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(module.MAX_BYTES + 1)}, start_response)
    assert heads == [("405 Method Not Allowed", [("Allow", "POST")]), ("413 Content Too Large", [])]


# ---- curl.


def curl(*arguments: str) -> tuple[int, str]:
    """The HTTP status and the body that curl prints."""
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    run = subprocess.run(
        [program, "-sS", "--noproxy", "*", "-w", "\n%{http_code}", *arguments], capture_output=True, text=True, check=True, timeout=20
    )
    body, _, status = run.stdout.rpartition("\n")
    return int(status), body


@pytest.mark.parametrize("format", ["json", "xml"])
def test_curl_sends_the_documented_sample(server: tuple[str, ModuleType], format: str) -> None:
    """A file, a media type and an Accept header on the command line: the sample goes out as it stands, and the answer comes in the format asked for."""
    host, module = server
    name, value = AUTH.header()
    file = DOCUMENTS / f"sms-request.{format}"
    other = "xml" if format == "json" else "json"
    said = ("-H", f"Content-Type: application/{format}", "-H", f"Accept: application/{other}", "-H", f"{name}: {value}")
    status, body = curl(*said, "--data-binary", f"@{file}", f"http://{host}{CALL}?channel=SMS")
    assert status == 200
    assert body.startswith('{"status":' if other == "json" else "<?xml")
    assert tuple(module.OUTBOX) == decode_request(file.read_bytes()).messages


def test_curl_is_told_what_it_forgot(server: tuple[str, ModuleType]) -> None:
    """curl's own media type is that of a form: the answer says what to do."""
    host, _ = server
    name, value = AUTH.header()
    status, body = curl("-H", f"{name}: {value}", "-d", "{}", f"http://{host}{CALL}")
    assert status == 400
    assert json.loads(body)["status"]["message"] == "Content-Type: neither JSON nor XML (type)"


# ---- The client.


class Flaky:
    """A server with the habits of the real one: it answers in another order, with a digit before each number, and fails some messages for now."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.calls = 0
        self._seen: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """The WSGI application."""
        self.calls += 1
        request = decode_request(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        outcomes = []
        for message in reversed(request.messages):
            assert isinstance(message, SmsMessage)
            errors = []
            if message.to.endswith("12"):
                errors = [StatusDetail(False, "Invalid mobile", 8056)]
            elif message.to.endswith("3") and message.to not in self._seen:
                self._seen.add(message.to)
                errors = [StatusDetail(False, "Busy", 503)]
            else:
                self.taken.append(message.to)
            receipt = response_to(SendRequest([SmsMessage("9" + message.to, message.body)])).outcomes[0].message
            outcomes.append(Outcome(receipt, errors))
        written = reply(outcomes, environ["HTTP_ACCEPT"])
        start_response(f"{written.status} Said", list(written.headers.items()))
        return [written.content]


NUMBERS = [f"9198765{index:05d}" for index in range(250)]
MANY = SendRequest(SmsMessage(number, "The same to all") for number in NUMBERS)


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_the_client_sends_again_what_failed_for_now(is_async: bool, format: str) -> None:
    """250 messages go in three parts; those that failed for now go once more; every message's fate is known, and none was sent twice."""
    client = example("httpx_client", "httpx")
    httpx = pytest.importorskip("httpx")
    application = Flaky()
    with wsgi(application) as host:
        options: dict[str, Any] = {"host": host, "format": format, "scheme": "http", "auth": AUTH, "pause_seconds": 0.001}

        async def go() -> Any:
            async with httpx.AsyncClient(trust_env=False) as connected:
                return await client.send_async(connected, MANY, **options)

        if is_async:
            known = asyncio.run(go())
        else:
            with httpx.Client(trust_env=False) as connected:
                known = client.send(connected, MANY, **options)
    failed = [index for index, found in sorted(known.items()) if found.failed]
    assert [NUMBERS[index] for index in failed] == [number for number in NUMBERS if number.endswith("12")]
    assert sorted(known) == list(range(250))
    assert sorted(application.taken) == [number for number in NUMBERS if not number.endswith("12")]
    assert application.calls == 6


def test_the_client_tries_again_where_nobody_answers() -> None:
    """A server that can't be reached has received nothing: the part goes again, and nothing is known at the end."""
    client = example("httpx_client", "httpx")
    httpx = pytest.importorskip("httpx")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"127.0.0.1:{listener.getsockname()[1]}"

    async def go() -> Any:
        async with httpx.AsyncClient(trust_env=False) as connected:
            return await client.send_async(connected, MANY, host=nobody, scheme="http", attempts=2, pause_seconds=0)

    with httpx.Client(trust_env=False) as connected:
        assert client.send(connected, MANY, host=nobody, scheme="http", attempts=2, pause_seconds=0) == asyncio.run(go()) == {}


# ---- As programs.


@contextmanager
def program(name: str) -> Iterator[str]:
    """The host and port that a server of docs/examples says first, when it is run as its docstring says."""
    arguments = [sys.executable, str(EXAMPLES / f"{name}.py"), "--port", "0"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip().removeprefix("http://")
        finally:
            process.terminate()


@pytest.mark.parametrize(("name", "needs"), [("fastapi_server", ("fastapi", "uvicorn")), ("wsgi_server", ())])
def test_client_and_server_run_from_the_command_line(name: str, needs: tuple[str, ...]) -> None:
    """The client's program sends to the server's, says of each message what became of it, and its exit status says whether all went well."""
    for package in ("httpx", *needs):
        pytest.importorskip(package)
    with program(name) as host:
        arguments = ["--host", host, "--insecure", "--format", "xml", "--user", "till.1", "--password", "swordfish"]
        run = subprocess.run(
            [sys.executable, str(EXAMPLES / "httpx_client.py"), *arguments, "919876500001", "919876500009"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=ENVIRONMENT,
        )
    last = "failed" if name == "fastapi_server" else "accepted"
    assert run.stdout.splitlines() == [
        "message 0: accepted (outcome 0, by position, number, text)",
        f"message 1: {last} (outcome 1, by position, number, text)",
    ], run.stderr
    assert run.returncode == (1 if name == "fastapi_server" else 0)


# ---- Under load; the whole of it is benchmarks/load.py.


def test_many_clients_at_once_are_each_answered_right() -> None:
    """20 clients send 400 calls at once, each with messages of its own: every answer is right, and is matched with its own call's messages."""
    httpx = pytest.importorskip("httpx")
    wrong: list[int] = []

    async def client(connected: Any, host: str, number: int) -> None:
        for turn in range(20):
            first = 1000 * number + 3 * turn
            request = SendRequest(SmsMessage(f"9198{first + place:08d}", f"{first + place} is your code") for place in range(3))
            call = build(
                request, host=host, format=("json", "xml")[turn % 2], accept=("json", "xml")[turn // 2 % 2], auth=AUTH, scheme="http"
            )
            answer = await connected.request(**call)
            expected = [isinstance(message, SmsMessage) and message.to.endswith("9") for message in request]
            if [found.failed for found in match(request, parse_reply(answer.headers, answer.content))] != expected:
                wrong.append(first)

    async def go(host: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as connected:
            await asyncio.gather(*(client(connected, host, number) for number in range(20)))

    with fastapi_server() as (host, module):
        asyncio.run(go(host))
    assert wrong == []
    assert len(module.OUTBOX) == len(set(module.OUTBOX)) == 1200 - sum((1000 * n + k) % 10 == 9 for n in range(20) for k in range(60))


def test_the_documents_that_are_sent_are_those_of_the_docs() -> None:
    """The sample that curl sends is the documented request in both formats."""
    request = decode_request((DOCUMENTS / "sms-request.json").read_bytes())
    assert decode_request((DOCUMENTS / "sms-request.xml").read_bytes()) == request == decode_request(encode_request(request))
