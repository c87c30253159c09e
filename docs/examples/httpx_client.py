"""A client with httpx, plain and async: messages go out in parts, each is matched with what the server says of it, and what failed for now goes again.

    python docs/examples/httpx_client.py --host 127.0.0.1:8000 --insecure 919876500001 919876500002

`Delivery` opens no connection, so that both clients share it; with another HTTP library, only the two functions below it change.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Collection

import httpx

from commspec import BasicAuth, Match, OAuthToken, RequestPart, SendRequest, SendResponse, SmsMessage, match, retry_subset
from commspec.http import Scheme, build, parse_reply

PASSING = frozenset({500, 503})
"""Codes of errors that may be gone in a moment. 8056, an invalid number, stays wrong however often it is sent."""


class Delivery:
    """A request on its way: the parts that are yet to be sent, and what is known of each message, by its index in the request."""

    def __init__(self, request: SendRequest, *, max_messages: int = 100, passing: Collection[int | str] = PASSING) -> None:
        self.waiting: list[RequestPart] = list(request.split(max_messages=max_messages))
        self.known: dict[int, Match] = {}
        self._passing = passing

    def take(self) -> list[RequestPart]:
        """What is to be sent now."""
        parts, self.waiting = self.waiting, []
        return parts

    def answered(self, part: RequestPart, response: SendResponse) -> None:
        """Notes what the server says of a part. What failed for now waits to go again; what is not sure does not, as it may have gone out."""
        matching = match(part, response)
        self.known.update({found.index: found for found in matching})
        again = retry_subset(matching, codes=self._passing)
        if again is not None:
            self.waiting.append(again)

    def unreached(self, part: RequestPart) -> None:
        """Notes that a part never reached the server, and may go again."""
        self.waiting.append(part)


def send(
    client: httpx.Client,
    request: SendRequest,
    *,
    host: str,
    auth: BasicAuth | OAuthToken | None = None,
    format: str = "json",
    scheme: Scheme = "https",
    attempts: int = 3,
    pause_seconds: float = 1,
) -> dict[int, Match]:
    """What became of each message, by its index; one is missing where no answer came.

    An `httpx.TimeoutException` while an answer is awaited goes to the caller: the messages may have gone out, and only a person or the server's own
    records can say so.
    """
    delivery = Delivery(request)

    def one(part: RequestPart) -> None:
        try:
            answer = client.request(**build(part.request, host=host, format=format, auth=auth, scheme=scheme))
        except httpx.ConnectError:
            delivery.unreached(part)
        else:
            # Whatever the HTTP status: with 201 and 500, the body says which messages failed.
            delivery.answered(part, parse_reply(answer.headers, answer.content))

    for attempt in range(attempts):
        if attempt:
            time.sleep(pause_seconds * 2**attempt)
        for part in delivery.take():
            one(part)
        if not delivery.waiting:
            break
    return delivery.known


async def send_async(
    client: httpx.AsyncClient,
    request: SendRequest,
    *,
    host: str,
    auth: BasicAuth | OAuthToken | None = None,
    format: str = "json",
    scheme: Scheme = "https",
    attempts: int = 3,
    pause_seconds: float = 1,
) -> dict[int, Match]:
    """The same with all parts on their way at once; the client's own limits say how many connections that takes."""
    delivery = Delivery(request)

    async def one(part: RequestPart) -> None:
        try:
            answer = await client.request(**build(part.request, host=host, format=format, auth=auth, scheme=scheme))
        except httpx.ConnectError:
            delivery.unreached(part)
        else:
            delivery.answered(part, parse_reply(answer.headers, answer.content))

    for attempt in range(attempts):
        if attempt:
            await asyncio.sleep(pause_seconds * 2**attempt)
        await asyncio.gather(*map(one, delivery.take()))
        if not delivery.waiting:
            break
    return delivery.known


def main(arguments: list[str]) -> int:
    """Sends one SMS to each number, and says of each what became of it; 0 where all were accepted."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--host", required=True)
    options.add_argument("--user")
    options.add_argument("--password")
    options.add_argument("--format", choices=("json", "xml"), default="json")
    options.add_argument("--insecure", action="store_true", help="http instead of https: for a server on this machine")
    options.add_argument("numbers", nargs="+")
    chosen = options.parse_args(arguments)
    request = SendRequest(SmsMessage(number, f"{7731 + index} is your one-time code.") for index, number in enumerate(chosen.numbers))
    auth = BasicAuth(chosen.user, chosen.password) if chosen.user else None
    with httpx.Client() as client:
        scheme: Scheme = "http" if chosen.insecure else "https"
        known = send(client, request, host=chosen.host, auth=auth, format=chosen.format, scheme=scheme, pause_seconds=0.2)
    for index in range(len(request)):
        print(known.get(index) or f"message {index}: no answer")
    return 0 if all(index in known and known[index].failed is False for index in range(len(request))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
