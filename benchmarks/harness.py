"""How works are timed side by side, what a bar is, and when it holds."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import process_time
from typing import Any, TypeVar

import attrs

SECONDS_PER_SAMPLE = 0.02

_T = TypeVar("_T")


@attrs.frozen
class Work:
    """One thing to time. `check` looks once at what `run` gives, before any timing, and raises `AssertionError` where it is wrong.

    `units` says how many messages one `run` handles: figures are told per unit.
    """

    name: str
    run: Callable[[], object]
    check: Callable[[Any], None]
    units: int = 1


@attrs.frozen
class Figures:
    """What was measured of one work, per unit; a sample a round."""

    samples: Sequence[float]

    @property
    def best(self) -> float:
        """The least sample."""
        return min(self.samples)

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    def over(self, other: Figures) -> tuple[float, float]:
        """How many times `other` this is: by the best of each, and the median of the rounds' own ratios, which a busy machine disturbs least."""
        return self.best / other.best, statistics.median(mine / its for mine, its in zip(self.samples, other.samples, strict=True))


@attrs.frozen
class Bar:
    """A promise about two works: `subject` takes at most `at_most` times what `than` takes, or `than` at least `at_least` times what `subject` takes."""

    than: str
    at_most: float | None = None
    at_least: float | None = None
    subject: str = "commspec"

    def ratios(self, figures: Mapping[str, Figures]) -> tuple[float, float]:
        """The ratio that the bar speaks of, by the best and by the median."""
        subject, than = figures[self.subject], figures[self.than]
        return than.over(subject) if self.at_most is None else subject.over(than)

    def holds(self, ratio: float) -> bool:
        """Whether a ratio is within the bar."""
        return ratio >= (self.at_least or 0) if self.at_most is None else ratio <= self.at_most

    def __str__(self) -> str:
        if self.at_most is None:
            return f"{self.than} ≥ {self.at_least:g} × {self.subject}"
        return f"{self.subject} ≤ {self.at_most:g} × {self.than}"


@attrs.frozen
class Row:
    """One row of the table, measured. `unit` is what the figures count: `s/message`, `bytes/message` or `s`."""

    name: str
    unit: str
    figures: Mapping[str, Figures]
    bars: Sequence[Bar] = ()
    remark: str = ""

    def verdicts(self) -> list[tuple[Bar, float, float, str]]:
        """Each bar with its ratio by the best and by the median, and whether it holds: `yes`, `no`, or by one of the two alone."""
        verdicts = []
        for bar in self.bars:
            best, median = bar.ratios(self.figures)
            words = {(True, True): "yes", (False, False): "no", (True, False): "by the best", (False, True): "by the median"}
            verdicts.append((bar, best, median, words[bar.holds(best), bar.holds(median)]))
        return verdicts


@attrs.frozen
class Settings:
    """How long to measure: samples of each work, and whether Python's garbage collector runs meanwhile, as it does for users."""

    rounds: int = 15
    collector: bool = True


def measure(works: Sequence[Work], settings: Settings) -> dict[str, Figures]:
    """The figures of `works`, sampled in turn: a sample of each, then again, the order turned by one each round.

    A sample is processor time, which other programs on the machine disturb least. It repeats a short `run` for `SECONDS_PER_SAMPLE`, includes
    freeing what `run` gives, and starts on a collected heap.
    """
    repeats = {}
    for work in works:
        work.check(work.run())
        repeats[work.name] = max(1, int(SECONDS_PER_SAMPLE / _sample(work, 1, settings)))
    samples: dict[str, list[float]] = {work.name: [] for work in works}
    for number in range(settings.rounds):
        start = number % len(works)
        for work in [*works[start:], *works[:start]]:
            samples[work.name].append(_sample(work, repeats[work.name], settings) / work.units)
    return {name: Figures(taken) for name, taken in samples.items()}


def _sample(work: Work, repeats: int, settings: Settings) -> float:
    run = work.run
    gc.collect()
    if not settings.collector:
        gc.disable()
    try:
        start = process_time()
        for _ in range(repeats):
            run()
        return (process_time() - start) / repeats
    finally:
        gc.enable()


def in_fresh_process(function: Callable[..., _T], *arguments: object) -> _T:
    """What `function` gives in a new interpreter; all of it goes there and back by pickle."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()
