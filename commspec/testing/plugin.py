"""The pytest plugin: the fixture `commspec_stub`, a server of the call on this machine (extra `stub`). pytest finds it by itself.

Nothing is started, and nothing of the stub imported, until a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from commspec.testing.stub import Answer, Call, Desk
    from commspec.testing.stub.app import Application


class CommspecStub:
    """What the fixture `commspec_stub` gives: the stub's address, what it received, and what it shall answer."""

    def __init__(self, url: str, application: Application) -> None:
        self.url = url
        """The address, `http://127.0.0.1:12345`; the call's path is put after it."""
        self._application = application

    def __repr__(self) -> str:
        return f"CommspecStub({self.url!r}, {len(self.received)} received)"

    @property
    def host(self) -> str:
        """Host and port, for `commspec.http.build(request, host=stub.host, scheme="http")`."""
        return self.url.removeprefix("http://")

    @property
    def desk(self) -> Desk:
        """What answers; see `commspec.testing.stub.Desk`."""
        return self._application.desk

    @property
    def received(self) -> list[Call]:
        """The calls of this test, the newest last. Each has its `request` (None where it had any fault), its `document` as it came, and more."""
        return self.desk.received

    def script(self, *answers: Answer, delay_seconds: float = 0.0) -> None:
        """Have the next calls get these answers, one each, after `delay_seconds`; see `commspec.testing.stub.Desk.script`.

        A `SendResponse`, a `StatusDetail` for every message, `(status, body)`, an `HttpReply`, `ConnectionError` to hang up, None for the usual answer.
        """
        self.desk.script(*answers, delay_seconds=delay_seconds)

    def configure(self, **options: Any) -> None:
        """Begin anew with these options of `Desk`, until the test ends: `auth`, `fail`, `latency_seconds`, `seed`, `country_code`, `reorder`, `limits`."""
        from commspec.testing.stub import Desk

        self._application.desk = Desk(**options)


@pytest.fixture(scope="session")
def _commspec_stub_server() -> Iterator[tuple[str, Application]]:
    from commspec.errors import CommspecError

    try:
        from commspec.testing.stub import create_app, serving
    except CommspecError as error:
        pytest.fail(f"the fixture commspec_stub can't start: {error}", pytrace=False)
    application = create_app()
    with serving(application) as url:
        yield url, application


@pytest.fixture
def commspec_stub(_commspec_stub_server: tuple[str, Application]) -> CommspecStub:
    """A server of the sendMessage call on this machine: its `url`, what it `received` in this test, and a `script` for its next answers."""
    url, application = _commspec_stub_server
    stub = CommspecStub(url, application)
    stub.configure()
    return stub
