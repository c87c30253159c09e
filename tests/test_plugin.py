"""The pytest plugin: a stub of its own for every test, started only where one is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs commspec[stub]")
pytest.importorskip("uvicorn", reason="needs commspec[stub]")

from commspec import BasicAuth, SendRequest, SendResponse, SmsMessage, Status, decode_response
from commspec.http import build, parse_reply
from commspec.testing.plugin import CommspecStub

HELLO = SendRequest([SmsMessage("919876500001", "Hi\r\n")])


def send(stub: CommspecStub, request: SendRequest = HELLO, auth: BasicAuth | None = None) -> tuple[int, SendResponse]:
    """The HTTP status and the answer of one call."""
    call = build(request, host=stub.host, scheme="http", auth=auth)
    try:
        with urllib.request.urlopen(
            urllib.request.Request(call.url, call.content, dict(call.headers), method=call.method), timeout=10
        ) as answer:
            return answer.status, parse_reply(answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, decode_response(error.read())


def test_what_was_received(commspec_stub: CommspecStub) -> None:
    """`received` has the requests that came, with the documents as they came."""
    assert send(commspec_stub)[0] == 200
    (call,) = commspec_stub.received
    assert call.request == HELLO
    assert call.document == b'{"root":{"sms":[{"to":"919876500001","body":"Hi\\r\\n"}]}}'


@pytest.mark.parametrize("again", [1, 2])
def test_every_test_begins_anew(commspec_stub: CommspecStub, again: int) -> None:
    """What one test received, scripted and configured is gone for the next."""
    assert not commspec_stub.received
    assert send(commspec_stub)[0] == 200
    commspec_stub.configure(auth=BasicAuth("u", "p"))
    commspec_stub.script((503, ""), (503, ""))


def test_scripted_answers(commspec_stub: CommspecStub) -> None:
    """A test says what the next calls get."""
    busy = SendResponse(Status(message="Busy", code=503, success=False))
    commspec_stub.script(busy)
    assert send(commspec_stub) == (503, busy)
    assert send(commspec_stub)[0] == 200


def test_options_of_the_desk(commspec_stub: CommspecStub) -> None:
    """A test gives the stub authentication, chances and habits of its own."""
    commspec_stub.configure(auth=BasicAuth("u", "p"), country_code="91")
    assert send(commspec_stub)[0] == 401
    status, response = send(commspec_stub, auth=BasicAuth("u", "p"))
    assert (status, getattr(response.outcomes[0].message, "to", None)) == (200, "91919876500001")
    assert repr(commspec_stub) == f"CommspecStub('{commspec_stub.url}', 2 received)"


@pytest.mark.parametrize("options", [{"auth": "u:p"}, {"limits": 5}, {"country_code": 91}])
def test_options_that_there_are_not(commspec_stub: CommspecStub, options: dict[str, Any]) -> None:
    """An option of another type is refused when it is given, and the stub answers on as before."""
    with pytest.raises(TypeError, match=r", not (str|int)$"):
        commspec_stub.configure(**options)
    assert send(commspec_stub)[0] == 200


def test_the_entry_point() -> None:
    """pytest finds the plugin by its entry point."""
    (found,) = [entry for entry in entry_points(group="pytest11") if entry.name == "commspec"]
    assert found.value == "commspec.testing.plugin"


def run_pytest(folder: Path, test: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """What pytest says of a test in a project of its own, where every warning is an error."""
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    code = f"import sys; sys.argv[0] = 'pytest'\n{before}\nimport pytest; sys.exit(pytest.main(['-q', '-W', 'error', '-p', 'no:cacheprovider']))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_nothing_is_imported_until_it_is_used(tmp_path: Path) -> None:
    """In a project that does not use it, the plugin imports neither the stub nor Hypothesis, and starts nothing."""
    modules = "('starlette', 'uvicorn', 'hypothesis', 'commspec.testing.stub')"
    test = f"import sys, threading\ndef test():\n    assert not [m for m in {modules} if m in sys.modules]\n    assert threading.active_count() == 1\n"
    ran = run_pytest(tmp_path, test)
    assert ran.returncode == 0, ran.stdout


def test_it_stops_cleanly(tmp_path: Path) -> None:
    """A project that uses it ends without a warning, with no thread or port left."""
    test = (
        "import threading, urllib.request\ndef test(commspec_stub):\n    urllib.request.urlopen(commspec_stub.url).close()\n"
        "    assert any(t.name == 'commspec stub' for t in threading.enumerate())\n"
    )
    conftest = "import threading\ndef pytest_unconfigure():\n    print('threads left:', threading.active_count())\n"
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    ran = run_pytest(tmp_path, test)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "threads left: 1" in ran.stdout
    assert "1 passed" in ran.stdout


def test_without_the_extra(tmp_path: Path) -> None:
    """Where Starlette is missing, the test that asks for the fixture says how to get it."""
    ran = run_pytest(tmp_path, "def test(commspec_stub): ...\n", "sys.modules['starlette'] = None")
    assert ran.returncode == 1
    assert "the fixture commspec_stub can't start: the stub server needs the package starlette: pip install 'commspec[stub]'" in ran.stdout
