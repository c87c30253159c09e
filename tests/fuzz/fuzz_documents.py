"""A fuzz target: any bytes through every door end in a value or a `CommspecError`, and what is read is written and read again.

`pip install atheris`, then `python tests/fuzz/fuzz_documents.py tests/fuzz/corpus -max_total_time=60`; without a time it looks until stopped. What it
finds becomes a test in tests/test_hostile.py. The first byte of an input says how the rest is cut into pieces.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commspec import Limits


def _doors(document: bytes, pieces: list[bytes], limits: Limits) -> list[Callable[[], object]]:
    from commspec import convert, decode_request, decode_response, encode_request, encode_response, inspect_request
    from commspec.streaming import iter_request, iter_response

    return [
        lambda: inspect_request(document, limits=limits),
        lambda: encode_request(decode_request(document, limits=limits), "xml"),
        lambda: encode_request(decode_request(document, tolerant=True, limits=limits)),
        lambda: encode_response(decode_response(document, limits=limits)),
        lambda: convert(convert(document, limits=limits).document),
        lambda: list(iter_request(pieces, limits=limits)),
        lambda: list(iter_response(pieces, limits=limits)),
    ]


def fuzz(data: bytes) -> None:
    """One input through every door."""
    from commspec import CommspecError, Limits

    document, size = data[1:], 1 + (data[0] if data else 0)
    pieces = [document[start : start + size] for start in range(0, len(document), size)]
    # The small limits are met by documents of a fuzzer's size.
    for limits in (Limits(), Limits(bytes=4096, depth=8, issues=5)):
        for door in _doors(document, pieces, limits):
            try:
                door()
            except CommspecError as error:
                shown = error.explain()
                assert all(line.isprintable() for line in shown.split("\n")), shown


def main() -> int:
    """Fuzz, or say why not."""
    try:
        import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        print("not fuzzed: atheris is not installed here")  # noqa: T201
        return 0
    # commspec is imported here and not before, so that the fuzzer sees which of its lines run.
    with atheris.instrument_imports(include=["commspec"]):
        import commspec.streaming  # noqa: F401
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
