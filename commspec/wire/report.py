"""Where faults and notes are gathered while a document is explained, and how their paths are spelled."""

from __future__ import annotations

import re

import attrs

from commspec.errors import InvalidDocument, Issue, shorten

_PLAIN_NAME = re.compile(r"[^\W\d][\w-]*")
_PATH_NAME_CHARACTERS = 80
_GUESSED_NAMES = 1_000
_DEEPEST = 128


@attrs.frozen
class Limits:
    """commspec's own limits, all settable (SPEC.md section 4.10): `bytes` of a document, `depth` of its nesting (the root is 1), `issues` listed.

    `depth` is 128 at most: of the 1,000 calls that Python nests by default, reading and writing take four a level.
    """

    bytes: int = attrs.field(default=64 * 1024 * 1024, validator=attrs.validators.ge(1))
    depth: int = attrs.field(default=64, validator=[attrs.validators.ge(1), attrs.validators.le(_DEEPEST)])
    issues: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))


DEFAULT_LIMITS = Limits()

VALID_DEPTH = 7
"""How deep a valid document is nested at the most, in either format: only a limit below needs looking after where one is read without its tree."""


class Report:
    """The issues and notes of one document, in the order found; `issues` past the limit are not kept, and `count` says how many there are with them."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        if not isinstance(limits, Limits):
            raise TypeError(f"limits are a commspec.Limits, not {type(limits).__name__}")
        self.issues: list[Issue] = []
        self.notes: list[Issue] = []
        self.count = 0
        self._limit = limits.issues

    @property
    def full(self) -> bool:
        """Whether no more faults are listed, so that there is no use in explaining one."""
        return len(self.issues) >= self._limit

    @property
    def full_of_notes(self) -> bool:
        """Whether no more notes are kept."""
        return len(self.notes) >= self._limit

    @property
    def long(self) -> bool:
        """Whether so much has been found that guessing what a name was meant for, which is slow, is not worth it any more."""
        return len(self.issues) + len(self.notes) >= _GUESSED_NAMES

    def issue(self, issue: Issue) -> None:
        """Add a fault."""
        self.count += 1
        if len(self.issues) < self._limit:
            self.issues.append(issue)

    def skip(self) -> None:
        """Count a fault without explaining it."""
        self.count += 1

    def note(
        self, code: str, path: str, message: str, *, seen: str | None = None, hint: str | None = None, line: int | None = None
    ) -> None:
        """Add something tolerated or lost. Notes past the limit are dropped without a count: each is true without the others."""
        if len(self.notes) < self._limit:
            self.notes.append(Issue(code, path, message, seen, hint, line))

    def all_issues(self) -> tuple[Issue, ...]:
        """Every fault, with one `limit.issues` at the end where there were more than the limit."""
        unlisted = self.count - len(self.issues)
        if unlisted:
            return (*self.issues, Issue("limit.issues", "", f"{unlisted} more issues are not listed", hint="raise limits.issues"))
        return tuple(self.issues)

    def raise_issues(self) -> None:
        """Raise `InvalidDocument` where there is any fault."""
        if self.issues:
            raise InvalidDocument.of(self.all_issues())


def step(path: str, name: str) -> str:
    """The path of the field `name` in `path`: `root.sms`, or `root["a b"]` where the name is no plain one. Long names are cut."""
    if len(name) > _PATH_NAME_CHARACTERS:
        return f'{path}["{shorten(name, max_characters=_PATH_NAME_CHARACTERS)}"]'
    if _PLAIN_NAME.fullmatch(name) and name.isprintable():
        return f"{path}.{name}" if path else name
    import json

    return f"{path}[{json.dumps(name, ensure_ascii=not name.isprintable())}]"
