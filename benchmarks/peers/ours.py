"""commspec itself: every rule on, every fault listed, frozen attrs objects out."""

from __future__ import annotations

from functools import partial

import commspec
from benchmarks.peers import Peer


def _faults(error: Exception) -> int:
    return len(error.issues) if isinstance(error, commspec.CommspecError) else 0


def peer(format: str, channel: str) -> Peer:
    """commspec's way with `format`; the same for every channel."""
    return Peer(
        name="commspec",
        decode=partial(commspec.decode_request, format=format),
        encode=partial(commspec.encode_request, format=format),
        messages=lambda request: request.messages,
        faults=_faults,
    )
