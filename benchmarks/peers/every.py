"""Who takes part, by format."""

from __future__ import annotations

from benchmarks.peers import Peer, cattrs_, floor, msgspec_, ours, pydantic_, pydantic_xml_, xsdata_

_JSON = (ours.peer, pydantic_.peer, msgspec_.peer, cattrs_.peer, xsdata_.peer)
_XML = (ours.peer, pydantic_xml_.peer, xsdata_.peer)


def peers(format: str, channel: str, *, file: bool = False) -> list[Peer]:
    """commspec first, then the others, then the floor; with `file`, the floor decodes an attachment's base64 too."""
    others = [make(format, channel) for make in (_JSON if format == "json" else _XML)]
    return [*others, floor.peer_with_file(format, channel) if file else floor.peer(format, channel)]
