"""`commspec conform`: holds a server of one's own to what the call promises."""

from __future__ import annotations

import json
import textwrap

import click

from commspec.cli.app import Page
from commspec.cli.console import Console, Trouble, paint
from commspec.cli.files import refuse_unwritable, replacing
from commspec.cli.options import CHANNELS, REPORTS, complete_file, likely, whole_number
from commspec.errors import CommspecError
from commspec.http.auth import Auth, BasicAuth, OAuthToken
from commspec.models.channel import Channel
from commspec.testing.conformance import PROMISES, Findings, target_of

_NAMES = tuple(promise.name for promise in PROMISES)
_PROMISES = "\n      ".join(textwrap.wrap(", ".join(_NAMES), 90, break_on_hyphens=False))
_MOST_EXAMPLES = 100_000


def _skipped(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for name in given:
        if name not in _NAMES:
            raise click.BadParameter(f"no promise {name!r}{likely(name, _NAMES)}")
    return given


@click.command(
    "conform",
    cls=Page,
    short_help="Hold a server of your own to what the call promises.",
    help="""Send valid and faulty documents, in both formats, to a server of your own, and say which promises of the call it breaks, each
    with the smallest example found and a curl line to see it again.

    URL is the server's, http://127.0.0.1:8000; without a path the call's own is put after it. The vendor's hosts are never called.
    Generated numbers and addresses may be someone's: nothing that the server receives must reach anyone.""",
    epilog=f"""\b
    Examples:
      commspec conform http://127.0.0.1:8000
      commspec conform http://127.0.0.1:8000 --channel sms --examples 2000 --seed 7
      commspec conform https://stage.example.com/messages --i-own-this-server --junit conform.xml

    \b
    Promises:
      {_PROMISES}

    \b
    Exit status:
      0  every promise is kept, or can't be seen
      1  a promise is broken
      2  wrong usage, a server that may not or can't be checked, a FILE that can't be written
    """,
)
@click.argument("url", metavar="URL")
@click.option(
    "--examples",
    metavar="N",
    **whole_number(0, _MOST_EXAMPLES),
    default=200,
    help="Generate so many valid documents, and as many faulty ones. [default: 200]",
)
@click.option("--channel", "channel", **CHANNELS, help="Messages of this channel only. [default: all]")
@click.option(
    "--auth", metavar="USER:PASSWORD", envvar="COMMSPEC_CONFORM_AUTH", help="Who calls; or the environment's COMMSPEC_CONFORM_AUTH."
)
@click.option("--token", metavar="TOKEN", envvar="COMMSPEC_CONFORM_TOKEN", help="An OAuth token instead; or COMMSPEC_CONFORM_TOKEN.")
@click.option("--seed", metavar="N", type=int, help="Draw the same examples again. [default: others in every run]")
@click.option(
    "--skip", metavar="PROMISE", multiple=True, callback=_skipped, help="Leave this promise out of the report; may stand several times."
)
@click.option("--timeout", metavar="SECONDS", type=float, default=10.0, help="Wait so long for each answer. [default: 10]")
@click.option("--i-own-this-server", "owned", is_flag=True, help="Call a server that is not this machine.")
@click.option("--junit", metavar="FILE", shell_complete=complete_file, help="Write a report for continuous integration, as JUnit XML.")
@click.option("--report", **REPORTS, default="text", help="For people or for programs. [default: text]")
@click.pass_obj
def command(
    console: Console,
    url: str,
    examples: int,
    channel: Channel | None,
    auth: str | None,
    token: str | None,
    seed: int | None,
    skip: tuple[str, ...],
    timeout: float,
    owned: bool,
    junit: str | None,
    report: str,
) -> int:
    """The exit status of `commspec conform`."""
    if not 0 < timeout <= 600:
        raise click.BadParameter("the timeout is more than 0 and up to 600 seconds", param_hint="'--timeout'")
    try:
        target = target_of(url, auth=_auth(auth, token), owned=owned, timeout_seconds=timeout)
        from commspec.testing.conformance import check

        if junit is not None:
            refuse_unwritable(junit)
        findings = check(
            target,
            examples=examples,
            channels=None if channel is None else [channel],
            seed=seed,
            skip=skip,
            tell=lambda what: console.say(f"commspec: {what}"),
        )
    except CommspecError as error:
        raise Trouble(str(error)) from None
    trouble = None
    if junit is not None:
        try:
            with replacing(junit) as stream:
                stream.write(findings.junit())
        except Trouble as error:
            # What was found took hundreds of calls to find: it is told first.
            trouble = error
    console.put(json.dumps(findings.as_json()) if report == "json" else _text(findings, colours=console.colours_results))
    if trouble is not None:
        raise trouble
    return 0 if findings.ok else 1


def _auth(auth: str | None, token: str | None) -> Auth | None:
    if auth is not None and token is not None:
        raise click.UsageError("--auth and --token are one or the other.")
    try:
        if auth is not None:
            user, colon, password = auth.partition(":")
            if not colon:
                raise click.BadParameter("expected user:password", param_hint="'--auth'")
            return BasicAuth(user, password)
        return None if token is None else OAuthToken(token)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None


def _text(findings: Findings, *, colours: bool) -> str:
    lines = findings.text().split("\n")
    if colours:
        paints = {"kept": "green", "broken": "red", "not seen": "yellow"}
        for index, verdict in enumerate(findings.verdicts):
            word = verdict.word
            lines[index] = paint(word, paints[word]) + lines[index][len(word) :]
    return "\n".join(lines)
