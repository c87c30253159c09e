"""Other codecs held against commspec: the smallest document on which one fails, and what it should have been.

A codec is a Python function, or a program in any language that reads standard input (`command`).
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable
from typing import Any

import cattrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from commspec.codecs import Document, decode_request, decode_response, encode_request, encode_response, json
from commspec.codecs.format import Format, admit, detect
from commspec.errors import CommspecError
from commspec.models.channel import Channel
from commspec.models.request import SendRequest
from commspec.models.response import SendResponse
from commspec.testing.equality import difference
from commspec.testing.faults import Faulty, codes_in, faulty_documents
from commspec.testing.objects import requests, responses
from commspec.testing.samples import Sample, documents, name_of
from commspec.wire.names import Kind, check_kind
from commspec.wire.report import DEFAULT_LIMITS

Decoded = SendRequest | SendResponse


class Refusal(Exception):
    """What a `command` raises where its program ends with another status than 0: that it refuses the document."""


def command(*arguments: str, timeout: float = 60) -> Callable[[bytes], bytes]:
    """A function that gives its document to a program's standard input and returns what the program writes to standard output.

    It raises `Refusal` where the program's status is not 0, `subprocess.CalledProcessError` where a signal has ended it, and
    `subprocess.TimeoutExpired` after `timeout` seconds: the checks take neither for a refusal.

    >>> command("cat")(b"<root/>")
    b'<root/>'
    """

    def run(document: bytes) -> bytes:
        done = subprocess.run(  # noqa: S603 - the program is the caller's own
            arguments, input=document, capture_output=True, timeout=timeout, check=False
        )
        if done.returncode < 0:
            raise subprocess.CalledProcessError(done.returncode, arguments, done.stdout, done.stderr)
        if done.returncode:
            raise Refusal(f"{arguments[0]} ended with status {done.returncode}: {done.stderr.decode(errors='replace').strip()[-500:]}")
        return done.stdout

    return run


def check_decoder(
    function: Callable[[bytes], Any],
    kind: Kind = "request",
    format: Format | str = "json",
    *,
    channel: Channel | str | None = None,
    faulty: bool = True,
    max_examples: int = 200,
) -> None:
    """Raise `AssertionError` where `function` reads a document otherwise than commspec does.

    `function` takes a document of `kind` in `format`, in every spelling that the specification allows (`strategies.documents`). It returns what it
    read: a `SendRequest` or `SendResponse`, the same as a tree of dicts and lists in the form of the JSON documents, or a document in either format
    that says the same (what a `command` prints); of a response in XML, a tree or a document of JSON says what JSON can.

    With `faulty`, it must raise an exception for every document that has a fault (`strategies.faulty_documents`), of which as many are tried, shared out
    among the codes. Limits, which are each reader's own, are left out.

    >>> from commspec import decode_request
    >>> check_decoder(decode_request, "request", "xml", max_examples=20)
    """
    form = Format(format)
    _run(documents(kind, form, channel=channel), max_examples, lambda sample: _check_read(function, sample))
    codes = [code for code in codes_in(kind, form, channel) if not code.startswith("limit.") and code != "time.zone"] if faulty else []
    for code in codes:
        broken = faulty_documents(kind, form, channel=channel, codes=[code])
        _run(broken, math.ceil(max_examples / len(codes)), lambda faulty: _check_refused(function, faulty))


def check_encoder(
    function: Callable[[Any], bytes | str],
    kind: Kind = "request",
    format: Format | str = "json",
    *,
    channel: Channel | str | None = None,
    max_examples: int = 200,
) -> None:
    """Raise `AssertionError` where what `function` writes is no valid document of `kind` in `format`, or does not say what it was given.

    `function` takes a `SendRequest` or a `SendResponse`, and returns a document. A program takes commspec's JSON document of it instead: give
    `lambda value: command("program")(encode_request(value))`.

    >>> from commspec import encode_request
    >>> check_encoder(lambda request: encode_request(request, "xml"), "request", "xml", max_examples=20)
    """
    form = Format(format)

    def check(value: Decoded) -> None:
        document = _called(
            "the encoder", function, value, lambda: f"of\n    {value!r}\nshould give a document such as\n    {_encoded(value, form)!r}"
        )
        try:
            read = _decoded(document, kind, form)
        except (CommspecError, TypeError) as error:
            raise AssertionError(
                f"the encoder made of\n    {value!r}\nno valid {form} document:\n    {document!r}\n{_explained(error)}\n"
                f"It should be such as\n    {_encoded(value, form)!r}"
            ) from None
        found = difference(read, value)
        if found is not None:
            raise AssertionError(
                f"the encoder made of\n    {value!r}\na document that says something else:\n    {document!r}\n{found}\n"
                f"It should be such as\n    {_encoded(value, form)!r}"
            )

    _run(_values(kind, form, channel), max_examples, check)


def check_round_trip(
    encode: Callable[[Any], Any],
    decode: Callable[[Any], Any],
    kind: Kind = "request",
    *,
    channel: Channel | str | None = None,
    carried_by: Format | str = "json",
    max_examples: int = 200,
) -> None:
    """Raise `AssertionError` where `decode(encode(value))` is not `value`, types, offsets and digits compared too.

    `carried_by` is `"xml"` for a pair that carries of responses what XML carries (`strategies.responses`).

    >>> import pickle
    >>> check_round_trip(pickle.dumps, pickle.loads, "response", max_examples=20)
    """

    def check(value: Decoded) -> None:
        encoded = _called("the encoder", encode, value, lambda: f"of\n    {value!r}\nshould give something that the decoder reads")
        read = _called("the decoder", decode, encoded, lambda: f"of\n    {encoded!r}\nshould give\n    {value!r}")
        try:
            found = difference(_as_value(read, kind), value)
        except CommspecError as error:
            found = _explained(error)
        if found is not None:
            raise AssertionError(f"the round trip of\n    {value!r}\nby way of\n    {encoded!r}\ngave\n    {read!r}\n{found}")

    _run(_values(kind, Format(carried_by), channel), max_examples, check)


def _check_read(function: Callable[[bytes], Any], sample: Sample) -> None:
    read = _called("the decoder", function, sample.document, lambda: f"of\n    {sample.document!r}\nshould give\n    {sample.value!r}")
    expected = sample.value
    try:
        if not (isinstance(read, Decoded) or _is_xml(read)):
            expected = _decoded(_encoded(expected, Format.JSON), sample.kind, Format.JSON)  # what JSON can say of it
        value = _as_value(read, sample.kind)
        found = difference(value, expected)
    except CommspecError as error:
        value, found = read, _explained(error)
    if found is not None:
        raise AssertionError(f"the decoder made of\n    {sample.document!r}\nthis:\n    {value!r}\n{found}\nIt should be\n    {expected!r}")


def _check_refused(function: Callable[[bytes], Any], broken: Faulty) -> None:
    issues = "".join(f"\n    {code} at {path or 'the document itself'}" for code, path in broken.issues)
    try:
        read = function(broken.document)
    except Exception as error:
        # Whatever a decoder raises, it refuses; but a program that hangs or crashes raises nothing.
        if isinstance(error, subprocess.TimeoutExpired) or (isinstance(error, subprocess.CalledProcessError) and error.returncode < 0):
            raise AssertionError(f"the decoder was given\n    {broken.document!r}\nand {error}\nIt should be refused:{issues}") from error
        return
    raise AssertionError(f"the decoder made of\n    {broken.document!r}\nthis:\n    {read!r}\nIt should be refused:{issues}")


def _called(who: str, function: Callable[[Any], Any], argument: Any, expected: Callable[[], str]) -> Any:
    try:
        return function(argument)
    except Exception as error:
        raise AssertionError(f"{who} raised {type(error).__name__}: {error}\nIt {expected()}") from error


def _explained(error: Exception) -> str:
    return error.explain() if isinstance(error, CommspecError) else str(error)


def _is_xml(read: Any) -> bool:
    return isinstance(read, Document) and detect(admit(read, DEFAULT_LIMITS)) is Format.XML


def _as_value(read: Any, kind: Kind) -> Decoded:
    """What a decoder returned, as an object of commspec's."""
    if isinstance(read, Decoded):
        return read
    if isinstance(read, Document):
        return _decoded(read, kind, None)
    converter = cattrs.Converter()
    json.configure_converter(converter)
    return converter.structure(read, SendRequest) if kind == "request" else converter.structure(read, SendResponse)


def _decoded(document: Any, kind: Kind, format: Format | None) -> Decoded:
    return decode_request(document, format) if kind == "request" else decode_response(document, format)


def _encoded(value: Decoded, format: Format) -> bytes:
    return encode_request(value, format) if isinstance(value, SendRequest) else encode_response(value, format)


def _values(kind: Kind, format: Format, channel: Channel | str | None) -> SearchStrategy[Decoded]:
    check_kind(kind)
    return requests(channel) if kind == "request" else responses(channel, carried_by=name_of(format))


def _run(strategy: SearchStrategy[Any], max_examples: int, check: Callable[[Any], None]) -> None:
    """Run `check` on `max_examples` values; what it raises on the smallest that fails is raised."""

    @settings(
        max_examples=max_examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(strategy)
    def run(value: Any) -> None:
        check(value)

    run()
