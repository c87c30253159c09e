"""Documents with the value that they mean, spelled in all the ways in which a peer may spell it (SPEC.md sections 2, 3, 4 and 6)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import attrs
from hypothesis import strategies as st

from commspec.codecs.format import Format
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.messages import ADDRESS, ADDRESSES, ENCODING, PHONE, EmailMessage
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail
from commspec.models.table import Column, columns_of
from commspec.testing.objects import requests, responses
from commspec.testing.trees import Dice, FormatName, Leaf, Member, Part, Spelled, dice, json_document, xml_document
from commspec.wire.names import LISTS, Kind, check_kind

_WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


class Finding(NamedTuple):
    """A code and a path: what an issue or a note must be, whatever its words."""

    code: str
    path: str


def findings(issues: Any) -> tuple[Finding, ...]:
    """The findings of issues, sorted: what two lists of them are compared by."""
    return tuple(sorted(Finding(issue.code, issue.path) for issue in issues))


@attrs.frozen
class Sample:
    """A document, the value that it means, and the notes (sorted) that reading it must give: none where it is strictly valid."""

    document: bytes
    value: Any
    format: Format
    kind: Kind
    notes: tuple[Finding, ...] = ()


@st.composite
def documents(
    draw: st.DrawFn,
    kind: Kind = "request",
    format: Format | str | None = None,
    *,
    channel: Channel | str | None = None,
    tolerant: bool = False,
) -> Sample:
    """Documents of `kind`, in `format` or in either, with the value they mean, in every spelling that a peer may choose.

    Fields in any order, null for absent, `Z`; JSON with white space, escapes and a byte order mark; XML with indentation, CDATA, references, comments,
    instructions, schema hints and declarations, in nine encodings. With `tolerant`, also variants of section 6 (in responses, what is ignored), with
    the notes that they must give. Shrinks to the plainest value as commspec would write it.
    """
    check_kind(kind)
    spelled = draw(st.sampled_from(Format)) if format is None else Format(format)
    if kind == "request":
        return spell_request(draw(requests(channel)), draw(dice()), spelled, tolerant=tolerant)
    return spell_response(draw(responses(channel, carried_by=name_of(spelled))), draw(dice()), spelled, tolerant=tolerant)


# ---- Requests.


def name_of(format: Format) -> FormatName:
    """The name of a format."""
    return "json" if format is Format.JSON else "xml"


def spell_time(moment: datetime, roll: Dice) -> str:
    """A time as requests have it: `+00:00` in three ways, and as many digits of a fraction as one likes."""
    text = f"{moment.year:04}-{moment.month:02}-{moment.day:02}T{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    if moment.microsecond or roll.once_in(6):
        digits = f"{moment.microsecond:06}"
        shortest = digits.rstrip("0") or "0"
        text += "." + roll.pick((digits, shortest, shortest.ljust(6, "0")[: len(shortest) + roll.roll(2)][:6]))
    if moment.tzinfo is None:
        return text
    offset = moment.utcoffset() or timedelta()
    if not offset:
        return text + roll.pick(("+00:00", "Z", "-00:00"))
    minutes = abs(offset) // timedelta(minutes=1)
    return f"{text}{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"


def request_part(message: Any, format: FormatName, roll: Dice) -> Part:
    """A message or an attachment as a part of a document, every field strictly spelled."""
    part = Part()
    for column in columns_of(type(message)):
        value = getattr(message, column.name)
        name = column.named(format)
        if column.kind == "files":
            files = [request_part(file, format, roll) for file in value]
            if files:
                part.add(name, Part([Member(str(column.item), files)]))
            elif format == "json":
                nothing = (None, Part(), Part([Member(str(column.item), [])]), Part([Member(str(column.item), None)]))
                if roll.once_in(3):
                    part.add(name, roll.pick(nothing))
            elif roll.once_in(3):
                part.add(name, Part())
        elif value is None:
            if format == "json" and roll.once_in(3):
                part.add(name, None)
        else:
            part.add(name, spell_time(value, roll) if isinstance(value, datetime) else value)
    return part


def request_tree(request: SendRequest, format: FormatName, roll: Dice) -> Part:
    """What stands in the root of a request."""
    parts = [request_part(message, format, roll) for message in request]
    return Part([Member(LISTS[request.channel].message, parts)])


def spell_request(request: SendRequest, roll: Dice, format: Format, *, tolerant: bool = False) -> Sample:
    """A document that means `request`."""
    form = name_of(format)
    root = request_tree(request, form, roll)
    notes: list[Finding] = []
    wrapped = True
    if tolerant:
        wrapped = _tolerate(request, root, form, roll, notes)
    _shuffle(root, roll)
    if format is Format.XML:
        document = xml_document("root", root, roll)
    else:
        document = json_document(_wrap(root, roll, notes, tolerant) if wrapped else root, roll)
    return Sample(document, request, format, "request", tuple(sorted(notes)))


def _shuffle(part: Part, roll: Dice) -> None:
    """Put the members of every part in some order, those of one name as they stood."""
    order = roll.shuffled(part.members)
    again = {name: iter([member for member in part.members if member.name == name]) for name in {member.name for member in order}}
    part.members = [next(again[member.name]) for member in order]
    for member in part.members:
        for item in member.value if isinstance(member.value, list) else [member.value]:
            if isinstance(item, Part):
                _shuffle(item, roll)


def _wrap(root: Part, roll: Dice, notes: list[Finding], tolerant: bool) -> Part:
    whole = Part([Member("root", root)])
    if tolerant and roll.once_in(8):
        whole.members.insert(roll.roll(2), Member("version", Spelled("2")))
        notes.append(Finding("loss.unknown", "version"))
    return whole


# ---- Section 6.


def _tolerate(request: SendRequest, root: Part, format: FormatName, roll: Dice, notes: list[Finding]) -> bool:
    """Put variants of section 6 into the tree; whether JSON's root wrapper stays."""
    name = LISTS[request.channel].message
    listed = root.members[0]
    parts: list[Part] = listed.value  # type: ignore[assignment]
    for index, (message, part) in enumerate(zip(request, parts, strict=True)):
        path = f"root.{name}[{index}]"
        _tolerate_fields(message, part, path, format, roll, notes)
        if isinstance(message, EmailMessage) and message.attachments:
            _tolerate_files(message, part, path, format, roll, notes)
    if format == "xml":
        if roll.once_in(6):
            root.attributes.append(("version", "2"))
            notes.append(Finding("loss.unknown", "root@version"))
        return True
    if len(parts) == 1 and roll.once_in(4):
        listed.value = parts[0]
        notes.append(Finding("tolerated.list", f"root.{name}"))
    if roll.once_in(4):
        notes.append(Finding("tolerated.root", "root"))
        return False
    return True


def _tolerate_files(message: EmailMessage, part: Part, path: str, format: FormatName, roll: Dice, notes: list[Finding]) -> None:
    member = part.find("attachments")
    assert member is not None
    whole = member.value
    assert isinstance(whole, Part)
    files: list[Part] = whole.members[0].value  # type: ignore[assignment]
    for index, (file, inner) in enumerate(zip(message.attachments, files, strict=True)):
        _tolerate_fields(file, inner, f"{path}.attachments.attachment[{index}]", format, roll, notes)
    if format == "json":
        chosen = roll.roll(6)
        if chosen == 5:
            member.value = files
            notes.append(Finding("tolerated.attachments", f"{path}.attachments"))
        elif chosen == 4 and len(files) == 1:
            whole.members[0].value = files[0]
            notes.append(Finding("tolerated.list", f"{path}.attachments.attachment"))
    elif roll.once_in(6):
        whole.attributes.append(("count", str(len(files))))
        notes.append(Finding("loss.unknown", f"{path}.attachments@count"))


_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_UNKNOWN = (("priority", "priority", "1"), ("To", "To", "x"), ("x-note", "x-note", ""), ("größe", "größe", "ü"), ("a.b", '["a.b"]', "x"))
"""Names that no message has, the step of a path for each, and a value."""


def _tolerate_fields(message: Any, part: Part, path: str, format: FormatName, roll: Dice, notes: list[Finding]) -> None:
    for column in columns_of(type(message)):
        if not roll.once_in(3):
            continue
        name = column.named(format)
        at = f"{path}.{name}"
        value = getattr(message, column.name)
        member = part.find(name)
        found = _variant(column, message, value, format, roll)
        if found is not None:
            spelled, codes = found
            part.drop(name)
            if spelled is not None:
                member = Member(name, spelled)
                part.members.append(member)
            notes.extend(Finding(code, at) for code in codes)
        if member is not None and isinstance(member.value, (str, Leaf)) and member in part.members:
            other = column.json if format == "xml" else column.xml
            if other != name and roll.once_in(2):
                member.name = other
                notes.append(Finding("tolerated.spelling", at))
            if format == "xml" and roll.once_in(5) and not isinstance(member.value, Leaf):
                member.value = Leaf(str(member.value), [("lang", "en")])
                notes.append(Finding("loss.unknown", f"{at}@lang"))
    if roll.once_in(5):
        name, stepped, text = roll.pick(_UNKNOWN)
        some: tuple[Any, ...] = (
            text,
            Spelled("1.0e3"),
            Spelled("true"),
            [],
            [Part([Member("a", None)])],
            Part([Member("to", "x"), Member("to", "y")]),
        )
        inside: Any = (
            roll.pick(some)
            if format == "json"
            else roll.pick((text, Part([Member("to", "x"), Member("to", "y")]), Leaf(text, [("a", "b")])))
        )
        part.members.insert(roll.roll(len(part.members) + 1), Member(name, inside))
        notes.append(Finding("loss.unknown", path + (stepped if stepped.startswith("[") else f".{stepped}")))
    if format == "xml" and roll.once_in(8):
        part.attributes.append(("id", "7"))
        notes.append(Finding("loss.unknown", f"{path}@id"))


def _variant(column: Column, message: Any, value: Any, format: FormatName, roll: Dice) -> tuple[Any, tuple[str, ...]] | None:
    """Another spelling of a value, None where it is left out, with the codes of its notes; or no variant at all."""
    if column.kind == "files":
        return None
    if column.kind == "time":
        return _variant_of_time(value, format, roll)
    if value == "" and column.lenient == "":
        return roll.pick(((None, (f"tolerated.{column.name}",)), None))
    if value is None:
        return None
    if column.digits and format == "json" and _INTEGER.fullmatch(value):
        return Spelled(value), ("tolerated.number",)
    if column.name == "file_data" and message.file_encoding_type:
        place = roll.roll(len(value) + 1)
        return value[:place] + roll.pick((" ", "\n", "\r\n\t", "\u2003")) + value[place:], ("tolerated.space",)
    rule = column.rule
    if format == "xml" and rule is not None and rule.one_line and value == value.strip(_WHITE_SPACE):
        refused_anyway = rule in (PHONE, ADDRESS) or rule == ENCODING
        spaces = (" ", "\n", "\t\r\n", "\u2028", "\xa0") if refused_anyway else ("\n", "\r", "\n    ", "\x85")
        if refused_anyway or rule == ADDRESSES or value or not rule.blank:
            return roll.pick(("", *spaces)) + value + roll.pick(spaces), ("tolerated.space",)
    return None


def _variant_of_time(value: datetime | None, format: FormatName, roll: Dice) -> tuple[Any, tuple[str, ...]] | None:
    codes: tuple[str, ...] = ("tolerated.time",)
    if value is None:
        return roll.pick(("", "")) if format == "json" else roll.pick(("", " \n")), codes
    text = spell_time(value, Dice())
    date, clock, offset = text[:10], text[11:-6], text[-6:]
    between = roll.pick((" ", "t", "T"))
    if clock.endswith(":00") and roll.once_in(2):
        clock = clock[:-3]
    endings = [offset, offset.replace(":", "")]
    if offset.endswith(":00"):
        endings.append(offset[:3])
    if offset == "+00:00":
        endings += ["Z", "z"]
    spelled = date + between + clock + roll.pick(endings)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})", spelled):
        codes = ()
    if format == "xml" and roll.once_in(3):
        return roll.pick((" ", "\n", "")) + spelled + roll.pick((" ", "\n  ", "\xa0")), ("tolerated.space", *codes)
    return (spelled, codes) if codes else None


# ---- Responses.


def spell_response(response: SendResponse, roll: Dice, format: Format, *, tolerant: bool = False) -> Sample:
    """A document that means `response`."""
    speller = _Reply(name_of(format), roll, tolerant)
    document, notes = speller.document(response)
    return Sample(document, response, format, "response", tuple(sorted(notes)))


def reply_tree(response: SendResponse, format: FormatName, roll: Dice) -> tuple[str, Part]:
    """The root's name (in XML) and what stands in it, for a document that means `response`."""
    return "response", _Reply(format, roll, tolerant=False).tree(response)


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class _Reply:
    """Spells a response in one format as the dice say."""

    def __init__(self, format: FormatName, roll: Dice, tolerant: bool) -> None:
        self._json = format == "json"
        self._format: FormatName = format
        self._roll = roll
        self._tolerant = tolerant
        self._channel = Channel.SMS
        self._notes: list[Finding] = []

    def document(self, response: SendResponse) -> tuple[bytes, list[Finding]]:
        """The bytes, and what reading them must note."""
        root = self.tree(response)
        _shuffle(root, self._roll)
        if self._json:
            return json_document(root, self._roll), self._notes
        alone = root.find("status")
        if len(root.members) == 1 and alone is not None and isinstance(alone.value, Part) and not self._notes and self._roll.once_in(3):
            return xml_document("status", alone.value, self._roll), self._notes
        return xml_document("response", root, self._roll), self._notes

    def tree(self, response: SendResponse) -> Part:
        """What stands in the root."""
        root = self.part(response, "" if self._json else "response")
        if response.channel is not None:
            self._channel = response.channel
            names = LISTS[response.channel]
            if self._json:
                root.add(names.json_list, self.items(response.outcomes, names.json_list))
            else:
                within = f"response.{names.xml_list}"
                items = self.noted(Part([Member(names.xml_item, self.items(response.outcomes, f"{within}.{names.xml_item}"))]), within)
                root.add(names.xml_list, items)
        return root

    def items(self, outcomes: tuple[Outcome, ...], path: str) -> list[Part]:
        """The outcomes, each a part."""
        return [self.outcome(outcome, f"{path}[{index}]") for index, outcome in enumerate(outcomes)]

    def outcome(self, outcome: Outcome, path: str) -> Part:
        """One item: what the server echoes, its errors and its warnings."""
        part = self.part(outcome, path)
        if outcome.message is not None:
            name = LISTS[self._channel].message
            part.add(name, self.part(outcome.message, f"{path}.{name}"))
        return part

    def part(self, part: Any, path: str) -> Part:
        """The fields of one part, known and unknown."""
        out = Part()
        for column in columns_of(type(part)):
            if column.kind == "extra":
                continue
            name = self.name(column, part)
            value = getattr(part, column.name)
            if column.kind == "details":
                self.details(column, name, part, out, path)
            elif value is None:
                if column.kind == "detail" and self._json and isinstance(part, Status):
                    self.status_code(name, part, out, path)
                elif self._json and self._roll.once_in(4) and name not in part.extra and column.json not in part.extra:
                    out.add(name, None)
            elif column.kind == "detail":
                out.add(name, self.part(value, _step(path, name)))
            elif column.kind == "values":
                items = [self.value(item) for item in value]
                out.add(name, items if self._json else Part([Member(str(column.item), items)]))
            else:
                out.add(name, self.scalar(column, value))
        for name, value in part.extra.items():
            if (
                isinstance(value, tuple)
                and len(value) > 1
                and None not in value
                and not self.known(type(part), name)
                and self._roll.once_in(3)
            ):
                # One that stands again and again is the list of all.
                for item in value:
                    out.add(name, self.value(item))
            else:
                out.add(name, self.value(value))
        return self.noted(out, path)

    def noted(self, part: Part, path: str) -> Part:
        """`part`, in XML with what is ignored there."""
        if self._tolerant and not self._json:
            if self._roll.once_in(5):
                part.attributes.append(("id", "7"))
                self._notes.append(Finding("loss.unknown", f"{path}@id"))
            if self._roll.once_in(6) and any(member.value is not None and member.value != [] for member in part.members):
                part.stray = "stray"
                self._notes.append(Finding("loss.unknown", path))
        return part

    def known(self, cls: type, name: str) -> bool:
        """Whether the specification knows a field of that name."""
        return any(name in (column.json, column.xml) for column in columns_of(cls) if column.kind != "extra")

    def name(self, column: Column, part: Any) -> str:
        """The format's name of a column, or the other's, which is as good in a reply."""
        own = column.named(self._format)
        other = column.xml if self._json else column.json
        return other if other != own and own not in part.extra and self._roll.once_in(4) else own

    def status_code(self, name: str, status: Status, out: Part, path: str) -> None:
        """`statusCode` where it says nothing of its own: all, some or nothing of the rest, or not there at all."""
        if name in status.extra:
            return
        detail = status.as_detail()
        some = {key: getattr(detail, key) for key in ("status", "message", "code")}
        kept = {key: value for key, value in some.items() if not self._roll.once_in(3)}
        chosen = self._roll.roll(3)
        if chosen == 0:
            out.add(name, self.part(StatusDetail(**kept), _step(path, name)))
        elif chosen == 1:
            out.add(name, None)

    def details(self, column: Column, name: str, part: Any, out: Part, path: str) -> None:
        """Errors or warnings; an empty list may be absent."""
        value: tuple[StatusDetail | str, ...] = getattr(part, column.name)
        if not value and (name in part.extra or self._roll.once_in(2)):
            return
        at = _step(path, name) if self._json else f"{_step(path, name)}.{column.item}"
        items: list[Any] = [
            self.scalar_text(item) if isinstance(item, str) else self.part(item, f"{at}[{index}]") for index, item in enumerate(value)
        ]
        if self._json:
            out.add(name, items)
        elif value:
            out.add(name, Part([Member(str(column.item), items)]))

    def scalar(self, column: Column, value: Any) -> Any:
        """A value of a known field."""
        if isinstance(value, bool):
            text = "true" if value else "false"
            spelled = self._roll.pick((text, text, text.upper(), text.capitalize()))
            return Spelled(text) if self._json and self._roll.roll(3) < 2 else spelled
        if isinstance(value, int):
            as_text = value >= 0 and self._roll.once_in(3)
            return str(value) if as_text else Spelled(value)
        if isinstance(value, datetime):
            text = spell_time(value, self._roll)
            plain = value.tzinfo is None and (not self._json or self._roll.once_in(2))
            return text.replace("T", self._roll.pick((" ", "T"))) if plain else text
        return self.scalar_text(value, column)

    def scalar_text(self, text: str, column: Column | None = None) -> Any:
        """A text, or the JSON number that reads as it."""
        if self._json and _NUMBER.fullmatch(text) and self._roll.once_in(2):
            if column is not None and column.kind == "integer" and re.fullmatch(r"-?[0-9]+", text):
                return text
            return Spelled(text)
        return text

    def value(self, value: Any) -> Any:
        """A value of `extra`."""
        if isinstance(value, bool):
            return Spelled(str(value).lower())
        if isinstance(value, (int, Decimal)):
            return Spelled(value)
        if isinstance(value, tuple):
            items = [self.value(item) for item in value]
            return items if self._json else Part([Member("item", items)])
        if isinstance(value, Extra):
            return Part([Member(name, self.value(inner)) for name, inner in value.items()])
        return value


def _step(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
