"""Schemas: valid by their own rules, true to strict decoding, read alike by tools that we did not write (SPEC.md sections 1 to 3 and 5)."""

from __future__ import annotations

import copy
import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from command_line import invoke
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from schema_peers import Peer, ajv, xerces

from commspec import CommspecError, decode_request, decode_response, encode_response
from commspec.codecs.format import Format, detect
from commspec.codecs.xml_door import parse
from commspec.models import messages
from commspec.models.channel import Channel
from commspec.models.messages import MESSAGE_TYPES, Attachment, SmsMessage
from commspec.models.response import SendResponse
from commspec.models.table import column, columns_of
from commspec.rules.rule import TextRule
from commspec.schemas import dump, json_schema, openapi, xsd
from commspec.schemas.json_schema import ranges
from commspec.testing.strategies import codes_in, documents, faulty_documents, responses
from commspec.wire.names import OAUTH_HEADER, PATH, REQUEST_LISTS, Kind
from commspec.wire.report import Limits

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

HOME = Path(__file__).parent.parent
SAMPLES = sorted((HOME / "docs" / "examples" / "documents").iterdir())
PAGE = HOME / "docs" / "how-to" / "schemas.md"
KINDS: tuple[Kind, ...] = ("request", "response")
CHANNELS = (None, *Channel)

PUBLISHED: dict[str, tuple[str, ...]] = {
    "request.schema.json": ("json-schema",),
    "response.schema.json": ("json-schema", "--kind", "response"),
    "request.xsd": ("xsd",),
    "response.xsd": ("xsd", "--kind", "response"),
    "openapi.json": ("openapi",),
}


# What is told of bytes before they are a tree, or of what stands beside the document.
NO_SCHEMA_SEES = ("json.syntax", "xml.syntax", "xml.doctype", "encoding", "limit.bytes", "limit.depth", "limit.issues", "time.zone")


# ---- Verdicts: of decoding, of Python's validators, and of the peers.


def issues(kind: Kind, document: bytes, channel: Channel | None = None) -> set[str]:
    """The codes for which strict decoding refuses a document, none where it accepts."""
    try:
        if kind == "request":
            decode_request(document, channel=channel)
        else:
            response = decode_response(document)
            return set() if channel is None or response.channel in (None, channel) else {"channel"}
    except CommspecError as error:
        return {issue.code for issue in error.issues}
    return set()


def validator(schema: dict[str, Any]) -> Any:
    """The schema as jsonschema has it."""
    return jsonschema.Draft202012Validator(schema)


def xml_schema(document: bytes) -> etree.XMLSchema:
    """The schema as libxml2 has it."""
    return etree.XMLSchema(etree.fromstring(document))


JSON_SCHEMAS = {(kind, channel): validator(json_schema(kind, channel)) for kind in KINDS for channel in CHANNELS}
XML_SCHEMAS = {(kind, channel): xml_schema(xsd(kind, channel)) for kind in KINDS for channel in CHANNELS}


def accepts(kind: Kind, document: bytes, channel: Channel | None = None) -> bool:
    """Whether the schema of the document's format accepts it, as Python's validators have it."""
    if detect(document) is Format.XML:
        return bool(XML_SCHEMAS[kind, channel].validate(parse(document, Limits())))
    return bool(JSON_SCHEMAS[kind, channel].is_valid(json.loads(document)))


# ---- The schemas themselves.


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", KINDS)
def test_json_schema_is_one(kind: Kind, channel: Channel | None) -> None:
    """Every JSON Schema is valid by the metaschema of draft 2020-12."""
    schema = json_schema(kind, channel)
    assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(schema)


def test_openapi_is_one() -> None:
    """The OpenAPI document is valid by the schema of OpenAPI 3.1, references and defaults included."""
    pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed").validate(openapi())


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_are_what_the_code_gives(name: str) -> None:
    """Each file of docs/schemas is, to the byte, what the command writes; if not, run it with `-o docs/schemas/` and the file's name."""
    assert invoke("schema", *PUBLISHED[name]) == (0, (HOME / "docs" / "schemas" / name).read_bytes(), ""), PUBLISHED[name]


def test_all_published_files_are_known() -> None:
    """Nothing else stands in docs/schemas."""
    assert {path.name for path in (HOME / "docs" / "schemas").iterdir()} == set(PUBLISHED)


@pytest.mark.parametrize("make", [json_schema, xsd])
def test_what_does_not_exist_has_no_schema(make: Callable[..., object]) -> None:
    """An unknown kind or channel is a `ValueError`, and a channel's letter case does not matter."""
    with pytest.raises(ValueError, match=r"^no kind 'reply': expected request or response$"):
        make("reply")
    with pytest.raises(ValueError, match=r"^no channel 'fax': expected sms, email, whatsapp or zalo, in any letter case$"):
        make("request", "fax")
    assert make("request", "SMS") == make("request", Channel.SMS)


def test_a_new_field_needs_no_line_in_the_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that is added to a message stands in both schemas of requests, with its names, sentence, rule and whether it is required."""
    rule = TextRule("low or high", one_line=True, pattern="low|high")
    field = attrs.field(kw_only=True, metadata=column("How soon it goes out.", rule=rule, required=True))
    new = attrs.make_class("SmsMessage", {"send_priority": field}, bases=(SmsMessage,), frozen=True)
    for module in ("json_schema", "xsd"):
        monkeypatch.setattr(sys.modules[f"commspec.schemas.{module}"], "message_type", lambda channel: new)
    properties = json_schema("request", "sms")["$defs"]["SmsMessage"]
    assert properties["properties"]["sendPriority"]["description"] == "How soon it goes out. Low or high."
    assert properties["required"] == ["to", "body", "sendPriority"]
    judge = xml_schema(xsd("request", "sms"))
    document = "<root><sms>{}<to>919876500001</to><body>Hi</body></sms></root>"
    assert judge.validate(etree.fromstring(document.format("<send_priority>low</send_priority>")))
    assert not judge.validate(etree.fromstring(document.format("<send_priority>now</send_priority>")))
    assert not judge.validate(etree.fromstring(document.format("")))


# ---- The documented samples.


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_accepted(path: Path) -> None:
    """Every sample is accepted by the schema of its kind, and by that of its channel alone; one without a body isn't, as in strict decoding."""
    name, kind = path.stem.split("-")[0], "request" if "request" in path.stem else "response"
    document = path.read_bytes()
    any_channel = path.suffix == ".xml" and kind == "response"  # see the page
    expected = {channel: (any_channel or channel in (None, Channel(name))) and "no-body" not in path.stem for channel in CHANNELS}
    assert {channel: accepts(kind, document, channel) for channel in CHANNELS} == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [path for path in SAMPLES if path.suffix == ".json"], ids=lambda path: path.name)
def test_ajv_accepts_the_samples(path: Path, node: Peer) -> None:
    """ajv, at its strictest, takes the JSON Schemas, and accepts every sample."""
    assert node.accepts(int("response" in path.stem), path.read_bytes()) == ("no-body" not in path.stem)


@pytest.mark.parametrize("path", [path for path in SAMPLES if path.suffix == ".xml"], ids=lambda path: path.name)
def test_the_jdk_accepts_the_samples(path: Path, java: Peer) -> None:
    """The JDK takes the XSDs, and accepts every sample."""
    assert java.accepts(int("response" in path.stem), path.read_bytes())


def documented(schema: Any) -> Any:
    """A response's schema in which nothing is allowed but what is documented: the first of each choice, and no unknown fields."""
    if isinstance(schema, list):
        return [documented(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    narrowed = {key: documented(value) for key, value in schema.items()}
    if "properties" in narrowed and "description" in narrowed:
        narrowed["additionalProperties"] = False
    choice = narrowed.pop("anyOf", None)
    if choice is None:
        return narrowed
    return {**narrowed, **choice[0]} if choice[1].get("description") == "Whatever else the server sent." else {**narrowed, "anyOf": choice}


@pytest.mark.parametrize("path", [path for path in SAMPLES if "response" in path.stem], ids=lambda path: path.name)
def test_samples_are_of_the_documented_shape(path: Path) -> None:
    """What a response's schema says before "or whatever else" holds for the samples: the first of each choice, and the XSD's named types."""
    if path.suffix == ".json":
        validator(documented(json_schema("response"))).validate(json.loads(path.read_bytes()))
    else:
        schema = xsd("response").replace(b'name="response" type="Anything"', b'name="response" type="SendResponse"')
        xml_schema(schema).assertValid(etree.parse(path))


# ---- OpenAPI: the call.

CALL = openapi()["paths"][PATH]["post"]
COMPONENTS = openapi()["components"]
REPLIES = list(CALL["responses"].values())


def test_channel_has_any_letter_case_and_a_default() -> None:
    """The parameter `channel` takes each channel in any letter case and no other word; sms where it is absent."""
    (parameter,) = CALL["parameters"]
    judge = validator(parameter["schema"])
    assert [parameter["in"], parameter["schema"]["default"], parameter.get("required", False)] == ["query", "sms", False]
    assert all(judge.is_valid(word) for channel in Channel for word in (channel.value, channel.value.upper(), channel.value.title()))
    assert not any(judge.is_valid(word) for word in ("", "fax", "sms ", "xsms", "\u017fms"))


def test_every_body_has_both_formats() -> None:
    """Request and replies, refusals among them, are JSON, or XML by either of its media types."""
    for body in [CALL["requestBody"], *REPLIES]:
        assert list(body["content"]) == ["application/json", "application/xml", "text/xml"]
    assert list(CALL["responses"]) == ["200", "201", "400", "401", "403", "500", "default"]


def test_either_authentication_will_do() -> None:
    """The call asks for Basic, or for the OAuth header."""
    assert CALL["security"] == [{"basic": []}, {"oauth": []}]
    assert COMPONENTS["securitySchemes"]["oauth"]["name"] == OAUTH_HEADER


@pytest.mark.parametrize(("kind", "body"), [("request", CALL["requestBody"]), *(("response", reply) for reply in REPLIES)])
def test_examples_are_documents(kind: Kind, body: dict[str, Any]) -> None:
    """Every example of OpenAPI decodes, and is accepted by the schemas, that of OpenAPI itself included."""
    name = "Request" if kind == "request" else "Response"
    judge = validator({"$ref": f"#/components/schemas/{name}", "components": COMPONENTS})
    for value in body["content"]["application/json"]["examples"].values():
        document = json.dumps(value["value"]).encode()
        assert judge.is_valid(value["value"])
        assert (issues(kind, document), accepts(kind, document)) == (set(), True)
    for value in body["content"]["application/xml"]["examples"].values():
        document = value["value"].encode()
        assert (issues(kind, document), accepts(kind, document)) == (set(), True)


def test_openapi_has_the_requests_of_the_json_schema() -> None:
    """OpenAPI's schema of JSON requests, and of all their parts, is the JSON Schema."""
    schema = json.loads(dump(json_schema("request")).replace(b"#/$defs/", b"#/components/schemas/"))
    parts = {**schema.pop("$defs"), "Request": {key: schema[key] for key in schema if key not in ("$schema", "title")}}
    assert {name: COMPONENTS["schemas"][name] for name in parts} == parts


def without_extra(part: Any) -> Any:
    """A part of a response, or several, without the fields that the specification does not know."""
    if isinstance(part, tuple):
        return tuple(map(without_extra, part))
    if not attrs.has(type(part)):
        return part
    fields = {field.name: without_extra(getattr(part, field.name)) for field in attrs.fields(type(part)) if field.name != "extra"}
    return type(part)(**fields)


@given(responses())
def test_openapi_takes_every_response(response: SendResponse) -> None:
    """OpenAPI's schema of JSON responses accepts whatever a `SendResponse` says in the fields that the specification knows."""
    judge = validator({"$ref": "#/components/schemas/Response", "components": COMPONENTS})
    judge.validate(json.loads(encode_response(without_extra(response))))


def test_openapi_says_of_what_type_a_response_is() -> None:
    """It refuses another type than a field has, but neither null nor an unknown field."""
    judge = validator({"$ref": "#/components/schemas/Response", "components": COMPONENTS})
    assert judge.is_valid({"status": {"count": None, "priority": [1]}, "smsList": None})
    assert not any(
        map(judge.is_valid, ({"status": {"count": []}}, {"status": "ok"}, {"smsList": {}}, {"smsList": [{"sms": {"to": 5}}]}, []))
    )


def test_schemas_of_xml_name_every_element() -> None:
    """OpenAPI's schema for XML has the names of XML, where that for JSON has those of JSON."""
    for cls in (*MESSAGE_TYPES, Attachment):
        names = COMPONENTS["schemas"][cls.__name__]["properties"], COMPONENTS["schemas"]["Xml" + cls.__name__]["properties"]
        assert [list(each) for each in names] == [[entry.json for entry in columns_of(cls)], [entry.xml for entry in columns_of(cls)]]
    assert COMPONENTS["schemas"]["XmlRequest"]["xml"] == {"name": "root"}


# ---- Patterns mean the same in Python, ECMA-262 and XSD.

RULES = {name: rule for name, rule in vars(messages).items() if isinstance(rule, TextRule)}
PATTERNS = {name: rule.pattern for name, rule in RULES.items() if rule.pattern is not None}
PATTERNS |= {
    f"{name}.{part}": getattr(rule.beside, part) for name, rule in RULES.items() if rule.beside is not None for part in ("when", "then")
}
IDS = list(PATTERNS)

# Escapes of what has a meaning elsewhere; classes without escapes of classes; counts. No group but the plain one, and nothing lazy or possessive.
_TOKEN = re.compile(r"\\[.+\\]|\[\^?(?:\\[\[\]\\]|[^\[\]\\^])+\]|\{[0-9]+(?:,[0-9]*)?\}|\((?!\?)|[)|]|[*+?](?![*+?])|[A-Za-z0-9@:,=/-]")

# What tells dialects apart: ends of lines, digits and letters of other scripts, letters that are equal in another case, marks, and halves of the rule.
TELLING = (
    *("", "\n", "\r", "\x85", "\u2028", "\t", " ", "\xa0", "\u3000", "\u200b", "\ufeff", "\x7f", "\u0663", "\uff11", "\u017f", "\u212a", "\u0131"),
    *("\U0001f600", "e\u0301", "+", "-", "_", "/", "\\", "[", "]", "^", "$", ".", "..", "...", "@", ",", ";", ":", '"', "(", "<", "=", "0", "00", "base64"),
)  # fmt: skip


def near(pattern: str) -> st.SearchStrategy[list[str]]:
    """A text that matches `pattern`, and all that nearly do, or still: with something put in at the ends or in the middle, or a character taken out."""

    def edits(text: str) -> list[str]:
        text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "x", text)
        put_in = [text[:place] + piece + text[place:] for place in {0, 1, len(text) // 2, len(text) - 1, len(text)} for piece in TELLING]
        return [*put_in, *(text[:place] + text[place + 1 :] for place in range(len(text)))]

    return st.from_regex(pattern, fullmatch=True).map(edits)


FEW = settings(max_examples=max(5, settings().max_examples // 10))  # each example is some two hundred texts


@pytest.mark.parametrize("name", IDS)
def test_pattern_is_of_the_common_language(name: str) -> None:
    """A pattern has nothing in it but what Python, ECMA-262 and XSD have in common."""
    assert _TOKEN.sub("", PATTERNS[name]) == ""


def pattern_schemas() -> tuple[list[bytes], list[bytes]]:
    """For each pattern, a JSON Schema and an XSD of the element `a`, made as commspec makes them."""
    one_line = {name: TextRule("", one_line=True, pattern=pattern) for name, pattern in PATTERNS.items()}
    fields = {name: attrs.field(metadata=column("", rule=rule, required=True, xml="a", json="a")) for name, rule in one_line.items()}
    classes = [attrs.make_class("A", {"a": field}) for field in fields.values()]
    xml, in_json = sys.modules["commspec.schemas.xsd"], sys.modules["commspec.schemas.json_schema"]
    as_json = [dump(in_json.Parts("json", "#")._fields(cls, "")["properties"]["a"]) for cls in classes]
    as_xml = []
    for cls in classes:
        schema = etree.Element("{http://www.w3.org/2001/XMLSchema}schema", nsmap={"xs": "http://www.w3.org/2001/XMLSchema"})
        xml._fields(schema, cls)
        etree.SubElement(schema, "{http://www.w3.org/2001/XMLSchema}element", name="b", type="A")
        as_xml.append(etree.tostring(schema))
    return as_json, as_xml


PATTERN_JSON, PATTERN_XML = pattern_schemas()


def as_xml(text: str) -> bytes:
    """`text` in an element, every CR of it kept."""
    element = etree.Element("b")
    etree.SubElement(element, "a").text = text
    return etree.tostring(element, encoding="utf-8")


def matches(name: str, text: str) -> bool:
    """Whether all of `text`, of one line, matches the pattern, as Python has it."""
    return re.fullmatch(PATTERNS[name], text) is not None and re.search("[\n\r\x85\u2028\u2029]", text) is None


@pytest.mark.parametrize("name", IDS)
@given(data=st.data())
@FEW
def test_patterns_mean_the_same_in_pythons_validators(name: str, data: st.DataObject) -> None:
    """A text is accepted by jsonschema and by libxml2 just where it matches the pattern in Python."""
    in_json, in_xml = validator(json.loads(PATTERN_JSON[IDS.index(name)])), xml_schema(PATTERN_XML[IDS.index(name)])
    for text in data.draw(near(PATTERNS[name])):
        assert (in_json.is_valid(text), in_xml.validate(parse(as_xml(text), Limits()))) == (matches(name, text),) * 2, text


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config) -> Iterator[Peer]:
    """ajv, and so ECMA-262, with the JSON Schema of each kind, then that of each pattern."""
    schemas = [*(dump(json_schema(kind)) for kind in KINDS), *PATTERN_JSON]
    with ajv(pytestconfig.cache.mkdir("schema-peers"), schemas) as peer:
        yield peer


@pytest.fixture(scope="session")
def java() -> Iterator[Peer]:
    """The JDK's validator with the XSD of each kind, then that of each pattern."""
    with xerces([*map(xsd, KINDS), *PATTERN_XML]) as peer:
        yield peer


@pytest.mark.parametrize("name", IDS)
@given(data=st.data())
@FEW
def test_patterns_mean_the_same_in_ecma_262(name: str, data: st.DataObject, node: Peer) -> None:
    """ECMA-262 matches a text just where Python does."""
    for text in data.draw(near(PATTERNS[name])):
        assert node.accepts(len(KINDS) + IDS.index(name), json.dumps(text).encode()) == matches(name, text), text


@pytest.mark.parametrize("name", IDS)
@given(data=st.data())
@FEW
def test_patterns_mean_the_same_in_the_jdks_xsd(name: str, data: st.DataObject, java: Peer) -> None:
    """The JDK's XSD matches a text just where Python does."""
    for text in data.draw(near(PATTERNS[name])):
        assert java.accepts(len(KINDS) + IDS.index(name), as_xml(text)) == matches(name, text), text


@pytest.mark.parametrize("name", ["PHONE", "FILE_NAME"])
@given(data=st.data())
@FEW
def test_exact_patterns_are_exact(name: str, data: st.DataObject) -> None:
    """The patterns of phone numbers and file names refuse what the rule refuses, and accept what it accepts, of all texts that are not blank."""
    for text in data.draw(near(PATTERNS[name])):
        fault = RULES[name].fault(text)
        if fault is None or fault.code not in ("blank", "text.character"):
            assert matches(name, text) == (fault is None), text


@given(st.text())
def test_ranges_hold_just_their_characters(text: str) -> None:
    """A class made of ranges matches the characters that it was made of, and their neighbours only where they are among them."""
    characters = {character for character in text if character.isalnum()} | {"a"}
    made = re.compile(f"[{ranges(''.join(characters))}]")
    neighbours = {chr(ord(character) + step) for character in characters for step in (-1, 1) if ord(character) + step < sys.maxunicode}
    assert {character for character in characters | neighbours if made.fullmatch(character)} == characters


# ---- Schemas and strict decoding: documents that are valid, and such with something wrong somewhere.

# Values that fit one field or nearly do. Each may come to stand anywhere.
ODD_TEXTS = (
    *("", " ", "\u3000", "\u200b", "x", "\n", "a\nb", "a\x00", "\x1fa", "\x0b", "\ufffe", "a\x85", "\u2029a", "\t", "\U0001f600", "null"),
    *("123456", "+123456", "+023456", "12345", "1" * 16, "123456\n", "\uff11" * 6),
    *("a@b.com", "a@b.com, c@d.org", " a@b.com", "A <a@b.com>", "a@b.com,", "a@@b.com", "@", "a@b..com", "\u03c1@\u03c1.com", "a\x85@b.com", "a@b.com\ufffe"),
    *("base64", "BASE64", "ba\u017fe64", "base64 ", "none", "png", ".PNG", "image/jpeg", "\u0131mage/png", "png\n", "pdf"),
    *("aGk=", "aGk", "aGl=", "a-k=", "aGk=\n", "aGk= ", "a.txt", "a/b", "a\\b", ".", "..", "...", "..a"),
    *("2024-02-22T00:25:06+05:30", "2024-02-22T00:25:06.123456Z", "2024-02-22T00:25:06.1234567Z", "2024-02-22T00:25:06-00:00"),
    *("2024-02-30T00:25:06Z", "0000-01-01T00:00:00Z", "2024-02-22t00:25:06z", "2024-02-22 00:25:06Z", "2024-02-22T24:00:00Z", "2024-02-22T00:00:60Z"),
    *("2024-02-22T00:25:06", "2024-02-22T00:25:06+24:00", "2024-02-22T00:25:06+0530", "2024-02-22T00:25:06Z\n", "2024-02-22T00:25:06+23:59"),
)  # fmt: skip
XML_TEXTS = tuple(text for text in ODD_TEXTS if not re.search("[\x00\x0b\x1f\ufffe]", text))
ODD_VALUES: tuple[Any, ...] = (
    None,
    0,
    1.5,
    919876500001,
    True,
    [],
    {},
    [None],
    [{}],
    {"attachment": []},
    {"attachment": None},
    {"attachment": {}},
    {"a": "b"},
)
NO_LISTS: tuple[Any, ...] = (None, [], [{"to": "919876500001", "body": "Hi"}])
NAMES = sorted(
    {spelling for cls in (*MESSAGE_TYPES, Attachment) for entry in columns_of(cls) for spelling in (entry.json, entry.xml)}
    | {
        "root",
        "sms",
        "email",
        "whatsappMessage",
        "zaloMessage",
        "attachment",
        "To",
        "x",
        "response",
        "status",
        "smsList",
        "emails",
        "messages",
    }
)


def slots(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a tree, as its container and the key or index in it."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [place for key in keys for place in ((value, key), *slots(value[key]))]


def json_changes(tree: Any) -> Iterator[Any]:
    """`tree` with one thing in it changed: every place, in every way in which documents are wrong, or different."""
    for index, (holder, key) in enumerate(slots([tree])):
        value = holder[key]
        options = [*ODD_VALUES, [value], [value, value], {"x": value}, *(ODD_TEXTS if isinstance(value, str) else ("", "x"))]
        if isinstance(value, dict):
            options += [{**value, name: value.get(name, "x")} for name in NAMES]
            options += [
                {name if each == old else each: value[each] for each in value} for old in value for name in ("x", old.upper(), *NAMES[:4])
            ]
            options += [{**value, name: odd} for name in REQUEST_LISTS for odd in NO_LISTS]
        for option in options:
            changed = [copy.deepcopy(tree)]
            place, at = slots(changed)[index]
            place[at] = option
            yield changed[0]
        if isinstance(holder, dict):
            changed = [copy.deepcopy(tree)]
            place, at = slots(changed)[index]
            del place[at]
            yield changed[0]


def xml_changes(root: etree._Element) -> Iterator[etree._Element]:
    """The same for elements."""

    def change(element: etree._Element, what: str, value: str) -> None:
        parent = element.getparent()
        if what == "text":
            element.text = value
        elif what == "rename":
            element.tag = value
        elif what == "add":
            etree.SubElement(element, value).text = "x"
        elif what == "attribute":
            element.set(value, "urn:x x.xsd")
        elif what == "empty":
            element[:] = []
        elif what == "tail" and parent is not None:
            element.tail = value
        elif what == "again" and parent is not None:
            parent.insert(len(parent) if value else 0, copy.deepcopy(element))
        elif what == "remove" and parent is not None:
            parent.remove(element)

    xsi = "{http://www.w3.org/2001/XMLSchema-instance}"
    ways = [
        *(("text", text) for text in XML_TEXTS),
        *(("rename", name) for name in (*NAMES, "{urn:x}to")),
        *(("add", name) for name in (*NAMES, "{urn:x}to")),
        *(("attribute", name) for name in ("x", "{urn:x}y", xsi + "schemaLocation", xsi + "noNamespaceSchemaLocation")),
        *(("tail", text) for text in ("\n  ", "x", "\u00a0")),
        *(("again", ""), ("again", "last"), ("remove", ""), ("empty", "")),
    ]
    for index, element in enumerate(root.iter()):
        for what, value in ways:
            if what != "text" or not len(element) or value in ("", " ", "x", "\u3000"):
                changed = copy.deepcopy(root)
                change(list(changed.iter())[index], what, value)
                yield changed


@functools.cache
def altered(format: str) -> tuple[bytes, ...]:
    """Requests of each channel in which every field stands, and each of them with one thing changed."""
    media_type = f"application/{format}"
    values = [value["value"] for value in CALL["requestBody"]["content"][media_type]["examples"].values()]
    if format == "json":
        values[1]["root"]["email"][0]["attachments"]["attachment"].append(
            {"fileName": "a", "fileType": "b", "fileData": "c.", "fileEncodingType": ""}
        )
        return tuple(dict.fromkeys(json.dumps(tree).encode() for value in values for tree in (value, *json_changes(value))))
    roots = [etree.fromstring(value.encode(), etree.XMLParser(remove_blank_text=True)) for value in values]
    files = roots[1].find("email/attachments")
    assert files is not None
    files.append(
        etree.fromstring(
            "<attachment><file_name>a</file_name><file_type>b</file_type><file_data>c.</file_data><file_encoding_type/></attachment>"
        )
    )
    return tuple(dict.fromkeys(etree.tostring(tree, encoding="utf-8") for root in roots for tree in (root, *xml_changes(root))))


@st.composite
def json_responses(draw: st.DrawFn) -> bytes:
    """Responses, and such in which something else stands somewhere."""
    tree = json.loads(encode_response(draw(responses())), parse_float=lambda text: 0.5)  # some are too large for Python
    for _ in range(draw(st.integers(0, 2))):
        places = slots([tree])
        index = draw(st.integers(0, len(places) - 1))
        value = places[index][0][places[index][1]]
        options = [*ODD_VALUES, [value], {draw(st.sampled_from(NAMES)): value}, draw(st.sampled_from(ODD_TEXTS))]
        if isinstance(value, dict):
            options += [{**value, draw(st.sampled_from(NAMES)): draw(st.sampled_from(ODD_VALUES))}] * 8
        changed = [copy.deepcopy(tree)]
        place, at = slots(changed)[index]
        place[at] = draw(st.sampled_from(options))
        tree = changed[0]
    return json.dumps(tree).encode()


@st.composite
def xml_responses(draw: st.DrawFn) -> bytes:
    """The same for elements."""
    root = etree.fromstring(encode_response(draw(responses(carried_by="xml")), "xml"))
    for _ in range(draw(st.integers(0, 2))):
        element = draw(st.sampled_from(list(root.iter())))
        change = draw(st.sampled_from(("text", "again", "rename", "add", "remove", "tail", "attribute")))
        parent = element.getparent()
        if change == "text":
            element.text = draw(st.sampled_from(XML_TEXTS))
        elif change == "rename":
            element.tag = draw(st.sampled_from(NAMES))
        elif change == "add":
            element.insert(draw(st.sampled_from((0, len(element)))), etree.Element(draw(st.sampled_from(NAMES))))
        elif change == "attribute":
            element.set(draw(st.sampled_from(("x", "{urn:x}y"))), "z")
        elif parent is not None and change == "remove":
            parent.remove(element)
        elif parent is not None and change == "again":
            parent.append(copy.deepcopy(element))
        elif parent is not None:
            element.tail = draw(st.sampled_from(("\n  ", "x")))
    return etree.tostring(root, encoding="utf-8")


def table(heading: str) -> dict[str, dict[str, bool]]:
    """What the page says that each schema says or not, by code and then by format."""
    section = PAGE.read_text(encoding="utf-8").partition(f"### {heading}\n")[2].partition("\n#")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    assert rows[0][1:] == ["code", "JSON Schema", "XSD"]
    return {code.strip("`"): {"json": in_json == "yes", "xml": in_xsd == "yes"} for _, code, in_json, in_xsd in rows[2:]}


def unsaid(kind: Kind, format: str) -> set[str]:
    """The codes for which decoding may refuse what the schema accepts, by the page."""
    return {code for code, says in table("Requests" if kind == "request" else "Responses").items() if not says[format]}


def agree(kind: Kind, document: bytes, found: set[str], channel: Channel | None = None) -> None:
    """Hold the schema's verdict to the codes of decoding: it accepts what that accepts, and refuses what that refuses for anything that it can say."""
    accepted = accepts(kind, document, channel)
    if not found:
        assert accepted
    elif accepted:
        assert found <= unsaid(kind, "xml" if detect(document) is Format.XML else "json")


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_valid_documents_are_accepted(kind: Kind, format: Format, data: st.DataObject) -> None:
    """Whatever is valid is accepted by the schema of its kind and format."""
    assert accepts(kind, data.draw(documents(kind, format)).document)


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_faulty_documents_are_refused(kind: Kind, format: Format, data: st.DataObject) -> None:
    """A faulty document is refused, but for what the page lists."""
    faulty = data.draw(faulty_documents(kind, format, codes=[code for code in codes_in(kind, format) if code not in NO_SCHEMA_SEES]))
    agree(kind, faulty.document, {issue.code for issue in faulty.issues})


@pytest.mark.parametrize("format", ["json", "xml"])
def test_whatever_is_changed_in_a_request(format: str) -> None:
    """Whatever one thing is changed in a request, its schema accepts and refuses it as strict decoding does, but for what the page lists."""
    for document in altered(format):
        agree("request", document, issues("request", document))


def test_schema_of_one_channel_refuses_the_others() -> None:
    """Whatever one thing is changed in a request, the schema of one channel accepts and refuses it as strict decoding for that channel does."""
    for document in altered("json")[::3] + altered("xml")[::3]:
        agree("request", document, issues("request", document, Channel.SMS), Channel.SMS)


@pytest.mark.parametrize("channel", [None, Channel.SMS])
@given(document=json_responses())
def test_json_responses(channel: Channel | None, document: bytes) -> None:
    """The JSON Schema of responses accepts and refuses as decoding does, whatever is changed, but for what the page lists."""
    agree("response", document, issues("response", document, channel), channel)


@given(document=xml_responses())
def test_xml_responses(document: bytes) -> None:
    """The XSD of responses accepts and refuses as decoding does, whatever is changed, but for what the page lists."""
    agree("response", document, issues("response", document))


def test_ajv_agrees_on_requests(node: Peer) -> None:
    """ajv's verdict on a request in which anything is changed is jsonschema's."""
    for document in altered("json"):
        assert node.accepts(0, document) == accepts("request", document), document


def test_asserted_formats_refuse_nothing_valid(node: Peer) -> None:
    """With formats asserted, as ajv can, all that decoding accepts is accepted still, and 30 February is refused; the year 0000 isn't (RFC 3339)."""
    for document in altered("json"):
        found = issues("request", document)
        if found in (set(), {"time.syntax"}):
            assert node.accepts(len(KINDS) + len(IDS), document) == (not found or b'"0000-' in document), document


@given(document=json_responses())
def test_ajv_agrees_on_responses(document: bytes, node: Peer) -> None:
    """ajv's verdict on any response is jsonschema's."""
    assert node.accepts(1, document) == accepts("response", document)


def test_the_jdk_agrees_on_requests(java: Peer) -> None:
    """The JDK's verdict on a request in which anything is changed is libxml2's."""
    for document in altered("xml"):
        assert java.accepts(0, document) == accepts("request", document), document


@given(document=xml_responses())
def test_the_jdk_agrees_on_responses(document: bytes, java: Peer) -> None:
    """The JDK's verdict on any response is libxml2's."""
    assert java.accepts(1, document) == accepts("response", document)


# ---- What a schema can't say.

SMS = '{"root": {"sms": [{"to": "919876500001", "body": "Hi"%s}]}}'
SMS_XML = "<root><sms><to>919876500001</to><body>Hi</body>%s</sms></root>"
FILE = '{"root": {"email": [{"to": "a@b.com", "from": "a@b.com", "subject": "x", "body": "", "attachments": {"attachment": [%s]}}]}}'
FILE_XML = (
    "<root><email><to>a@b.com</to><from>a@b.com</from><subject>x</subject><body/>"
    "<attachments><attachment>%s</attachment></attachments></email></root>"
)
PNG = '{"fileName": "a.png", "fileType": "png", "fileData": "%s"%s}'
PNG_XML = "<file_name>a.png</file_name><file_type>png</file_type><file_data>%s</file_data>%s"

WITNESSES: dict[str, dict[str, tuple[str, ...]]] = {
    "Requests": {
        "duplicate": (SMS % ', "body": "Ho"', SMS_XML % "<body>Ho</body>"),
        "time.syntax": (SMS % ', "scheduledTime": "2023-02-29T00:00:00Z"', SMS_XML % "<scheduled_time>0000-01-01T00:00:00Z</scheduled_time>"),
        "email.syntax": (
            FILE.replace("a@b.com", "a@b..com") % "",
            FILE_XML.replace("a@b.com", "a@b..com") % PNG_XML % ("", "<file_encoding_type>base64</file_encoding_type>"),
        ),
        "attachment.encoding": (FILE % PNG % ("aGk=", ""), FILE_XML % PNG_XML % ("aGk=", "")),
        "attachment.base64": (
            FILE % PNG % ("aGk", ', "fileEncodingType": "base64"'),
            FILE_XML % PNG_XML % ("!", "<file_encoding_type>base64</file_encoding_type>"),
        ),
        "unknown": (SMS % ', "x": ""', SMS_XML.replace("<to>", '<to xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="x y">') % ""),
    },
    "Responses": {
        "duplicate": ('{"status": {"code": 1, "code": 2}}', "<response><status><code>1</code><code>2</code></status></response>"),
        "channel": ('{"smsList": [], "emails": []}', "<response><messages/><emails/></response>"),
    },
}  # fmt: skip


@pytest.mark.parametrize("heading", WITNESSES)
def test_list_of_what_schemas_cannot_say_is_true(heading: str) -> None:
    """For each line of the page's list there is a document that decoding refuses for just that, which a schema accepts where the line says so."""
    kind: Kind = "request" if heading == "Requests" else "response"
    found: dict[str, dict[str, bool]] = {}
    for code, witnesses in WITNESSES[heading].items():
        for document in witnesses:
            assert issues(kind, document.encode()) == {code}, document
        found[code] = {name: not accepts(kind, document.encode()) for name, document in zip(("json", "xml"), witnesses, strict=True)}
    assert found == table(heading)


# ---- The page's programs.


def program(language: str) -> str:
    """The page's one program in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.mark.parametrize(
    ("name", "says"), [("sms-request", "valid\n"), ("email-no-body-request", "data/root/email/0 must have required property 'body'\n")]
)
def test_program_for_node(name: str, says: str, tmp_path: Path, pytestconfig: pytest.Config, node: Peer) -> None:
    """The page's program for Node says whether a document is valid, and if not, why."""
    script = tmp_path / "check.js"
    script.write_text(program("js"), encoding="utf-8")
    paths = HOME / "docs" / "schemas" / "request.schema.json", HOME / "docs" / "examples" / "documents" / f"{name}.json"
    modules = pytestconfig.cache.mkdir("schema-peers") / "node_modules"
    run = subprocess.run(
        ["node", script, *paths], env={**os.environ, "NODE_PATH": str(modules)}, capture_output=True, text=True, check=True
    )
    assert (run.stdout, run.stderr) == (says, "")


def test_program_for_java(tmp_path: Path, java: Peer) -> None:
    """The page's program for Java says that a document is valid."""
    source = tmp_path / "Check.java"
    source.write_text(program("java"), encoding="utf-8")
    paths = HOME / "docs" / "schemas" / "request.xsd", HOME / "docs" / "examples" / "documents" / "sms-request.xml"
    run = subprocess.run(["java", "-XX:TieredStopAtLevel=1", source, *paths], capture_output=True, text=True, check=True)
    assert run.stdout == "valid\n"
