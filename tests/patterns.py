"""Every regular expression of the package, and whether any text can make one take more than linear time.

A pattern is read as an automaton whose states are the places of it that take a character. Backtracking is slow where one text leads along two paths:
twice from a state back to it (exponential), or from one loop into another while either could go on (quadratic, or worse), and what follows can fail.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

import commspec

# Python's own reading of a pattern has another name before 3.11, and is public nowhere.
parser: Any = importlib.import_module("sre_parse" if sys.version_info < (3, 11) else "re._parser")
codes: Any = importlib.import_module("sre_constants" if sys.version_info < (3, 11) else "re._constants")

SEARCHING = frozenset({"search", "finditer", "findall", "sub", "subn", "split"})
_COPIES = 3
_FAR = (0xE9, 0xDF, 0x130, 0x17F, 0x3B1, 0x660, 0x2028, 0x4E2D, 0xD800, 0xFF11, 0x1F600)
_USES = frozenset({*SEARCHING, "match", "fullmatch"})


@attrs.frozen
class Site:
    """A regular expression where the package has it: its name, and whether it is searched for, matched to the end or only from the start."""

    name: str
    pattern: re.Pattern[Any]
    uses: frozenset[str]


def modules() -> Iterator[tuple[str, Any]]:
    """Every module of the package that can be imported here."""
    for found in pkgutil.walk_packages(commspec.__path__, "commspec."):
        if not found.name.endswith("__main__"):
            try:
                yield found.name, importlib.import_module(found.name)
            except ImportError:
                continue  # of an extra that is not installed


def _within(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _within(inner)
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from _within(inner)


def sites() -> tuple[list[Site], set[str]]:
    """Every regular expression that a module holds or a function of it makes, and the names of functions that make one of what they are given."""
    loaded = dict(modules())
    trees = {name: ast.parse(Path(module.__file__).read_text(encoding="utf-8")) for name, module in loaded.items()}
    uses: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                # What a name holds, or a function of that name gives.
                value = node.value.func if isinstance(node.value, ast.Call) else node.value
                if isinstance(value, (ast.Name, ast.Attribute)):
                    held = value.id if isinstance(value, ast.Name) else value.attr
                    uses.setdefault(held, set()).add(node.attr)
    found: list[Site] = []
    made_of_anything: set[str] = set()
    for name, module in loaded.items():
        for held, value in vars(module).items():
            every = list(_within(value))
            for number, pattern in enumerate(every):
                # Of those in a table nobody can see how they are used.
                used = _USES & uses.get(held, set()) if value is pattern else frozenset({"search", "fullmatch"})
                found.append(Site(f"{name}.{held}" + (f"[{number}]" if value is not pattern else ""), pattern, used))
        for function in (node for node in ast.walk(trees[name]) if isinstance(node, (ast.FunctionDef, ast.Lambda))):
            for call in ast.walk(function):
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                    continue
                if not (isinstance(call.func.value, ast.Name) and call.func.value.id == "re" and call.func.attr in {*_USES, "compile"}):
                    continue
                where = f"{name}.{getattr(function, 'name', 'lambda')}"
                try:
                    arguments = ast.Tuple(call.args if call.func.attr == "compile" else call.args[:1], ast.Load())
                    expression = ast.fix_missing_locations(ast.Expression(arguments))
                    pattern = re.compile(*eval(compile(expression, f"<{where}>", "eval"), dict(vars(module))))
                except NameError:
                    made_of_anything.add(where)
                else:
                    used_for = frozenset({call.func.attr})
                    if call.func.attr == "compile":
                        used_for = _USES & uses.get(where.rpartition(".")[2], set()) or frozenset({"search", "fullmatch"})
                    found.append(Site(f"{where}: {pattern.pattern!r}", pattern, used_for))
    return found, made_of_anything


class Automaton:
    """The places of a pattern that take a character, and which may follow which."""

    def __init__(self, pattern: re.Pattern[Any], *, searched: bool) -> None:
        self.takes: list[int] = []
        self.follow: list[set[int]] = []
        self.twice: set[tuple[int, int]] = set()
        self.can_fail_late = False
        self._is_bytes = isinstance(pattern.pattern, bytes)
        tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE if self._is_bytes else pattern.flags)
        self.characters = sorted(self._edges(tree) | set(range(128)) | (set() if self._is_bytes else set(_FAR)))
        _, first, self.last = self._sequence(tree, pattern.flags)
        self.first = first
        if searched:
            start = self._place((1 << len(self.characters)) - 1)
            self._link({start}, {start} | first)
            self.first = {start}

    def _edges(self, tree: Any) -> set[int]:
        found: set[int] = set()
        for operation, argument in tree:
            if operation in (codes.LITERAL, codes.NOT_LITERAL):
                found |= {argument, argument + 1}
            elif operation is codes.RANGE:
                found |= {argument[0], argument[1], argument[1] + 1}
            elif operation is codes.IN:
                found |= self._edges(argument)
            elif operation is codes.BRANCH:
                for branch in argument[1]:
                    found |= self._edges(branch)
            elif isinstance(argument, tuple):
                for inner in argument:
                    found |= self._edges(inner) if hasattr(inner, "data") else set()
            elif hasattr(argument, "data"):
                found |= self._edges(argument)
        return {code for code in found if code <= (0xFF if self._is_bytes else 0x10FFFF)}

    def _place(self, mask: int) -> int:
        self.takes.append(mask)
        self.follow.append(set())
        return len(self.takes) - 1

    def _link(self, last: set[int], first: set[int]) -> None:
        for place in last:
            self.twice |= {(place, following) for following in first & self.follow[place]}
            self.follow[place] |= first

    def _sequence(self, tree: Any, flags: int) -> tuple[bool, set[int], set[int]]:
        empty, first, last = True, set[int](), set[int]()
        for operation, argument in tree:
            empty, first, last = self._after((empty, first, last), self._part(operation, argument, flags))
        return empty, first, last

    def _after(self, one: tuple[bool, set[int], set[int]], two: tuple[bool, set[int], set[int]]) -> tuple[bool, set[int], set[int]]:
        self._link(one[2], two[1])
        return one[0] and two[0], one[1] | (two[1] if one[0] else set()), two[2] | (one[2] if two[0] else set())

    def _part(self, operation: Any, argument: Any, flags: int) -> tuple[bool, set[int], set[int]]:
        if operation in (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN):
            place = self._place(self._mask(operation, argument, flags))
            return False, {place}, {place}
        if operation is codes.BRANCH:
            parts = [self._sequence(branch, flags) for branch in argument[1]]
            return any(part[0] for part in parts), set().union(*(part[1] for part in parts)), set().union(*(part[2] for part in parts))
        if operation is codes.GROUPREF_EXISTS:
            self.can_fail_late = True
            return self._part(codes.BRANCH, (None, [branch or [] for branch in argument[1:]]), flags)
        if operation is codes.SUBPATTERN:
            return self._sequence(argument[3], (flags | argument[1]) & ~argument[2])
        if operation is codes.AT and argument in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
            return False, set(), set()  # What follows begins nowhere else, so that a search goes to it from no other place.
        if operation in (codes.AT, codes.ASSERT, codes.ASSERT_NOT, codes.FAILURE, codes.GROUPREF):
            self.can_fail_late = True
            return True, set(), set()
        if operation in REPEATS:
            low, high, tree = argument
            copies = max(1, min(_COPIES, low if high is codes.MAXREPEAT else high))
            whole: tuple[bool, set[int], set[int]] = (True, set(), set())
            for number in range(copies):
                empty, first, last = self._sequence(tree, flags)
                if high is codes.MAXREPEAT and number == copies - 1:
                    self._link(last, first)
                whole = self._after(whole, (empty or number >= low, first, last))
            return whole
        if hasattr(argument, "data"):  # an atomic group
            return self._sequence(argument, flags)
        raise NotImplementedError(operation)

    def _mask(self, operation: Any, argument: Any, flags: int) -> int:
        mask = 0
        for bit, code in enumerate(self.characters):
            if flags & re.IGNORECASE and not self._is_bytes:
                text = chr(code)
                spelled = {code, *(ord(other) for other in (text.lower(), text.upper()) if len(other) == 1)}
            elif flags & re.IGNORECASE and code < 128:
                spelled = {ord(chr(code).lower()), ord(chr(code).upper())}
            else:
                spelled = {code}
            mask |= any(self._takes(operation, argument, each, flags) for each in spelled) << bit
        return mask

    def _takes(self, operation: Any, argument: Any, code: int, flags: int) -> bool:
        if operation is codes.LITERAL:
            return bool(code == argument)
        if operation is codes.NOT_LITERAL:
            return bool(code != argument)
        if operation is codes.ANY:
            return bool(flags & re.DOTALL) or code != 10
        if operation is codes.RANGE:
            return bool(argument[0] <= code <= argument[1])
        if operation is codes.CATEGORY:
            letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[str(argument).rpartition("_")[2]]
            letter = letter.upper() if "_NOT_" in str(argument) else letter
            kind = re.ASCII if self._is_bytes else flags & re.ASCII
            return re.fullmatch(f"\\{letter}", chr(code), kind) is not None
        assert operation is codes.IN
        negated = argument[0][0] is codes.NEGATE
        return any(self._takes(inner, what, code, flags) for inner, what in argument[negated:]) != negated

    def leave_out(self, places: set[int]) -> None:
        """Leave places out: nothing that comes to them goes back."""
        self.follow = [set() if place in places else following - places for place, following in enumerate(self.follow)]

    def loops(self) -> dict[int, frozenset[int]]:
        """Each place that a text can come back to, and those that it can do so by."""
        reach = [self.reachable(place) for place in range(len(self.takes))]
        return {
            place: frozenset(other for other in reach[place] if place in reach[other])
            for place in range(len(self.takes))
            if place in reach[place]
        }

    def word(self, starts: set[int], goal: int) -> str:
        """A shortest text that leads through one of `starts` to `goal`."""
        words = {place: self._character(place) for place in sorted(starts)}
        left = list(words)
        while left and goal not in words:
            place = left.pop(0)
            for following in sorted(self.follow[place] - words.keys()):
                words[following] = words[place] + self._character(following)
                left.append(following)
        return words.get(goal, "")

    def _character(self, place: int) -> str:
        fits = [code for bit, code in enumerate(self.characters) if self.takes[place] >> bit & 1]
        return chr(min(fits, key=lambda code: (not chr(code).isalnum() or code > 127, code))) if fits else ""

    def reachable(self, place: int) -> set[int]:
        """The places that a text can come to from `place`."""
        found: set[int] = set()
        left = list(self.follow[place])
        while left:
            each = left.pop()
            if each not in found:
                found.add(each)
                left += self.follow[each]
        return found

    def leads(self, start: tuple[int, ...], goal: tuple[int, ...], *within: frozenset[int] | None) -> bool:
        """Whether one text leads from each place of `start` to that of `goal`, each staying within its places."""
        seen: set[tuple[int, ...]] = set()
        left = [start]
        while left:
            state = left.pop()
            nexts: list[tuple[tuple[int, ...], int]] = [((), (1 << len(self.characters)) - 1)]
            for place, held in zip(state, within, strict=True):
                nexts = [
                    ((*before, after), mask & self.takes[after])
                    for before, mask in nexts
                    for after in self.follow[place]
                    if (held is None or after in held) and mask & self.takes[after]
                ]
            for following, _ in nexts:
                if following == goal:
                    return True
                if following not in seen:
                    seen.add(following)
                    left.append(following)
        return False


REPEATS = tuple(getattr(codes, name) for name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") if hasattr(codes, name))


def slowness(pattern: re.Pattern[Any], uses: frozenset[str]) -> str | None:
    """`exponential` or `polynomial` where some text takes such time, None where none does."""
    automaton = Automaton(pattern, searched=bool(uses & SEARCHING))
    if "fullmatch" not in uses and not automaton.can_fail_late:
        # Where the pattern can end, it has matched.
        automaton.leave_out(automaton.last)
    loops = automaton.loops()
    for place, circle in loops.items():
        if any((place, following) in automaton.twice for following in circle):
            return "exponential"
        if any(
            automaton.leads((place, place), (one, other), circle, circle) and automaton.leads((one, other), (place, place), circle, circle)
            for one in circle
            for other in circle
            if one < other
        ):
            return "exponential"
    for place, circle in loops.items():
        for before in loops.keys() - {place}:
            held = loops[before], None, circle
            if place in automaton.reachable(before) and automaton.leads((before, before, place), (before, place, place), *held):
                return "polynomial"
    return None


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    """Texts to try a pattern with, each as what leads to one of its loops, and what goes round in it."""
    automaton = Automaton(pattern, searched=False)
    for place in automaton.loops():
        before = automaton.word(automaton.first, place)
        round_ = automaton.word(automaton.follow[place], place)
        yield before, round_
        yield "", before + round_
        yield "", round_ + before
