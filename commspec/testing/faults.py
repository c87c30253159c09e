"""Faulty documents, with exactly the issues (code and path) that reading them must give (SPEC.md sections 3, 4 and 5)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import attrs
from hypothesis import strategies as st

from commspec.codecs.format import Format
from commspec.models.channel import Channel
from commspec.testing import broken_bytes, broken_responses
from commspec.testing.broken_requests import REQUEST_FAULTS, Draft, FaultKind, Findings, NoPlace, Whole, draft_of
from commspec.testing.objects import channels_of, requests, responses
from commspec.testing.samples import Finding, name_of, reply_tree
from commspec.testing.trees import Dice, Member, Part, Spelled, dice, json_document, xml_document
from commspec.wire.names import Kind, check_kind
from commspec.wire.report import DEFAULT_LIMITS, Limits


@attrs.frozen
class Faulty:
    """A document and exactly the issues (sorted) that reading it strictly must give; `limits` and `timezone` are what it is to be read with."""

    document: bytes
    format: Format
    kind: Kind
    issues: tuple[Finding, ...]
    limits: Limits = DEFAULT_LIMITS
    timezone: str | None = None


CODES: dict[Kind, tuple[str, ...]] = {
    "request": tuple(sorted({fault.code for fault in REQUEST_FAULTS})),
    "response": tuple(sorted({*broken_bytes.CODES, *broken_responses.CODES})),
}
"""Every code that reading a document of a kind can give."""


def codes_in(kind: Kind, format: Format | str, channel: Channel | str | None = None) -> tuple[str, ...]:
    """The codes that a document of `kind` can give in `format`, of `channel` or of any."""
    check_kind(kind)
    form = Format(format)
    if kind == "request":
        return tuple(sorted({fault.code for fault in _request_faults(form, channel)}))
    formats = broken_bytes.CODES | broken_responses.CODES
    return tuple(code for code in CODES[kind] if name_of(form) in formats[code])


def _request_faults(form: Format, channel: Channel | str | None) -> list[FaultKind]:
    """The faults that a request can have in a format, of `channel` or of any."""
    return [fault for fault in REQUEST_FAULTS if name_of(form) in fault.formats and set(fault.channels) & set(channels_of(channel))]


@st.composite
def faulty_documents(
    draw: st.DrawFn,
    kind: Kind = "request",
    format: Format | str | None = None,
    *,
    channel: Channel | str | None = None,
    codes: Sequence[str] | None = None,
    max_faults: int = 3,
) -> Faulty:
    """Documents of `kind`, in `format` or in either, with exactly the issues that reading them strictly must give.

    `codes` are the codes to draw from, each about as often as any other, by default all (`codes_in`). Requests have up to `max_faults` kinds of fault at
    once, where they don't hide each other. Issues of a code that is not among `codes` stand only where the specification puts them beside one that is:
    `missing` beside `unknown` where a required field has the other format's name, and what was listed before `limit.issues` (`missing` in a request,
    `duplicate` in a response). Raises `ValueError` where no such document gives any of `codes`.

    Shrinks to one fault of a request, the first of the catalogue that will do (`missing` if any will), in a document of the plainest value.
    """
    form = draw(st.sampled_from(Format)) if format is None else Format(format)
    wanted = [code for code in codes_in(kind, form, channel) if codes is None or code in codes]
    if not wanted:
        raise ValueError(f"no {form} {kind}{'' if channel is None else f' of {Channel(channel)}'} gives any of {codes!r}")
    if kind == "response":
        return draw(_faulty_responses(form, channel, wanted))
    able = [fault for fault in _request_faults(form, channel) if fault.code in wanted]
    # Hypothesis takes what makes the fewest choices for the smallest: no way of what follows makes fewer than that of the first code.
    plain_first = list(dict.fromkeys(fault.code for fault in able))
    drawn = draw(st.lists(st.sampled_from(plain_first), min_size=1, max_size=max_faults))
    roll = draw(dice())
    first = roll.pick([fault for fault in able if fault.code == drawn[0]])
    chosen = draw(st.sampled_from([each for each in channels_of(channel) if each in first.channels]))
    faults = [first]
    for code in [] if first.alone else drawn[1:]:
        together = [fault for fault in able if fault.code == code and chosen in fault.channels and not fault.alone]
        faults += [roll.pick(together)] if together else []
    request = draw(requests(chosen))
    draft = draft_of(request, name_of(form), roll)
    return _faulty_whole(first.apply(draft), form, roll) if first.alone else _faulty_draft(draft, faults, form, roll)


def _faulty_whole(left: Whole, form: Format, roll: Dice) -> Faulty:
    document = left.document
    if document is None:
        name, tree = ("root", left.json) if left.xml is None or form is Format.JSON else left.xml
        document = _spelled(name, tree, form, roll)
    return Faulty(document, form, "request", tuple(sorted(left.issues)), left.limits)


def _faulty_draft(draft: Draft, faults: Sequence[FaultKind], form: Format, roll: Dice) -> Faulty:
    issues: Findings = []
    for fault in faults:
        with contextlib.suppress(NoPlace):
            issues += fault.apply(draft)
    tree: Part = draft.root
    if form is Format.JSON:
        tree = Part([Member("root", draft.root)])
        if "top" in draft.taken:
            tree.members.insert(roll.roll(2), Member("version", Spelled("2")))
    return Faulty(_spelled("root", tree, form, roll), form, "request", tuple(sorted(issues)))


@st.composite
def _faulty_responses(draw: st.DrawFn, form: Format, channel: Channel | str | None, wanted: Sequence[str]) -> Faulty:
    code = draw(st.sampled_from(wanted))
    response, roll = draw(responses(channel, carried_by=name_of(form))), draw(dice())
    name, root = reply_tree(response, name_of(form), roll)
    if code in broken_bytes.CODES:
        document, limits = broken_bytes.broken_bytes(code, name_of(form), name, root, roll)
        return Faulty(document, form, "response", (Finding(code, ""),), limits)
    left = broken_responses.break_response(code, response, root, name_of(form), roll)
    return Faulty(_spelled(left.name, left.tree, form, roll), form, "response", tuple(sorted(left.issues)), left.limits, left.timezone)


def _spelled(name: str, tree: Any, form: Format, roll: Dice) -> bytes:
    return json_document(tree, roll) if form is Format.JSON else xml_document(name, tree, roll)
