"""`commspec bulk`: every document of an archive."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Any

import click

from commspec.cli.app import Page
from commspec.cli.console import Console, Trouble, label, reason
from commspec.cli.options import CHANNELS, complete_file, kind_option, max_bytes_option, one_of, timezone_option, whole_number
from commspec.cli.show import counted
from commspec.errors import CommspecError
from commspec.forms import shape
from commspec.models.channel import Channel
from commspec.wire.names import Kind
from commspec.wire.report import Limits

SHAPES = one_of("format", ("json", "xml", "ndjson", "csv"), shape)


@click.command(
    "bulk",
    cls=Page,
    short_help="Convert or check an archive.",
    help="""Convert every document of SRC into the folder DST, or check it.

    SRC is a file, a folder with all in it, a glob, or an address that fsspec knows (s3://...); DST a folder or an address. Files
    of a folder are documents by their ending: .json, .xml, .ndjson, .jsonl, .csv. Each result stands in DST under its source's name,
    whole or not at all. DST/report.ndjson lists every file of which there is anything to say: file, verdict, messages, issues, notes.

    A run that was ended, however it was, goes on where it stood when it is started again with the same options. Faulty documents
    don't stop it: they are left out, or with --partial their good messages converted.""",
    epilog="""\b
    Examples:
      commspec bulk outbox archive --to xml
      commspec bulk 's3://outbox/2026/*.json' s3://archive/2026 --to ndjson --partial
      commspec bulk outbox verdicts --check --strict
      commspec bulk /shared/outbox /shared/archive --scheduler tcp://10.0.0.1:8786

    \b
    Exit status:
      0  every document is good
      1  a document is at fault, in whole or in part
      2  wrong usage, or a file that can't be read or has no place in DST; it wins over 1
    """,
)
@click.argument("src", shell_complete=complete_file)
@click.argument("dst", shell_complete=complete_file)
@click.option("--to", "target", **SHAPES, help="The format of the results. [default: the other one of each]")
@click.option("--from", "source", **SHAPES, help="The format of all documents, where their names should not tell it.")
@kind_option
@click.option("--channel", **CHANNELS, help="The channel that all messages must be for; tells WhatsApp from Zalo in NDJSON and CSV.")
@timezone_option
@click.option("--check", is_flag=True, help="Write the report only.")
@click.option("--partial", is_flag=True, help="Convert the good messages of requests that have faults.")
@click.option("--strict", is_flag=True, help="Tolerate nothing: every variant is a fault.")
@click.option("--indent", metavar="N", **whole_number(0, 32), help="Spaces a level, 0 to 32. [default: one line]")
@click.option("--jobs", metavar="N", **whole_number(1, None), help="Processes. [default: one a processor]")
@click.option("--scheduler", metavar="ADDRESS", help="Have a Dask cluster do it (tcp://...); it must reach SRC and DST.")
@max_bytes_option
@click.pass_obj
def command(
    console: Console,
    src: str,
    dst: str,
    target: Any,
    source: Any,
    kind: Kind | None,
    channel: Channel | None,
    timezone: tzinfo | None,
    check: bool,
    partial: bool,
    strict: bool,
    indent: int | None,
    jobs: int | None,
    scheduler: str | None,
    max_bytes: int,
) -> int:
    """The exit status of `commspec bulk`."""
    from commspec import bulk
    from commspec.bulk.work import FULL

    if scheduler is not None and jobs is not None:
        raise click.UsageError("--jobs and --scheduler exclude each other.")
    try:
        with _connected(scheduler) as client, _progress(console, src) as progress:
            summary = bulk.run(
                src,
                dst,
                to=target,
                source=source,
                kind=kind,
                channel=channel,
                check=check,
                partial=partial,
                tolerant=not strict,
                timezone=timezone,
                indent=indent,
                limits=Limits(bytes=max_bytes, issues=1000),
                jobs=jobs,
                client=client,
                progress=progress,
            )
    except bulk.Busy as error:
        raise Trouble(f"{label(dst)}: {error}") from None
    except (CommspecError, ImportError) as error:  # fsspec's own for what a store's address takes
        raise Trouble(f"{str(error)[:1].lower()}{str(error)[1:]}") from None
    except OSError as error:
        place = dst if error.errno in FULL else str(error.filename or src)
        raise Trouble(f"{label(place)}: {reason(error)}") from None
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    console.say(_told(summary, dst))
    return 2 if summary.troubles else 0 if summary.ok else 1


def _told(summary: Any, dst: str) -> str:
    parts = [f"{counted(summary.files, 'file')}: {summary.good} good"]
    parts += [f"{getattr(summary, name)} {name}" for name in ("partial", "faulty", "skipped") if getattr(summary, name)]
    parts += [f"{summary.troubles} in trouble"] if summary.troubles else []
    lines = [", ".join(parts) + f"; {counted(summary.messages, 'message')}"]
    if summary.done_before:
        lines.append(f"{summary.done_before} of them had been done before")
    if not summary.ok or summary.skipped:
        lines.append(f"see report.ndjson in {label(dst)}")
    return "\n".join(lines)


@contextlib.contextmanager
def _connected(scheduler: str | None) -> Iterator[Any]:
    if scheduler is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise Trouble("--scheduler needs Dask: pip install 'commspec[dask]'") from None
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            scheduler, timeout=30, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise Trouble(f"{label(scheduler)}: {reason(error)}") from None
    with client:
        yield client


@contextlib.contextmanager
def _progress(console: Console, src: str) -> Iterator[Callable[[Any], None] | None]:
    """What shows a run's progress on a terminal: how far, how fast, how long still. Where there is none, None."""
    if not console.colours_notes:
        yield None
        return
    from rich.console import Console as Screen
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from commspec.bulk.places import walk

    try:
        # Once over the names, so that the time left is known.
        total = sum(found.size for folder in walk(src) for found in folder.files)
    except (OSError, CommspecError, ImportError):
        total = 0
    columns = (
        TextColumn("{task.fields[files]} files"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Screen(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total or None, files=0)
        yield lambda summary: bar.update(task, completed=summary.bytes, files=summary.files)
