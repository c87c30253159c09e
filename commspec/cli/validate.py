"""`commspec validate`: every fault of every document."""

from __future__ import annotations

import json
import os
from datetime import tzinfo

import attrs
import click

from commspec.cli.app import Page
from commspec.cli.console import STANDARD_INPUT, Console, Trouble, label, paint
from commspec.cli.files import read
from commspec.cli.options import CHANNELS, REPORTS, complete_file, kind_option, max_bytes_option, source_option, timezone_option
from commspec.cli.show import counted, issue_lines
from commspec.cli.verdict import Verdict, examine
from commspec.codecs.format import Format
from commspec.errors import CommspecError, InvalidMessage, Issue
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.wire.names import Kind
from commspec.wire.report import Limits


@click.command(
    "validate",
    cls=Page,
    short_help="List every fault of each document.",
    help="""Check requests and responses, and list every fault of each.

    Each FILE is a JSON or XML document of the sendMessage call; without FILE, or as -, standard input is read. Format and kind are
    detected. A request is held to the specification strictly; a response only to its form, since it says what the server said. A file that
    can't be read is reported on standard error, and the others are checked all the same.

    --report json prints one JSON object per file, a line each, with file, valid, kind, format, channel, messages
    (how many), issues and notes; an issue or note has code, path, message, seen, hint and line. What could not be detected is
    null. Of a file that can't be read everything is null, valid included.""",
    epilog="""\b
    Examples:
      commspec validate request.json
      commspec validate --tolerant --advise --region IN outbox/*.json
      commspec validate --channel sms --report json *.xml | jq -r 'select(.valid != true).file'

    \b
    Exit status:
      0  every document is valid, notes or not
      1  a document is at fault
      2  wrong usage, or a file that can't be read; it wins over 1
    """,
)
@click.argument("files", metavar="[FILE]...", nargs=-1, shell_complete=complete_file)
@source_option
@kind_option
@click.option("--channel", **CHANNELS, help="The channel that the documents must be for, in any letter case.")
@timezone_option
@click.option("--tolerant", is_flag=True, help="Note the variants that convert reads, instead of refusing them.")
@click.option(
    "--advise", is_flag=True, help="Note what can be sent and is likely a mistake: numbers outside their numbering plan, times past."
)
@click.option("--region", metavar="REGION", help="With --advise: the country of numbers in national form, such as IN.")
@click.option("--report", **REPORTS, default="text", help="For people or for programs. [default: text]")
@max_bytes_option
@click.pass_obj
def command(
    console: Console,
    files: tuple[str, ...],
    source: Format | None,
    kind: Kind | None,
    channel: Channel | None,
    timezone: tzinfo | None,
    tolerant: bool,
    advise: bool,
    region: str | None,
    report: str,
    max_bytes: int,
) -> int:
    """The exit status of `commspec validate`."""
    if region is not None and not advise:
        raise click.UsageError("--region is for --advise, which is not given.")
    if files.count(STANDARD_INPUT) > 1:
        raise click.UsageError("standard input can be read once only.")
    status = 0
    for name in (matching(files) if os.name == "nt" else files) or (STANDARD_INPUT,):
        try:
            document = read(name, console, max_bytes, announce=not files)
        except Trouble as trouble:
            console.say(f"commspec: {trouble}")
            status = 2
            if report == "json":
                console.put(_json_line(name, None))
            continue
        verdict = examine(
            document, source, kind=kind, channel=channel, tolerant=tolerant, timezone=timezone, limits=Limits(bytes=max_bytes)
        )
        if advise and verdict.request is not None:
            verdict = attrs.evolve(verdict, notes=(*verdict.notes, *_advice(verdict.request, region, verdict.format)))
        console.put(_json_line(name, verdict) if report == "json" else _text(name, verdict, colours=console.colours_results))
        status = max(status, 0 if verdict.valid else 1)
    return status


def matching(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The files that each pattern matches; one that matches none stands for itself. Windows' shells leave this to programs."""
    import glob

    return tuple(match for pattern in patterns for match in (sorted(glob.glob(pattern)) or (pattern,)))


def _advice(request: SendRequest, region: str | None, format: Format | None) -> tuple[Issue, ...]:
    # Imported only when asked for: the numbering plans of the whole world take a while.
    from commspec.advice import advise

    try:
        return advise(request, region=region, format=format or Format.JSON)
    except InvalidMessage as error:
        raise click.BadParameter(error.issues[0].message, param_hint="'--region'") from None
    except CommspecError as error:
        raise Trouble(str(error)) from None


def _json_line(name: str, verdict: Verdict | None) -> str:
    # A name that is not of the system's encoding has no form in JSON; its bytes are written as escapes.
    file = os.fsencode(name).decode("utf-8", "backslashreplace") if not name.isascii() else name
    known = verdict or Verdict(None, None)
    line = {
        "file": file,
        "valid": None if verdict is None else verdict.valid,
        "kind": known.kind,
        "format": known.format,
        "channel": known.channel,
        "messages": known.messages,
        "issues": list(map(_plain, known.issues)),
        "notes": list(map(_plain, known.notes)),
    }
    return json.dumps(line)


def _plain(issue: Issue) -> dict[str, object]:
    return {name: getattr(issue, name) for name in ("code", "path", "message", "seen", "hint", "line")}


def _text(name: str, verdict: Verdict, *, colours: bool) -> str:
    parts = [paint("valid", "green" if colours else None) if verdict.valid else paint("not valid", "red" if colours else None)]
    if verdict.issues:
        parts.append(counted(len(verdict.issues), "issue"))
    if verdict.notes:
        parts.append(counted(len(verdict.notes), "note"))
    lines = [f"{label(name)}: {', '.join(parts)}{_about(verdict)}"]
    lines += [issue_lines(issue, colours=colours) for issue in verdict.issues]
    lines += [issue_lines(note, colours=colours, colour="yellow") for note in verdict.notes]
    return "\n".join(lines)


def _about(verdict: Verdict) -> str:
    """`, 2 sms messages in a JSON request`, as far as it is known."""
    what = {"json": "a JSON ", "xml": "an XML "}.get(verdict.format or "", "a ") + (verdict.kind or "document")
    if verdict.messages is None:
        return f": {what}"
    channel = f"{verdict.channel} " if verdict.channel else ""
    noun = f"{channel}{'outcome' if verdict.kind == 'response' else 'message'}"
    return f", {counted(verdict.messages, noun)} in {what}"
