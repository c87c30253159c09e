"""Issues as a person reads them: on one line, or with what was seen and what to write instead on lines of their own."""

from __future__ import annotations

from commspec.cli.console import paint
from commspec.errors import Issue


def note_line(name: str, note: Issue, *, colours: bool) -> str:
    """A note on one line: file, path, line, message, code, hint."""
    first, *rest = note.explain().split("\n")
    hints = "".join(f"; {line.strip()}" for line in rest)
    return f"{name}: {_with_code(first, note, 'yellow' if colours else None)}{hints}"


def issue_lines(issue: Issue, *, colours: bool, colour: str = "red") -> str:
    """An issue as `Issue.explain` has it, every line indented by 2."""
    first, *rest = issue.explain().split("\n")
    lines = [_with_code(first, issue, colour if colours else None)]
    lines += [paint(line, "cyan" if colours and line.startswith("    hint:") else None) for line in rest]
    return "\n".join(f"  {line}" for line in lines)


def counted(number: int, noun: str) -> str:
    """`1 issue`, `2 issues`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _with_code(line: str, issue: Issue, colour: str | None) -> str:
    return line.removesuffix(f"({issue.code})") + paint(f"({issue.code})", colour)
