"""What a decoded document takes: kept, by `tracemalloc`; and at the peak, by the resident memory of a fresh process (Linux only)."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET_PEAK = Path("/proc/self/clear_refs")

PEAK_KNOWN = _STATUS.exists() and _RESET_PEAK.exists()


def kept_bytes(make: Callable[[], object]) -> int:
    """The bytes that Python's allocators hold for what `make` gives, the second time it is called."""
    make()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = make()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        del result
        return after - before
    finally:
        tracemalloc.stop()


def peak_bytes(warm_up: Callable[[], object], run: Callable[[], object]) -> int:
    """How far resident memory rises in this process while `run` works, after a small `warm_up`. For a fresh process: freed memory hides a rise."""
    warm_up()
    gc.collect()
    _RESET_PEAK.write_text("5")
    before = _resident("VmRSS")
    result = run()
    peak = _resident("VmHWM")
    del result
    return peak - before


def _resident(name: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024
