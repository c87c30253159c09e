"""What the checks of others' codecs promise: what they catch, whatever it is that a codec does, and what they let pass."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from hypothesis import find

from commspec import Channel, CommspecError, convert, decode_request, decode_response, encode_request, encode_response
from commspec.testing import check_decoder, check_encoder, check_round_trip, command
from commspec.testing.strategies import codes_in, documents, faulty_documents

KINDS: tuple[Any, ...] = ("request", "response")
FORMATS = ("json", "xml")


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
