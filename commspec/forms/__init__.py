"""Two more forms of requests: NDJSON, a message a line in the JSON names, and CSV, a message a row under the XML names.

Both are read and written message by message in constant memory, with the rules, codes and paths of a JSON or XML document: `root.sms[3].to` is the
recipient of the fourth message, `line` where it stands. What a line or a row holds is its own fault; the ones after it are read all the same.

| | NDJSON | CSV |
|---|---|---|
| channel | of all messages: asked for, or that of the first line: its key `channel`, or what its fields tell | likewise: a column, the header |
| absent and empty | differ, as in JSON | one: an empty cell is absent, but `""` where an email's `body` must be there |
| attachments | as in JSON | none: `csv.attachments` |
| not counted | blank lines | rows of empty cells |

A WhatsApp message has the fields of a Zalo message, so these two have to be named. UTF-8, with or without a byte order mark; CSV also UTF-16 with one.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import tzinfo

from commspec.codecs.format import Format
from commspec.forms.csv import CsvWriter, iter_csv
from commspec.forms.ndjson import NdjsonWriter, iter_ndjson
from commspec.models.channel import Channel
from commspec.rules.time import find_zone
from commspec.streaming import Findings, Source
from commspec.wire.explain import Reading
from commspec.wire.report import DEFAULT_LIMITS, Limits, Report
from commspec.wire.request import Received

__all__ = ["CsvWriter", "Form", "NdjsonWriter", "Shape", "iter_form", "shape", "shape_of_file"]


class Form(str, enum.Enum):
    """A form of requests that is no document of the call."""

    NDJSON = "ndjson"
    CSV = "csv"

    def __str__(self) -> str:
        return self.value


Shape = Format | Form
"""Whatever requests are read from and written as."""


def shape(name: str) -> Shape:
    """A format or form by its name. Raises `ValueError`."""
    try:
        return Form(name.lower())
    except ValueError:
        return Format(name)


def shape_of_file(name: str) -> Shape | None:
    """What a file's ending says of it, in any letter case; None where that is nothing."""
    return _ENDINGS.get(name[name.rfind(".") :].lower()) if "." in name else None


_ENDINGS: dict[str, Shape] = {".json": Format.JSON, ".xml": Format.XML, ".ndjson": Form.NDJSON, ".jsonl": Form.NDJSON, ".csv": Form.CSV}


def iter_form(
    source: Source,
    form: Form | str,
    *,
    channel: Channel | str | None = None,
    tolerant: bool = False,
    timezone: str | tzinfo | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Received | Findings]:
    """Each message of an NDJSON or CSV source, in order, or its fields as received with their issues; see `commspec.streaming.iter_request`.

    `channel` is the one that all messages must be for. `tolerant` reads the variants of section 6 too; in CSV also `;` and tabs for commas
    (`tolerated.separator`).

    Raises `MalformedDocument` for bytes that are not of their encoding, quotes that no CSV has, and a line longer than `limits.bytes`.
    """
    asked = None if channel is None else Channel(channel)
    reading = Reading("json" if Form(form) is Form.NDJSON else "xml", Report(limits), tolerant, find_zone(timezone))
    return iter_ndjson(source, asked, reading, limits) if Form(form) is Form.NDJSON else iter_csv(source, asked, reading, limits)
