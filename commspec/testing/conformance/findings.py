"""What the check found: each promise's verdict, the smallest example of each broken one; as text, JSON and JUnit XML."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from commspec.errors import escape, shorten
from commspec.testing.conformance.promises import PROMISES, Promise
from commspec.testing.conformance.target import Answer, Sent, Target

_SHOWN = 400

Word = Literal["kept", "broken", "not seen"]


@attrs.frozen
class Broken:
    """One example of a broken promise: what is wrong, in words, the call and the answer."""

    what: str
    sent: Sent
    answer: Answer

    @property
    def size(self) -> tuple[int, int]:
        """What examples are compared by: the smaller one says more."""
        return len(self.sent.body), sum(len(value) for _, value in self.sent.headers)


@attrs.frozen
class Verdict:
    """What became of one promise: how often it was looked at, and the smallest example where it was broken."""

    promise: Promise
    looks: int
    breaks: int
    example: Broken | None

    @property
    def word(self) -> Word:
        """`kept`, `broken`, or `not seen` where nothing that the server answers could show it."""
        return "broken" if self.example is not None else "kept" if self.looks else "not seen"


class Ledger:
    """Where looks at promises are written down while the check runs."""

    def __init__(self) -> None:
        self._looks = dict.fromkeys((promise.name for promise in PROMISES), 0)
        self._breaks = dict(self._looks)
        self._examples: dict[str, Broken] = {}

    def hold(self, name: str, kept: bool, what: str, sent: Sent, answer: Answer) -> bool:
        """Write down one look at a promise; whether it was kept."""
        self._looks[name] += 1
        if not kept:
            self._breaks[name] += 1
            found = Broken(what, sent, answer)
            if name not in self._examples or found.size < self._examples[name].size:
                self._examples[name] = found
        return kept

    def take(self, other: Ledger) -> None:
        """Add what stands in another ledger."""
        for name in self._looks:
            self._looks[name] += other._looks[name]
            self._breaks[name] += other._breaks[name]
        self.take_examples(other)

    def take_examples(self, other: Ledger) -> None:
        """Take over the examples of another ledger that are smaller, of promises that are broken here too."""
        for name, found in other._examples.items():
            if self._breaks[name] and (name not in self._examples or found.size < self._examples[name].size):
                self._examples[name] = found

    @property
    def broken(self) -> set[str]:
        """The names of the promises that were broken."""
        return set(self._examples)

    def verdicts(self, skip: frozenset[str]) -> tuple[Verdict, ...]:
        """Every promise's verdict but those to skip."""
        return tuple(
            Verdict(promise, self._looks[promise.name], self._breaks[promise.name], self._examples.get(promise.name))
            for promise in PROMISES
            if promise.name not in skip
        )


@attrs.frozen
class Findings:
    """What the check found. `notes` are habits that break no promise. `seed` draws the same examples again."""

    target: Target
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]
    calls: int
    seconds: float
    seed: int

    @property
    def ok(self) -> bool:
        """Whether no promise was broken."""
        return not self.broken

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The verdicts of the broken promises."""
        return tuple(verdict for verdict in self.verdicts if verdict.word == "broken")

    def text(self) -> str:
        """For people: a table, then each broken promise with its example. Safe for a terminal."""
        width = max(len(verdict.promise.name) for verdict in self.verdicts) if self.verdicts else 0
        lines = [f"{verdict.word:8}  {verdict.promise.name:{width}}  {verdict.promise.sentence}" for verdict in self.verdicts]
        for verdict in self.broken:
            assert verdict.example is not None
            lines += [
                "",
                f"{verdict.promise.name}: {_safe(verdict.example.what)}",
                f"    {said(verdict.example.answer)}",
                f"    {self.target.curl(verdict.example.sent)}",
            ]
        lines += ["", *(f"note: {_safe(note)}" for note in self.notes)]
        broken = len(self.broken)
        lines.append(f"{broken} of {len(self.verdicts)} promises broken, {self.calls} calls in {self.seconds:.1f} s, --seed {self.seed}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """For programs: what the text says, in an object."""
        return {
            "url": self.target.url,
            "ok": self.ok,
            "calls": self.calls,
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "notes": list(self.notes),
            "promises": [
                {
                    "name": verdict.promise.name,
                    "sentence": verdict.promise.sentence,
                    "section": verdict.promise.section,
                    "verdict": verdict.word,
                    "looks": verdict.looks,
                    "breaks": verdict.breaks,
                    "what": None if verdict.example is None else verdict.example.what,
                    "answer": None if verdict.example is None else said(verdict.example.answer),
                    "curl": None if verdict.example is None else self.target.curl(verdict.example.sent),
                }
                for verdict in self.verdicts
            ],
        }

    def junit(self) -> bytes:
        """For continuous integration: a test case for each promise, in JUnit's XML."""
        from lxml import etree

        skipped = sum(verdict.word == "not seen" for verdict in self.verdicts)
        counts = {"tests": len(self.verdicts), "failures": len(self.broken), "errors": 0, "skipped": skipped, "time": f"{self.seconds:.3f}"}
        attributes = {name: str(value) for name, value in counts.items()}
        suites = etree.Element("testsuites", attributes)
        suite = etree.SubElement(suites, "testsuite", attributes)
        suite.set("name", "commspec conform")
        for verdict in self.verdicts:
            case = etree.SubElement(suite, "testcase", classname="commspec.conform", name=verdict.promise.name, time="0")
            if verdict.example is not None:
                failure = etree.SubElement(case, "failure", message=_safe(verdict.example.what), type="broken")
                failure.text = f"{verdict.promise.sentence}\n{said(verdict.example.answer)}\n{self.target.curl(verdict.example.sent)}"
            elif verdict.word == "not seen":
                etree.SubElement(case, "skipped", message="nothing that the server answers could show it")
        return bytes(etree.tostring(suites, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def said(answer: Answer) -> str:
    """An answer on one line, shortened and escaped."""
    if answer.fault is not None:
        return _safe(answer.fault)
    return f"answered {answer.status}: {shorten(answer.body.decode('utf-8', 'replace'), max_characters=_SHOWN)}"


def _safe(text: str) -> str:
    """Words of our own that quote what is escaped already, fit for a terminal whatever else is in them."""
    return "".join(character if character.isprintable() else escape(character) for character in text)
