"""The form in which every rule answers."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """Why a value is refused. `message` names a character, position, length or part, never the whole value; `hint` may quote it.

    A rule is a function of a value that returns a fault, or None where the value is good.
    """

    code: str
    message: str
    hint: str | None = None
