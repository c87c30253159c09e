"""`commspec convert`: a document in the other format."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import tzinfo
from typing import IO, Any, BinaryIO, cast

import click

from commspec.cli.app import Page
from commspec.cli.bulk import SHAPES
from commspec.cli.console import STANDARD_INPUT, Console, Trouble, label, reason
from commspec.cli.files import STANDARD_OUTPUT, is_standard_output, pieces, read, replacing, write
from commspec.cli.options import CHANNELS, complete_file, kind_option, max_bytes_option, timezone_option, whole_number
from commspec.cli.show import counted, issue_lines, note_line
from commspec.codecs.format import Format, detect, is_undecided
from commspec.convert import convert
from commspec.errors import CommspecError, Issue
from commspec.forms import Form, Shape, shape_of_file
from commspec.models.channel import Channel
from commspec.wire.names import Kind
from commspec.wire.report import DEFAULT_LIMITS, Limits

LARGE_BYTES = 16 * 1024 * 1024
"""A document that is longer is streamed, unless --max-bytes has it refused or held in memory."""


@click.command(
    "convert",
    cls=Page,
    short_help="Write a document in the other format.",
    help="""Write a request or a response in the other format.

    FILE is a JSON or XML document of the sendMessage call; without FILE, or with -, standard input is read. Format and
    kind are detected. The result goes to standard output, or with -o to OUT, which is replaced in one step once all went well.

    A request may have the variants that peers are known to send (a number for a phone number, no root, other
    spellings); each is reported on standard error with its code (tolerated.number), as is whatever the other format can't hold
    (loss.offset). A document at fault is not converted: every fault of it is listed.""",
    epilog="""\b
    Examples:
      commspec convert request.json
      commspec convert request.xml -o request.json
      commspec convert --strict --fail-on-loss request.json -o request.xml
      curl -s -H 'Accept: application/xml' ... | commspec convert --timezone Asia/Kolkata

    \b
    Exit status:
      0  converted
      1  the document is at fault, or lost something under --fail-on-loss: nothing is written
      2  wrong usage, or a file that can't be read or written; it wins over 1
    """,
)
@click.argument("file", required=False, shell_complete=complete_file)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    default=STANDARD_OUTPUT,
    shell_complete=complete_file,
    help="Write to this file, whole or not at all. It may be FILE itself, a link or a device.",
)
@click.option(
    "--from", "source", **SHAPES, help="The format of the document, where it should not be detected; NDJSON and CSV by FILE's ending."
)
@click.option("--to", "target", **SHAPES, help="The format of the result. [default: the other one; JSON for NDJSON and CSV]")
@kind_option
@click.option("--channel", **CHANNELS, help="The channel that all messages must be for; tells WhatsApp from Zalo in NDJSON and CSV.")
@timezone_option
@click.option("--strict", is_flag=True, help="Tolerate nothing: every variant is a fault.")
@click.option("--fail-on-loss", is_flag=True, help="Where anything would be lost, write nothing and end with 1.")
@click.option("--indent", metavar="N", **whole_number(0, 32), help="Spaces a level, 0 to 32. [default: 2]")
@click.option("--compact", is_flag=True, help="Write everything on one line.")
@max_bytes_option
@click.pass_obj
def command(
    console: Console,
    file: str | None,
    output: str,
    source: Shape | None,
    target: Shape | None,
    kind: Kind | None,
    channel: Channel | None,
    timezone: tzinfo | None,
    strict: bool,
    fail_on_loss: bool,
    indent: int | None,
    compact: bool,
    max_bytes: int,
) -> int:
    """The exit status of `commspec convert`."""
    if compact and indent is not None:
        raise click.UsageError("--indent and --compact exclude each other.")
    name = STANDARD_INPUT if file is None else file
    if source is None and isinstance(shape_of_file(name), Form):
        source = shape_of_file(name)
    spaces = None if compact else 2 if indent is None else indent
    with contextlib.ExitStack() as stack:
        streamed = _in_messages(source, target, channel)
        document = _open(name, console, stack, max_bytes, streamed=streamed, announce=file is None)
        if not isinstance(document, bytes):
            from commspec.bulk.document import Options

            options = Options(target, source, kind, channel, not strict, timezone, spaces, limits=Limits(bytes=max_bytes))
            return _convert_large(document, options, console, name, output, fail_on_loss)
    assert not isinstance(source, Form)
    assert not isinstance(target, Form)
    try:
        conversion = convert(
            document,
            target,
            source=source,
            kind=kind,
            tolerant=not strict,
            timezone=timezone,
            indent=spaces,
            limits=Limits(bytes=max_bytes),
        )
    except CommspecError as error:
        return _refuse(error.issues, console, name)
    if not _tell_notes(conversion.notes, console, name, fail_on_loss):
        return 1
    # A text file's last line ends, also when it is the only one.
    written = conversion.document if conversion.document.endswith(b"\n") else conversion.document + b"\n"
    write(output, written, console)
    return 0


def _refuse(issues: tuple[Issue, ...], console: Console, name: str) -> int:
    lines = [issue_lines(issue, colours=console.colours_notes) for issue in issues]
    console.say("\n".join([f"{label(name)}: not converted, {counted(len(lines), 'issue')}", *lines]))
    return 1


def _tell_notes(notes: tuple[Issue, ...], console: Console, name: str, fail_on_loss: bool) -> bool:
    """Whether there is, after what was tolerated and lost has been told, still something to write."""
    if notes:
        console.say("\n".join(note_line(label(name), note, colours=console.colours_notes) for note in notes))
    if fail_on_loss and any(note.code.startswith("loss.") for note in notes):
        console.say(f"{label(name)}: not converted: something would be lost, and --fail-on-loss was given")
        return False
    return True


# ---- Message by message: large documents, NDJSON and CSV.


def _in_messages(source: Shape | None, target: Shape | None, channel: Channel | None) -> bool:
    return isinstance(source, Form) or isinstance(target, Form) or channel is not None


def _open(name: str, console: Console, stack: contextlib.ExitStack, max_bytes: int, *, streamed: bool, announce: bool) -> bytes | IO[bytes]:
    """The document; where it is large or to be `streamed`, a file that can be read twice. A limit of the caller's own is for a document held in memory."""
    if not streamed and max_bytes != DEFAULT_LIMITS.bytes:
        return read(name, console, max_bytes, announce=announce)
    try:
        if name == STANDARD_INPUT:
            given: IO[bytes] = console.binary_input(announce=announce)
        else:
            given = stack.enter_context(open(name, "rb"))  # noqa: SIM115 - it is closed with the stack
        if given.seekable() and _has_descriptor(given):
            if streamed or os.fstat(given.fileno()).st_size > LARGE_BYTES:
                return given
            return b"".join(pieces(given, max_bytes + 1))
        head, rest = b"", pieces(given, sys.maxsize)
        for piece in rest:
            head += piece
            # What does not begin as a document may never end.
            if len(head) > LARGE_BYTES or (detect(head) is None and not is_undecided(head)):
                break
        if not streamed and len(head) <= LARGE_BYTES:
            return head
        spool: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - likewise
        spool.write(head)
        spool.writelines(rest)
        spool.seek(0)
        return spool
    except (OSError, ValueError) as error:
        raise Trouble(f"{label(name)}: {reason(error)}") from None


def _has_descriptor(stream: IO[bytes]) -> bool:
    try:
        stream.fileno()
    except (OSError, ValueError):
        return False
    return True


class _NotConverted(Exception):
    """There is nothing to write, and why has been told."""


def _convert_large(source: IO[bytes], options: Any, console: Console, name: str, output: str, fail_on_loss: bool) -> int:
    import attrs

    from commspec.bulk.document import transform

    if options.to is None:
        found = options.source or detect(source.read(1024)) or Format.JSON
        source.seek(0)
        options = attrs.evolve(options, to=found.other if isinstance(found, Format) else Format.JSON)

    def convert_into(sink: IO[bytes]) -> None:
        with _progress(source, console) as watched:
            result = transform(watched, sink, options)
        if result.verdict == "faulty":
            _refuse(result.issues, console, name)
            raise _NotConverted
        if not _tell_notes(result.notes, console, name, fail_on_loss):
            raise _NotConverted

    try:
        if not is_standard_output(output):
            with replacing(output) as stream:
                convert_into(stream)
            return 0
        # A fault may stand at the document's end: until that has been read, nothing goes out.
        with tempfile.TemporaryFile() as spool:
            convert_into(spool)
            spool.seek(0)
            for piece in iter(lambda: spool.read(1024 * 1024), b""):
                console.put_document(piece)
    except _NotConverted:
        return 1
    return 0


@contextlib.contextmanager
def _progress(source: IO[bytes], console: Console) -> Iterator[IO[bytes]]:
    """`source`, with how far it has been read on a terminal, where it is large."""
    size = os.fstat(source.fileno()).st_size if console.colours_notes and _has_descriptor(source) else 0
    if size <= LARGE_BYTES:
        yield source
        return
    from rich.console import Console as Screen
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(binary_units=True), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Screen(stderr=True), transient=True) as bar:
        yield bar.wrap_file(cast("BinaryIO", source), total=size)
