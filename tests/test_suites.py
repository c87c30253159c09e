"""Parser test suites through the door: a value or a `CommspecError`, and the verdict of independent parsers.

suites.json holds cases of the kinds that the public suites have, written for commspec. The public ones themselves, JSONTestSuite and W3C's XML conformance
suite, are put through where `COMMSPEC_SUITES` names a folder with their files in `json` and `xml`; .ci/run gets them where it can.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.parsers import expat

import msgspec
import pytest
from test_hostile import through

from commspec import CommspecError, Limits
from commspec.codecs import json_door, xml_door

CASES: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("suites.json").read_text(encoding="utf-8"))
_FOLDER = os.environ.get("COMMSPEC_SUITES")
public = pytest.mark.skipif(not _FOLDER, reason="COMMSPEC_SUITES names no folder with the public suites")
PARSERS: dict[str, Callable[[bytes | str, Limits], object]] = {"json": json_door.parse, "xml": xml_door.parse}


def verdict(format: str, document: bytes | str) -> str | None:
    """The door's code for a document that may be anything well-formed; None where it is."""
    try:
        PARSERS[format](document, Limits())
    except CommspecError as error:
        return error.issues[0].code
    return None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def json_peers(document: bytes) -> set[bool]:
    """Whether other parsers take the document: Python's own, told to be strict, msgspec, and orjson where it is installed."""
    loads: list[Callable[[bytes], Any]] = [lambda data: json.loads(data.decode(), parse_constant=_refuse), msgspec.json.decode]
    try:
        import orjson
    except ImportError:
        pass
    else:
        loads.append(orjson.loads)
    return {_takes(load, document) for load in loads}


def _takes(load: Callable[[bytes], Any], document: bytes) -> bool:
    try:
        load(document)
    except (ValueError, RecursionError, msgspec.DecodeError):  # the last is no ValueError in older releases
        return False
    return True


def expat_takes(document: bytes) -> bool:
    """Whether expat takes the document."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(document, True)
    except expat.ExpatError:
        return False
    return True


@pytest.mark.parametrize("document", CASES["json"]["good"])
def test_good_json(document: str) -> None:
    """What is JSON is no fault of syntax, and ends well by every door."""
    assert verdict("json", document) is None
    assert "json.syntax" not in through(document).values()


@pytest.mark.parametrize("document", CASES["json"]["bad"])
def test_bad_json(document: str) -> None:
    """What is no JSON is refused by every door."""
    assert verdict("json", document) == "json.syntax"
    assert None not in through(document).values()


@pytest.mark.parametrize("document", CASES["json"]["good"] + CASES["json"]["bad"])
def test_json_peers(document: str) -> None:
    """The verdict on JSON is one that independent parsers have; where they all agree, theirs."""
    peers = json_peers(document.encode())
    assert (verdict("json", document) is None) in peers


@pytest.mark.parametrize("document", CASES["xml"]["good"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_good_xml(document: str, encoding: str) -> None:
    """What is well-formed XML is no fault of syntax, in whatever encoding."""
    # Python's encoder puts a byte order mark before a text, of which a document has one at the most.
    data = document.encode("utf-16-le" if encoding == "utf-16" and document.startswith("\ufeff") else encoding)
    if "UTF-8" not in document:
        assert verdict("xml", data) is None
    through(data)


@pytest.mark.parametrize("document", CASES["xml"]["bad"])
def test_bad_xml(document: str) -> None:
    """What is no well-formed XML, names of namespaces included, is refused by every door."""
    assert verdict("xml", document) == "xml.syntax"
    assert None not in through(document).values()


@pytest.mark.parametrize("document", CASES["xml"]["good"] + CASES["xml"]["bad"])
def test_xml_peer(document: str) -> None:
    """Expat has the same verdict."""
    assert (verdict("xml", document) is None) == expat_takes(document.encode())


def files(folder: str, pattern: str) -> list[Path]:
    """The files of a public suite."""
    found = sorted(Path(str(_FOLDER), folder).rglob(pattern))
    assert found, f"no {folder}/**/{pattern} in COMMSPEC_SUITES"
    return found


@public
def test_public_json_suite() -> None:
    """Every y_ file of JSONTestSuite is read, every n_ file refused, and every other ends in a value or a `CommspecError`."""
    wrong = []
    for path in files("json", "[yni]_*.json"):
        document = path.read_bytes()
        through(document)
        refused = verdict("json", document) is not None
        if path.name[0] != "i" and refused == (path.name[0] == "y"):
            wrong.append(path.name)
    assert wrong == []


@public
def test_public_xml_suite() -> None:
    """Every file of W3C's suite ends in a value or a `CommspecError`; a document type is refused; what expat takes without one is read."""
    wrong = []
    for path in files("xml", "*.xml"):
        document = path.read_bytes()
        through(document)
        found = verdict("xml", document)
        doctypes: list[object] = []
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = lambda *arguments, seen=doctypes: seen.append(arguments)
        try:
            parser.Parse(document, True)
            takes = True
        except (expat.ExpatError, ValueError, LookupError):  # of an encoding that Python's expat can't have
            takes = False
        if (doctypes and found not in ("xml.doctype", "encoding")) or (takes and not doctypes and found is not None):
            wrong.append((str(path), found))
    assert wrong == []
