"""Holds a server of the call to its promises, and shows each broken one by the smallest example (extra `testing`).

| | |
|---|---|
| `PROMISES` | what a server of the call promises, by name |
| `target_of` | the server to check, or why it is not checked |
| `check` | the check itself |
| `Findings` | what it found, as text, JSON and JUnit XML |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commspec.testing.conformance.findings import Findings, Verdict
from commspec.testing.conformance.promises import PROMISES, Promise
from commspec.testing.conformance.target import Answer, Refused, Sent, Target, Unreachable, target_of

if TYPE_CHECKING:
    from commspec.testing.conformance.run import check as check

__all__ = ["PROMISES", "Answer", "Findings", "Promise", "Refused", "Sent", "Target", "Unreachable", "Verdict", "check", "target_of"]


def __getattr__(name: str) -> Any:
    # Lazily: Hypothesis is an extra, and takes a while.
    if name != "check":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from commspec.errors import CommspecError

    try:
        from commspec.testing.conformance.run import check
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "hypothesis":
            raise CommspecError("the conformance check needs the package hypothesis: pip install 'commspec[testing]'") from None
        raise
    return check
