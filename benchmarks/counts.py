"""The command `python -m benchmarks.counts`: how much work a message makes, counted instead of timed, the same number on every run of one Python version.

It exits with 1 where a count is above what it may come to; CI runs it.

What is counted is what one message more adds, from documents of 100 and of 200, so that fixed costs and first-time work cancel out:
`instructions` of bytecode, `calls` of functions that bytecode makes, and `peak_bytes` of Python's allocators while the work runs.
What C functions do by themselves (`map`, a parser, a regular expression) shows in the bytes alone: for that there are the times. So a loop that is
written out for a class counts, though it takes less time than the C functions that it stands for.
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

import attrs

import commspec
from benchmarks import documents
from benchmarks.documents import Record
from benchmarks.report import table

SMALL, LARGE = 100, 200


@attrs.frozen
class Counts:
    """What one message more takes, or at most may take."""

    instructions: float
    calls: float
    peak_bytes: float

    def within(self, most: Counts) -> bool:
        """Whether nothing of this is more than in `most`."""
        return self.instructions <= most.instructions and self.calls <= most.calls and self.peak_bytes <= most.peak_bytes


MOST: Mapping[str, Counts] = {
    "decode json sms": Counts(50, 1, 600),
    "decode json mixed": Counts(95, 2, 700),
    "decode json email": Counts(90, 1, 800),
    "decode xml sms": Counts(30, 1, 1_000),
    "decode xml mixed": Counts(125, 7, 1_200),
    "decode xml email": Counts(75, 2, 1_500),
    "encode json sms": Counts(18, 1, 400),
    "encode json mixed": Counts(30, 2, 400),
    "encode json email": Counts(38, 1, 500),
    "encode xml sms": Counts(32, 1, 900),
    "encode xml mixed": Counts(80, 2, 1_300),
    "encode xml email": Counts(54, 1, 1_200),
}
"""What `per_message` may come to: some room above what Python 3.11 counted, and less than one more step for every message would need."""


def excess(counts: Mapping[str, Counts]) -> list[str]:
    """What of `per_message` is above `MOST`; nothing, where nothing grew."""
    return [f"{name}: {counted}, more than {MOST[name]}" for name, counted in counts.items() if not counted.within(MOST[name])]


def per_message() -> dict[str, Counts]:
    """What one message more takes, by what is done: `decode json sms`, `encode xml mixed` and so on."""
    return {
        f"{verb} {format} {make.__name__}": _added(ready, format, make)
        for verb, ready in (("decode", _decoding), ("encode", _encoding))
        for format in ("json", "xml")
        for make in (documents.sms, documents.mixed, documents.email)
    }


def _decoding(format: str, records: Sequence[Record]) -> Callable[[], object]:
    document = documents.WRITERS[format](records, _channel(records))
    return lambda: commspec.decode_request(document, format)


def _encoding(format: str, records: Sequence[Record]) -> Callable[[], object]:
    request = commspec.decode_request(documents.WRITERS[format](records, _channel(records)), format)
    return lambda: commspec.encode_request(request, format)


def _channel(records: Sequence[Record]) -> str:
    return "email" if "subject" in records[0] else "sms"


def _added(ready: Callable[[str, Sequence[Record]], Callable[[], object]], format: str, make: Callable[[int], Sequence[Record]]) -> Counts:
    small, large = (_count(ready(format, make(count))) for count in (SMALL, LARGE))
    return Counts(*((more - less) / (LARGE - SMALL) for less, more in zip(attrs.astuple(small), attrs.astuple(large), strict=True)))


def _count(run: Callable[[], object]) -> Counts:
    run()
    gc.collect()
    gc.disable()
    try:
        return Counts(_instructions(run), _calls(run), _peak_bytes(run))
    finally:
        gc.enable()


def _instructions(run: Callable[[], object]) -> int:
    count = 0

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "opcode"
        return local

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return local

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def _calls(run: Callable[[], object]) -> int:
    count = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def _peak_bytes(run: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        run()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def main() -> int:
    """Prints the counts; 1 where any is too high."""
    counts = per_message()
    grown = excess(counts)
    lines = [(name, *(f"{value:g}" for value in attrs.astuple(counted))) for name, counted in counts.items()]
    print(table(("one message more", *(field.name for field in attrs.fields(Counts))), lines), *grown, sep="\n")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
