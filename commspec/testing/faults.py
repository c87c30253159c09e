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
from commspec.testing.objects import requests, responses
from commspec.testing.samples import Finding, name_of, reply_tree, request_tree
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
    "request": tuple(sorted({*broken_bytes.CODES, *(code for fault in REQUEST_FAULTS for code in fault.codes)})),
    "response": tuple(sorted({*broken_bytes.CODES, *broken_responses.CODES})),
}
"""Every code that reading a document of a kind can give."""

_ONE_FORMAT: dict[tuple[Kind, str], Format] = {
    **{(kind, "json.syntax"): Format.JSON for kind in CODES},
    **{(kind, code): Format.XML for kind in CODES for code in ("xml.syntax", "xml.doctype")},
    ("request", "text.character"): Format.JSON,
    ("response", "type"): Format.JSON,
    ("response", "unknown"): Format.XML,
    ("response", "time.zone"): Format.XML,
}


def codes_in(kind: Kind, format: Format | str, channel: Channel | str | None = None) -> tuple[str, ...]:
    """The codes that a document of `kind` can give in `format`, of `channel` or of any."""
    check_kind(kind)
    form = Format(format)
    codes = tuple(code for code in CODES[kind] if _ONE_FORMAT.get((kind, code), form) is form)
    if kind == "response" or channel is None:
        return codes
    its_own = {code for fault in REQUEST_FAULTS if Channel(channel) in fault.channels for code in fault.codes}
    return tuple(code for code in codes if code in its_own or code in broken_bytes.CODES)


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

    Up to `max_faults` kinds of fault at once, where they don't hide each other. `codes` are the codes to draw from, by default all (`codes_in`).
    Shrinks to one fault in the plainest document.
    """
    form = draw(st.sampled_from(Format)) if format is None else Format(format)
    wanted = [code for code in codes_in(kind, form, channel) if codes is None or code in codes]
    if not wanted:
        raise ValueError(f"no {form} {kind} gives any of {codes!r}")
    if kind == "response":
        return draw(_faulty_responses(form, channel, wanted))
    channels = list(Channel) if channel is None else [Channel(channel)]
    able = [
        fault
        for fault in REQUEST_FAULTS
        if name_of(form) in fault.formats and set(fault.codes) & set(wanted) and set(fault.channels) & set(channels)
    ]
    ways: list[FaultKind | str] = [*able, *(code for code in broken_bytes.CODES if code in wanted)]
    first = draw(st.sampled_from(ways))
    if isinstance(first, str):
        request, roll = draw(requests(channel)), draw(dice())
        root = request_tree(request, name_of(form), roll)
        whole = Part([Member("root", root)]) if form is Format.JSON else root
        document, limits = broken_bytes.broken_bytes(first, name_of(form), "root", whole, roll)
        return Faulty(document, form, kind, (Finding(first, ""),), limits)
    chosen = draw(st.sampled_from([each for each in channels if each in first.channels]))
    request, roll = draw(requests(chosen)), draw(dice())
    draft = draft_of(request, name_of(form), roll)
    if first.alone:
        left: Whole = first.apply(draft)
        tree = ("root", left.json) if left.xml is None else left.xml
        return Faulty(_spelled(*tree, form, roll), form, kind, tuple(sorted(left.issues)), left.limits)
    together = [fault for fault in able if not fault.alone and chosen in fault.channels]
    others = draw(st.lists(st.sampled_from(together), max_size=max_faults - 1))
    return _faulty_draft(draft, [first, *others], form, roll)


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
