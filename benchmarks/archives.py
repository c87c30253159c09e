"""Archives: `python -m benchmarks.archives`, from the repository's root. Streaming against whole documents, throughput, peak memory, growth, two processes.

Each measurement is a process of its own, whose peak is that of its resident memory (Linux only), its beginning and all modules included; for bulk the
workers' is told too. Files stand in a temporary folder (`--folder`), which is removed. `--most 100` stops at 100 MB. `--only` takes one part of it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

MB, MIB = 1_000_000, 1024 * 1024
PER_DOCUMENT = 200
MOST_RESIDENT = 100 * MIB
"""The bar: what streaming may take, for documents of any size."""
SLOWER = {"json": 4.0, "xml": 1.5}
"""The bars: how much slower than whole-document decoding streaming may be."""
PART = 32 * MB
"""A document that whole-document decoding takes, to compare with."""
PARTS = ("ratio", "ends", "stream", "command", "bulk")


# ---- What is read.


def _fields(number: int) -> dict[str, Any]:
    return {
        "to": f"9198{number % 10**8:08d}",
        "body": f"{number * 7919 % 10**6:06d} is your one-time code for Acme & Co.",
        "sender": "ACME",
    }


def _messages() -> Iterator[Any]:
    from commspec import SmsMessage

    number = 0
    while True:
        yield SmsMessage(**_fields(number))
        number += 1


def _outcomes() -> Iterator[Any]:
    from commspec import Outcome, SmsReceipt

    number = 0
    while True:
        yield Outcome(SmsReceipt(**_fields(number)))
        number += 1


class _Counting:
    """A file that counts what is written to it, and keeps it only where there is another below."""

    def __init__(self, file: IO[bytes] | None = None) -> None:
        self.size = 0
        self._file = file

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data) if self._file is None else self._file.write(data)


def write_request(file: IO[bytes] | None, form: str, size: int) -> int:
    """Write an SMS request of about `size` bytes, in JSON, XML, NDJSON or CSV; how many they are."""
    from commspec.bulk.document import open_writer
    from commspec.forms import shape
    from commspec.models.channel import Channel
    from commspec.wire.report import DEFAULT_LIMITS

    counted: Any = _Counting(file)
    messages = _messages()
    with open_writer(counted, shape(form), Channel.SMS, None, DEFAULT_LIMITS) as writer:
        while counted.size < size:
            for _ in range(500):
                writer.write(next(messages))
    return int(counted.size)


def write_response(file: IO[bytes] | None, format: str, size: int) -> int:
    """Write a response to an SMS request, of about `size` bytes; how many they are."""
    from commspec import Channel, SendResponse, Status
    from commspec.streaming import ResponseWriter

    counted: Any = _Counting(file)
    outcomes = _outcomes()
    with ResponseWriter(counted, format, SendResponse(status=Status(code=200), channel=Channel.SMS)) as writer:
        while counted.size < size:
            for _ in range(500):
                writer.write(next(outcomes))
    return int(counted.size)


def write_folder(folder: Path, size: int) -> None:
    """JSON documents of some messages each, about `size` bytes in all."""
    number = written = 0
    while written < size:
        messages = [_fields(number * PER_DOCUMENT + place) for place in range(PER_DOCUMENT)]
        document = json.dumps({"root": {"sms": messages}}, separators=(",", ":")).encode()
        path = folder / f"{number // 1000:04d}" / f"{number:07d}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document)
        number, written = number + 1, written + len(document)


# ---- What is measured, each in a process of its own.


def _decode(path: str, format: str) -> None:
    from commspec import decode_request
    from commspec.wire.report import Limits

    decode_request(Path(path).read_bytes(), format, limits=Limits(bytes=2 * PART))


def _read(path: str, format: str, kind: str) -> None:
    from commspec.streaming import Findings, iter_request, iter_response

    with open(path, "rb") as stream:
        items: Any = iter_request(stream, format) if kind == "request" else iter_response(stream, format)
        for item in items:
            assert not isinstance(item, Findings), item
            assert not item.issues, item


def _write(format: str, kind: str, size: str) -> None:
    (write_request if kind == "request" else write_response)(None, format, int(size))


def _stream(source: str, to: str, form: str) -> None:
    from commspec.bulk import Options, transform
    from commspec.forms import Form, shape

    given = shape(form)
    with open(source, "rb") as stream, open(os.devnull, "wb") as sink:
        result = transform(stream, sink, Options(to=shape(to), source=given if isinstance(given, Form) else None))
    assert result.verdict == "good", result


def _command(*arguments: str) -> None:
    from commspec.cli import main

    sys.argv = ["commspec", *arguments]
    try:
        status: Any = main()
    except SystemExit as end:
        status = end.code
    assert not status, status


def _bulk(source: str, target: str, jobs: str) -> None:
    from commspec import bulk

    summary = bulk.run(source, target, to="xml", jobs=int(jobs))
    assert summary.ok, summary


WORK: dict[str, Any] = {"decode": _decode, "read": _read, "write": _write, "stream": _stream, "command": _command, "bulk": _bulk}


def child(arguments: list[str]) -> None:
    """One measurement, told as JSON."""
    what, *rest = arguments
    start = time.perf_counter()
    WORK[what](*rest)
    seconds, times = time.perf_counter() - start, os.times()
    processor = times.user + times.system + times.children_user + times.children_system
    # Not by getrusage, which counts what its parent had, too.
    peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")) * 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "processor": processor, "peak": peak, "workers": workers}))


def measured(*arguments: str, stdin: Path | None = None) -> dict[str, Any]:
    """What a process of its own says. What `stdin` holds is piped to it."""
    command = [sys.executable, "-m", "benchmarks.archives", "--child", *arguments]
    if stdin is None:
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    else:
        with subprocess.Popen(["cat", str(stdin)], stdout=subprocess.PIPE) as pipe:
            ran = subprocess.run(command, stdin=pipe.stdout, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _say(name: str, size: int, found: dict[str, Any]) -> float:
    rate: float = size / MB / found["seconds"]
    workers = f", workers {found['workers'] / MIB:.0f} MiB each at most" if name.startswith("bulk") and found["workers"] else ""
    took = f"{found['seconds']:7.2f} s ({found['processor']:.2f} s of processors' time)"
    print(f"{name:34} {size / MB:6.0f} MB in {took}: {rate:6.1f} MB/s, peak {found['peak'] / MIB:.0f} MiB{workers}", flush=True)
    return rate


def _judge(what: str, value: float, most: float, unit: str) -> None:
    print(f"    {what}: {value:.2f} {unit}, no more than {most:g} wanted{'' if value <= most else ': MISSED'}", flush=True)


# ---- The parts.


def ratios(work: Path) -> None:
    """Streaming against decoding the whole document, by processor's time, the least of five; what a process takes to begin is taken off."""
    for format, most in SLOWER.items():
        path = work / f"part.{format}"
        with path.open("wb") as file:
            size = write_request(file, format, PART)
        with (work / f"tiny.{format}").open("wb") as file:
            write_request(file, format, 1)
        times: dict[str, list[float]] = {"decode": [], "read": []}
        for what, rest in (("decode", ()), ("read", ("request",))) * 5:
            begun = measured(what, str(work / f"tiny.{format}"), format, *rest)["processor"]
            times[what].append(measured(what, str(path), format, *rest)["processor"] - begun)
        whole, streamed = min(times["decode"]), min(times["read"])
        print(f"{format}, {size / MB:.0f} MB: decode_request {whole:.2f} s, iter_request {streamed:.2f} s of processor's time")
        _judge("iter_request against decode_request", streamed / whole, most, "x")


def ends(work: Path, sizes: list[int]) -> None:
    """Reading and writing alone, of requests and responses."""
    for kind, write in (("request", write_request), ("response", write_response)):
        for format in SLOWER:
            for what in ("read", "write"):
                rates, peaks = [], []
                for size in sizes:
                    path = work / f"{kind}.{format}"
                    if what == "read":
                        with path.open("wb") as file:
                            write(file, format, size)
                        found = measured("read", str(path), format, kind)
                        path.unlink()
                    else:
                        found = measured("write", format, kind, str(size))
                    rates.append(_say(f"{what} a {kind} in {format}", size, found))
                    peaks.append(found["peak"])
                _growth(rates, peaks)


def _growth(rates: list[float], peaks: list[int]) -> None:
    print(f"    growth: rate {rates[-1] / rates[0]:.2f} x, peak {peaks[-1] / peaks[0]:.2f} x", flush=True)
    _judge("peak", max(peaks) / MIB, MOST_RESIDENT / MIB, "MiB")


def streams(work: Path, sizes: list[int]) -> None:
    """One document into another."""
    for form, to in (("json", "xml"), ("xml", "json"), ("ndjson", "json"), ("csv", "ndjson")):
        rates, peaks = [], []
        for size in sizes:
            path = work / f"document.{form}"
            with path.open("wb") as file:
                written = write_request(file, form, size)
            found = measured("stream", str(path), to, form)
            path.unlink()
            rates.append(_say(f"stream {form} to {to}", written, found))
            peaks.append(found["peak"])
        _growth(rates, peaks)


def commands(work: Path, sizes: list[int]) -> None:
    """`commspec convert` of the largest document, as a file and from a pipe."""
    for kind, write in (("request", write_request), ("response", write_response)):
        for form, to in (("json", "xml"), ("xml", "json")):
            path, out = work / f"document.{form}", work / "out"
            with path.open("wb") as file:
                size = write(file, form, sizes[-1])
            found = measured("command", "convert", str(path), "--compact", "-o", str(out))
            _say(f"convert a {kind}, {form} to {to}", size, found)
            _judge("peak", found["peak"] / MIB, MOST_RESIDENT / MIB, "MiB")
            if kind == "request":
                found = measured("command", "convert", "-", "--compact", "-o", str(out), stdin=path)
                _say(f"convert a pipe, {form} to {to}", size, found)
                _judge("peak", found["peak"] / MIB, MOST_RESIDENT / MIB, "MiB")
            path.unlink()
            out.unlink()


def bulks(work: Path, sizes: list[int]) -> None:
    """Archives of small documents, and one huge NDJSON file, with one process and with two."""
    by_jobs: dict[str, list[float]] = {"1": [], "2": []}
    for size in sizes:
        source = work / f"src-{size}"
        write_folder(source, size)
        for jobs, rates in by_jobs.items():
            found = _bulked(source, work, jobs)
            rates.append(_say(f"bulk json to xml, {jobs} process(es)", size, found))
        print(f"    2 processes against 1: {by_jobs['2'][-1] / by_jobs['1'][-1]:.2f} x, 1.7 or more wanted of large archives")
    print(f"    growth: rate {by_jobs['1'][-1] / by_jobs['1'][0]:.2f} x with one process")
    path = work / "huge.ndjson"
    with path.open("wb") as file:
        size = write_request(file, "ndjson", max(sizes))
    huge = []
    for jobs in by_jobs:
        found = _bulked(path, work, jobs)
        huge.append(_say(f"bulk one NDJSON, {jobs} process(es)", size, found))
    print(f"    2 processes against 1: {huge[1] / huge[0]:.2f} x")


def _bulked(source: Path, work: Path, jobs: str) -> dict[str, Any]:
    """The quicker of two runs, each begun when the disk has nothing left to write: what was written before would be paid for by this run.

    Nothing is deleted before the end: ext4 passes over the places of files that were deleted in the last seconds one by one, for each new file.
    """
    runs = []
    for number in range(2):
        os.sync()
        runs.append(measured("bulk", str(source), str(work / f"dst-{source.name}-{jobs}-{number}"), jobs))
    return min(runs, key=lambda run: run["seconds"])


def main(arguments: list[str]) -> int:
    """Measures and prints."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.archives", description=__doc__.partition("\n")[0])
    options.add_argument(
        "--most", type=int, default=1074, metavar="MB", help="the largest archive, more than 1 GiB unless you say otherwise"
    )
    options.add_argument("--only", choices=PARTS, action="append", help="one part of it (repeatable)")
    options.add_argument("--folder", type=Path, help="where the archives are made")
    options.add_argument("--child", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = options.parse_args(arguments)
    if chosen.child:
        child(chosen.child)
        return 0
    sizes = [size * MB for size in (10, 100, 1074) if size <= chosen.most]
    work = Path(tempfile.mkdtemp(dir=chosen.folder))
    try:
        for part in chosen.only or PARTS:
            print(f"--- {part}", flush=True)
            if part == "ratio":
                ratios(work)
            else:
                {"ends": ends, "stream": streams, "command": commands, "bulk": bulks}[part](work, sizes)
    finally:
        shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
