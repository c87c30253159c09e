"""The table as Markdown, which a terminal shows as well, and as plain data."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from benchmarks.harness import Row, Settings

LIBRARIES = ("commspec", "attrs", "cattrs", "email-validator", "lxml", "msgspec", "orjson", "pydantic", "pydantic-xml", "xsdata")
_SCALES = {"s/message": (1e6, "µs a message"), "bytes/message": (1, "bytes a message"), "s": (1e3, "ms")}


def machine() -> dict[str, Any]:
    """Where the run takes place: processor, cores, system, Python, libraries, and how busy the machine is with other work."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def details(row: Row) -> str:
    """One row: everyone's figures, and how many times commspec's (or the first's) they are."""
    scale, unit = _SCALES[row.unit]
    first = row.figures.get("commspec", next(iter(row.figures.values())))
    lines = [
        (name, _number(f.best * scale), _number(f.median * scale), *(f"{ratio:.2f}" for ratio in f.over(first)))
        for name, f in row.figures.items()
    ]
    remark = f"{row.remark[0].upper()}{row.remark[1:]}.\n\n" if row.remark else ""
    return f"### {row.name}\n\n{remark}" + table(("", f"best, {unit}", "median", "ratio by the best", "by the median"), lines)


def summary(rows: Iterable[Row]) -> str:
    """Every bar, what was measured, and whether it holds."""
    lines = [(row.name, str(bar), f"{best:.2f}", f"{median:.2f}", holds) for row in rows for bar, best, median, holds in row.verdicts()]
    return table(("work", "bar", "ratio by the best", "by the median", "holds"), lines)


def strictness(verdicts: dict[str, dict[str, bool]]) -> str:
    """Who treats which document as the specification says."""
    names = list(dict.fromkeys(name for by_peer in verdicts.values() for name in by_peer))
    return table(("", *names), [(case, *("yes" if by_peer[name] else "no" for name in names)) for case, by_peer in verdicts.items()])


def about(facts: dict[str, Any], settings: Settings) -> str:
    """The machine and the settings in a few lines."""
    libraries = ", ".join(f"{name} {number}" for name, number in facts["libraries"].items() if number)
    return (
        f"{facts['processor']}, {facts['cores']} cores, {facts['system']}, load {facts['load']} at the start\n"
        f"{facts['python']}; {libraries}\n"
        f"{settings.rounds} samples of each, in turn; garbage collector {'on' if settings.collector else 'off'}"
    )


def as_data(rows: Iterable[Row], facts: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The run as JSON can hold it: times in seconds, sizes in bytes."""
    return {
        "machine": facts,
        "rounds": settings.rounds,
        "collector": settings.collector,
        "rows": [
            {
                "name": row.name,
                "unit": row.unit,
                "remark": row.remark,
                "figures": {name: {"best": f.best, "median": f.median, "samples": list(f.samples)} for name, f in row.figures.items()},
                "bars": [{"bar": str(bar), "best": best, "median": median, "holds": holds} for bar, best, median, holds in row.verdicts()],
            }
            for row in rows
        ],
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Rows as a table of Markdown."""
    widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
    rule = ["-" * width for width in widths]
    return (
        "\n".join(
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in (head, rule, *lines)
        )
        + "\n"
    )
