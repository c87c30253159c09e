"""The documents as JSON Schema, draft 2020-12 (SPEC.md sections 2, 3 and 5).

Patterns have no lookahead and no group names, so that engines of every kind take them. A `$` may stand before a last line break in some (Python's is
one), so whatever has a pattern has a `not` that refuses line breaks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from commspec.models.channel import Channel
from commspec.models.messages import Attachment, message_type
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, FormatName, columns_of
from commspec.rules.rule import TextRule
from commspec.rules.text import FORBIDDEN, LINE_BREAKS, WHITE_SPACE
from commspec.wire.names import LISTS, RESPONSE, ROOT, Kind, ListNames, check_kind
from commspec.wire.reply import documented_order

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# JSON has no lone surrogates, and a schema that names them is no JSON itself.
_NO_TEXT = FORBIDDEN.replace("\ud800-\udfff", "")


def ranges(characters: str) -> str:
    """The inside of a regular expression's class of `characters`, as short as ranges of code points make it."""
    codes = sorted(map(ord, characters))
    starts = [code for code in codes if code - 1 not in codes]
    ends = [code for code in codes if code + 1 not in codes]
    return "".join(
        chr(start) if start == end else f"{chr(start)}{'-' if end > start + 1 else ''}{chr(end)}"
        for start, end in zip(starts, ends, strict=True)
    )


_SPACE = ranges(WHITE_SPACE)


def json_schema(kind: Kind, channel: Channel | str | None = None) -> Schema:
    """The JSON Schema of JSON requests or responses, those of one channel or of any, as a tree that `json.dumps` takes.

    A request's schema refuses what strict decoding refuses, as far as a schema can say it; a response's is as permissive as decoding. The same
    arguments give the same tree, in the same order. Raises `ValueError` for a kind or channel that does not exist.

    >>> json_schema("request", "sms")["properties"]["root"]["required"]
    ['sms']
    """
    parts = Parts("json", "#/$defs/")
    document = parts.document(kind, None if channel is None else Channel(channel))
    title = kind.capitalize() if channel is None else f"{kind.capitalize()} for {Channel(channel)}"
    return {"$schema": DIALECT, "title": title, **document, "$defs": parts.named}


def describe(column: Column) -> str:
    """What the table says of a column, in sentences."""
    if column.rule is None:
        return column.sentence
    return f"{column.sentence} {column.rule.sentence[:1].upper()}{column.rule.sentence[1:]}."


class Parts:
    """The schemas of one format's documents, and of their parts, which gather in `named` as they are referred to.

    `home` is where those will stand (`#/$defs/`), and `prefix` goes before the name of each. For XML, schemas are those that OpenAPI reads with its `xml`
    keyword: an element is an object, and one that may stand again is an array. With `permissive`, a response's refuse nothing for its content; without,
    they have the types that `SendResponse` has, which programs can be generated from: unknown fields may be there, and texts where numbers and booleans
    belong.
    """

    def __init__(self, format: FormatName, home: str, prefix: str = "", *, permissive: bool = True) -> None:
        self.named: dict[str, Schema] = {}
        self._format = format
        self._home = home
        self._prefix = prefix
        self._permissive = permissive

    def document(self, kind: Kind, channel: Channel | None = None) -> Schema:
        """The schema of whole documents, of one channel or of any."""
        check_kind(kind)
        return self._request(channel) if kind == "request" else self._response(channel)

    def refer(self, name: str, make: Callable[[], Schema]) -> Schema:
        """A reference to the part `name`, which is made where it is not there yet."""
        name = self._prefix + name
        if name not in self.named:
            self.named[name] = {}
            self.named[name] = make()
        return {"$ref": self._home + name}

    def _or_null(self, name: str) -> str | list[str]:
        # Null reads as absent, everywhere, and XML has none.
        return [name, "null"] if self._format == "json" else name

    # ---- Requests.

    def _request(self, channel: Channel | None) -> Schema:
        lists: dict[str, Schema] = {}
        for names in LISTS.values():
            if channel in (None, names.channel):
                lists[names.message] = {
                    "description": f"Messages for {names.channel}, one or more.",
                    "type": self._or_null("array") if channel is None else "array",
                    "items": self.refer(message_type(names.channel).__name__, lambda names=names: self._message(names.channel)),  # type: ignore[misc]
                    "minItems": 1,
                }
            elif self._format == "json":
                lists[names.message] = {"description": f"Messages for {names.channel}, which have no place here.", "type": "null"}
        root: Schema = {"description": "The messages of one call, all for one channel.", "type": "object", "properties": lists}
        if channel is None:
            # `oneOf` would say the same, but makes generators draw up a class for each choice.
            there = [{"required": [name], "properties": {name: {"type": "array"}}} for name in lists]
            root["not"] = {
                "description": "no list, or lists of two channels",
                "anyOf": [{"not": {"anyOf": there}}, *_both(lists, {"type": "array"})],
            }
        else:
            root["required"] = [LISTS[channel].message]
        root["additionalProperties"] = False
        if self._format == "xml":
            return {**root, "xml": {"name": ROOT}}
        return {"type": "object", "properties": {ROOT: root}, "required": [ROOT], "additionalProperties": False}

    def _message(self, channel: Channel) -> Schema:
        return self._fields(message_type(channel), f"A message for {channel}.")

    def _fields(self, cls: type, description: str) -> Schema:
        columns = columns_of(cls)
        schema: Schema = {
            "description": description,
            "type": "object",
            "properties": {column.named(self._format): self._field(column) for column in columns},
            "required": [column.named(self._format) for column in columns if column.required],
            "additionalProperties": False,
        }
        names = {column.name: column.named(self._format) for column in columns}
        conditions = [_condition(column, names) for column in columns if column.rule is not None and column.rule.beside is not None]
        return {**schema, "allOf": conditions} if conditions else schema

    def _field(self, column: Column) -> Schema:
        schema: Schema = {"description": describe(column)}
        if column.kind == "files":
            items = self.refer(Attachment.__name__, lambda: self._fields(Attachment, "A file that an email carries."))
            files = {str(column.item): {"description": column.sentence, "type": self._or_null("array"), "items": items}}
            return {**schema, "type": self._or_null("object"), "properties": files, "additionalProperties": False}
        assert column.rule is not None, column
        schema["type"] = "string" if column.required else self._or_null("string")
        if column.kind == "time":
            schema["format"] = "date-time"
        schema.update(_text(column.rule))
        return {**schema, "examples": [column.example]} if column.example else schema

    # ---- Responses: what is documented, or anything else.

    def _response(self, channel: Channel | None) -> Schema:
        lists = {self._list_name(names): names for names in LISTS.values()}
        properties = self._reply_fields(SendResponse)
        for name, names in lists.items():
            if channel in (None, names.channel):
                properties[name] = {
                    "description": f"What became of the messages for {names.channel}.",
                    **self._reply(self._outcomes(names)),
                }
            else:
                properties[name] = {"description": f"What became of messages for {names.channel}, which have no place here.", "not": _LIST}
        schema: Schema = {
            "description": "What the server answers. Every field may be absent, and unknown ones may be there.",
            "type": "object",
            "properties": properties,
        }
        if self._format == "xml":
            schema["xml"] = {"name": RESPONSE}
        elif channel is None:
            schema["not"] = {"description": "lists of two channels", "anyOf": _both(lists, _LIST)}
        return schema

    def _list_name(self, names: ListNames) -> str:
        return names.json_list if self._format == "json" else names.xml_list

    def _outcomes(self, names: ListNames) -> Schema:
        item = self.refer(receipt_type(names.channel).__name__.replace("Receipt", "Outcome"), lambda: self._outcome(names))
        outcomes: Schema = {"type": "array", "items": item}
        return outcomes if self._format == "json" else {"type": "object", "properties": {names.xml_item: outcomes}}

    def _outcome(self, names: ListNames) -> Schema:
        receipt = receipt_type(names.channel)
        message = self.refer(receipt.__name__, lambda: self._part(receipt, f"What the server echoes of a message for {names.channel}."))
        properties = {names.message: {"description": "What the server echoes of the message.", **self._reply(message)}}
        return {
            "description": f"What became of one message for {names.channel}.",
            "type": "object",
            "properties": {**properties, **self._reply_fields(Outcome)},
        }

    def _part(self, cls: type, description: str) -> Schema:
        return {"description": description, "type": "object", "properties": self._reply_fields(cls)}

    def _reply_fields(self, cls: type) -> dict[str, Schema]:
        return {column.named(self._format): self._reply_field(column, cls) for column in documented_order(cls, self._format)}

    def _reply_field(self, column: Column, cls: type) -> Schema:
        schema: Schema = {"description": describe(column), **self._reply(self._documented(column, cls))}
        return {**schema, "examples": [_example(column, self._format)]} if column.example else schema

    def _documented(self, column: Column, cls: type) -> Schema:
        """The schema of what is documented for a column of a response."""
        if column.kind == "detail" and cls is SendResponse:
            return self.refer(Status.__name__, lambda: self._part(Status, "The result of the whole call."))
        if column.kind in ("details", "values", "detail"):
            item: Schema = {}
            if column.kind != "values":
                item = self.refer(StatusDetail.__name__, lambda: self._part(StatusDetail, "The result of one thing."))
            if column.kind == "detail":
                return item
            items: Schema = {"type": "array", "items": item if column.kind == "values" else {"anyOf": [item, {"type": "string"}]}}
            return items if self._format == "json" else {"type": "object", "properties": {str(column.item): items}}
        if column.kind in ("text", "time"):
            # A time without offset, as XML has it, is none by that format.
            return {"type": "string", "format": "date-time"} if column.kind == "time" and self._permissive else {"type": "string"}
        return {"type": column.kind} if self._permissive else {"type": [column.kind, "string"]}

    def _reply(self, documented: Schema) -> Schema:
        """The schema of what is documented, and of what else may stand there."""
        if self._permissive:
            return {"anyOf": [documented, {"description": "Whatever else the server sent."}]}
        if self._format == "xml":
            return documented
        if "type" not in documented:
            return {"anyOf": [documented, {"type": "null"}]}
        types = documented["type"]
        return {**documented, "type": [*([types] if isinstance(types, str) else types), "null"]}


_LIST: Schema = {"type": "array", "items": {"type": ["object", "null"]}}


def _both(names: Iterable[str], is_list: Schema) -> list[Schema]:
    """For each two of `names`, that there are lists of both."""
    return [{"required": [*two], "properties": dict.fromkeys(two, is_list)} for two in itertools.combinations(names, 2)]


def _example(column: Column, format: FormatName) -> str | int | bool:
    if column.kind == "integer":
        return int(column.example)
    if column.kind == "time" and format == "xml":
        return column.example[:19].replace("T", " ")
    return column.example == "true" if column.kind == "boolean" else column.example


def _text(rule: TextRule) -> Schema:
    """What a text must match as a whole, and what it must not hold."""
    refused = f"[{_NO_TEXT}{LINE_BREAKS if rule.one_line else ''}]" + ("" if rule.blank else f"|^[{_SPACE}]*$")
    what = [*(["blank"] if not rule.blank else []), *(["a line break"] if rule.one_line else []), "a character that XML 1.0 can't carry"]
    return {
        **({} if rule.pattern is None else _whole(rule.pattern)),
        "not": {"description": " or ".join(what), "type": "string", "pattern": refused},
    }


def _whole(pattern: str) -> Schema:
    return {"pattern": f"^({pattern})$"}


def _condition(column: Column, names: dict[str, str]) -> Schema:
    """What a column must be where another one says so."""
    assert column.rule is not None
    assert column.rule.beside is not None
    beside, name = column.rule.beside, names[column.name]
    text = {"type": "string", **_whole(beside.then), "not": {"type": "string", "pattern": f"[{LINE_BREAKS}]"}}
    return {
        "if": {"properties": {names[beside.field]: {"type": "string", **_whole(beside.when)}}, "required": [names[beside.field]]},
        "then": {"properties": {name: text}, "required": [name]},
    }
