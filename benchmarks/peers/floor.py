"""The floor: what the parsers and writers below commspec take alone, for plain objects and with nothing checked."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import orjson
from lxml import etree

from benchmarks.documents import XML_NAMES
from benchmarks.peers import Peer

_HUGE = etree.XMLParser(huge_tree=True)


def peer(format: str, channel: str) -> Peer:
    """`msgspec.json.decode` and `orjson.dumps` of ready dicts; `lxml.etree.fromstring`, and for writing a tree built of ready texts, then `tostring`."""
    if format == "json":
        return Peer(
            name="floor",
            decode=msgspec.json.decode,
            encode=orjson.dumps,
            messages=lambda tree: tree["root"][channel],
        )
    return Peer(
        name="floor",
        decode=etree.fromstring,
        encode=lambda root: _build(channel, root),
        messages=lambda root: root,
    )


def peer_with_file(format: str, channel: str) -> Peer:
    """As `peer`, and the file of every message through `base64.b64decode(…, validate=True)`, which keeps nothing."""
    bare = peer(format, channel)

    def decode(document: bytes) -> Any:
        if format == "json":
            tree = msgspec.json.decode(document)
            texts = [file["fileData"] for message in tree["root"][channel] for file in message["attachments"]["attachment"]]
        else:
            tree = etree.fromstring(document, _HUGE)
            texts = [data.text for data in tree.iter("file_data")]
        for text in texts:
            base64.b64decode(text, validate=True)
        return tree

    return Peer(name="floor", decode=decode, encode=bare.encode, messages=bare.messages)


def _build(channel: str, records: list[dict[str, str]]) -> bytes:
    root = etree.Element("root")
    for record in records:
        message = etree.SubElement(root, channel)
        for name, value in record.items():
            etree.SubElement(message, XML_NAMES[name]).text = value
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
