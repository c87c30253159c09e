"""The run in the documentation: its tables between two marks of a page, and a plot beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.harness import Row

START, END = "<!-- run: written by python -m benchmarks --page -->", "<!-- end of run -->"
PLOTTED = ("decode JSON, sms × 4,000", "decode XML, sms × 4,000", "encode JSON, sms × 4,000", "encode XML, sms × 4,000")


def write_page(page: Path, rows: Sequence[Row], about: str, checks: str) -> None:
    """Puts the run into `page` between `START` and `END`, and its plot into a file of the same name that ends in `.svg`."""
    head, start, rest = page.read_text(encoding="utf-8").partition(START)
    _, end, tail = rest.partition(END)
    if not (start and end):
        raise SystemExit(f"{page} needs the two lines {START} and {END}")
    run = "\n".join(
        [
            "\n".join(f"{line}  " for line in about.splitlines()),
            f"\n![Time per message, commspec and its peers]({page.with_suffix('.svg').name})\n",
            "## The bars\n",
            report.summary(rows),
            "## What each checks\n",
            checks,
            "## Every figure\n",
            *map(report.details, rows),
        ]
    )
    page.write_text(f"{head}{START}\n\n{run}\n{END}{tail}", encoding="utf-8")
    plotted = [row for row in rows if row.name in PLOTTED]
    if plotted:
        _plot(plotted, page.with_suffix(".svg"))


def _plot(rows: Sequence[Row], file: Path) -> None:
    import matplotlib
    from matplotlib.figure import Figure

    # Text as text, and nothing of the day or of chance in the file: the same figures make the same bytes.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "commspec", "font.size": 9})
    figure = Figure(figsize=(9, 1 + 1.2 * len(rows)), layout="constrained")
    for row, axes in zip(rows, figure.subplots(len(rows), sharex=True, squeeze=False)[:, 0], strict=True):
        # Dots, not bars: a logarithmic scale has no zero to grow from.
        names = list(row.figures)[::-1]
        times = [row.figures[name].median * 1e6 for name in names]
        axes.scatter(times, names, color=["#c2410c" if name == "commspec" else "#64748b" for name in names], zorder=2)
        for name, time in zip(names, times, strict=True):
            axes.annotate(f"{time:.2f}", (time, name), xytext=(7, 0), textcoords="offset points", va="center")
        axes.set(xscale="log", title=row.name, xticks=(0.1, 1, 10), xticklabels=("0.1", "1", "10"))
        axes.grid(axis="y", color="#e2e8f0")
        axes.margins(x=0.1, y=0.12)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("µs a message, median; each step to the right is ten times as slow")
    figure.savefig(file, metadata={"Date": None})
