"""Documents damaged as they stand: bytes of which nobody knows beforehand what reading them must give (SPEC.md sections 4.8 and 4.9)."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from commspec.codecs.format import Format
from commspec.models.channel import Channel
from commspec.models.messages import MESSAGE_TYPES, Attachment
from commspec.models.response import RECEIPT_TYPES, Outcome, SendResponse, Status, StatusDetail
from commspec.models.table import columns_of
from commspec.testing.samples import documents
from commspec.wire.names import LISTS, RESPONSE, ROOT, Kind

_LEXEME = re.compile(rb'"[^"]*"?|<[^>]*>?|[^"<>{}\[\],:]+|.', re.DOTALL)
"""A token of either format, more or less."""

_TEXTS = (
    *(b"", b" ", b"\t", b"\n", b"\r\n", b"x", b"1", b"1.5", b"-0", b"1e5", b"true", b"919876500001", b"+", b"2024", b"T", b"Z", b"+05:30", b"@"),
    *(b"a@example.com", b"base64", b"\\n", b"\\u0041", b"\\u0000", b"&amp;", b"&#13;", b"&#38;", b"&#0;", b"\xc2\x85", b"\xef\xbf\xbe", b"<![CDATA[x]]>"),
)  # fmt: skip
_MARKS = (
    *(b"\xef\xbb\xbf", b"\xff", b"\x00", b"\x1f", b",", b":", b"{", b"}", b"{}", b"[", b"]", b"[]", b'"', b'""', b"\\", b'\\"', b"\\ud800", b"null", b"NaN"),
    *(b"&", b"&lt;", b"&#xD800;", b"&#xFFFE;", b"&#9999999;", b"&x;", b"<", b">", b"/>", b"<!--", b"-->", b"<!-- -->", b"<![CDATA[", b"]]>", b"]]"),
    *(b"<?x?>", b"<?xml version='1.0'?>", b"<!DOCTYPE root>", b" x=''", b" xmlns='x'", b"<x:to>"),
)  # fmt: skip
_FORMS = (b"%s", b'"%s":"x",', b'"%s":null,', b'"%s":[],', b"<%s>", b"</%s>", b"</%s >", b"<%s/>", b"<%s>x</%s>")
_TABLE = (*MESSAGE_TYPES, Attachment, SendResponse, Status, StatusDetail, Outcome, *RECEIPT_TYPES)
_NAMES = sorted(
    {spelling for cls in _TABLE for column in columns_of(cls) for spelling in (column.json, column.xml)}
    | {name for names in LISTS.values() for name in (names.message, names.json_list, names.xml_list, names.xml_item)}
    | {ROOT, RESPONSE}
)
_PIECES = st.one_of(
    st.sampled_from(_TEXTS),
    st.sampled_from(_MARKS),
    st.builds(lambda form, name: form.replace(b"%s", name.encode()), st.sampled_from(_FORMS), st.sampled_from(_NAMES)),
    st.binary(max_size=3),
)


def _tokens(document: bytes) -> list[tuple[int, int]]:
    return [token.span() for token in _LEXEME.finditer(document)]


def _items(document: bytes) -> list[tuple[int, int]]:
    """The elements, lists and objects, and what stands before a comma, with it."""
    found: list[tuple[int, int]] = []
    within: list[list[int]] = []  # of what is open: where it begins, and where the item begins that has not ended yet
    for start, end in _tokens(document):
        token = document[start:end]
        if token in (b"{", b"[") or (token[:1] == b"<" and token[1:2] not in (b"/", b"?", b"!") and token[-2:] != b"/>"):
            within.append([start, end])
        elif within and token == b",":
            found.append((within[-1][1], end))
            within[-1][1] = end
        elif within and (token in (b"}", b"]") or token[:2] == b"</"):
            found.append((within.pop()[0], end))
    return found


def _bytes(document: bytes) -> list[tuple[int, int]]:
    return [(start, start + length) for start in range(len(document) + 1) for length in (0, 1, 3)]


@st.composite
def damaged(draw: st.DrawFn, document: bytes) -> bytes:
    """`document` with up to four pieces of it left out, doubled, moved, or put in place of others. Shrinks to `document` itself.

    A piece is an element or a member, a token, or a few bytes: some of what is drawn is a document still, and much of it nearly one. What it means is
    not known. It is for readers that must agree with each other, and for whatever must neither break nor hang.
    """
    for _ in range(draw(st.sampled_from((0, 1, 1, 1, 1, 2, 2, 4)))):
        spans = draw(st.sampled_from((_items, _tokens, _bytes)))(document) or [(0, 0)]
        start, end = draw(st.sampled_from(spans))
        before, piece, after = document[:start], document[start:end], document[end:]
        change = draw(st.sampled_from(("put", "replace", "double", "move")))
        if change == "move":
            left = before + after
            place = min(draw(st.sampled_from(spans))[0], len(left))
            document = left[:place] + piece + left[place:]
        elif change == "double":
            document = before + piece * 2 + after
        else:
            document = before + draw(_PIECES) + (piece if change == "put" else b"") + after
    return document


def damaged_documents(
    kind: Kind = "request", format: Format | str | None = None, *, channel: Channel | str | None = None
) -> st.SearchStrategy[bytes]:
    """The bytes of `documents`, `damaged`. Shrinks to the plainest document, whole."""
    return documents(kind, format, channel=channel).flatmap(lambda sample: damaged(sample.document))
