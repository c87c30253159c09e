"""What commspec says when something is wrong: issues, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from typing_extensions import Self

_SHOWN_CHARACTERS = 60
_LISTED_ISSUES = 3


def escape(text: str) -> str:
    """`text` fit for a terminal or a log: every unprintable character, the backslash and each direction override as an escape."""
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(
        character if character.isprintable() and character != "\\" else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def shorten(text: str, *, max_characters: int = _SHOWN_CHARACTERS) -> str:
    """`text` escaped, and cut in the middle where it is longer than `max_characters`; the cut says how much it left out."""
    if len(text) > max_characters:
        head, tail = max_characters * 2 // 3, max_characters // 4
        return f"{escape(text[:head])}…[{len(text) - head - tail} more]…{escape(text[-tail:])}"
    return escape(text)


def code_point(character: str) -> str:
    """The character by code point, `U+200B`: how messages name a character without printing it."""
    return f"U+{ord(character):04X}"


@attrs.frozen
class Issue:
    """One fault, tolerated variant, loss or piece of advice: what, where, and what to do about it (SPEC.md section 5).

    `path` uses the document's own names and is 0-based: `root.sms[1].scheduledTime`. `message` never holds the value;
    `seen` (the value, shortened and escaped) and `hint` (what to write instead) may, so both stay out of `str(issue)`.
    `line` and `column` are 1-based; `column` is known for syntax errors only.
    """

    code: str
    path: str
    message: str
    seen: str | None = None
    hint: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.path or 'document'}: {self.message} ({self.code})"

    def explain(self) -> str:
        """The issue with everything known of it, `seen` and `hint` included, on lines of their own; safe for a terminal."""
        where = self.path or "document"
        if self.line is not None:
            where += f" (line {self.line}" + (f", column {self.column})" if self.column is not None else ")")
        lines = [f"{where}: {self.message} ({self.code})"]
        if self.seen:
            lines.append(f"    seen: {self.seen}")
        if self.hint is not None:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


class CommspecError(Exception):
    """The root of every error that commspec raises for what it was given; `issues` lists every fault found.

    `str(error)` names codes, paths and lines and never a value, so it may go to a log; `explain()` shows all.
    """

    def __init__(self, message: str, *, issues: tuple[Issue, ...] = ()) -> None:
        super().__init__(message)
        self.issues = issues

    @classmethod
    def of(cls, issues: tuple[Issue, ...]) -> Self:
        """An error whose text sums up `issues`: the first three, and how many more."""
        return cls(_summary(issues), issues=issues)

    def explain(self) -> str:
        """Every issue with what was seen and what to write instead. May quote the document: for people, not for logs."""
        return "\n".join(issue.explain() for issue in self.issues) or str(self)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args[0], self.issues)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CommspecError) and type(self) is type(other) and (self.args, self.issues) == (other.args, other.issues)

    def __hash__(self) -> int:
        return hash((type(self), self.args, self.issues))


def _rebuild(kind: type[CommspecError], message: str, issues: tuple[Issue, ...]) -> CommspecError:
    return kind(message, issues=issues)


class MalformedDocument(CommspecError, ValueError):
    """Bytes that are no document: wrong syntax, encoding or a safety limit passed (SPEC.md sections 4.8 to 4.10)."""


class InvalidDocument(CommspecError, ValueError):
    """A well-formed document that breaks the specification; `issues` lists every fault of it."""


class InvalidMessage(CommspecError, ValueError):
    """Values that make no sendable message; raised by constructors, with every fault of the object. Paths are attribute names."""


def _summary(issues: tuple[Issue, ...]) -> str:
    def parts() -> Iterator[str]:
        yield from map(str, issues[:_LISTED_ISSUES])
        if len(issues) > _LISTED_ISSUES:
            yield f"and {len(issues) - _LISTED_ISSUES} more"

    text = "; ".join(parts())
    return text if len(issues) == 1 else f"{len(issues)} issues: {text}"
