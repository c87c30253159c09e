"""A server that answers the call as the specification says, for tests and for trying a client (extra `stub`; SPEC.md sections 1 to 3).

| | |
|---|---|
| `create_app` | the ASGI application, for any server |
| `serving` | the application on this machine, in a thread, while a `with` lasts |
| `Desk` | what answers: no web in it, open to subclasses |
| `Call` | one call that came |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commspec.testing.stub.call import Call, Hidden
from commspec.testing.stub.desk import Answer, Desk, Scripted

if TYPE_CHECKING:
    from commspec.testing.stub.app import Application as Application
    from commspec.testing.stub.app import create_app as create_app
    from commspec.testing.stub.serve import bind as bind
    from commspec.testing.stub.serve import run as run
    from commspec.testing.stub.serve import serving as serving
    from commspec.testing.stub.serve import url_of as url_of

__all__ = ["Answer", "Call", "Desk", "Hidden", "Scripted", "create_app", "serving"]

_HOMES = {"Application": "app", "create_app": "app", "bind": "serve", "run": "serve", "serving": "serve", "url_of": "serve"}


def __getattr__(name: str) -> Any:
    # Lazily: Starlette and uvicorn are an extra, and take a while.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    from commspec.errors import CommspecError

    try:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("starlette", "uvicorn"):
            raise CommspecError(f"the stub server needs the package {package}: pip install 'commspec[stub]'") from None
        raise
