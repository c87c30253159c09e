"""What is found in a document beside its messages or outcomes."""

from __future__ import annotations

import attrs

from commspec.errors import Issue


@attrs.frozen
class Findings:
    """What was found in a document beside its messages: its issues, and what was tolerated or lost."""

    issues: tuple[Issue, ...]
    notes: tuple[Issue, ...] = ()
