"""The command: `python -m benchmarks [-k WORD] [--quick] [--json] …`, from the repository's root."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import report
from benchmarks.harness import Settings
from benchmarks.rows import measured, plans
from benchmarks.strictness import verdicts


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="commspec beside its peers and the bare parsers, on the same documents."
    )
    parser.add_argument("-k", metavar="WORD", default=[], action="append", help="only rows whose name has WORD (repeatable: any of them)")
    parser.add_argument("--list", action="store_true", help="name the rows and stop")
    parser.add_argument("--rounds", type=int, help=f"samples of each work (default: {Settings().rounds})")
    parser.add_argument("--quick", action="store_true", help="3 samples of each work: a first look, not a verdict")
    parser.add_argument("--no-collector", action="store_true", help="stop Python's garbage collector while timing")
    parser.add_argument("--json", action="store_true", help="print the run as JSON instead of tables")
    parser.add_argument("--page", type=Path, metavar="FILE", help="also put the run into FILE, between its two marks, and a plot beside it")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Runs the chosen rows and prints them; 0, or 2 where no row was chosen."""
    options = _arguments(arguments)
    chosen = [plan for plan in plans() if not options.k or any(word in plan.name for word in options.k)]
    if options.list or not chosen:
        print(*(plan.name for plan in chosen or plans()), sep="\n", file=sys.stdout if options.list else sys.stderr)
        return 0 if options.list else 2
    settings = Settings(options.rounds or (3 if options.quick else Settings().rounds), not options.no_collector)
    facts = report.machine()
    about = report.about(facts, settings)
    print(about, file=sys.stderr)
    rows = []
    for plan in chosen:
        print(f"… {plan.name}", file=sys.stderr)
        rows.append(measured(plan.name, settings))
        if not options.json:
            print(report.details(rows[-1]), flush=True)
    checks = {format: verdicts(format) for format in ("json", "xml")}
    shown = "\n".join(f"{format.upper()}, as the specification says:\n\n{report.strictness(found)}" for format, found in checks.items())
    if options.json:
        json.dump({**report.as_data(rows, facts, settings), "checks": checks}, sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print(report.summary(rows), *([] if options.k else [shown]), sep="\n")
    if options.page:
        from benchmarks.page import write_page

        write_page(options.page, rows, about, shown)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
