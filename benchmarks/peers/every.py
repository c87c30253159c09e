"""Who takes part, by format."""

from __future__ import annotations

from benchmarks.peers import Peer, cattrs_, floor, msgspec_, pydantic_, pydantic_xml_, xsdata_

try:
    from benchmarks.peers import ours

    ours.peer("json", "sms")
    _OURS = (ours.peer,)
except (ImportError, AttributeError):  # TEMPORARY: commspec is being written
    _OURS = ()

_JSON = (*_OURS, pydantic_.peer, msgspec_.peer, cattrs_.peer, xsdata_.peer)
_XML = (*_OURS, pydantic_xml_.peer, xsdata_.peer)


def peers(format: str, channel: str, *, file: bool = False) -> list[Peer]:
    """commspec first, then the others, then the floor; with `file`, the floor decodes an attachment's base64 too."""
    others = [make(format, channel) for make in (_JSON if format == "json" else _XML)]
    return [*others, floor.peer_with_file(format, channel) if file else floor.peer(format, channel)]
