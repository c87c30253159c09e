"""`commspec stub`: a server that answers the call, on this machine."""

from __future__ import annotations

import contextlib

import click

from commspec.cli.app import Page
from commspec.cli.console import Console, Trouble, label, printable, reason
from commspec.cli.options import max_bytes_option, whole_number
from commspec.cli.show import counted
from commspec.errors import CommspecError
from commspec.http.auth import Auth, BasicAuth, OAuthToken
from commspec.testing.stub import Call, Desk
from commspec.wire.report import Limits


@click.command(
    "stub",
    cls=Page,
    short_help="Answer the call as a server would, on this machine.",
    help="""Answer the sendMessage call on this machine as the specification says, and send nothing to anyone: for trying a client.

    The first line of output is the address; a line for each call follows on standard error, without what the messages say.
    GET /received lists what came, DELETE /received forgets it, and the page at / shows the messages as they arrive, in both formats. The
    server runs until it is stopped, with Ctrl-C for example.

    What the real server does to numbers and order is off unless it is asked for.""",
    epilog="""\b
    Examples:
      commspec stub --port 8000
      commspec stub --fail 0.1 --latency 0.05 --seed 1
      commspec stub --prefix-country-code 91 --reorder

    \b
    Exit status:
      0  stopped with Ctrl-C
      2  wrong usage, or an address that can't be listened at
    """,
)
@click.option(
    "--host", metavar="HOST", default="127.0.0.1", help="Listen here. Others than this machine can call any other. [default: 127.0.0.1]"
)
@click.option("--port", metavar="N", **whole_number(0, 65535), default=0, help="Listen at this port, 0 for a free one. [default: 0]")
@click.option("--user", metavar="USER", help="Ask for Basic authentication, with --password.")
@click.option(
    "--password",
    metavar="PASSWORD",
    envvar="COMMSPEC_STUB_PASSWORD",
    help="The user's password; or the environment's COMMSPEC_STUB_PASSWORD.",
)
@click.option(
    "--token", metavar="TOKEN", envvar="COMMSPEC_STUB_TOKEN", help="Ask for this OAuth token; or the environment's COMMSPEC_STUB_TOKEN."
)
@click.option("--fail", metavar="CHANCE", type=float, default=0.0, help="Refuse each good message with this chance, 0 to 1. [default: 0]")
@click.option("--latency", metavar="SECONDS", type=float, default=0.0, help="Wait so long before each answer. [default: 0]")
@click.option("--seed", metavar="N", help="Draw the same chances in every run.")
@click.option("--prefix-country-code", metavar="DIGITS", default="", help="Put these digits before the numbers echoed.")
@click.option("--reorder", is_flag=True, help="Answer the messages in another order than they came in.")
@max_bytes_option
@click.pass_obj
def command(
    console: Console,
    host: str,
    port: int,
    user: str | None,
    password: str | None,
    token: str | None,
    fail: float,
    latency: float,
    seed: str | None,
    prefix_country_code: str,
    reorder: bool,
    max_bytes: int,
) -> int:
    """The exit status of `commspec stub`, once the server has ended."""
    try:
        from commspec.testing.stub import bind, create_app, run, url_of
    except CommspecError as error:
        raise Trouble(str(error)) from None
    try:
        desk = Desk(
            auth=_auth(user, password, token),
            fail=fail,
            latency_seconds=latency,
            seed=seed,
            country_code=prefix_country_code,
            reorder=reorder,
            limits=Limits(bytes=max_bytes),
            on_call=lambda call: console.say(_line(call)),
        )
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    try:
        listener = bind(host, port)
    except (OSError, UnicodeError) as error:
        raise Trouble(f"{label(host)} port {port}: {reason(error)}") from None
    with listener:
        console.put(url_of(listener))
        if not listener.getsockname()[0].startswith(("127.", "::1")):
            console.say("commspec: others than this machine can call the stub, and read what it received")
        # uvicorn raises it once more, after it has ended; it is the way to end a server, and no failure.
        with contextlib.suppress(KeyboardInterrupt):
            run(create_app(desk, host=host), listener)
    return 0


def _auth(user: str | None, password: str | None, token: str | None) -> list[Auth]:
    if (user is None) != (password is None):
        raise click.UsageError("--user and --password go together.")
    found: list[Auth] = []
    if user is not None and password is not None:
        found.append(BasicAuth(user, password))
    if token is not None:
        found.append(OAuthToken(token))
    return found


def _line(call: Call) -> str:
    """One call, without anything that its messages say."""
    what = " ".join(filter(None, (call.format, call.channel)))
    bad = len(call.inspection.bad)
    faults = f", {bad} at fault" if bad else ""
    if not call.inspection.messages and call.inspection.issues:
        faults = f", {call.inspection.issues[0].code}"
    messages = counted(len(call.inspection.messages), "message")
    return printable(f"{call.number}: {what} {messages}{faults}: answered {call.status}".replace(":  ", ": "))
