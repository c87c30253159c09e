"""The call as plain data: address, headers and body, for any client or server; and back. Nothing here opens a connection (SPEC.md section 1).

| for a client | |
|---|---|
| `build` | a request as `HttpRequest`: what `httpx.request(**…)`, requests, aiohttp and urllib take |
| `BasicAuth`, `OAuthToken` | who asks; neither shows its secret |
| `parse_reply` | what a server answered |

| for a server | |
|---|---|
| `parse` | the call's request, or an error with every fault |
| `inspect` | the same, good and bad messages side by side, for a server that answers partly |
| `response_to` | what became of each message |
| `negotiate` | the format that the client would like |
| `reply` | a response as `HttpReply`, its code and counts worked out |
"""

from __future__ import annotations

from commspec.http.address import Scheme
from commspec.http.auth import Auth, BasicAuth, OAuthToken
from commspec.http.client import HttpRequest, build, parse_reply
from commspec.http.headers import Headers, HeaderSource
from commspec.http.reply import HttpReply, reply, response_to
from commspec.http.server import inspect, negotiate, parse

__all__ = [
    "Auth",
    "BasicAuth",
    "HeaderSource",
    "Headers",
    "HttpReply",
    "HttpRequest",
    "OAuthToken",
    "Scheme",
    "build",
    "inspect",
    "negotiate",
    "parse",
    "parse_reply",
    "reply",
    "response_to",
]
