"""Those who read and write the same documents: commspec, what a user would pick instead, and the floor, which is the bare parser."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

import attrs


@attrs.frozen
class Peer:
    """One way to read and write the documents of one format and channel.

    `decode` and `encode` are what is timed. `messages` gives the messages of a decoded result; `faults` how many faults an error of `decode` lists,
    where it lists all. What a peer doesn't check, `benchmarks.strictness` shows.
    """

    name: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes | str]
    messages: Callable[[Any], Iterable[object]]
    faults: Callable[[Exception], int] | None = None


def refuse_bad_base64(file_type: str, data: str, encoding: str | None) -> None:
    """The rules of an attachment's encoding and content, as a user would write them into a model. Raises `ValueError`."""
    if encoding and encoding.lower() != "base64":
        raise ValueError("expected base64")
    if encoding:
        base64.b64decode(data, validate=True)
    elif file_type.lower().removeprefix("image/").removeprefix(".") in {"jpg", "jpeg", "png", "gif"}:
        raise ValueError("an image needs base64")
