"""Documents larger than memory, message by message: the same rules, codes and paths as for a document held in memory (SPEC.md section 4.10).

A reader takes a file opened in binary mode or any iterable of bytes, and holds one batch of messages at a time. `limits.bytes` is of one message, and of
what stands around the list. A document that turns out malformed ends in the same error as it does in memory, after the messages before it: keep
what you make of them back until the reader is done.
"""

from __future__ import annotations

from commspec.streaming.findings import Findings
from commspec.streaming.requests import iter_request
from commspec.streaming.responses import ReceivedOutcome, ResponseReader, iter_response
from commspec.streaming.source import Source
from commspec.streaming.writing import RequestWriter, ResponseWriter

__all__ = [
    "Findings",
    "ReceivedOutcome",
    "RequestWriter",
    "ResponseReader",
    "ResponseWriter",
    "Source",
    "iter_request",
    "iter_response",
]
