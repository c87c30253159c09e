"""For tests of code that reads or writes the specification's documents: strategies, and checks of other codecs (extra `testing`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from commspec.testing.checks import Refusal, check_decoder, check_encoder, check_round_trip, command
    from commspec.testing.equality import difference, same

__all__ = ["Refusal", "check_decoder", "check_encoder", "check_round_trip", "command", "difference", "same"]

_HOMES = {
    **dict.fromkeys(("difference", "same"), "equality"),
    **dict.fromkeys(("Refusal", "check_decoder", "check_encoder", "check_round_trip", "command"), "checks"),
}


def __getattr__(name: str) -> Any:
    # Lazily: what needs no Hypothesis (the stub server) must be importable without it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
