"""The options that several commands have, and how a value that does not exist is answered: with the one that was likely meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args

import click
from click.shell_completion import CompletionItem

from commspec.codecs.format import Format
from commspec.models.channel import Channel
from commspec.rules.time import find_zone
from commspec.wire.names import Kind
from commspec.wire.report import DEFAULT_LIMITS


def likely(given: str, names: Iterable[str]) -> str:
    """`; did you mean 'json'?` where one of `names` is close to what was given, in any letter case; otherwise nothing."""
    import difflib

    close = difflib.get_close_matches(given[:80].lower(), list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def one_of(what: str, names: tuple[str, ...], make: Callable[[str], Any] | None = None) -> dict[str, Any]:
    """What makes a click option one of `names`: metavar, check and completion.

    `make` reads it, and raises `ValueError` for any other; None takes the names as they are, in any letter case.
    """

    def choose(given: str) -> str:
        if given.lower() not in names:
            raise ValueError
        return given.lower()

    def check(context: click.Context, parameter: click.Parameter, given: str | None) -> Any:
        if given is None:
            return None
        try:
            return (make or choose)(given)
        except ValueError:
            raise click.BadParameter(
                f"no {what} {given!r}: expected {' or '.join((', '.join(names[:-1]), names[-1]))}{likely(given, names)}"
            ) from None

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete.lower())]

    return {"metavar": "|".join(names), "callback": check, "shell_complete": complete}


def whole_number(least: int, most: int | None) -> dict[str, Any]:
    """What makes a click option a whole number of a range, which its help can say in its own words, as `click.IntRange` would not let it."""

    def check(context: click.Context, parameter: click.Parameter, given: int | None) -> int | None:
        if given is not None and not least <= given <= (given if most is None else most):
            raise click.BadParameter(f"{given} is not {least} or more" if most is None else f"{given} is not between {least} and {most}")
        return given

    return {"type": int, "callback": check}


def complete_file(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The word that leaves a file's name to the shell. `click.Path` has it too, but looks at the file before the command does."""
    return [CompletionItem(incomplete, type="file")]


def _zone(context: click.Context, parameter: click.Parameter, given: str | None) -> Any:
    try:
        return find_zone(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _complete_zone(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    import zoneinfo

    return sorted(name for name in zoneinfo.available_timezones() if name.lower().startswith(incomplete.lower()))


FORMATS = one_of("format", tuple(map(str, Format)), Format)
CHANNELS = one_of("channel", tuple(map(str, Channel)), Channel)
KINDS = one_of("kind", get_args(Kind))
REPORTS = one_of("report", ("text", "json"))

source_option = click.option("--from", "source", **FORMATS, help="The format of the document, where it should not be detected.")
kind_option = click.option("--kind", **KINDS, help="What the document is, where it should not be detected.")
timezone_option = click.option(
    "--timezone",
    metavar="ZONE",
    callback=_zone,
    shell_complete=_complete_zone,
    help="The wall clock of a response's XML times, and of a request's times without offset: Asia/Kolkata, +05:30.",
)
max_bytes_option = click.option(
    "--max-bytes",
    metavar="N",
    **whole_number(1, None),
    default=DEFAULT_LIMITS.bytes,
    help=f"Refuse a document that is longer. [default: {DEFAULT_LIMITS.bytes}]",
)
