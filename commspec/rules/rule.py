"""What the table says of a text field: the checks it must pass, in the order of SPEC.md section 4.11, and their columnar twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from commspec.rules import text as texts
from commspec.rules.fault import Fault


class Beside(NamedTuple):
    """What a text must be beside another: where the text of the attribute `field` matches `when`, it must be there and match `then`.

    Both are regular expressions as `TextRule.pattern` is one.
    """

    field: str
    when: str
    then: str


class TextRule(NamedTuple):
    """The rule of a text field.

    `sentence` says it to a reader, after "must be". `blank` allows a text of nothing but white space, `one_line` refuses line breaks, `check` is the
    field's own rule. `column` is its twin: whether `check` finds nothing in any of many texts; it must be exact and is there for speed. A `check` that
    has a twin refuses all that `blank`, `one_line` and section 4.7 refuse. `among` judges the value (None where absent) beside those of the
    fields named in `after` that have no fault themselves.

    `pattern` and `beside` are for schemas, which can call no function: they say as much of `check` and `among` as a regular expression can, and refuse
    nothing that those accept. The whole text, of one line, matches `pattern`. It is written in what means the same in Python, ECMA-262 and XSD:
    characters, classes of characters, `|`, plain groups, `*`, `+`, `?` and `{n,m}`.
    """

    sentence: str
    blank: bool = True
    one_line: bool = False
    check: Callable[[str], Fault | None] | None = None
    column: Callable[[Sequence[str]], bool] | None = None
    after: tuple[str, ...] = ()
    among: Callable[[str | None, Mapping[str, Any]], Fault | None] | None = None
    pattern: str | None = None
    beside: Beside | None = None

    def fault(self, text: str) -> Fault | None:
        """The first fault of `text` on its own, in the order blank, characters, line breaks, the field's own rule."""
        own = self.check(text) if self.check is not None else None
        if own is None and self.column is not None:
            return None  # what passes a check that has a twin passes all
        if not self.blank and texts.is_blank(text):
            return Fault("blank", "there is nothing in it" if not text else "there is nothing in it but white space")
        return texts.check_characters(text) or (texts.check_one_line(text) if self.one_line else None) or own

    def accepts(self, column: Sequence[str], *, clean: bool) -> bool:
        """Whether `fault` finds nothing in any text of `column`; with `clean`, all characters are known to be ones that XML can carry.

        May be False for texts that hold controls, which `fault` judges one by one; never True where it would find anything.
        """
        if self.column is not None:
            return self.column(column)
        return (
            (self.blank or texts.none_blank(column))
            and (clean or texts.characters_ok(column))
            and (not self.one_line or texts.one_line_ok(column))
            and (self.check is None or not any(map(self.check, column)))
        )
