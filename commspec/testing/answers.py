"""What a server may answer to a given request: what `match` and whatever reads answers have to cope with (SPEC.md section 3)."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

import attrs
from hypothesis import strategies as st

from commspec.http.reply import response_to
from commspec.models.messages import ADDRESS, ADDRESSES, PHONE
from commspec.models.request import SendRequest
from commspec.models.response import Outcome, Receipt, SendResponse, StatusDetail
from commspec.models.table import columns_of
from commspec.testing.objects import scheduled_times


@attrs.frozen
class Answered:
    """A request, a server's answer to it, and the index of the message that each outcome of the answer is of."""

    request: SendRequest
    response: SendResponse
    origins: tuple[int, ...]


_ERRORS: tuple[tuple[StatusDetail | str, ...], ...] = (
    (),
    (StatusDetail(False, "Invalid input", 400),),
    ("refused", StatusDetail(code=8056)),
)
_PREFIXES = st.text("0123456789", max_size=4)


@st.composite
def answers(draw: st.DrawFn, request: SendRequest, *, in_order: bool = False) -> Answered:
    """Answers to `request` as real servers give them.

    The plainest accepts each message in turn and echoes it as it was sent. A failing example shrinks to what takes the fewest choices: few outcomes, that
    echo little. A request drawn before it, as in `requests("sms").flatmap(answers)`, shrinks only so far: its numbers and texts may stay as they were drawn.

    Outcomes stand in any order, are left out, or are repeated with the same errors; with `in_order` there is one for each message, in its place. A number
    has digits put before it or taken from its front, down to 6, or is spaced, masked or left out; an address has other letter case, or is masked or left
    out. A text has lost its accents, its case or its line breaks, is quoted, cut short, left out, or another, which is that of no message of the request. A
    time is another, has lost its offset, or is left out. Some outcomes echo nothing, and some answers have no status. `match` allows for all of that.

    >>> from hypothesis import given
    >>> from commspec import match
    >>> from commspec.testing.strategies import requests
    >>> @given(requests("sms").flatmap(answers))
    ... def test_a_sure_match_is_right(answered):
    ...     for found in match(answered.request, answered.response):
    ...         assert found.position is None or answered.origins[found.position] == found.index
    >>> test_a_sure_match_is_right()
    """
    places = range(len(request))
    truth = response_to(request, dict(enumerate(draw(st.tuples(*[st.sampled_from(_ERRORS)] * len(request))))))
    every = st.permutations(places)
    origins = places if in_order else draw(every | st.lists(st.sampled_from(places), max_size=len(request) + 2))
    unheard_of = "ζ" * (
        1 + max(len(value) for message in request for value in attrs.astuple(message, recurse=False) if isinstance(value, str))
    )
    outcomes = []
    for origin in origins:
        outcome = truth.outcomes[origin]
        assert outcome.message is not None
        receipt = _altered(request.messages[origin], outcome.message, unheard_of)
        outcomes.append(Outcome(draw(st.one_of(receipt, receipt, receipt, st.none())), outcome.errors))
    status = draw(st.sampled_from((truth.status, None)))
    return Answered(request, SendResponse(status, outcomes, request.channel), tuple(origins))


def _altered(message: Any, receipt: Receipt, unheard_of: str) -> st.SearchStrategy[Receipt]:
    """What a server may make of all that it echoes of a message."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for column in columns_of(type(message)):
        value = getattr(receipt, column.name, None)
        if isinstance(value, datetime):
            fields[column.name] = st.sampled_from((value, value.replace(tzinfo=None), None)) | scheduled_times()
        elif isinstance(value, str) and column.rule == PHONE:
            fields[column.name] = _numbers(value)
        elif isinstance(value, str):
            fields[column.name] = _addresses(value) if column.rule in (ADDRESS, ADDRESSES) else _texts(value, unheard_of)
    return st.builds(type(receipt), **fields)


def _numbers(number: str) -> st.SearchStrategy[str | None]:
    digits = number.removeprefix("+")
    national = digits.lstrip("0")
    forms = [
        st.just(number),
        st.builds("{}{}".format, _PREFIXES, st.just(digits)),
        st.integers(0, len(digits) - 6).map(lambda taken: digits[taken:]),
    ]
    if len(national) >= 6:
        # A 0 that dials out of a country, and whatever is put in its place.
        forms.append(st.builds("{}{}".format, _PREFIXES, st.just(national)))
    spellings = (str, lambda plain: "+" + plain.lstrip("+"), lambda plain: f"{plain[:2]} {plain[2:5]}-{plain[5:]}")
    spelled = st.builds(lambda plain, spelling: spelling(plain), st.one_of(forms), st.sampled_from(spellings))
    return spelled | st.sampled_from((None, "", f"{number[:2]}XXXXXX{number[-2:]}", "hidden"))


def _addresses(address: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from((address, _in_capitals(address), f" {address} ", None, "", f"{address[:1]}***@example.com"))


def _texts(text: str, unheard_of: str) -> st.SearchStrategy[str | None]:
    unaccented = "".join(character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character))
    forms = (text, _in_capitals(text), unaccented, " ".join(text.split()), f"«{text}» …", None, "", unheard_of)
    return st.sampled_from(forms) | st.integers(0, len(text)).map(lambda length: text[:length])


def _in_capitals(text: str) -> str:
    """`text` in capitals, where nothing but its case is lost: an `I` may have been an `i`, or U+0131, which has no dot."""
    capitals = text.upper()
    return capitals if capitals.casefold() == text.casefold() else text
