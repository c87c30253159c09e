"""`commspec convert`: a document in the other format."""

from __future__ import annotations

from datetime import tzinfo

import click

from commspec.cli.app import Page
from commspec.cli.console import STANDARD_INPUT, Console, label
from commspec.cli.files import read, replacing
from commspec.cli.options import FORMATS, complete_file, kind_option, max_bytes_option, source_option, timezone_option, whole_number
from commspec.cli.show import counted, issue_lines, note_line
from commspec.codecs.format import Format
from commspec.convert import convert
from commspec.errors import CommspecError
from commspec.wire.names import Kind
from commspec.wire.report import Limits

STANDARD_OUTPUT = "-"


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
@source_option
@click.option("--to", "target", **FORMATS, help="The format of the result. [default: the other one]")
@kind_option
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
    source: Format | None,
    target: Format | None,
    kind: Kind | None,
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
    document = read(name, console, max_bytes, announce=file is None)
    try:
        conversion = convert(
            document,
            target,
            source=source,
            kind=kind,
            tolerant=not strict,
            timezone=timezone,
            indent=None if compact else 2 if indent is None else indent,
            limits=Limits(bytes=max_bytes),
        )
    except CommspecError as error:
        lines = [issue_lines(issue, colours=console.colours_notes) for issue in error.issues]
        console.say("\n".join([f"{label(name)}: not converted, {counted(len(lines), 'issue')}", *lines]))
        return 1
    if conversion.notes:
        console.say("\n".join(note_line(label(name), note, colours=console.colours_notes) for note in conversion.notes))
    if fail_on_loss and conversion.losses:
        console.say(f"{label(name)}: not converted: something would be lost, and --fail-on-loss was given")
        return 1
    # A text file's last line ends, also when it is the only one.
    written = conversion.document if conversion.document.endswith(b"\n") else conversion.document + b"\n"
    if output in (STANDARD_OUTPUT, "/dev/stdout"):
        console.put_document(written)
    else:
        with replacing(output) as stream:
            stream.write(written)
    return 0
