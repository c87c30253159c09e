"""Faulty documents, with exactly the issues (code and path) that reading them must give (SPEC.md sections 3, 4 and 5).

Each kind of fault is a small function that breaks one thing in a good document and says what must be found there. Kinds that break different things
are combined. No rule of commspec is asked: every bad value stands here, with the code that the specification gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import attrs
from hypothesis import strategies as st

from commspec.codecs.format import Format
from commspec.models.channel import Channel
from commspec.models.messages import ADDRESS, ADDRESSES, ENCODING, FILE_NAME, PHONE, Attachment, message_type
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, SendResponse, Status, StatusDetail, receipt_type
from commspec.models.table import Column, columns_of
from commspec.rules.rule import TextRule
from commspec.testing.objects import FORBIDDEN, requests, responses
from commspec.testing.samples import Finding, name_in, named, reply_tree, request_part, request_tree
from commspec.testing.trees import (
    ENCODINGS,
    Dice,
    FormatName,
    Leaf,
    Member,
    Part,
    Spelled,
    XmlSpeller,
    dice,
    json_document,
    json_text,
    xml_document,
)
from commspec.wire.names import LISTS, Kind
from commspec.wire.report import DEFAULT_LIMITS, Limits


@attrs.frozen
class Faulty:
    """A document and exactly the issues (sorted) that reading it strictly must give; `limits` and `timezone` are what it is to be read with."""

    document: bytes
    format: Format
    kind: Kind
    issues: tuple[Finding, ...]
    limits: Limits = DEFAULT_LIMITS
    timezone: str | None = None


class NoPlace(Exception):
    """The draft has no place left for a fault of this kind."""


# ---- Drafts: good requests that are about to be broken.


@attrs.define
class Place:
    """A message or an attachment of a draft: where it stands, what it is, and the fields that are broken already."""

    path: str
    cls: type
    part: Part
    taken: set[str] = attrs.field(factory=set)

    def claim(self, columns: Iterable[Column], roll: Dice) -> Column:
        """One of `columns` that nothing has broken yet; from then on it is broken."""
        free = [column for column in columns if column.name not in self.taken]
        if not free:
            raise NoPlace
        column = roll.pick(free)
        self.taken.add(column.name)
        return column


@attrs.define
class Draft:
    """A request as a tree, its messages and attachments, and what is left to do to it."""

    format: FormatName
    root: Part
    name: str
    messages: list[Place]
    files: list[Place]
    roll: Dice
    taken: set[str] = attrs.field(factory=set)

    @property
    def json(self) -> bool:
        """Whether it will be JSON."""
        return self.format == "json"

    def once(self, what: str) -> None:
        """Claim something that can be broken only once."""
        if what in self.taken:
            raise NoPlace
        self.taken.add(what)

    def file(self) -> Place:
        """One of the attachments, made where there is none."""
        if not self.files:
            self.once("attachments")
            message = self.messages[0]
            inner = request_part(Attachment("a.txt", "txt", "aGk=", "base64"), self.format, Dice())
            message.part.drop("attachments")
            message.part.add("attachments", Part([Member("attachment", [inner])]))
            self.files.append(Place(f"{message.path}.attachments.attachment[0]", Attachment, inner))
        return self.roll.pick(self.files)

    def put(self, place: Place, column: Column, value: Any) -> Finding:
        """Put `value` where a column's stands; the finding has no code yet."""
        name = name_in(column, self.format)
        place.part.drop(name)
        if value is not None or self.json:
            place.part.add(name, value)
        return Finding("", f"{place.path}.{name}")

    def holding(self, *rules: TextRule) -> tuple[Place, Column]:
        """A place and one of its columns with one of `rules`, unbroken until now."""
        places = [*self.messages, *self.files]
        for place in self.roll.shuffled(places):
            columns = [column for column in columns_of(place.cls) if column.rule in rules and column.name not in place.taken]
            if columns:
                return place, place.claim(columns, self.roll)
        raise NoPlace

    def some(self, wanted: Callable[[Column], bool]) -> tuple[Place, Column]:
        """A place and one of its columns that `wanted` takes, unbroken until now."""
        for place in self.roll.shuffled([*self.messages, *self.files]):
            columns = [column for column in columns_of(place.cls) if wanted(column) and column.name not in place.taken]
            if columns:
                return place, place.claim(columns, self.roll)
        raise NoPlace


def draft_of(request: SendRequest, format: FormatName, roll: Dice) -> Draft:
    """A good request about to be broken."""
    root = request_tree(request, format, roll)
    name = LISTS[request.channel].message
    listed = root.members[0].value
    assert isinstance(listed, list)
    messages = [Place(f"root.{name}[{index}]", message_type(request.channel), part) for index, part in enumerate(listed)]
    files = []
    for place in messages:
        whole = place.part.find("attachments")
        inner = whole.value.find("attachment") if whole is not None and isinstance(whole.value, Part) else None
        if inner is not None and isinstance(inner.value, list):
            files += [Place(f"{place.path}.attachments.attachment[{index}]", Attachment, part) for index, part in enumerate(inner.value)]
    return Draft(format, root, name, messages, files, roll)


# ---- Faults of one field.

Findings = list[Finding]
_BLANKS = ("", " ", "\t", "\n", "\u3000", "\xa0 \u2028", "\r\n", "\x85")

BAD_VALUES: dict[str, tuple[tuple[tuple[TextRule, ...], tuple[str, ...]], ...]] = {
    "phone.characters": (
        (
            (PHONE,),
            (
                *("(555) 555-5555", "91 98765 43210", "91-9876500001", "+0919876500", "+0", "abcdefgh", "9198765000a1", "4.47E+11", "++919876500001", "919876500001+"),
                *("٩١٩٨٧٦٥٠٠٠٠١", "９１９８７６５０００", "\u200b919876500001", "919876500001;919876500002", "919876500001,919876500002", "tel:919876500001", "-919876500001"),
                *("91\u00a098765", "²²²²²²²"),
            ),
        ),
    ),
    "phone.length": (((PHONE,), ("12345", "+12345", "+", "1234567890123456", "+1234567890123456", "0", "9" * 200)),),
    "email.syntax": (
        (
            (ADDRESS, ADDRESSES),
            (
                *("plain", "@example.com", "a@", "a b@example.com", "a@exa mple.com", "Ann <ann@example.com>", "<ann@example.com>", "a..b@example.com", ".a@example.com"),
                *("a@example..com", "a@-x-.com", '"a b"@example.com', "a@[127.0.0.1]", "a@example", "x" * 250 + "@example.com", "a@" + "y" * 64 + ".com", "a@example.com; b@example.com"),
                *("mailto:a@example.com", "a@example.com,plain", "a@example.com,", ",", "a@b@example.com", "a\u200b@example.com"),
            ),
        ),
        ((ADDRESS,), (" a@example.com", "a@example.com ")),
    ),
    "email.list": (((ADDRESS,), ("a@example.com,b@example.com", "a@example.com, b@example.com", "a@example.com,b@example.org,c@example.net")),),
    "attachment.name": (((FILE_NAME,), ("../x.pdf", "a/b.txt", "a\\b.txt", ".", "..", "/etc/passwd", "C:\\x.txt", "a/")),),
    "attachment.encoding": (((ENCODING,), ("hex", "base-64", "base32", "BASE_64", " base64", "base64 ", "utf-8", " ", "bäse64", "ba\u017fe64")),),
}  # fmt: skip
"""For each code that a text by itself can have: fields by their rules, and texts that must have it there."""

BAD_TIMES = {
    "time.syntax": (
        *("tomorrow", "", " ", "2024-02-22", "2024-02-30T00:00:00+00:00", "2023-02-29T00:00:00Z", "2024-02-22T24:00:00+00:00", "2024-02-22T23:59:60+00:00"),
        *("2024-02-22T00:25:06.1234567+05:30", "2024-02-22T00:25:06.+05:30", "2024-02-22T00:25:06,5+05:30", "2024-W08-4T00:00:00+00:00", "2024-053T00:00:00+00:00"),
        *("2024-02-22 00:25:06+05:30", "2024-02-22t00:25:06+05:30", "2024-02-22T00:25:06z", "2024-02-22T00:25+05:30", "20240222T002506+0530", "1708541706", "1708541706000"),
        *("٢٠٢٤-02-22T00:25:06+05:30", "2024-2-22T00:25:06+05:30", "24-02-22T00:25:06+05:30", "0000-01-01T00:00:00Z", "22/02/2024 00:25", "2024-13-01T00:00:00Z", " 2024-02-22T00:25:06Z"),
        *("2024-02-22T00:25:06Z ", "2024-02-22T00:60:06Z", "2024-02-22T25:00:06Z", "2024-02-30T00:00:00", "+2024-02-22T00:25:06Z"),
    ),
    "time.offset": (
        *("2024-02-22T00:25:06", "2024-02-22T00:25:06.5", "2024-02-22T00:25:06+24:00", "2024-02-22T00:25:06-99:99", "2024-02-22T00:25:06+05:60"),
        *("2024-02-22T00:25:06+05:30:15", "2024-02-22T00:25:06-00:00:30"),
    ),
}  # fmt: skip

BAD_BASE64 = (
    "aGk",
    "aGk=\n",
    " aGk=",
    "aGk= ",
    "-_-_",
    "data:image/png;base64,aGk=",
    "b'aGk='",
    "aGl=",
    "aGk==",
    "=",
    "====",
    "a",
    "aGk=aGk=",
    "aG\nk=",
    "aGk=!",
    "ａGk=",
    "aG==k",
)


def _bad_value(code: str) -> Callable[[Draft], Findings]:
    def apply(draft: Draft) -> Findings:
        rules, values = draft.roll.pick(BAD_VALUES[code])
        if code.startswith("attachment."):
            draft.file()
        place, column = draft.holding(*rules)
        return [draft.put(place, column, draft.roll.pick(values))._replace(code=code)]

    return apply


def _bad_time(code: str) -> Callable[[Draft], Findings]:
    def apply(draft: Draft) -> Findings:
        place, column = draft.some(lambda column: column.kind == "time")
        return [draft.put(place, column, draft.roll.pick(BAD_TIMES[code]))._replace(code=code)]

    return apply


def _column(cls: type, rule: TextRule) -> Column:
    return next(column for column in columns_of(cls) if column.rule == rule)


def _image_unencoded(draft: Draft) -> Findings:
    """An image that does not say it is base64."""
    place = draft.file()
    place.claim([_column(Attachment, ENCODING)], draft.roll)
    if {"file_type", "file_data"} & place.taken:
        raise NoPlace
    place.taken |= {"file_type", "file_data"}
    columns = {column.name: column for column in columns_of(Attachment)}
    draft.put(place, columns["file_type"], draft.roll.pick(("png", "PNG", ".jpg", "image/jpeg", "Image/GIF", "jpeg", ".Gif")))
    return [draft.put(place, columns["file_encoding_type"], draft.roll.pick((None, "")))._replace(code="attachment.encoding")]


def _bad_base64(draft: Draft) -> Findings:
    place = draft.file()
    if {"file_type", "file_encoding_type", "file_data"} & place.taken:
        raise NoPlace
    place.taken |= {"file_type", "file_encoding_type", "file_data"}
    columns = {column.name: column for column in columns_of(Attachment)}
    draft.put(place, columns["file_encoding_type"], draft.roll.pick(("base64", "BASE64", "Base64")))
    return [draft.put(place, columns["file_data"], draft.roll.pick(BAD_BASE64))._replace(code="attachment.base64")]


def _missing(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: column.required)
    found = draft.put(place, column, None)
    if not draft.json or draft.roll.once_in(2):
        place.part.drop(name_in(column, draft.format))
    return [found._replace(code="missing")]


def _blank(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: column.rule is not None and column.kind == "text" and not column.rule.blank)
    return [draft.put(place, column, draft.roll.pick(_BLANKS))._replace(code="blank")]


def _is_free_text(column: Column) -> bool:
    return column.kind == "text"


def _bad_character(draft: Draft) -> Findings:
    """A character that XML can't carry: in JSON only as an escape, in XML not at all."""
    place, column = draft.some(_is_free_text)
    text = draft.roll.pick(("x{}", "{}", "919876500001{}", "a@example.com{}", "\n{}", "{}a\u2028b")).format(draft.roll.pick(FORBIDDEN))
    return [draft.put(place, column, text)._replace(code="text.character")]


def _line_break(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: _is_free_text(column) and column.rule is not None and column.rule.one_line)
    text = draft.roll.pick(("Hi{}Bcc: x", "919876{}500001", "a@example.com{}", "{}x", "a@example.com,{}b@example.com")).format(
        draft.roll.pick(("\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"))
    )
    return [draft.put(place, column, text)._replace(code="text.newline")]


_ODD_JSON = (Spelled("12"), Spelled("919876500001"), Spelled("1.5"), Spelled("true"), Spelled("false"))


def _odd(draft: Draft) -> Any:
    """A value that is no text: in XML an element."""
    if not draft.json:
        return Part([Member(draft.roll.pick(("b", "to", "x")), draft.roll.pick(("x", "")))])
    return draft.roll.pick((*_ODD_JSON, [], ["x"], Part(), Part([Member("a", "b"), Member("a", "b")])))


def _type(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: column.kind in ("text", "time"))
    return [draft.put(place, column, _odd(draft))._replace(code="type")]


def _attachments_type(draft: Draft) -> Findings:
    """Attachments that are no object, no list, or hold something that is no attachment (JSON)."""
    draft.once("attachments")
    place = draft.messages[0]
    if any(file.taken for file in draft.files):
        raise NoPlace
    draft.files = [file for file in draft.files if not file.path.startswith(place.path)]
    good = request_part(Attachment("a.txt", "txt", ""), draft.format, Dice())
    place.part.drop("attachments")
    path = f"{place.path}.attachments"
    values: tuple[tuple[Any, str, str], ...] = (
        (draft.roll.pick(("", "x", *_ODD_JSON)), "type", path),
        (draft.roll.pick(([], [good])), "type", path),
        (Part([Member("attachment", good)]), "type", f"{path}.attachment"),
        (Part([Member("attachment", draft.roll.pick(("x", *_ODD_JSON)))]), "type", f"{path}.attachment"),
        (Part([Member("attachment", [good, draft.roll.pick(("x", [], *_ODD_JSON))])]), "type", f"{path}.attachment[1]"),
        (Part([Member("attachment", [None, good])]), "missing", f"{path}.attachment[0]"),
    )
    value, code, at = draft.roll.pick(values)
    place.part.add("attachments", value)
    return [Finding(code, at)]


def _message_type(draft: Draft) -> Findings:
    """Something that is no message in the list (JSON), at its end."""
    # Another fault may have put something before the list.
    member = draft.root.find(draft.name)
    assert member is not None
    listed = member.value
    assert isinstance(listed, list)
    draft.once(f"message {len(listed)}")
    value: Any = draft.roll.pick(("x", None, [], *_ODD_JSON))
    listed.append(value)
    return [Finding("missing" if value is None else "type", f"root.{draft.name}[{len(listed) - 1}]")]


def _stray(draft: Draft) -> Findings:
    """Text between elements (XML)."""
    wholes = [(place.path, place.part) for place in (*draft.messages, *draft.files)] + [("root", draft.root)]
    for place in draft.messages:
        member = place.part.find("attachments")
        if member is not None and isinstance(member.value, Part):
            wholes.append((f"{place.path}.attachments", member.value))
    path, part = draft.roll.pick(wholes)
    draft.once(f"stray {path}")
    part.stray = draft.roll.pick(("x", ",", "\xa0", "]]>", "\n hi \n"))
    return [Finding("type", path)]


_STRANGE = (
    ("bdy", ".bdy"),
    ("TO", ".TO"),
    ("a.b", '["a.b"]'),
    ("größe", ".größe"),
    ("x" * 80, "." + "x" * 80),
    ("channel", ".channel"),
    ("item", ".item"),
)
_STRANGE_JSON = (("a b", '["a b"]'), ("", '[""]'), ('q"', '["q\\""]'), ("0", '["0"]'), ("a:b", '["a:b"]'), ("\\", '["\\\\"]'))


def _unknown(draft: Draft) -> Findings:
    """A field, list or file that the specification does not know."""
    wholes = [(place.path, place.part) for place in (*draft.messages, *draft.files)] + [("root", draft.root)]
    for place in draft.messages:
        member = place.part.find("attachments")
        if member is not None and isinstance(member.value, Part):
            wholes.append((f"{place.path}.attachments", member.value))
    path, part = draft.roll.pick(wholes)
    name, stepped = draft.roll.pick(_STRANGE + (_STRANGE_JSON if draft.json else ()))
    draft.once(f"unknown {path} {name}")
    value: Any = draft.roll.pick(("x", "", *_ODD_JSON, [], Part())) if draft.json else draft.roll.pick(("x", "", Part([Member("to", "x")])))
    part.members.insert(draft.roll.roll(len(part.members) + 1), Member(name, value))
    return [Finding("unknown", path + stepped)]


def _unknown_twice(draft: Draft) -> Findings:
    """A key that stands twice though nobody knows it (JSON)."""
    path, part = draft.roll.pick([(place.path, place.part) for place in (*draft.messages, *draft.files)] + [("root", draft.root)])
    draft.once(f"unknown twice {path}")
    for _ in range(2):
        part.members.insert(draft.roll.roll(len(part.members) + 1), Member("twice", draft.roll.pick(("x", None, *_ODD_JSON))))
    return [Finding("duplicate", f"{path}.twice")]


def _unknown_at_top(draft: Draft) -> Findings:
    """Something beside the root (JSON)."""
    draft.once("top")
    return [Finding("unknown", "version")]


def _attribute(draft: Draft) -> Findings:
    """An attribute (XML)."""
    places: list[tuple[str, Any]] = [(place.path, place.part) for place in (*draft.messages, *draft.files)] + [("root", draft.root)]
    for place in (*draft.messages, *draft.files):
        names = {name_in(column, "xml"): column.name for column in columns_of(place.cls)}
        places += [
            (f"{place.path}.{member.name}", member)
            for member in place.part.members
            if names.get(member.name, "") not in place.taken and isinstance(member.value, (str, Leaf, Part))
        ]
    path, where = draft.roll.pick(places)
    name = draft.roll.pick(("lang", "x", "xml:lang", "type"))
    draft.once(f"attribute {path}")
    if isinstance(where, Member):
        if isinstance(where.value, Part):
            where.value.attributes.append((name, "en"))
        else:
            # Another fault may have given it an attribute already.
            text, others = (where.value.text, where.value.attributes) if isinstance(where.value, Leaf) else (str(where.value), [])
            where.value = Leaf(text, [*others, (name, "en")])
    else:
        where.attributes.append((name, "en"))
    return [Finding("unknown", f"{path}@{name}")]


def _namespace(draft: Draft) -> Findings:
    """A field in a namespace (XML)."""
    place = draft.roll.pick([*draft.messages, *draft.files])
    draft.once(f"namespace {place.path}")
    name = draft.roll.pick(("n:to", "n:x"))
    whole = Leaf("x", [("xmlns:n", "urn:n")])
    place.part.members.append(Member(name, whole))
    return [Finding("unknown", f'{place.path}["{name}"]')]


def _spelling(draft: Draft) -> Findings:
    """The other format's name, which strictly is unknown; a required field is missing besides."""
    place, column = draft.some(lambda column: column.json != column.xml and column.name != "file_encoding_type")
    own, other = (column.json, column.xml) if draft.json else (column.xml, column.json)
    member = place.part.find(own)
    value = member.value if member is not None and member.value is not None else "2024-02-22T00:25:06+05:30"
    if isinstance(value, Leaf):
        raise NoPlace
    place.part.drop(own)
    place.part.add(other, value)
    found = [Finding("unknown", f"{place.path}.{other}")]
    return [*found, Finding("missing", f"{place.path}.{own}")] if column.required else found


def _duplicate(draft: Draft) -> Findings:
    """A field that stands twice or three times, whatever is in it."""
    place, column = draft.some(lambda column: column.kind != "files")
    name = name_in(column, draft.format)
    member = place.part.find(name)
    first = member.value if member is not None else "x"
    times = draft.roll.pick((1, 1, 2))
    place.part.drop(name)
    place.part.add(name, first)
    for _ in range(times):
        others = (first, "", "x", None, *_ODD_JSON) if draft.json else (first, "", "x", Part([Member("x", "")]))
        second = draft.roll.pick(others)
        if not draft.json and (second is None or first is None):
            second = "x"
        place.part.members.insert(draft.roll.roll(len(place.part.members) + 1), Member(name, second))
    if not draft.json and first is None:
        raise NoPlace
    return [Finding("duplicate", f"{place.path}.{name}")] * times


def _duplicate_files(draft: Draft) -> Findings:
    """Two `attachments` in one message, or in JSON two `attachment` keys in one of them."""
    place = draft.file()
    message = next(each for each in draft.messages if place.path.startswith(each.path))
    if place.taken or any(file.taken for file in draft.files):
        raise NoPlace
    draft.once("files twice")
    draft.files = []
    whole = message.part.find("attachments")
    assert whole is not None and isinstance(whole.value, Part)
    for column in columns_of(message.cls):
        if column.kind == "files":
            message.taken.add(column.name)
    draft.taken.add("attachments")
    if draft.json and draft.roll.once_in(2):
        whole.value.add("attachment", draft.roll.pick(([], None, "x")))
        return [Finding("duplicate", f"{message.path}.attachments.attachment")]
    message.part.add("attachments", draft.roll.pick((Part(), "", [Part()], None)) if draft.json else draft.roll.pick((Part(), "")))
    return [Finding("duplicate", f"{message.path}.attachments")]


# ---- Faults of the whole.


def _plain(channel: Channel) -> SendRequest:
    values: dict[Channel, dict[str, Any]] = {
        Channel.SMS: {"to": "919876500001", "body": "Hi"},
        Channel.EMAIL: {"to": "a@example.com", "from_": "b@example.com", "subject": "Hi", "body": ""},
        Channel.WHATSAPP: {"receiver": "919876500001", "template": "Hi"},
        Channel.ZALO: {"receiver": "919876500001", "template": "Hi"},
    }
    return SendRequest([message_type(channel)(**values[channel])])


def _two_lists(draft: Draft) -> Findings:
    """A list of another channel after the first."""
    draft.once("lists")
    other = draft.roll.pick([channel for channel in Channel if LISTS[channel].message != draft.name])
    second = request_tree(_plain(other), draft.format, Dice()).members[0]
    if draft.json and draft.roll.once_in(2):
        second.value = []
    draft.root.members.append(second)
    return [Finding("channel", f"root.{LISTS[other].message}")]


@attrs.frozen
class Whole:
    """What a fault of the whole leaves: a tree for either format, or bytes."""

    issues: Findings
    json: Any = None
    xml: tuple[str, Any] | None = None
    document: bytes | None = None
    limits: Limits = DEFAULT_LIMITS


def _empty(draft: Draft) -> Whole:
    if not draft.json:
        return Whole([Finding("empty", "root")], xml=("root", Part()))
    names = [names.message for names in LISTS.values()]
    name = draft.roll.pick(names)
    choices: tuple[tuple[Part, str], ...] = (
        (Part([Member(name, [])]), f"root.{name}"),
        (Part(), "root"),
        (Part([Member(name, None)]), "root"),
        (
            Part([Member(name, None), Member(names[0] if name != names[0] else names[1], [])]),
            f"root.{names[0] if name != names[0] else names[1]}",
        ),
    )
    root, path = draft.roll.pick(choices)
    return Whole([Finding("empty", path)], json=Part([Member("root", root)]))


def _no_root(draft: Draft) -> Whole:
    """A root of another name, of another type, or none."""
    if not draft.json:
        if draft.roll.once_in(3):
            draft.root.attributes.append(("xmlns", "urn:x"))
            return Whole([Finding("unknown", "root")], xml=("root", draft.root))
        name = draft.roll.pick(("Root", "ROOT", draft.name, "request", "response", "status"))
        return Whole([Finding("unknown", name)], xml=(name, draft.root))
    choices: tuple[tuple[Any, Findings], ...] = (
        (Part(), [Finding("missing", "root")]),
        (Part([Member("root", None)]), [Finding("missing", "root")]),
        (draft.root, [Finding("missing", "root")]),
        (Part([Member("Root", draft.root)]), [Finding("unknown", "Root")]),
        (Part([Member("messages", draft.root), Member("n", Spelled("1"))]), [Finding("unknown", "messages"), Finding("unknown", "n")]),
        (Part([Member("root", draft.roll.pick((draft.root.members[0].value, "x", *_ODD_JSON)))]), [Finding("type", "root")]),
        ([draft.root], [Finding("type", "")]),
        (draft.roll.pick(_ODD_JSON), [Finding("type", "")]),
        ("root", [Finding("type", "")]),
        (Part([Member("root", draft.root), Member("root", draft.root)]), [Finding("duplicate", "root")]),
    )
    tree, issues = draft.roll.pick(choices)
    return Whole(issues, json=tree)


def _list_type(draft: Draft) -> Whole:
    """A list that is none, or stands twice (JSON)."""
    path = f"root.{draft.name}"
    listed = draft.root.members[0].value
    assert isinstance(listed, list)
    choices: tuple[tuple[list[Member], str], ...] = (
        ([Member(draft.name, draft.roll.pick(("x", "", *_ODD_JSON)))], "type"),
        ([Member(draft.name, listed[0])], "type"),
        ([Member(draft.name, listed), Member(draft.name, draft.roll.pick((listed, [], None, "x")))], "duplicate"),
    )
    members, code = draft.roll.pick(choices)
    return Whole([Finding(code, path)], json=Part([Member("root", Part(members))]))


def _many(draft: Draft) -> Whole:
    """More issues than are listed."""
    count = 2 + draft.roll.roll(3)
    listed = [Part([Member("to", "919876500001")]) for _ in range(count)]
    limit = 1 + draft.roll.roll(count - 1)
    found = [Finding("missing", f"root.sms[{index}].body") for index in range(limit)] + [Finding("limit.issues", "")]
    root = Part([Member("sms", listed)])
    limits = Limits(issues=limit)
    return Whole(found, json=Part([Member("root", root)]), limits=limits) if draft.json else Whole(found, xml=("root", root), limits=limits)


# ---- Faults of syntax, encoding and size, for both kinds. Each takes a good document's tree.


def _json_syntax(text: str, roll: Dice) -> bytes:
    """JSON's text, broken. `text` is an object, so that no beginning of it is a document."""
    manner = roll.roll(12)
    if manner == 0:
        return text[: roll.roll(len(text.rstrip()))].encode()
    inner = text.rstrip()[:-1].rstrip()
    comma = "," if inner != "{" else ""
    return (
        "",
        text + roll.pick(("x", "{}", ",", "]")),
        inner + ",}",
        inner + comma + '"a":NaN}',
        inner + comma + '"a":-Infinity}',
        inner + comma + "'a':1}",
        inner + comma + '"a":' + roll.pick(("01", "1.", ".5", "+1", "0x1", "1e", "True", "None", "undefined", "")) + "}",
        inner + comma + '"a":"' + roll.pick(("\\ud800", "\\udc00", "\\uDFFF\\uD800", "\\ud83dx", "\\ud800\\u0041", "a\\\\\\ud800")) + '"}',
        inner + comma + '"a":"' + roll.pick(("\n", "\t", "\x00", "\x1f")) + '"}',
        inner + comma + '"a":"' + roll.pick(("\\x41", "\\u12", "\\'", "\\")) + '"}',
        roll.pick(("// note\n", "/* note */", "\xa0", "\x00", "\ufeff\ufeff")) + text,
        inner + comma + "a:1}",
    )[manner].encode()


def _xml_syntax(text: str, name: str, roll: Dice) -> bytes:
    """XML's text in UTF-8, broken."""
    end = text.rindex(f"</{name}")
    before, after = text[:end], text[end:]
    manner = roll.roll(12)
    if manner == 0:
        return text[: roll.roll(end)].encode()
    return (
        "",
        text + roll.pick(("x", "<a/>", "</a>", "&#32;")),
        before + "<a>" + after,
        before + roll.pick(("&", "& ", "&nbsp;", "&a;", "&#;", "&#xZ;", "&amp")) + after,
        before + roll.pick(("&#0;", "&#1;", "&#x1F;", "&#xFFFE;", "&#xD800;", "&#1114112;")) + after,
        before + roll.pick(("\x01", "\x00", "\x1f", "\uffff", "\ufffe", "\x0b")) + after,
        before + '<a b="1" b="2"/>' + after,
        before + roll.pick(("<a b=1/>", "<a b/>", '<a b="<"/>', "<1/>", "< a/>", "<a b='1'c='2'/>")) + after,
        before + roll.pick(("<!-- a -- b -->", "<!-->", "<?xml version='1.0'?>", "<![CDATA[", "<!-- ", "]]>")) + after,
        before + roll.pick(("<n:a/>", '<a n:b="1"/>')) + after,
        before + "</a>" + after,
        roll.pick((" ", "\n", "<!-- -->")) + "<?xml version='1.0'?>" + before.removeprefix("<?xml version='1.0'?>") + after,
    )[manner].encode()


_DOCTYPES = (
    "<!DOCTYPE root>",
    '<!DOCTYPE root [<!ENTITY a "x">]>',
    '<!DOCTYPE root SYSTEM "http://127.0.0.1:9/x.dtd">',
    '<!DOCTYPE root PUBLIC "-//X//Y//EN" "file:///etc/passwd">',
    '<!DOCTYPE root [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
)
_HEADS = ("", "<?xml version='1.0'?>", "<!-- aside -->", "\n", "<?xml version='1.0' encoding='utf-8'?>\n<!-- <!DOCTYPE --><?a?>", "\ufeff")


def _broken_bytes(code: str, format: FormatName, name: str, root: Any, roll: Dice) -> tuple[bytes, Limits]:
    """A document of `root` with a fault of syntax, encoding or size."""
    if code == "json.syntax":
        return _json_syntax(json_text(root, roll), roll), DEFAULT_LIMITS
    plain = XmlSpeller(Dice(), ENCODINGS[0]).element(name, root, 0) if format == "xml" else ""
    if code == "xml.syntax":
        return _xml_syntax(plain, name, roll), DEFAULT_LIMITS
    if code == "xml.doctype":
        encoding = roll.pick([each for each in ENCODINGS if not each.declared])
        body = roll.pick((plain, plain[: len(plain) // 2], ""))
        head = roll.pick(_HEADS[:-1])
        return XmlSpeller(roll, encoding).encode(
            (head if "utf-8" not in head or encoding.python == "utf-8" else "") + roll.pick(_DOCTYPES) + body
        ), DEFAULT_LIMITS
    if code == "encoding":
        return _bad_encoding(format, name, root, plain, roll), DEFAULT_LIMITS
    document = json_document(root, roll) if format == "json" else xml_document(name, root, roll)
    if code == "limit.bytes":
        return document, Limits(bytes=max(1, len(document) - 1 - roll.roll(len(document))))
    assert code == "limit.depth", code
    return _too_deep(format, name, root, roll)


def _bad_encoding(format: FormatName, name: str, root: Any, plain: str, roll: Dice) -> bytes:
    bad = roll.pick(
        (
            b"\xff",
            b"\xc0\x80",
            b"\xed\xa0\x80",
            b"\xe2\x82",
            b"\x80",
            b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80\x80",
            "\u20ac".encode("cp1252"),
            "é".encode("latin-1"),
        )
    )
    if format == "json":
        text = json_text(root, Dice()).rstrip()[:-1]
        return text.encode() + (b"," if text != "{" else b"") + b'"a":"' + bad + b'"}'
    end = plain.rindex(f"</{name}")
    before, after = plain[:end].encode(), plain[end:].encode()
    ascii_plain = XmlSpeller(Dice(), ENCODINGS[-1]).element(name, root, 0).encode("ascii", "xmlcharrefreplace")
    return roll.pick(
        (
            before + bad + after,
            b"\xef\xbb\xbf" + before + bad + after,
            b"<?xml version='1.0' encoding='UTF-8'?>" + before + bad + after,
            b"<?xml version='1.0' encoding='"
            + roll.pick(
                (b"x-unknown", b"utf-7", b"unicode_escape", b"raw_unicode_escape", b"punycode", b"idna", b"base64", b"rot13", b"undefined")
            )
            + b"'?>"
            + ascii_plain,
            b"<?xml version='1.0' encoding='US-ASCII'?><a>\xe9</a>",
            b"<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>",
            "\ufeff".encode("utf-16-le") + plain.encode("utf-16-le") + b"\n",
            "\ufeff".encode("utf-16-be") + "<a>".encode("utf-16-be") + b"\xd8\x00" + "</a>".encode("utf-16-be"),
        )
    )


def _too_deep(format: FormatName, name: str, root: Any, roll: Dice) -> tuple[bytes, Limits]:
    depth = roll.pick((64, 8, 16))
    deep: Any = "x"
    # The root is 1, and what stands in it 2.
    for _ in range(depth):
        deep = Part([Member("a", deep)]) if format == "xml" or roll.once_in(2) else [deep]
    limits = DEFAULT_LIMITS if depth == 64 else Limits(depth=depth)
    whole = Part([*root.members, Member("a", deep)])
    return (json_document(whole, roll) if format == "json" else xml_document(name, whole, roll)), limits


BOTH_KINDS = ("json.syntax", "xml.syntax", "xml.doctype", "encoding", "limit.bytes", "limit.depth")


# ---- The catalogue.


@attrs.frozen
class FaultKind:
    """One way to break a request: the codes that it gives, and in which formats and channels it can be done."""

    name: str
    codes: tuple[str, ...]
    apply: Callable[[Draft], Any]
    formats: tuple[FormatName, ...] = ("json", "xml")
    channels: tuple[Channel, ...] = tuple(Channel)
    alone: bool = False


_EMAIL = (Channel.EMAIL,)
_PHONES = (Channel.SMS, Channel.WHATSAPP, Channel.ZALO)

REQUEST_FAULTS: tuple[FaultKind, ...] = (
    FaultKind("missing", ("missing",), _missing),
    FaultKind("blank", ("blank",), _blank),
    FaultKind("character", ("text.character",), _bad_character, ("json",)),
    FaultKind("line break", ("text.newline",), _line_break),
    FaultKind("phone characters", ("phone.characters",), _bad_value("phone.characters"), channels=_PHONES),
    FaultKind("phone length", ("phone.length",), _bad_value("phone.length"), channels=_PHONES),
    FaultKind("email syntax", ("email.syntax",), _bad_value("email.syntax"), channels=_EMAIL),
    FaultKind("email list", ("email.list",), _bad_value("email.list"), channels=_EMAIL),
    FaultKind("time syntax", ("time.syntax",), _bad_time("time.syntax")),
    FaultKind("time offset", ("time.offset",), _bad_time("time.offset")),
    FaultKind("file name", ("attachment.name",), _bad_value("attachment.name"), channels=_EMAIL),
    FaultKind("file encoding", ("attachment.encoding",), _bad_value("attachment.encoding"), channels=_EMAIL),
    FaultKind("image without encoding", ("attachment.encoding",), _image_unencoded, channels=_EMAIL),
    FaultKind("base64", ("attachment.base64",), _bad_base64, channels=_EMAIL),
    FaultKind("type", ("type",), _type),
    FaultKind("attachments' type", ("type", "missing"), _attachments_type, ("json",), _EMAIL),
    FaultKind("message's type", ("type", "missing"), _message_type, ("json",)),
    FaultKind("stray text", ("type",), _stray, ("xml",)),
    FaultKind("unknown field", ("unknown",), _unknown),
    FaultKind("unknown beside the root", ("unknown",), _unknown_at_top, ("json",)),
    FaultKind("attribute", ("unknown",), _attribute, ("xml",)),
    FaultKind("namespace", ("unknown",), _namespace, ("xml",)),
    FaultKind("other format's name", ("unknown",), _spelling),
    FaultKind("field twice", ("duplicate",), _duplicate),
    FaultKind("unknown key twice", ("duplicate",), _unknown_twice, ("json",)),
    FaultKind("attachments twice", ("duplicate",), _duplicate_files, channels=_EMAIL),
    FaultKind("two lists", ("channel",), _two_lists),
    FaultKind("no message", ("empty",), _empty, alone=True),
    FaultKind("root", ("missing", "type", "duplicate", "unknown"), _no_root, ("json",), alone=True),
    FaultKind("root", ("unknown",), _no_root, ("xml",), alone=True),
    FaultKind("list", ("type", "duplicate"), _list_type, ("json",), alone=True),
    FaultKind("too many", ("limit.issues",), _many, alone=True),
)

CODES: dict[Kind, tuple[str, ...]] = {
    "request": tuple(sorted({code for fault in REQUEST_FAULTS for code in fault.codes} | set(BOTH_KINDS))),
    "response": tuple(sorted({"duplicate", "channel", "unknown", "type", "time.zone", "limit.issues", *BOTH_KINDS})),
}
"""Every code that reading a document of a kind can give."""


def codes_in(kind: Kind, format: Format | str) -> tuple[str, ...]:
    """The codes that a document of `kind` can give in `format`: syntax has a code for each, and some faults need one of them."""
    form = named(Format(format))
    no = {"xml.syntax", "xml.doctype", "time.zone" if kind == "response" else ""} if form == "json" else {"json.syntax"}
    if form == "xml":
        no |= {"text.character"} if kind == "request" else {"type"}
    elif kind == "response":
        no |= {"unknown"}
    return tuple(code for code in CODES[kind] if code not in no)


@st.composite
def faulty_documents(
    draw: st.DrawFn,
    kind: Kind = "request",
    format: Format | str | None = None,
    *,
    channel: Channel | str | None = None,
    codes: Sequence[str] | None = None,
    max_faults: int = 3,
) -> Faulty:
    """Documents of `kind`, in `format` or in either, with exactly the issues that reading them strictly must give.

    Up to `max_faults` kinds of fault at once, where they don't hide each other. `codes` are the codes to draw from, by default all (`codes_in`).
    Shrinks to one fault in the plainest document.
    """
    form = draw(st.sampled_from(Format)) if format is None else Format(format)
    wanted = [code for code in codes_in(kind, form) if codes is None or code in codes]
    if not wanted:
        raise ValueError(f"no {form} {kind} gives any of {codes!r}")
    if kind == "response":
        return draw(_faulty_responses(form, channel, wanted))
    channels = [Channel(channel)] if channel is not None else list(Channel)
    able = [
        fault
        for fault in REQUEST_FAULTS
        if named(form) in fault.formats and set(fault.codes) & set(wanted) and set(fault.channels) & set(channels)
    ]
    broken = [code for code in BOTH_KINDS if code in wanted]
    choices: list[FaultKind | str] = [*able, *broken]
    first = draw(st.sampled_from(choices))
    roll_strategy = dice()
    if isinstance(first, str):
        request = draw(requests(channel))
        roll = draw(roll_strategy)
        root = request_tree(request, named(form), roll)
        whole = Part([Member("root", root)]) if form is Format.JSON else root
        document, limits = _broken_bytes(first, named(form), "root", whole, roll)
        return Faulty(document, form, kind, (Finding(first, ""),), limits)
    chosen = draw(st.sampled_from([each for each in channels if each in first.channels]))
    request = draw(requests(chosen))
    roll = draw(roll_strategy)
    draft = draft_of(request, named(form), roll)
    if first.alone:
        return _faulty_whole(first.apply(draft), form, roll)
    together = [fault for fault in able if not fault.alone and chosen in fault.channels]
    others = draw(st.lists(st.sampled_from(together), max_size=max_faults - 1)) if max_faults > 1 else []
    return _faulty_draft(draft, [first, *others], form, roll)


def _faulty_draft(draft: Draft, faults: list[FaultKind], form: Format, roll: Dice) -> Faulty:
    issues: Findings = []
    for fault in faults:
        try:
            issues += fault.apply(draft)
        except NoPlace:
            continue
    assert issues, faults
    if form is Format.XML:
        return Faulty(xml_document("root", draft.root, roll), form, "request", tuple(sorted(issues)))
    whole = Part([Member("root", draft.root)])
    if "top" in draft.taken:
        whole.members.insert(roll.roll(2), Member("version", Spelled("2")))
    return Faulty(json_document(whole, roll), form, "request", tuple(sorted(issues)))


def _faulty_whole(whole: Whole, form: Format, roll: Dice) -> Faulty:
    if whole.xml is not None:
        document = xml_document(*whole.xml, roll)
    else:
        document = json_document(whole.json, roll)
    return Faulty(document, form, "request", tuple(sorted(whole.issues)), whole.limits)


# ---- Responses.


def _parts_of(root: Part, path: str, cls: type, format: FormatName, channel: Channel | None) -> Iterator[tuple[str, type, Part]]:
    """Every part of a response's tree of which the specification knows fields."""
    yield path, cls, root
    columns = {spelling: column for column in columns_of(cls) for spelling in (column.json, column.xml)}
    for member in root.members:
        at = f"{path}.{member.name}" if path else member.name
        column = columns.get(member.name)
        if column is not None and column.kind == "detail" and isinstance(member.value, Part):
            yield from _parts_of(member.value, at, Status if cls is SendResponse else StatusDetail, format, channel)
        elif column is not None and column.kind == "details" and not (isinstance(member.value, str) or member.value is None):
            items: Any = member.value
            if format == "xml":
                if not isinstance(items, Part) or [inner.name for inner in items.members] != [column.item]:
                    continue
                at, items = f"{at}.{column.item}", items.members[0].value
            if isinstance(items, list):
                for index, item in enumerate(items):
                    if isinstance(item, Part):
                        yield from _parts_of(item, f"{at}[{index}]", StatusDetail, format, channel)
        elif cls is SendResponse and channel is not None:
            names = LISTS[channel]
            outcomes: Any = member.value
            if member.name != (names.json_list if format == "json" else names.xml_list):
                continue
            if format == "xml" and isinstance(outcomes, Part):
                at, outcomes = f"{at}.{names.xml_item}", outcomes.members[0].value
            for index, item in enumerate(outcomes):
                yield from _parts_of(item, f"{at}[{index}]", Outcome, format, channel)
        elif cls is Outcome and channel is not None and member.name == LISTS[channel].message and isinstance(member.value, Part):
            yield from _parts_of(member.value, at, receipt_type(channel), format, channel)


@st.composite
def _faulty_responses(draw: st.DrawFn, form: Format, channel: Channel | str | None, wanted: Sequence[str]) -> Faulty:
    code = draw(st.sampled_from(wanted))
    response = draw(responses(channel, carried_by=named(form)))
    roll = draw(dice())
    name, root = reply_tree(response, named(form), roll)
    if code in BOTH_KINDS:
        document, limits = _broken_bytes(code, named(form), name, root, roll)
        return Faulty(document, form, "response", (Finding(code, ""),), limits)
    path = "" if form is Format.JSON else "response"
    issues, limits, timezone = _break_response(code, response, root, path, named(form), roll)
    if code in ("unknown", "type"):
        return _other_root(code, root, form, roll)
    document = json_document(root, roll) if form is Format.JSON else xml_document(name, root, roll)
    return Faulty(document, form, "response", tuple(sorted(issues)), limits, timezone)


def _other_root(code: str, root: Part, form: Format, roll: Dice) -> Faulty:
    if form is Format.XML:
        name = roll.pick(("Response", "root", "responses", "html"))
        return Faulty(xml_document(name, root, roll), form, "response", (Finding("unknown", name),))
    tree = roll.pick(([], [root], "x", *_ODD_JSON, None))
    return Faulty(json_document(tree, roll), form, "response", (Finding("type", ""),))


_CLOCKS = (
    ("Europe/Berlin", "2024-03-31 02:30:00"),
    ("Europe/Berlin", "2024-10-27 02:00:00"),
    ("America/New_York", "2024-11-03 01:59:59.999999"),
    ("Australia/Lord_Howe", "2024-10-06 02:15:00"),
    ("Pacific/Apia", "2011-12-30 12:00:00"),
)


def _break_response(
    code: str, response: SendResponse, root: Part, path: str, format: FormatName, roll: Dice
) -> tuple[Findings, Limits, str | None]:
    if code == "time.zone":
        return _clock(response, root, roll)
    if code == "channel":
        return _second_list(response, root, path, format, roll), DEFAULT_LIMITS, None
    if code not in ("duplicate", "limit.issues"):
        return [], DEFAULT_LIMITS, None
    if root.find("status") is None:
        root.add("status", Part())
    parts = list(_parts_of(root, path, SendResponse, format, response.channel))
    at, cls, part = roll.pick(parts)
    name, stepped = _twice(cls, part, response.channel, format, roll)
    found = Finding("duplicate", f"{at}.{stepped}" if at else stepped)
    again = 3 if code == "limit.issues" else roll.pick((1, 1, 2))
    first = part.find(name)
    if first is None:
        part.add(name, Part() if name in ("status", "errors") else "x")
        first = part.find(name)
    assert first is not None
    if format == "xml" and first.value in (None, []):
        first.value = "x"
    for _ in range(again):
        part.add(
            name, roll.pick(("", "x", Part([Member("a", "b")]))) if format == "xml" else roll.pick((None, "x", Spelled("1"), [], Part()))
        )
    if code == "duplicate":
        return [found] * again, DEFAULT_LIMITS, None
    limit = 1 + roll.roll(2)
    return [found] * limit + [Finding("limit.issues", "")], Limits(issues=limit), None


def _twice(cls: type, part: Part, channel: Channel | None, format: FormatName, roll: Dice) -> tuple[str, str]:
    """The name of a field that is to stand twice, in either of its spellings: of those there are, or of those there may be."""
    names = [name_in(column, format) for column in columns_of(cls) if column.kind != "extra"]
    there = [member.name for member in part.members if member.name in names]
    if cls is Outcome and channel is not None and format == "json":
        there += [name for name in (LISTS[channel].message,) if part.find(name)]
    if cls is SendResponse and channel is not None:
        there.append(LISTS[channel].json_list if format == "json" else LISTS[channel].xml_list)
    name = roll.pick(there or names)
    return name, name


def _second_list(response: SendResponse, root: Part, path: str, format: FormatName, roll: Dice) -> Findings:
    channels = list(Channel) if response.channel is None else [response.channel]
    first = roll.pick(channels)
    other = roll.pick([channel for channel in Channel if channel is not first])
    pair = (first, other) if response.channel is None else (other,)
    for channel in pair:
        names = LISTS[channel]
        root.add(
            names.json_list if format == "json" else names.xml_list,
            [] if format == "json" else roll.pick((Part(), Part([Member(names.xml_item, [Part()])]))),
        )
    name = LISTS[other].json_list if format == "json" else LISTS[other].xml_list
    return [Finding("channel", f"{path}.{name}" if path else name)]


def _clock(response: SendResponse, root: Part, roll: Dice) -> tuple[Findings, Limits, str]:
    """Wall clocks that a time zone shows twice or never (XML): in a response of its own, for every other time would be judged too."""
    zone, text = roll.pick(_CLOCKS)
    channel = response.channel or Channel.SMS
    names = LISTS[channel]
    count = 1 + roll.roll(2)
    items = [
        Part([Member(names.message, Part([Member("scheduledTime", text if index < count else "2024-06-01 00:00:00")]))])
        for index in range(count + 1)
    ]
    root.members = [Member(names.xml_list, Part([Member(names.xml_item, items)]))]
    at = f"response.{names.xml_list}.{names.xml_item}"
    return [Finding("time.zone", f"{at}[{index}].{names.message}.scheduledTime") for index in range(count)], DEFAULT_LIMITS, zone
