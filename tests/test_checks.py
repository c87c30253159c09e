"""What the checks of others' codecs promise: what they catch, whatever it is that a codec does, and what they let pass."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import find

from commspec import (
    Channel,
    CommspecError,
    SendRequest,
    WhatsAppMessage,
    convert,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
)
from commspec.testing import check_decoder, check_encoder, check_round_trip, command
from commspec.testing.strategies import codes_in, documents, faulty_documents

KINDS: tuple[Any, ...] = ("request", "response")
FORMATS = ("json", "xml")


def naive_json_decoder(document: bytes) -> Any:
    """A decoder as it is first written: the last of repeated keys wins, and nothing is checked."""
    return json.loads(document.decode("utf-8-sig"))


def _with_each(request: SendRequest, change: Callable[[Any], Any]) -> SendRequest:
    return SendRequest([change(message) for message in request])


def _in_utc(message: Any) -> Any:
    moment = message.scheduled_time
    return message if moment is None else attrs.evolve(message, scheduled_time=datetime.fromtimestamp(moment.timestamp(), tz=timezone.utc))


def _without_times(document: bytes) -> SendRequest:
    return _with_each(decode_request(document), lambda message: attrs.evolve(message, scheduled_time=None))


def _in_one_zone(document: bytes) -> SendRequest:
    return _with_each(decode_request(document), _in_utc)


def _empty_is_absent(document: bytes) -> SendRequest:
    return _with_each(decode_request(document), lambda message: attrs.evolve(message, sender=message.sender or None))


def _by_position(document: bytes) -> SendRequest:
    messages = json.loads(document.decode("utf-8-sig"))["root"]["whatsappMessage"]
    return SendRequest([WhatsAppMessage(*list(message.values())[:2]) for message in messages])


BROKEN_DECODERS: dict[str, tuple[str, str, str | None, Callable[[bytes], Any], str]] = {
    "drops the time": ("request", "json", None, _without_times, "scheduled_time: None"),
    "moves the time to another zone": ("request", "json", "zalo", _in_one_zone, "scheduled_time|OverflowError|year"),
    "accepts anything": ("request", "json", "sms", naive_json_decoder, "It should be refused"),
    "knows UTF-8 alone": (
        "request",
        "xml",
        "sms",
        lambda document: decode_request(document.decode().encode()),
        "UnicodeDecodeError|encoding",
    ),
    "depends on the order": ("request", "json", "whatsapp", _by_position, "raised|is not"),
    "reads the first message only": (
        "request",
        "xml",
        None,
        lambda document: SendRequest([decode_request(document).messages[0]]),
        "messages",
    ),
    "turns empty into absent": ("request", "json", "sms", _empty_is_absent, "sender: None"),
    "loses digits": ("response", "json", None, lambda document: json.loads(document.decode("utf-8-sig")), "It should be"),
    "drops unknown fields": ("response", "json", None, lambda document: attrs.evolve(decode_response(document), extra={}), "extra"),
    "raises": ("response", "xml", None, lambda document: 1 // 0, "ZeroDivisionError"),
}


@pytest.mark.parametrize("name", BROKEN_DECODERS)
def test_a_broken_decoder_is_caught(name: str) -> None:
    """A decoder that breaks a promise is caught, with the smallest document and what it should have been."""
    kind, form, channel, function, words = BROKEN_DECODERS[name]
    with pytest.raises(AssertionError, match=words):
        check_decoder(function, kind, form, channel=channel, max_examples=250)  # type: ignore[arg-type]


def test_the_smallest_document_and_what_it_should_have_been() -> None:
    """The message shows the smallest document, what was made of it and what it is."""
    with pytest.raises(AssertionError) as caught:
        check_decoder(lambda document: _with_each(decode_request(document), lambda message: attrs.evolve(message, body="x")), channel="sms")
    text = str(caught.value)
    assert """b'{"root":{"sms":[{"to":"000000","body":"0"}]}}'""" in text
    assert "messages[0].body: 'x' is not '0'" in text
    assert "It should be\n    SendRequest(messages=(SmsMessage(to='000000', body='0', scheduled_time=None, sender=None),))" in text


SOUND_DECODERS: dict[str, tuple[str, str, Callable[[bytes], Any]]] = {
    "request": ("request", "xml", decode_request),
    "response": ("response", "json", decode_response),
    "one that gives a document": ("request", "xml", lambda document: encode_request(decode_request(document), "json")),
    "one that gives a text": ("response", "xml", lambda document: encode_response(decode_response(document), "xml").decode()),
}


@pytest.mark.parametrize("name", SOUND_DECODERS)
def test_a_sound_decoder_passes(name: str) -> None:
    """commspec's own decoders pass, whatever form they give their value in."""
    kind, form, function = SOUND_DECODERS[name]
    check_decoder(function, kind, form, max_examples=30)  # type: ignore[arg-type]


def _to_xml(request: SendRequest, old: bytes, new: bytes) -> bytes:
    return encode_request(request, "xml").replace(old, new)


BROKEN_ENCODERS: dict[str, tuple[str, str, str | None, Callable[[Any], Any], str]] = {
    "loses CR": ("request", "xml", "zalo", lambda request: _to_xml(request, b"&#13;", b"\r"), r"\\r"),
    "doesn't escape": ("request", "xml", "sms", lambda request: _to_xml(request, b"&amp;", b"&"), "no valid xml document|something else"),
    "indents texts": ("request", "xml", "sms", lambda request: _to_xml(request, b"</body>", b"\n</body>"), "something else"),
    "writes the other name": (
        "request",
        "json",
        "sms",
        lambda it: encode_request(it).replace(b"scheduledTime", b"scheduled_time"),
        "no valid json",
    ),
    "drops the status": ("response", "json", "sms", lambda response: encode_response(attrs.evolve(response, status=None)), "status"),
    "raises": ("response", "json", None, lambda response: 1 // 0, "ZeroDivisionError"),
}


@pytest.mark.parametrize("name", BROKEN_ENCODERS)
def test_a_broken_encoder_is_caught(name: str) -> None:
    """An encoder that breaks a promise is caught, with the smallest value and a document that says it."""
    kind, form, channel, function, words = BROKEN_ENCODERS[name]
    with pytest.raises(AssertionError, match=words):
        check_encoder(function, kind, form, channel=channel, max_examples=250)  # type: ignore[arg-type]


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("kind", ["request", "response"])
def test_a_sound_encoder_passes(kind: Any, format: str) -> None:
    """commspec's own encoders pass."""
    encode: Any = encode_request if kind == "request" else encode_response
    check_encoder(lambda value: encode(value, format, indent=2), kind, format, max_examples=30)


def test_a_round_trip_that_holds() -> None:
    """A pair that gives back what it took passes."""
    check_round_trip(encode_response, decode_response, "response", max_examples=30)


def test_a_round_trip_by_way_of_xml() -> None:
    """A pair that carries what XML carries passes with what XML carries."""
    check_round_trip(lambda value: encode_response(value, "xml"), decode_response, "response", carried_by="xml", max_examples=30)


def test_a_round_trip_that_does_not_hold() -> None:
    """A pair that loses something is caught, with the smallest value."""
    with pytest.raises(AssertionError, match=r"(?s)round trip.*\.sender"):
        check_round_trip(
            encode_request,
            lambda document: _with_each(decode_request(document), lambda message: attrs.evolve(message, sender=None)),
            channel="sms",
            max_examples=500,
        )


def test_a_program_is_a_decoder() -> None:
    """A program that reads standard input is held against commspec too; its status says that it refuses a document."""
    program = command(sys.executable, "-m", "commspec", "convert", "--kind", "request", "--strict", "--to", "json", "-")
    check_decoder(program, "request", "xml", max_examples=3)


def test_a_program_that_refuses_nothing() -> None:
    """A program that prints whatever it reads is caught by the first faulty document."""
    with pytest.raises(AssertionError, match="It should be refused"):
        check_decoder(command("cat"), max_examples=20)


def test_a_program_that_fails() -> None:
    """What a program says on standard error is part of the message."""
    with pytest.raises(AssertionError, match="ended with status 3: sorry"):
        check_decoder(command(sys.executable, "-c", "import sys; print('sorry', file=sys.stderr); sys.exit(3)"), max_examples=2)


def test_of_xml_a_decoder_says_in_json_what_json_can() -> None:
    """A decoder of XML responses that gives JSON passes: what XML says and JSON can't is not asked of it."""
    check_decoder(lambda document: encode_response(decode_response(document), "json"), "response", "xml", faulty=False, max_examples=100)


# Limits and time zones are each reader's own.
CODES = [
    (kind, form, code)
    for kind in KINDS
    for form in FORMATS
    for code in codes_in(kind, form)
    if not code.startswith("limit.") and code != "time.zone"
]


@pytest.mark.parametrize(("kind", "format", "code"), CODES)
def test_a_decoder_that_lets_one_code_pass_is_caught(kind: Any, format: str, code: str) -> None:
    """Each code has its documents, even among few: a decoder that refuses all faults but those of one code is caught, whichever it is."""

    def lenient(document: bytes) -> Any:
        try:
            return decode_request(document, format) if kind == "request" else decode_response(document, format)
        except CommspecError as error:
            if {issue.code for issue in error.issues} == {code}:
                return None
            raise

    with pytest.raises(AssertionError, match="It should be refused"):
        check_decoder(lenient, kind, format, max_examples=10)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("channel", Channel)
def test_a_sound_decoder_of_one_channel_passes(channel: Channel, format: str) -> None:
    """Of one channel, only the codes that its documents can give are asked for."""
    check_decoder(lambda document: decode_request(document, format), "request", format, channel=channel, max_examples=10)
    foreign = {code for code in codes_in("request", format) if code not in codes_in("request", format, channel)}
    assert {code.partition(".")[0] for code in foreign} == ({"phone"} if channel is Channel.EMAIL else {"attachment", "email"})
    for code in foreign:
        with pytest.raises(ValueError, match="gives any of"):
            find(faulty_documents("request", format, channel=channel, codes=[code]), bool)


@pytest.mark.parametrize(
    "error", [subprocess.TimeoutExpired("reader", 1), subprocess.CalledProcessError(-11, "reader")], ids=["hangs", "crashes"]
)
def test_a_program_that_hangs_or_crashes_refuses_nothing(error: Exception) -> None:
    """Only a program that ends by itself has refused a document."""

    def read(document: bytes) -> Any:
        try:
            return decode_request(document)
        except CommspecError:
            raise error from None

    with pytest.raises(AssertionError, match="It should be refused"):
        check_decoder(read, max_examples=10)


def test_a_program_that_a_signal_ends() -> None:
    """A command whose program has crashed says so, and not that it refuses."""
    program = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with pytest.raises(subprocess.CalledProcessError):
        command(sys.executable, "-c", program)(b"")


@pytest.mark.parametrize("made", [None, 5, "", b"\x00", {}])
def test_an_encoder_that_makes_no_document(made: Any) -> None:
    """Whatever an encoder or a decoder gives, the check says with what it gave it, and of what."""
    with pytest.raises(AssertionError, match="no valid json document"):
        check_encoder(lambda _: made, max_examples=5)
    with pytest.raises(AssertionError, match="the round trip of"):
        check_round_trip(encode_request, lambda _: made, max_examples=5)


@pytest.mark.parametrize("check", [check_decoder, check_encoder, partial(check_round_trip, encode_request)])
def test_a_kind_that_does_not_exist(check: Any) -> None:
    """A misspelled kind is a `ValueError`, and no fault of the codec."""
    with pytest.raises(ValueError, match="no kind 'requests': expected request or response"):
        check(decode_request, "requests")
    with pytest.raises(ValueError, match="no kind"):
        find(documents("requests"), bool)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no kind"):
        convert(b"{}", kind="requests")  # type: ignore[arg-type]
