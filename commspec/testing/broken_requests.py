"""Faulty requests: each way to break one thing in a good request, and the issues that it must give (SPEC.md sections 4 to 6).

No rule of commspec is asked: every bad value stands here, with the code that the specification gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import attrs

from commspec.models.channel import Channel
from commspec.models.messages import ADDRESS, ADDRESSES, ENCODING, FILE_NAME, PHONE, Attachment, message_type
from commspec.models.request import SendRequest
from commspec.models.table import Column, columns_of
from commspec.rules.rule import TextRule
from commspec.testing import broken_bytes
from commspec.testing.objects import FORBIDDEN
from commspec.testing.samples import Finding, request_part, request_tree
from commspec.testing.trees import Dice, FormatName, Leaf, Member, Part, Spelled
from commspec.wire.names import LISTS
from commspec.wire.report import DEFAULT_LIMITS, Limits


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

    def whole(self) -> tuple[str, Part]:
        """Something that has members, and its path."""
        wholes = [(place.path, place.part) for place in (*self.messages, *self.files)] + [("root", self.root)]
        for place in self.messages:
            member = place.part.find("attachments")
            if member is not None and isinstance(member.value, Part):
                wholes.append((f"{place.path}.attachments", member.value))
        return self.roll.pick(wholes)

    def put(self, place: Place, column: Column, value: Any) -> Finding:
        """Put `value` where a column's stands; the finding has no code yet."""
        name = column.named(self.format)
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
    if {"file_encoding_type", "file_data"} & place.taken:
        raise NoPlace
    place.taken |= {"file_encoding_type", "file_data"}
    columns = {column.name: column for column in columns_of(Attachment)}
    draft.put(place, columns["file_encoding_type"], draft.roll.pick(("base64", "BASE64", "Base64")))
    return [draft.put(place, columns["file_data"], draft.roll.pick(BAD_BASE64))._replace(code="attachment.base64")]


def _missing(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: column.required)
    found = draft.put(place, column, None)
    if not draft.json or draft.roll.once_in(2):
        place.part.drop(column.named(draft.format))
    return [found._replace(code="missing")]


def _blank(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: column.rule is not None and column.kind == "text" and not column.rule.blank)
    return [draft.put(place, column, draft.roll.pick(_BLANKS))._replace(code="blank")]


def _bad_character(draft: Draft) -> Findings:
    """A character that XML can't carry: in JSON only as an escape, in XML not at all."""
    place, column = draft.some(lambda column: column.kind in ("text", "time"))
    character = draft.roll.pick(FORBIDDEN)
    # Two of these characters are white space, so that alone they would be blank.
    text = draft.roll.pick(("x{}", "{}.", "919876500001{}", "a@example.com{}", "\n-{}", "{}a\u2028b")).format(character)
    return [draft.put(place, column, text)._replace(code="text.character")]


def _line_break(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: column.kind == "text" and column.rule is not None and column.rule.one_line)
    text = draft.roll.pick(("Hi{}Bcc: x", "919876{}500001", "a@example.com{}", "{}x", "a@example.com,{}b@example.com")).format(
        draft.roll.pick(("\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"))
    )
    return [draft.put(place, column, text)._replace(code="text.newline")]


ODD_VALUES = (Spelled("12"), Spelled("919876500001"), Spelled("1.5"), Spelled("true"), Spelled("false"))


def _odd(draft: Draft) -> Any:
    """A value that is no text: in XML an element."""
    if not draft.json:
        return Part([Member(draft.roll.pick(("b", "to", "x")), draft.roll.pick(("x", "")))])
    return draft.roll.pick((*ODD_VALUES, [], ["x"], Part(), Part([Member("a", "b"), Member("a", "b")])))


def _type(draft: Draft) -> Findings:
    place, column = draft.some(lambda column: column.kind in ("text", "time"))
    return [draft.put(place, column, _odd(draft))._replace(code="type")]


def _attachments_type(code: str, draft: Draft) -> Findings:
    """Attachments that are no object, no list, or hold something that is no attachment, or null in place of one (JSON)."""
    draft.once("attachments")
    place = draft.messages[0]
    if any(file.taken for file in draft.files):
        raise NoPlace
    draft.files = [file for file in draft.files if not file.path.startswith(place.path)]
    good = request_part(Attachment("a.txt", "txt", ""), draft.format, Dice())
    place.part.drop("attachments")
    path = f"{place.path}.attachments"
    values: tuple[tuple[Any, str, str], ...] = (
        (draft.roll.pick(("", "x", *ODD_VALUES)), "type", path),
        (draft.roll.pick(([], [good])), "type", path),
        (Part([Member("attachment", good)]), "type", f"{path}.attachment"),
        (Part([Member("attachment", draft.roll.pick(("x", *ODD_VALUES)))]), "type", f"{path}.attachment"),
        (Part([Member("attachment", [good, draft.roll.pick(("x", [], *ODD_VALUES))])]), "type", f"{path}.attachment[1]"),
        (Part([Member("attachment", [None, good])]), "missing", f"{path}.attachment[0]"),
    )
    value, _, at = draft.roll.pick([each for each in values if each[1] == code])
    place.part.add("attachments", value)
    return [Finding(code, at)]


def _message_type(code: str, draft: Draft) -> Findings:
    """Something that is no message in the list, or null in place of one (JSON), at its end."""
    # Another fault may have put something before the list.
    member = draft.root.find(draft.name)
    assert member is not None
    listed = member.value
    assert isinstance(listed, list)
    draft.once(f"message {len(listed)}")
    listed.append(None if code == "missing" else draft.roll.pick(("x", [], *ODD_VALUES)))
    return [Finding(code, f"root.{draft.name}[{len(listed) - 1}]")]


def _stray(draft: Draft) -> Findings:
    """Text between elements (XML)."""
    path, part = draft.whole()
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
    path, part = draft.whole()
    name, stepped = draft.roll.pick(_STRANGE + (_STRANGE_JSON if draft.json else ()))
    draft.once(f"unknown {path} {name}")
    value: Any = (
        draft.roll.pick(("x", "", *ODD_VALUES, [], Part())) if draft.json else draft.roll.pick(("x", "", Part([Member("to", "x")])))
    )
    part.members.insert(draft.roll.roll(len(part.members) + 1), Member(name, value))
    return [Finding("unknown", path + stepped)]


def _unknown_twice(draft: Draft) -> Findings:
    """A key that stands twice though nobody knows it (JSON)."""
    path, part = draft.roll.pick([(place.path, place.part) for place in (*draft.messages, *draft.files)] + [("root", draft.root)])
    draft.once(f"unknown twice {path}")
    for _ in range(2):
        part.members.insert(draft.roll.roll(len(part.members) + 1), Member("twice", draft.roll.pick(("x", None, *ODD_VALUES))))
    return [Finding("duplicate", f"{path}.twice")]


def _unknown_at_top(draft: Draft) -> Findings:
    """Something beside the root (JSON)."""
    draft.once("top")
    return [Finding("unknown", "version")]


def _attribute(draft: Draft) -> Findings:
    """An attribute (XML)."""
    places: list[tuple[str, Any]] = [(place.path, place.part) for place in (*draft.messages, *draft.files)] + [("root", draft.root)]
    for place in (*draft.messages, *draft.files):
        names = {column.xml: column.name for column in columns_of(place.cls)}
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
    name = column.named(draft.format)
    member = place.part.find(name)
    first = member.value if member is not None else "x"
    times = draft.roll.pick((1, 1, 2))
    place.part.drop(name)
    place.part.add(name, first)
    for _ in range(times):
        others = (first, "", "x", None, *ODD_VALUES) if draft.json else (first, "", "x", Part([Member("x", "")]))
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
    """What a fault of the whole leaves: a tree for the draft's format, or bytes."""

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


def _no_root(code: str, draft: Draft) -> Whole:
    """A root of another name, and in JSON of another type, none, or two."""
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
        (Part([Member("root", draft.roll.pick((draft.root.members[0].value, "x", *ODD_VALUES)))]), [Finding("type", "root")]),
        ([draft.root], [Finding("type", "")]),
        (draft.roll.pick(ODD_VALUES), [Finding("type", "")]),
        ("root", [Finding("type", "")]),
        (Part([Member("root", draft.root), Member("root", draft.root)]), [Finding("duplicate", "root")]),
    )
    tree, issues = draft.roll.pick([(tree, issues) for tree, issues in choices if issues[0].code == code])
    return Whole(issues, json=tree)


def _list_type(code: str, draft: Draft) -> Whole:
    """A list that is none, or stands twice (JSON)."""
    path = f"root.{draft.name}"
    listed = draft.root.members[0].value
    assert isinstance(listed, list)
    choices: tuple[tuple[list[Member], str], ...] = (
        ([Member(draft.name, draft.roll.pick(("x", "", *ODD_VALUES)))], "type"),
        ([Member(draft.name, listed[0])], "type"),
        ([Member(draft.name, listed), Member(draft.name, draft.roll.pick((listed, [], None, "x")))], "duplicate"),
    )
    members, _ = draft.roll.pick([choice for choice in choices if choice[1] == code])
    return Whole([Finding(code, path)], json=Part([Member("root", Part(members))]))


def _many(draft: Draft) -> Whole:
    """More issues than are listed."""
    cls = draft.messages[0].cls
    column = [column for column in columns_of(cls) if column.required][-1]
    part = request_part(_plain(cls.channel).messages[0], draft.format, Dice())  # type: ignore[attr-defined]
    part.drop(column.named(draft.format))
    count = 2 + draft.roll.roll(3)
    whole = Part([Member(draft.name, [part] * count)])
    limit = 1 + draft.roll.roll(count - 1)
    found = [Finding("missing", f"root.{draft.name}[{index}].{column.named(draft.format)}") for index in range(limit)]
    return Whole(
        [*found, Finding("limit.issues", "")], json=Part([Member("root", whole)]), xml=("root", whole), limits=Limits(issues=limit)
    )


def _broken_bytes(code: str, draft: Draft) -> Whole:
    """A fault of the bytes, which hides whatever else is wrong."""
    root = Part([Member("root", draft.root)]) if draft.json else draft.root
    document, limits = broken_bytes.broken_bytes(code, draft.format, "root", root, draft.roll)
    return Whole([Finding(code, "")], document=document, limits=limits)


# ---- The catalogue.


@attrs.frozen
class FaultKind:
    """One way to break a request: the code that it gives, and in which formats and channels it can be done; no other fault stands beside one `alone`."""

    name: str
    code: str
    apply: Callable[[Draft], Any]
    formats: tuple[FormatName, ...] = ("json", "xml")
    channels: tuple[Channel, ...] = tuple(Channel)
    alone: bool = False


_EMAIL = (Channel.EMAIL,)
_PHONES = (Channel.SMS, Channel.WHATSAPP, Channel.ZALO)

REQUEST_FAULTS: tuple[FaultKind, ...] = (
    FaultKind("missing", "missing", _missing),
    FaultKind("blank", "blank", _blank),
    FaultKind("character", "text.character", _bad_character, ("json",)),
    FaultKind("line break", "text.newline", _line_break),
    FaultKind("phone characters", "phone.characters", _bad_value("phone.characters"), channels=_PHONES),
    FaultKind("phone length", "phone.length", _bad_value("phone.length"), channels=_PHONES),
    FaultKind("email syntax", "email.syntax", _bad_value("email.syntax"), channels=_EMAIL),
    FaultKind("email list", "email.list", _bad_value("email.list"), channels=_EMAIL),
    FaultKind("time syntax", "time.syntax", _bad_time("time.syntax")),
    FaultKind("time offset", "time.offset", _bad_time("time.offset")),
    FaultKind("file name", "attachment.name", _bad_value("attachment.name"), channels=_EMAIL),
    FaultKind("file encoding", "attachment.encoding", _bad_value("attachment.encoding"), channels=_EMAIL),
    FaultKind("image without encoding", "attachment.encoding", _image_unencoded, channels=_EMAIL),
    FaultKind("base64", "attachment.base64", _bad_base64, channels=_EMAIL),
    FaultKind("type", "type", _type),
    *(FaultKind("attachments' type", code, partial(_attachments_type, code), ("json",), _EMAIL) for code in ("type", "missing")),
    *(FaultKind("message's type", code, partial(_message_type, code), ("json",)) for code in ("type", "missing")),
    FaultKind("stray text", "type", _stray, ("xml",)),
    FaultKind("unknown field", "unknown", _unknown),
    FaultKind("unknown beside the root", "unknown", _unknown_at_top, ("json",)),
    FaultKind("attribute", "unknown", _attribute, ("xml",)),
    FaultKind("namespace", "unknown", _namespace, ("xml",)),
    FaultKind("other format's name", "unknown", _spelling),
    FaultKind("field twice", "duplicate", _duplicate),
    FaultKind("unknown key twice", "duplicate", _unknown_twice, ("json",)),
    FaultKind("attachments twice", "duplicate", _duplicate_files, channels=_EMAIL),
    FaultKind("two lists", "channel", _two_lists),
    FaultKind("no message", "empty", _empty, alone=True),
    *(FaultKind("root", code, partial(_no_root, code), ("json",), alone=True) for code in ("missing", "type", "duplicate")),
    FaultKind("root", "unknown", partial(_no_root, "unknown"), alone=True),
    *(FaultKind("list", code, partial(_list_type, code), ("json",), alone=True) for code in ("type", "duplicate")),
    FaultKind("too many", "limit.issues", _many, alone=True),
    *(FaultKind("bytes", code, partial(_broken_bytes, code), formats, alone=True) for code, formats in broken_bytes.CODES.items()),
)
"""The plain ones first, that every channel can have: what shrinking ends on."""
