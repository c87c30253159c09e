"""The one table: what a field is called in each format, whether it is required, which rule it obeys, and one sentence about it.

The table stands on the attrs fields themselves, in their metadata; codecs, schemas, documentation and test strategies read it from there
through `columns_of`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import attrs

from commspec.rules.rule import TextRule

_KEY = "commspec"
_F = TypeVar("_F", bound=Callable[..., Any])


def cached(function: _F) -> _F:
    """`functools.cache` with the function's own signature: type checkers do not take classes for hashable."""
    return functools.cache(function)  # type: ignore[return-value]


Kind = Literal["text", "time", "files", "boolean", "integer", "detail", "details", "values", "extra"]
"""What a field holds: a text; a time; attachments; a boolean or an integer (a text where the server sent something else); one status detail; a list of
status details or texts; a list of whatever the server sent; the fields that the specification does not know."""

FormatName = Literal["json", "xml"]

Role = Literal["recipient", "copy", "content"]
"""What a field is for: whom the message goes to, who else gets it, what it says."""


class Reply:
    """What a server says: the base of the classes whose names are camelCase in both formats."""

    __slots__ = ()


class Column(NamedTuple):
    """One field of one class, as the table has it.

    `name` is the attribute's; `xml` and `json` are its names in the formats. `order` says where the documents of each format (JSON, XML) put it,
    None where the documented shape has no place for it. `digits`: a JSON integer stands for the text under tolerance. `lenient` is what an absent
    value reads as under tolerance, reported as `tolerated.<name>`. `item` is the XML element of one item of a list. `role` is what a message's field is
    for, None for what is aside of these.
    """

    name: str
    json: str
    xml: str
    kind: Kind
    required: bool
    sentence: str
    example: str
    rule: TextRule | None
    digits: bool
    lenient: str | None
    order: tuple[int | None, int | None]
    item: str | None
    role: Role | None

    def named(self, format: FormatName) -> str:
        """What documents of a format call the field."""
        return self.json if format == "json" else self.xml


def column(
    sentence: str,
    *,
    example: str = "",
    kind: Kind = "text",
    rule: TextRule | None = None,
    required: bool = False,
    digits: bool = False,
    lenient: str | None = None,
    json: str | None = None,
    xml: str | None = None,
    order: tuple[int | None, int | None] = (None, None),
    item: str | None = None,
    role: Role | None = None,
) -> dict[str, Any]:
    """The metadata of one attrs field.

    Without `json` and `xml` both names follow from the attribute's: camelCase in JSON and in the replies of both formats, snake_case in XML requests.
    """
    return {_KEY: (sentence, example, kind, rule, required, digits, lenient, json, xml, order, item, role)}


@cached
def columns_of(cls: type) -> tuple[Column, ...]:
    """The table's columns of a class of commspec, in the order of its attributes."""
    reply = issubclass(cls, Reply)
    return tuple(_column(attribute.name, attribute.metadata, reply) for attribute in attrs.fields(cls) if _KEY in attribute.metadata)


def _column(name: str, metadata: Mapping[str, Any], reply: bool) -> Column:
    sentence, example, kind, rule, required, digits, lenient, json, xml, order, item, role = metadata[_KEY]
    snake = name.rstrip("_")
    head, *tail = snake.split("_")
    camel = head + "".join(map(str.capitalize, tail))
    return Column(
        name=name,
        json=json or camel,
        xml=xml or (camel if reply else snake),
        kind=kind,
        required=required,
        sentence=sentence,
        example=example,
        rule=rule,
        digits=digits,
        lenient=lenient,
        order=order,
        item=item,
        role=role,
    )
