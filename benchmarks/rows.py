"""The rows of the table, with their bars: what is measured, on which documents, and who takes part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from benchmarks import answers, documents
from benchmarks.documents import MIB, Record
from benchmarks.harness import Bar, Figures, Row, Settings, Work, in_fresh_process, measure
from benchmarks.imports import import_seconds, loaded_by
from benchmarks.memory import PEAK_KNOWN, kept_bytes, peak_bytes
from benchmarks.peers import Peer, cattrs_
from benchmarks.peers.every import peers

MANY = 4_000
PER_MESSAGE = "s/message"
FILE_BYTES = 20 * MIB
HEAVY = ("phonenumbers", "email_validator", "dns", "click", "rich", "hypothesis", "starlette", "pydantic")
CORE = ("attrs", "cattrs", "lxml.etree", "msgspec")

Make = Callable[[int], Sequence[Record]]


@attrs.frozen
class Plan:
    """A row before it is measured."""

    name: str
    measure: Callable[[Settings], Row]


def _decoding(peer: Peer, document: bytes, records: Sequence[Record]) -> Work:
    def check(result: object) -> None:
        assert documents.read(peer.messages(result)) == list(records), f"{peer.name} reads other values than the document has"

    return Work(peer.name, partial(peer.decode, document), check, len(records))


def _encoding(peer: Peer, format: str, channel: str, records: Sequence[Record]) -> Work:
    def check(result: bytes | str) -> None:
        document = result.encode() if isinstance(result, str) else result
        assert documents.from_document(document, format, channel) == list(records), f"{peer.name} writes other values than it was given"

    ready = records if (peer.name, format) == ("floor", "xml") else peer.decode(documents.WRITERS[format](records, channel))
    return Work(peer.name, partial(peer.encode, ready), check, len(records))


def _decode(format: str, channel: str, make: Make, count: int, *bars: Bar, label: str = "") -> Plan:
    name = f"decode {format.upper()}, {label or channel} × {count:,}"

    def run(settings: Settings) -> Row:
        records = make(count)
        document = documents.WRITERS[format](records, channel)
        works = [_decoding(peer, document, records) for peer in peers(format, channel)]
        return Row(name, PER_MESSAGE, measure(works, settings), bars, f"{len(document) / count:.0f} bytes a message")

    return Plan(name, run)


def _encode(format: str, channel: str, make: Make, count: int, *bars: Bar, label: str = "") -> Plan:
    name = f"encode {format.upper()}, {label or channel} × {count:,}"

    def run(settings: Settings) -> Row:
        works = [_encoding(peer, format, channel, make(count)) for peer in peers(format, channel)]
        return Row(name, PER_MESSAGE, measure(works, settings), bars)

    return Plan(name, run)


def _answer(verb: str, format: str, count: int, *bars: Bar) -> Plan:
    name = f"{verb} {format.upper()}, answer to {count:,} sms"

    def run(settings: Settings) -> Row:
        remark = f"{len(answers.DOCUMENTS[format](count)) / count:.0f} bytes a message, one in ten refused; the floor's trees are ready for writing"
        return Row(name, PER_MESSAGE, measure(answers.works(format, verb, count), settings), bars, remark)

    return Plan(name, run)


def _file(format: str, *bars: Bar) -> Plan:
    name = f"decode {format.upper()}, email with a file of 20 MiB"

    def run(settings: Settings) -> Row:
        records = documents.email_with_file(FILE_BYTES)
        document = documents.WRITERS[format](records, "email")
        works = [_decoding(peer, document, records) for peer in peers(format, "email", file=True)]
        return Row(name, PER_MESSAGE, measure(works, settings), bars, "in base64, a document of 28 MB; the floor parses and b64decodes")

    return Plan(name, run)


def _growth(format: str) -> Plan:
    name = f"growth, decode {format.upper()}, sms × 1,000 and × 8,000"

    def run(settings: Settings) -> Row:
        works = []
        for count in (1_000, 8_000):
            records = documents.sms(count)
            document = documents.WRITERS[format](records, "sms")
            works += [attrs.evolve(_decoding(peer, document, records), name=f"{peer.name} × {count:,}") for peer in peers(format, "sms")]
        bars = [Bar(than="commspec × 1,000", at_most=1.3, subject="commspec × 8,000")]
        return Row(
            name, PER_MESSAGE, measure(works, settings), bars, "the others' own growth shows what memory and the garbage collector add"
        )

    return Plan(name, run)


def _faulty(format: str) -> Plan:
    name = f"decode {format.upper()}, 10,000 faulty sms"

    def failing(peer: Peer, count: int) -> Work:
        assert peer.faults is not None
        document, faults = documents.WRITERS[format](documents.faulty(count), "sms"), peer.faults

        def run() -> int:
            try:
                peer.decode(document)
            except Exception as error:
                return faults(error)
            return 0

        def check(found: int) -> None:
            assert found == count, f"{peer.name} lists {found} faults of {count}"

        return Work(f"{peer.name}, {count:,} faulty", run, check, count)

    def run(settings: Settings) -> Row:
        records = documents.sms(10_000)
        document = documents.WRITERS[format](records, "sms")
        thorough = [peer for peer in peers(format, "sms") if peer.faults]
        works = [_decoding(peer, document, records) for peer in thorough]
        works += [failing(peer, count) for peer in thorough for count in (1_000, 10_000)]
        bars = [
            Bar(than="commspec", at_most=20, subject="commspec, 10,000 faulty"),
            Bar(than="commspec, 1,000 faulty", at_most=1.3, subject="commspec, 10,000 faulty"),
        ]
        return Row(
            name, PER_MESSAGE, measure(works, settings), bars, "one fault a message, of five kinds in turn; only those who list all faults"
        )

    return Plan(name, run)


def _kept(format: str) -> Plan:
    name = f"memory kept, {format.upper()}, sms × 10,000"

    def run(settings: Settings) -> Row:
        records = documents.sms(10_000)
        document = documents.WRITERS[format](records, "sms")
        makers: dict[str, Callable[[], object]] = {
            peer.name: partial(peer.decode, document) for peer in peers(format, "sms") if (peer.name, format) != ("floor", "xml")
        }
        makers["the objects themselves"] = _objects(records)
        figures = {name: Figures([kept_bytes(make) / len(records)]) for name, make in makers.items()}
        remark = "what a decoded document takes, by tracemalloc; the objects themselves are attrs objects with slots, their texts and their times"
        return Row(name, "bytes/message", figures, [Bar(than="the objects themselves", at_most=2)], remark)

    return Plan(name, run)


def _objects(records: Sequence[Record]) -> Callable[[], object]:
    # The least that such messages can take: texts of their own, one time zone for all, nothing else.
    zone = timezone(timedelta(hours=5, minutes=30))
    stored = [(record["to"].encode(), record["body"].encode(), record["scheduled_time"]) for record in records]

    def make() -> object:
        return tuple(
            cattrs_.Sms(to=to.decode(), body=body.decode(), scheduled_time=datetime.fromisoformat(time).replace(tzinfo=zone))
            for to, body, time in stored
        )

    return make


def _peak(format: str) -> Plan:
    name = f"memory at the peak, decode {format.upper()}, sms × 40,000"

    def run(settings: Settings) -> Row:
        count, write = 40_000, documents.WRITERS[format]
        with TemporaryDirectory() as folder:
            small, large = Path(folder, "small"), Path(folder, "large")
            small.write_bytes(write(documents.sms(10), "sms"))
            large.write_bytes(write(documents.sms(count), "sms"))
            figures = {
                peer.name: Figures([in_fresh_process(peak_of, format, peer.name, small, large) / count]) for peer in peers(format, "sms")
            }
        return Row(
            name, "bytes/message", figures, (), "how far a fresh process's resident memory rises above the document; a parser's tree counts"
        )

    return Plan(name, run)


def peak_of(format: str, name: str, small: Path, large: Path) -> int:
    """The rise of resident memory while the peer of that name decodes the document in `large`; for a fresh process."""
    peer = next(peer for peer in peers(format, "sms") if peer.name == name)
    return peak_bytes(partial(peer.decode, small.read_bytes()), partial(peer.decode, large.read_bytes()))


def _imports(settings: Settings) -> Row:
    core = ", ".join(CORE)
    wanted: Mapping[str, tuple[str, ...]] = {
        "commspec": ("commspec",),
        core: CORE,
        "pydantic with EmailStr": ("pydantic", "pydantic.networks", "email_validator"),
        "pydantic-xml": ("pydantic_xml",),
        "xsdata": ("xsdata.formats.dataclass.parsers", "xsdata.formats.dataclass.serializers"),
    }
    samples: dict[str, list[float]] = {name: [] for name in wanted}
    for number in range(settings.rounds + 1):
        for name, modules in wanted.items():
            seconds = import_seconds(modules)
            if number:
                samples[name].append(seconds)
    figures = {name: Figures(times) for name, times in samples.items()}
    heavy = loaded_by("commspec", HEAVY)
    remark = f"commspec loads {', '.join(heavy) or 'none'} of {', '.join(HEAVY)}"
    return Row("import, a fresh process each", "s", figures, [Bar(than=core, at_most=1.5)], remark)


def plans() -> list[Plan]:
    """Every row, in the table's order."""
    return [
        _decode("json", "sms", documents.sms, MANY, Bar(than="floor", at_most=4), Bar(than="pydantic", at_least=1.3)),
        _decode("json", "email", documents.email, MANY, Bar(than="pydantic", at_least=40)),
        _decode(
            "xml",
            "sms",
            documents.sms,
            MANY,
            Bar(than="floor", at_most=3),
            Bar(than="pydantic-xml", at_least=10),
            Bar(than="xsdata", at_least=15),
        ),
        _decode("xml", "email", documents.email, MANY),
        _decode("json", "sms", documents.mixed, MANY, label="mixed sms"),
        _decode("xml", "sms", documents.mixed, MANY, label="mixed sms"),
        _encode("json", "sms", documents.sms, MANY, Bar(than="floor", at_most=4), Bar(than="pydantic", at_least=2)),
        _encode(
            "xml",
            "sms",
            documents.sms,
            MANY,
            Bar(than="floor", at_least=3),
            Bar(than="pydantic-xml", at_least=15),
            Bar(than="xsdata", at_least=15),
        ),
        _encode("json", "email", documents.email, MANY),
        _encode("xml", "email", documents.email, MANY),
        _encode("json", "sms", documents.mixed, MANY, label="mixed sms"),
        _encode("xml", "sms", documents.mixed, MANY, label="mixed sms"),
        _decode("json", "sms", documents.sms, 1, Bar(than="pydantic", at_most=1.5)),
        _decode("xml", "sms", documents.sms, 1, Bar(than="pydantic-xml", at_least=8)),
        *(_decode(format, "sms", documents.sms, count) for count in (100, 10_000) for format in ("json", "xml")),
        *(_encode(format, "sms", documents.sms, 1) for format in ("json", "xml")),
        _answer("decode", "json", MANY, Bar(than="pydantic", at_least=1)),
        _answer("decode", "xml", MANY, Bar(than="pydantic-xml", at_least=8)),
        _answer("encode", "json", MANY, Bar(than="pydantic", at_least=1)),
        _answer("encode", "xml", MANY, Bar(than="pydantic-xml", at_least=8)),
        *(_answer(verb, format, 1) for verb in ("decode", "encode") for format in ("json", "xml")),
        *(_file(format, Bar(than="floor", at_most=1.5)) for format in ("json", "xml")),
        *(_growth(format) for format in ("json", "xml")),
        *(_kept(format) for format in ("json", "xml")),
        *(_peak(format) for format in ("json", "xml") if PEAK_KNOWN),
        Plan("import, a fresh process each", _imports),
        *(_faulty(format) for format in ("json", "xml")),
    ]


def measured(name: str, settings: Settings) -> Row:
    """The row of that name, measured in a process of its own: in one whose heap other rows have used, objects lie apart and take longer to reach."""
    return in_fresh_process(_measured, name, settings)


def _measured(name: str, settings: Settings) -> Row:
    return next(plan for plan in plans() if plan.name == name).measure(settings)
