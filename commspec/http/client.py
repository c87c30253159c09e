"""The client's side: a request made into a call, and what the server answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

import attrs

from commspec.codecs import Document, decode_response, encode_request
from commspec.codecs.format import Format
from commspec.http.address import Scheme, check_host, is_loopback
from commspec.http.auth import Auth
from commspec.http.body import read_reply
from commspec.http.headers import Headers, HeaderSource
from commspec.models.request import SendRequest
from commspec.models.response import SendResponse
from commspec.wire.names import PATH
from commspec.wire.report import DEFAULT_LIMITS, Limits

_FIELDS = ("method", "url", "headers", "content")


@attrs.frozen
class HttpRequest:
    """A call that is ready to send. Its `repr` shows neither secrets nor what the messages say.

    | client | call |
    |---|---|
    | httpx | `httpx.request(**call)`, `await client.request(**call)` |
    | requests | `requests.request(call.method, call.url, headers=call.headers, data=call.content)` |
    | aiohttp | `session.request(call.method, call.url, headers=call.headers, data=call.content)` |
    | urllib | `urlopen(Request(call.url, call.content, dict(call.headers), method=call.method))` |
    """

    method: str
    url: str
    headers: Headers = attrs.field(converter=Headers)
    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")

    # What `**call` asks of a mapping.
    def keys(self) -> Iterator[str]:
        """The names of the four fields, which are httpx's names for them."""
        return iter(_FIELDS)

    def __getitem__(self, name: str) -> Any:
        if name not in _FIELDS:
            raise KeyError(name)
        return getattr(self, name)


def build(
    request: SendRequest,
    *,
    host: str,
    format: Format | str = "json",
    auth: Auth | None = None,
    accept: Format | str | None = None,
    scheme: Scheme = "https",
) -> HttpRequest:
    """The call that sends `request`: `POST https://{host}/v1.1/communications/sendMessage?channel=…`, with its body in `format`.

    `host` is a name or an address with an optional port (IPv6 in brackets). `accept` is the format that the answer should have, None for that of the
    body. `scheme="http"` is for tests: to this machine, or without `auth`, since a secret must not go over a network in the clear.

    Raises `ValueError` for a host that is none, or has a scheme, path or user in it, for a format that does not exist, and for a secret in the clear.

    >>> from commspec import SmsMessage
    >>> build(SendRequest([SmsMessage("919876500001", "Hi")]), host="eu.api.capillarytech.com").url
    'https://eu.api.capillarytech.com/v1.1/communications/sendMessage?channel=sms'
    """
    address = check_host(host)
    if scheme not in ("https", "http"):
        raise ValueError("the scheme is https, or http for tests")
    if scheme == "http" and auth is not None and not is_loopback(address):
        raise ValueError("with auth, http is for this machine only: the secret would go over the network in the clear")
    written = Format(format)
    headers = [("Content-Type", written.media_type), ("Accept", (written if accept is None else Format(accept)).media_type)]
    if auth is not None:
        headers.append(auth.header())
    return HttpRequest("POST", f"{scheme}://{address}{PATH}?channel={request.channel}", Headers(headers), encode_request(request, written))


def parse_reply(
    headers: HeaderSource, body: Document, *, timezone: str | tzinfo | None = None, limits: Limits = DEFAULT_LIMITS
) -> SendResponse:
    """What the server answered: the reply's headers, a mapping or pairs in any letter case, and its body.

    The body's format is what it looks like where the headers do not say, or say otherwise. `timezone` is as for `decode_response`. A reply is read whatever
    its HTTP status: with 201 and 500 it says which messages failed. Raises what `decode_response` raises, and `InvalidDocument` where the
    `Content-Type` is of something else altogether, such as a proxy's page.
    """
    document, found = read_reply(headers, body, limits)
    return decode_response(document, found, timezone=timezone, limits=limits)
