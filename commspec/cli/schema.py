"""`commspec schema`: the documents' rules, in a language that other programs read."""

from __future__ import annotations

import click

from commspec.cli.app import Page
from commspec.cli.console import Console
from commspec.cli.files import STANDARD_OUTPUT, write
from commspec.cli.options import CHANNELS, KINDS, complete_file, one_of
from commspec.models.channel import Channel
from commspec.schemas import dump, json_schema, openapi, xsd
from commspec.wire.names import Kind

_LANGUAGES = ("json-schema", "xsd", "openapi")


@click.command(
    "schema",
    cls=Page,
    short_help="Print a schema of the documents.",
    help="""Print a schema of the documents: JSON Schema (draft 2020-12), XSD (1.0) or OpenAPI (3.1), for editors, gateways, code
    generators and validators in any language.

    A request's schema refuses what commspec refuses, as far as its language can say it. A response's refuses nothing for
    its content. OpenAPI describes the whole call, in both formats.""",
    epilog="""\b
    Examples:
      commspec schema json-schema -o request.schema.json
      commspec schema json-schema --channel sms
      commspec schema xsd --kind response -o response.xsd
      commspec schema openapi -o openapi.json

    \b
    Exit status:
      0  written
      2  wrong usage, or a file that can't be written
    """,
)
@click.argument("language", **one_of("language", _LANGUAGES))
@click.option("--kind", **KINDS, help="What the documents are. [default: request]")
@click.option("--channel", **CHANNELS, help="Documents of this channel only. [default: any]")
@click.option(
    "-o", "--output", metavar="OUT", default=STANDARD_OUTPUT, shell_complete=complete_file, help="Write to this file, whole or not at all."
)
@click.pass_obj
def command(console: Console, language: str, kind: Kind | None, channel: Channel | None, output: str) -> int:
    """The exit status of `commspec schema`."""
    if language == "openapi" and (kind or channel):
        raise click.UsageError("openapi takes no --kind and no --channel: it describes the whole call.")
    if language == "openapi":
        document = dump(openapi())
    else:
        document = xsd(kind or "request", channel) if language == "xsd" else dump(json_schema(kind or "request", channel))
    write(output, document, console)
    return 0
