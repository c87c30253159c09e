"""The field reference: every field, its name in each of the four shapes, its rule and an example, from the one table."""

from __future__ import annotations

import html

from commspec.models.channel import Channel
from commspec.models.messages import Attachment, message_type
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, columns_of
from commspec.wire.names import LISTS

_INTRODUCTION = """\
---
hide: [toc]
---

# Fields

<style>.md-typeset td code { word-break: normal; }</style>

Every field of every document: what Python, JSON and XML call it, what it must be, and an example.
This page is made from the table that the library itself works by.

- `*` marks what a request must have. Every field of a response may be absent.
- **†** marks a field for which the documented shape has no place. commspec writes it there all the same, after the documented fields,
  and only where it is present: nothing is lost.
- A dash: this shape knows no such field.
- `from` is `from_` in Python.

| channel | list in a request | list in a JSON response | list in an XML response | one outcome there |
|---|---|---|---|---|
"""

_KINDS = {
    "text": "",
    "time": "time",
    "files": "",
    "boolean": "`true` or `false`; anything else stays as its text",
    "integer": "an integer; anything else stays as its text",
    "detail": "an object",
    "details": "a list of details or texts",
    "values": "a list of whatever the server sent",
}
_TITLES = {Channel.SMS: "SMS", Channel.EMAIL: "Email", Channel.WHATSAPP: "WhatsApp", Channel.ZALO: "Zalo"}


def field_reference() -> str:
    """The whole page, in Markdown."""
    rows = "".join(
        f"| {_code(channel.value)} | {_code(names.message)} | {_code(names.json_list)} | {_code(names.xml_list)} | {_code(names.xml_item)} |\n"
        for channel, names in LISTS.items()
    )
    parts = [_INTRODUCTION + rows]
    for channel in Channel:
        message, receipt = message_type(channel), receipt_type(channel)
        parts.append(
            f"## {_TITLES[channel]}\n\n{_home(message)} in a request, {_home(receipt)} in a response.\n\n{_table(message, receipt)}"
        )
    parts.append(
        f"## Attachment\n\n{_home(Attachment)}, in an email's request: "
        '`"attachments": {"attachment": [{…}]}` in JSON, `<attachments><attachment>…</attachment></attachments>` in XML. '
        f"A response holds whatever the server says of them.\n\n{_table(Attachment, None)}"
    )
    for title, cls, where in (
        ("Response", SendResponse, "the root of a response; the lists of outcomes stand beside its fields"),
        ("Status", Status, "the result of the whole call"),
        (
            "Outcome",
            Outcome,
            "an item of a response's list, beside the echoed message. In XML, which documents neither, they follow the message's element",
        ),
        ("Detail", StatusDetail, "`statusCode`, an item's error or warning"),
    ):
        parts.append(f"## {title}\n\n{_home(cls)}: {where}.\n\n{_table(None, cls)}")
    return "\n".join(parts)


def _home(cls: type) -> str:
    return f"[`{cls.__name__}`][commspec.{cls.__name__}]"


def _table(message: type | None, receipt: type | None) -> str:
    """The fields of a message and of what the server echoes of it, the message's first."""
    sent = {column.name: column for column in columns_of(message)} if message is not None else {}
    said = {column.name: column for column in columns_of(receipt) if column.kind != "extra"} if receipt is not None else {}
    requests = ["JSON request", "XML request"] if message is not None else []
    responses = ["JSON response", "XML response"] if receipt is not None else []
    heads = ["Python", *requests, *responses, "what it is, and its rule", "example"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name in dict.fromkeys((*sent, *said)):
        asked, answered = sent.get(name), said.get(name)
        column = asked or answered
        assert column is not None
        star = "*" if asked is not None and asked.required else ""
        cells = [
            _code(name) + star.replace("*", r"\*"),
            *(_names_in_request(asked) if requests else ()),
            *(_names_in_reply(answered) if responses else ()),
            _rule(column),
            _code(column.example),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _names_in_request(column: Column | None) -> tuple[str, str]:
    return ("–", "–") if column is None else (_code(column.json), _code(column.xml))


def _names_in_reply(column: Column | None) -> tuple[str, str]:
    if column is None:
        return "–", "–"
    in_json, in_xml = column.order
    return _code(column.json) + ("" if in_json is not None else " †"), _code(column.xml) + ("" if in_xml is not None else " †")


def _rule(column: Column) -> str:
    rule = column.rule.sentence if column.rule is not None else _KINDS[column.kind]
    if rule:
        rule = f"{rule[:1].upper()}{rule[1:]}."
    return html.escape(f"{column.sentence} {rule}".strip(), quote=False).replace("|", "&#124;").replace("_", r"\_")


def _code(text: str | None) -> str:
    return f"`{text}`".replace("|", "&#124;") if text else "–"
