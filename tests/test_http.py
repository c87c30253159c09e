"""The call as plain data: what is built is what is parsed, with real clients and servers on both ends, and nothing is smuggled in or shown."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import pickle
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commspec import (
    BasicAuth,
    Channel,
    CommspecError,
    EmailMessage,
    EmailReceipt,
    Format,
    HttpReply,
    HttpRequest,
    InvalidDocument,
    InvalidMessage,
    Issue,
    Limits,
    MalformedDocument,
    OAuthToken,
    Outcome,
    SendRequest,
    SendResponse,
    SmsMessage,
    SmsReceipt,
    Status,
    StatusDetail,
    ZaloMessage,
    encode_request,
    encode_response,
    inspect_request,
    response_to,
)
from commspec.http import Headers, build, inspect, negotiate, parse, parse_reply, reply
from commspec.testing import same, strategies

HOST = "eu.api.capillarytech.com"
HELLO = SendRequest([SmsMessage("919876500001", "Hi")])
DOCUMENT = encode_request(HELLO)
XML = encode_request(HELLO, "xml")
CALL = "/v1.1/communications/sendMessage"
INVALID_MOBILE = StatusDetail(False, "Invalid mobile", 8056)


def issues_of(url: str | bytes, headers: Any, body: bytes | str, **options: Any) -> list[tuple[str, str]]:
    """The codes and paths of the faults for which `parse` refuses a call."""
    with pytest.raises(CommspecError) as caught:
        parse(url, headers, body, **options)
    return [(issue.code, issue.path) for issue in caught.value.issues]


# ---- Round trips.


@given(strategies.requests(), st.sampled_from(Format), st.sampled_from((None, BasicAuth("u", "p"), OAuthToken("t"))), st.booleans())
def test_what_is_built_is_what_is_parsed(
    request_: SendRequest, format: Format, auth: BasicAuth | OAuthToken | None, in_bytes: bool
) -> None:
    """`parse(build(request))` is the request, in either format, however the server has address and headers."""
    call = build(request_, host=HOST, format=format, auth=auth)
    url: str | bytes = call.url
    headers: Any = call.headers
    if in_bytes:
        url = call.url.partition("?")[2].encode()
        headers = [(name.lower().encode(), value.encode()) for name, value in call.headers.items()]
    assert same(parse(url, headers, call.content), request_)
    assert same(inspect(url, headers, call.content).messages[0].message, request_.messages[0])
    assert auth is None or auth.accepts(headers)


@given(strategies.documents("request"), st.booleans())
def test_every_spelling_of_a_request_is_read(sample: strategies.Sample, typed: bool) -> None:
    """However a peer spells a document, and in whatever encoding, it is read as what it means, with its media type and without."""
    headers = {"Content-Type": sample.format.media_type} if typed else {}
    assert same(parse(f"channel={sample.value.channel}", headers, sample.document), sample.value)


@given(strategies.faulty_documents("request"), st.sampled_from(Format))
def test_every_faulty_request_has_an_answer(faulty: strategies.Faulty, format: Format) -> None:
    """Whatever is wrong with a document, its answer can be written in either format, and never says that all went well."""
    inspection = inspect_request(faulty.document, faulty.format, limits=faulty.limits, timezone=faulty.timezone)
    response = response_to(inspection)
    assert not response.ok
    assert len(response.outcomes) in (0, len(inspection.messages))
    assert [bool(outcome.errors) for outcome in response.outcomes] in ([], [item.message is None for item in inspection.messages])
    answer = reply(response, format)
    read = parse_reply(answer.headers, answer.content)
    assert (read.ok, len(read.outcomes)) == (False, len(response.outcomes))
    assert answer.status in (201, 400, 500)


@given(strategies.responses())
def test_what_is_answered_is_what_is_read(response: SendResponse) -> None:
    """`parse_reply(reply(response))` is the response in JSON, but for a status that was worked out."""
    answer = reply(response)
    read = parse_reply(answer.headers, answer.content)
    assert same(read.outcomes, response.outcomes)
    assert response.status is None or same(read.status, response.status)


# ---- The call.


def test_the_call_is_as_documented() -> None:
    """Method, address, headers and body are those of the specification's first section."""
    call = build(SendRequest([ZaloMessage("919876500001", "Hi")]), host=HOST, format="xml", auth=OAuthToken("t0p-secret"))
    assert (call.method, call.url) == ("POST", f"https://{HOST}{CALL}?channel=zalo")
    assert dict(call.headers) == {"Content-Type": "application/xml", "Accept": "application/xml", "X-CAP-API-OAUTH-TOKEN": "t0p-secret"}
    assert call.content == encode_request(SendRequest([ZaloMessage("919876500001", "Hi")]), "xml")


def test_the_answer_may_be_asked_for_in_another_format() -> None:
    """`accept` is the format of the answer, by any of its names."""
    assert build(HELLO, host=HOST, accept="text/xml").headers["accept"] == "application/xml"


def test_basic_is_the_vendor_s_form() -> None:
    """Basic authentication is base64 of the user, a colon and the password's MD5 in hexadecimal digits, in UTF-8."""
    name, value = BasicAuth("jörg", "pässword").header()
    digest = hashlib.md5("pässword".encode()).hexdigest()
    assert (name, value) == ("Authorization", "Basic " + base64.b64encode(f"jörg:{digest}".encode()).decode())


SECRETS = (BasicAuth("till.1", "sw0rdfish"), OAuthToken("sw0rdfish"))


@pytest.mark.parametrize("auth", SECRETS)
def test_secrets_are_never_shown(auth: BasicAuth | OAuthToken, caplog: pytest.LogCaptureFixture) -> None:
    """No repr, text or log of the auth, the headers or the call has the secret, or what the secret is sent as; nor what the messages say."""
    call = build(HELLO, host=HOST, auth=auth)
    _, value = auth.header()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("a.program").warning("%s %r %s %r %s %r", auth, auth, call.headers, call.headers, call, call)
    for text in (caplog.text, f"{auth} {call} {call.headers}"):
        assert "sw0rdfish" not in text
        assert value.rpartition(" ")[2] not in text
        assert "919876500001" not in text
    assert "content=<52 bytes>" in repr(call)


@pytest.mark.parametrize(
    "make",
    [
        lambda: OAuthToken("tok\r\nX-Evil: 1"),
        lambda: OAuthToken("tok en"),
        lambda: OAuthToken("tökeñ"),
        lambda: OAuthToken(""),
        lambda: BasicAuth("till\r\n", "tok"),
        lambda: BasicAuth("till:1", "tok"),
        lambda: BasicAuth("", "tok"),
        lambda: BasicAuth("till", ""),
        lambda: BasicAuth("till", "tok\ud800"),
        lambda: Headers({"Authorization": "tok\n"}),
        lambda: Headers({"X-Cap": "tokén"}),
        lambda: Headers({"X Cap": "tok"}),
        lambda: Headers({"X-Cap:tok": ""}),
    ],
)
def test_what_no_header_can_hold_is_refused_unseen(make: Callable[[], object]) -> None:
    """Line breaks, controls, other than ASCII in a token or header, and a colon in a user are refused, and the error does not show them."""
    with pytest.raises(ValueError, match=r"^(an OAuthToken|the (user|password) of a BasicAuth|the header|a header's name)") as caught:
        make()
    assert "tok" not in str(caught.value)


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_user_and_password_is_refused_or_sent_whole(user: str, password: str) -> None:
    """Whatever they hold, they are refused, or one line of ASCII from which the server gets them back."""
    try:
        auth = BasicAuth(user, password)
    except ValueError:
        return
    name, value = auth.header()
    assert value.isascii()
    assert value.isprintable()
    assert base64.b64decode(value.removeprefix("Basic ")).decode().partition(":")[0] == user
    assert auth.accepts(Headers({name: value}))


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({"authorization": "basic " + BasicAuth("u", "p").header()[1][6:]}, True),
        ([(b"Authorization", BasicAuth("u", "p").header()[1].encode())], True),
        ({"Authorization": BasicAuth("u", "q").header()[1]}, False),
        ({"Authorization": "Bearer " + BasicAuth("u", "p").header()[1][6:]}, False),
        ({"Authorization": BasicAuth("u", "p").header()[1][6:]}, False),
        ([BasicAuth("u", "p").header(), BasicAuth("u", "q").header()], False),
        ({"Authorization": "Basic é"}, False),
        ({}, False),
    ],
)
def test_a_server_can_tell_who_asks(headers: Any, accepted: bool) -> None:
    """Just the one header with just the secret is accepted, the scheme in any letter case."""
    assert BasicAuth("u", "p").accepts(headers) is accepted


def test_a_call_can_be_compared_hashed_and_pickled() -> None:
    """A call is a value."""
    call = build(HELLO, host=HOST, auth=OAuthToken("t"))
    assert call == pickle.loads(pickle.dumps(call)) == build(HELLO, host=HOST, auth=OAuthToken("t"))
    assert len({call, build(HELLO, host=HOST, auth=OAuthToken("t")), build(HELLO, host=HOST)}) == 2
    assert Headers({"A": "1"}) == {"A": "1"}
    assert len(Headers([("A", "1"), ("a", "2")])) == 1
    with pytest.raises(KeyError):
        call["keys"]


# ---- Where it goes.


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("eu.api.capillarytech.com", "eu.api.capillarytech.com"),
        ("EU.API.capillarytech.COM:443", "eu.api.capillarytech.com:443"),
        ("localhost:8000", "localhost:8000"),
        ("stub_server", "stub_server"),
        ("127.0.0.1:65535", "127.0.0.1:65535"),
        ("[::1]", "[::1]"),
        ("[0:0::0:1]:8000", "[::1]:8000"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ＥＵ.example", "eu.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_a_host_is_a_name_or_an_address(host: str, address: str) -> None:
    """Names are in lower case and in ASCII, IPv6 in its shortest form and in brackets; a port may follow."""
    assert build(HELLO, host=host).url == f"https://{address}{CALL}?channel=sms"


NO_HOSTS = {
    "no name": (
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a.example",
        "a-.example",
        "a" * 64,
        "a." * 126 + "toolong",
        "a,b",
        "a;b",
        "a|b",
        "a'",
        'a"',
        "<a>",
    ),
    "white space and controls": ("a b", " a", "a\n", "a\r\nHost: b", "a\x00", "a\t"),
    "more than a host": ("https://a", "http:a", "//a", "a/b", "a\\b", "a?b", "a#b", "user@a", "user:sw0rdfish@a", "a%2fb", "a%00"),
    "no port": ("a:", "a:0", "a:08000", "a:65536", "a:123456", "a:-1", "a:x", "a:８０", "a:80:80", "a:80/b", "a:80@b"),
    "no IPv6": (
        "::1",
        "fe80::1",
        "[::1",
        "::1]",
        "[::1]x",
        "[::1]:",
        "[::1%25eth0]",
        "[fe80::1%eth0]",
        "[::g]",
        "[127.0.0.1]",
        "[]",
        "[::1]@b",
    ),
    "no usual IPv4": ("127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.2.3.256", "1.2.3.4.5", "１２７.1", "a.1", "a.0x"),
    "no name of other scripts": ("a。。b", "\u200b", "a\u200d.example", "℀.example", "a／b", "a\u2044b", "☃\ud800", "xn--\u00fc"),
}


@pytest.mark.parametrize("host", [host for hosts in NO_HOSTS.values() for host in hosts])
def test_nothing_is_smuggled_in_with_a_host(host: str) -> None:
    """Schemes, paths, users, white space, odd spellings of addresses and what no name holds are refused, and the error does not show them."""
    with pytest.raises(ValueError, match=r"^(a host has no |no host name |no port: )") as caught:
        build(HELLO, host=host)
    assert "sw0rdfish" not in str(caught.value)


@given(st.text(max_size=12) | st.text("abc.:[]/@%?#0x1é。", max_size=12))
def test_whatever_the_host_the_call_goes_there_and_nowhere_else(host: str) -> None:
    """Any text at all is refused, or is in the address a host and port between `https://` and the path, as another library reads it."""
    import httpx

    try:
        url = build(HELLO, host=host).url
    except ValueError:
        return
    read = httpx.URL(url)
    assert (read.scheme, read.userinfo, read.path, read.query, read.fragment) == ("https", b"", CALL, b"channel=sms", "")
    assert url == f"https://{read.netloc.decode()}{CALL}?channel=sms" or read.port is None


def test_a_host_is_a_text() -> None:
    """Bytes are no host."""
    with pytest.raises(TypeError, match=r"^a host is a str, not bytes$"):
        build(HELLO, host=b"a.example")  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "127.9.9.9", "[::1]:80"])
def test_http_with_a_secret_is_for_this_machine(host: str) -> None:
    """Without TLS, a secret goes to this machine."""
    assert build(HELLO, host=host, auth=OAuthToken("t"), scheme="http").url.startswith("http://")


@pytest.mark.parametrize("host", ["eu.api.capillarytech.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "[::2]"])
def test_no_secret_goes_over_a_network_in_the_clear(host: str) -> None:
    """Without TLS, a secret goes nowhere else; a call without a secret may."""
    assert build(HELLO, host=host, scheme="http").url == f"http://{host}{CALL}?channel=sms"
    with pytest.raises(ValueError, match=r"^with auth, http is for this machine only: the secret would go over the network in the clear$"):
        build(HELLO, host=host, auth=OAuthToken("t"), scheme="http")


def test_another_scheme_is_refused() -> None:
    """There is https, and http for tests."""
    with pytest.raises(ValueError, match=r"^the scheme is https, or http for tests$"):
        build(HELLO, host="localhost", scheme="ftp")  # type: ignore[arg-type]


# ---- What a server reads.


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "?",
            "channel=sms",
            "?channel=SMS",
            b"channel=sMs",
            b"",
            f"https://{HOST}{CALL}?channel=sms",
            f"{CALL}?channel=sms",
            f"{CALL}?x=1&channel=sms#top",
        ),
        *(
            CALL,
            f"https://{HOST}{CALL}",
            "other=email",
            "Channel=email",
            "channel=%73ms",
            "x=/?channel=email&channel=sms",
            f"{CALL}?a=b?c&channel=sms",
        ),
    ],
)
def test_the_channel_is_read_from_any_form_of_address(url: str | bytes) -> None:
    """A whole address, a path, a query with or without its mark, text or bytes; in any letter case; without `channel` it is SMS."""
    assert parse(url, {}, DOCUMENT) == HELLO


@pytest.mark.parametrize(
    "query", ["channel=fax", "channel=", "channel", "channel=sms&channel=sms", "channel=email&channel=sms", "channel=%20sms", "channel=ſms"]
)
def test_a_channel_that_is_unknown_or_stands_twice_is_a_fault(query: str) -> None:
    """The issue is `channel`, at `?channel`."""
    assert issues_of(query, {}, DOCUMENT) == [("channel", "?channel")]


@pytest.mark.parametrize("query", ["channel=email", "", "channel=sms"])
def test_a_body_of_another_channel_is_a_fault(query: str) -> None:
    """The list must be for the channel of the call, which is SMS where none is named."""
    other = SendRequest([ZaloMessage("919876500001", "Hi")])
    assert issues_of(query, {}, encode_request(other)) == [("channel", "root.zaloMessage")]


@pytest.mark.parametrize(
    "media", ["application/json", "APPLICATION/JSON; charset=utf-8", "text/json;x", "application/vnd.x+json", 'application/json; a="b;c"']
)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda value: {"Content-Type": value},
        lambda value: [(b"content-type", value.encode())],
        lambda value: {"CONTENT-TYPE": f" {value} "},
    ],
)
def test_media_types_are_read_with_parameters(media: str, wrap: Callable[[str], Any]) -> None:
    """In any letter case, with any parameters, as text or bytes, from a mapping or from pairs."""
    assert parse("", wrap(media), DOCUMENT) == HELLO


@pytest.mark.parametrize("headers", [{}, [], {"Content-Type": ""}, {"X": "application/xml"}, {"Content-Encoding": "identity"}])
def test_without_a_content_type_the_format_is_detected(headers: Any) -> None:
    """Both formats are recognised by their first characters."""
    assert parse("", headers, DOCUMENT) == parse("", headers, XML) == parse("", headers, bytearray(XML)) == HELLO


@pytest.mark.parametrize(
    ("headers", "body", "issue"),
    [
        ({"Content-Type": "application/xml"}, DOCUMENT, ("type", "Content-Type")),
        ({"Content-Type": "application/json"}, XML, ("type", "Content-Type")),
        ({"Content-Type": "application/x-www-form-urlencoded"}, DOCUMENT, ("type", "Content-Type")),
        ({"Content-Type": "json"}, DOCUMENT, ("type", "Content-Type")),
        ({"Content-Type": "*/*"}, DOCUMENT, ("type", "Content-Type")),
        ([("Content-Type", "application/json"), ("content-type", "application/xml")], DOCUMENT, ("duplicate", "Content-Type")),
        ({"Content-Encoding": "gzip"}, b"\x1f\x8b", ("encoding", "Content-Encoding")),
        ({"Content-Type": "application/xml; charset=klingon"}, XML, ("encoding", "Content-Type")),
        ({"Content-Type": "application/xml; charset=utf-7"}, XML, ("encoding", "Content-Type")),
        ({"Content-Type": "application/xml; charset=iso-8859-99"}, XML, ("encoding", "Content-Type")),
        ({"Content-Type": "application/xml; charset=us-ascii"}, XML.replace(b"Hi", "ü".encode()), ("encoding", "")),
        ({"Content-Type": "application/json"}, b"", ("json.syntax", "")),
        ({"Content-Type": "application/json"}, b"[1", ("json.syntax", "")),
    ],
)
def test_headers_that_do_not_go_with_the_body_are_clear_faults(headers: Any, body: bytes, issue: tuple[str, str]) -> None:
    """What is wrong with the headers is said of the headers, and not left for the parser to stumble over."""
    assert issues_of("", headers, body) == [issue]
    inspected = inspect("", headers, body)
    assert ([(found.code, found.path) for found in inspected.issues], inspected.messages) == ([issue], ())


def test_the_same_content_type_twice_is_one() -> None:
    """A header that is repeated and says the same is no fault."""
    assert parse("", [("Content-Type", "application/json"), ("Content-Type", "application/json")], DOCUMENT) == HELLO


def test_all_that_is_wrong_with_the_call_is_said_at_once() -> None:
    """A fault of the address and one of the headers come together."""
    assert issues_of("channel=fax", {"Content-Type": "text/html"}, DOCUMENT) == [("channel", "?channel"), ("type", "Content-Type")]


def test_a_body_over_the_limit_is_refused() -> None:
    """The limits are those of decoding."""
    assert issues_of("", {}, DOCUMENT, limits=Limits(bytes=10)) == [("limit.bytes", "")]
    assert inspect("", {}, DOCUMENT, limits=Limits(bytes=10)).issues[0].code == "limit.bytes"


GREETING = SendRequest([SmsMessage("919876500001", "Grüße")])


def in_xml(encoding: str, declared: str | None) -> bytes:
    """The greeting in an encoding, with what its XML declaration says (None for no declaration)."""
    text = encode_request(GREETING, "xml").decode().partition("?>")[2]
    return (f'<?xml version="1.0" encoding="{declared}"?>{text}' if declared else text.lstrip()).encode(encoding)


@pytest.mark.parametrize(
    ("charset", "encoding", "declared"),
    [
        ("iso-8859-1", "latin-1", None),
        ("ISO-8859-1", "latin-1", "utf-8"),
        ('"windows-1252"', "cp1252", "iso-8859-5"),
        ("utf-8", "utf-8", "iso-8859-1"),
        ("UTF8", "utf-8", None),
        ("utf-8", "utf-8", "utf-8"),
        ("iso-8859-1", "utf-8-sig", None),
        ("utf-16", "utf-16", "utf-16"),
        ("utf-16le", "utf-16-le", None),
        ("koi8-r", "utf-16", "utf-16"),
    ],
)
def test_the_charset_counts_for_xml(charset: str, encoding: str, declared: str | None) -> None:
    """A byte order mark comes before `charset`, and that before the XML declaration."""
    headers = {"Content-Type": f"application/xml; charset={charset}"}
    assert parse("", headers, in_xml(encoding, declared)) == GREETING
    assert parse("", headers, in_xml("utf-8", declared).decode()) == GREETING


def test_the_charset_does_not_count_for_json() -> None:
    """JSON is UTF-8, whatever a header says that has no meaning there."""
    assert parse("", {"Content-Type": "application/json; charset=iso-8859-1"}, encode_request(GREETING)) == GREETING


@given(
    st.text(),
    st.binary(),
    st.lists(st.tuples(st.sampled_from(("Content-Type", "content-encoding", "X")), st.text() | st.binary())),
    st.data(),
)
def test_any_call_at_all_is_read_or_refused(url: str, body: bytes, headers: list[tuple[str, Any]], data: st.DataObject) -> None:
    """Whatever address, headers and body hold, what comes out is a request, or a `CommspecError`; and an inspection, which has an answer."""
    address = data.draw(st.sampled_from([url, "channel=" + url]) | st.just(url.encode("utf-8", "replace")))
    document = data.draw(st.sampled_from((body, DOCUMENT, XML)))
    media = data.draw(st.sampled_from(("application/xml; charset=", "application/json;", "")))
    with_media = [(name, media + value if isinstance(value, str) else value) for name, value in headers]
    with suppress(CommspecError):
        parse(address, with_media, document)
    answer = response_to(inspect(address, with_media, document))
    assert reply(answer, "xml").status in (200, 201, 400, 500)


# ---- Which format to answer in.


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        *(
            (None, "default"),
            ("", "default"),
            ("*/*", "default"),
            ("application/*", "default"),
            ("text/html", "default"),
            (b"*/*", "default"),
        ),
        *(
            ("application/json", "json"),
            ("application/xml", "xml"),
            ("text/xml", "xml"),
            ("text/*", "xml"),
            ("APPLICATION/XML; charset=utf-8", "xml"),
        ),
        *(
            ("application/xml, application/json", "default"),
            ("application/xml;q=0.9, application/json", "json"),
            ("application/json;q=0.5, */*", "xml"),
        ),
        *(
            ("application/json;q=0, */*", "xml"),
            ("application/xml;q=0", "default"),
            ("application/xml;q=0,application/json;q=0", "default"),
        ),
        *(
            ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "xml"),
            ("application/*;q=0.2, application/json;q=0.1", "xml"),
        ),
        *(
            ("text/xml;q=0.1, application/xml;q=0, application/json;q=0.05", "xml"),
            ("application/vnd.x+json", "json"),
            ("*/xml", "default"),
        ),
        *(
            ("application/xml;q=2, application/json;q=0.1", "json"),
            ("application/xml;q=x, application/json", "json"),
            ("application/xml;Q=1.000", "xml"),
        ),
        *(('application/json;p="a,application/xml", application/xml;q=0.1', "json"), (",,;,application/xml,", "xml"), ("xml", "default")),
        *(
            ("application/json ; q=0.3 , application/xml ; q=0.4", "xml"),
            ('application/xml;p="', "xml"),
            ("application/json;q=0.3333, text/xml;q=0.1", "xml"),
        ),
    ],
)
@pytest.mark.parametrize("default", ["json", "xml"])
def test_the_client_s_wish_decides(accept: str | bytes | None, expected: str, default: str) -> None:
    """The better quality wins, the most specific range counts, and where neither is better the default holds; what can't be read is left out."""
    assert negotiate(accept, default) == (default if expected == "default" else expected)


@given(st.text() | st.binary() | st.text('*/,;=q0.1" application/json xml'))
def test_any_wish_has_an_answer(accept: str | bytes) -> None:
    """Any header at all gives a format."""
    assert negotiate(accept) in Format


# ---- What a server answers.

RECEIPT = SmsReceipt("919876500001", "Hi")


@pytest.mark.parametrize(
    ("failing", "code", "success", "message"),
    [
        ([False, False], 200, True, "Success"),
        ([False, True], 201, True, "Some requests have failed due to errors"),
        ([True, True], 500, False, "All requests have failed due to errors"),
    ],
)
def test_codes_and_counts_are_worked_out(failing: list[bool], code: int, success: bool, message: str) -> None:
    """200 where all succeeded, 201 where some failed, 500 where all did; the same in the body and as HTTP status."""
    answer = reply(Outcome(RECEIPT, [INVALID_MOBILE] if fails else []) for fails in failing)
    status = json.loads(answer.content)["status"]
    assert (answer.status, dict(answer.headers)) == (code, {"Content-Type": "application/json"})
    assert (status["code"], status["success"], status["message"]) == (code, success, message)
    assert (status["count"], status["successCount"]) == (2, failing.count(False))


def test_the_answer_is_written_in_the_format_asked_for() -> None:
    """XML has its own media type, and times are the wall clock of the time zone."""
    answer = reply([Outcome(SmsReceipt("919876500001", "Hi", "2026-03-02T04:00:00+00:00"))], "text/xml", timezone="Asia/Kolkata", indent=2)
    assert answer.headers["Content-Type"] == "application/xml"
    assert b"    <totalCount>1</totalCount>" in answer.content
    assert b"<scheduledTime>2026-03-02 09:30:00</scheduledTime>" in answer.content


@pytest.mark.parametrize(
    ("code", "http"), [(200, 200), (201, 201), (500, 500), (401, 401), (4218, 400), (8056, 400), ("E1", 400), (None, 200), (0, 400)]
)
def test_the_http_status_is_the_code_where_it_is_one(code: int | str | None, http: int) -> None:
    """The vendor's own codes are the client's fault."""
    assert reply(SendResponse(Status(code=code, message="?"))).status == http


def test_a_status_that_is_given_is_kept() -> None:
    """A response is written as it is."""
    status = Status(message="Accepted", code=200, success=True)
    assert parse_reply({}, reply(SendResponse(status, [Outcome(RECEIPT)])).content).status == status


def test_outcomes_without_receipts_need_their_channel() -> None:
    """The list has a name, which follows from the channel."""
    assert b'"zalo":[{' in reply([Outcome(errors=["no"])], channel="zalo").content
    with pytest.raises(InvalidMessage, match="give it"):
        reply([Outcome(errors=["no"])])


def test_the_answer_does_not_show_what_messages_say() -> None:
    """The repr of a reply has the size of its content."""
    assert repr(HttpReply(200, {"A": "b"}, b"4711")) == "HttpReply(status=200, headers=Headers({'A': 'b'}), content=<4 bytes>)"


@given(strategies.requests(), st.data())
def test_every_message_is_answered_in_its_place(request_: SendRequest, data: st.DataObject) -> None:
    """A request's answer echoes each message in turn, with the errors and warnings that the server has for it, and counts them."""
    said: list[StatusDetail | tuple[StatusDetail | str, ...]] = [INVALID_MOBILE, (INVALID_MOBILE, "no")]
    places = st.dictionaries(st.integers(0, len(request_) - 1), st.sampled_from(said))
    errors, warnings = data.draw(places), data.draw(places)
    response = response_to(request_, errors, warnings=warnings)
    assert (response.channel, len(response.outcomes)) == (request_.channel, len(request_))
    for index, (message, outcome) in enumerate(zip(request_, response.outcomes, strict=True)):
        assert bool(outcome.errors) is (index in errors)
        assert bool(outcome.warnings) is (index in warnings)
        assert outcome.message is not None
        assert same(outcome.message.scheduled_time, message.scheduled_time)
    assert response.status is not None
    assert (response.status.count, response.status.success_count) == (len(request_), len(request_) - len(errors))
    assert response.ok is (not errors)


def test_an_answer_for_no_message_is_refused() -> None:
    """An index that no message has is a mistake of the server."""
    with pytest.raises(ValueError, match=r"^there is no message 1: the call has 1$"):
        response_to(HELLO, {1: INVALID_MOBILE})


EMAIL = {"to": "a@example.com", "from": "b@example.com", "subject": "S", "body": "B"}
SMS = {"to": "919876500001", "body": "Hi"}


@pytest.mark.parametrize(
    ("channel", "message", "codes"),
    [
        ("sms", {**SMS, "to": "12"}, [8056]),
        ("sms", {**SMS, "to": 919876500001}, [8056]),
        ("sms", {**SMS, "to": None}, [4203]),
        ("sms", {"to": " ", "body": ""}, [4203, 4203]),
        ("sms", {**SMS, "body": "\0"}, [4217]),
        ("sms", {**SMS, "body": 7}, [4217]),
        ("sms", {**SMS, "sender": "a\nb"}, [400]),
        ("sms", {**SMS, "scheduledTime": "soon"}, [400]),
        ("sms", {**SMS, "Body": "?"}, [400]),
        ("email", {**EMAIL, "to": "a"}, [8055]),
        ("email", {**EMAIL, "to": "a@example.com\n"}, [8055]),
        ("email", {**EMAIL, "cc": "a"}, [8055]),
        ("email", {**EMAIL, "subject": ""}, [4201]),
        ("email", {**EMAIL, "from": None}, [403]),
        ("email", {**EMAIL, "attachments": {"attachment": [{"fileName": "a.txt", "fileType": "txt", "fileData": None}]}}, [403]),
        ("email", {**EMAIL, "attachments": {"attachment": [{"fileName": "a/b", "fileType": "txt", "fileData": ""}]}}, [400]),
    ],
)
def test_faulty_messages_are_echoed_with_the_vendor_s_codes(channel: str, message: dict[str, Any], codes: list[int]) -> None:
    """Each fault of a message is an error of its outcome, and the other messages of the call succeed."""
    good = EMAIL if channel == "email" else SMS
    call = inspect(f"channel={channel}", {}, json.dumps({"root": {channel: [good, message]}}))
    first, second = response_to(call).outcomes
    assert (first.errors, [error.code for error in second.errors if isinstance(error, StatusDetail)]) == ((), codes)
    assert reply(response_to(call), "xml").status == 201


def test_a_faulty_message_is_echoed_as_it_came() -> None:
    """Texts are echoed, also of a number where a text belongs and the first of two; what XML can't carry is U+FFFD."""
    body = '{"root": {"sms": [{"to": 12, "body": "a\\u0000b", "body": "c", "scheduledTime": "soon", "sender": null}]}}'
    (outcome,) = response_to(inspect("", {}, body)).outcomes
    assert outcome.message == SmsReceipt("12", "a\ufffdb", "soon")
    assert all(isinstance(error, StatusDetail) and error.status is False for error in outcome.errors)


def test_errors_say_where_and_never_quote() -> None:
    """An error's words have the reason, the field and what is wrong with it, and nothing of its value."""
    (outcome,) = response_to(inspect_request('{"root": {"sms": [{"to": "98765 00001", "body": "Hi"}]}}')).outcomes
    (error,) = outcome.errors
    assert isinstance(error, StatusDetail)
    assert error.message is not None
    assert error.message.startswith("Invalid mobile: to: character 6 is U+0020")
    assert "98765" not in error.message


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ("channel=fax", DOCUMENT, 4218),
        ("channel=email", DOCUMENT, 400),
        ("", b'{"root": {"sms": []}}', 4217),
        ("", b"{", 400),
        ("", b'{"root": {"sms": [{"to": "12", "body": "Hi"}], "fax": []}}', 400),
    ],
)
def test_a_call_that_is_refused_as_a_whole_gets_a_status_alone(query: str, body: bytes, code: int) -> None:
    """An error of `parse` and the inspection of the same call have the same answer, and no outcomes."""
    response = response_to(inspect(query, {}, body))
    assert (response.status and response.status.code, response.outcomes, response.channel) == (code, (), None)
    with pytest.raises(CommspecError) as caught:
        parse(query, {}, body)
    assert response_to(caught.value) == response
    assert reply(response).status == 400


# ---- What a client reads.


@pytest.mark.parametrize(
    "headers",
    [{}, {"content-type": "text/plain; charset=utf-8"}, {"Content-Type": "application/xml"}, [(b"Content-Type", b"application/json")]],
)
def test_a_reply_is_read_as_what_it_is(headers: Any) -> None:
    """Where the headers say nothing, or something else than the body looks like, the body decides."""
    response = response_to(HELLO)
    assert parse_reply(headers, encode_response(response)) == response
    assert parse_reply(headers, encode_response(response, "xml")) == response


def test_a_page_is_no_reply() -> None:
    """What a proxy says in HTML is refused by its media type."""
    with pytest.raises(InvalidDocument, match=r"^Content-Type: neither JSON nor XML: this is no answer to the call \(type\)$"):
        parse_reply({"Content-Type": "text/html"}, b"<html>502</html>")


def test_a_reply_s_charset_counts_for_xml() -> None:
    """A reply in another encoding is read by its header."""
    response = SendResponse(Status(message="Grüße"))
    document = encode_response(response, "xml").replace(b' encoding="UTF-8"', b"").decode().encode("latin-1")
    assert parse_reply({"Content-Type": "text/xml;charset=ISO-8859-1"}, document) == response
    with pytest.raises(MalformedDocument):
        parse_reply({"Content-Type": "text/xml"}, document)


# ---- Real clients.


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server on this machine that answers each call, and refuses who does not know the token."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))
        }
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if OAuthToken("let-me-in").accepts(headers):
            answer = reply(response_to(parse(environ["QUERY_STRING"], headers, body)), negotiate(environ["HTTP_ACCEPT"]))
        else:
            answer = reply(SendResponse(Status(code=401, success=False)))
        start_response(f"{answer.status} Said", list(answer.headers.items()))
        return [answer.content]

    with make_server("127.0.0.1", 0, application, handler_class=_Quiet) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def by_httpx(call: HttpRequest) -> tuple[Any, bytes]:
    """The headers and body that httpx gets for a call."""
    httpx = pytest.importorskip("httpx")
    answer = httpx.request(**call)
    return answer.headers, answer.content


def by_requests(call: HttpRequest) -> tuple[Any, bytes]:
    """Likewise, requests."""
    requests = pytest.importorskip("requests")
    answer = requests.request(call.method, call.url, headers=call.headers, data=call.content, timeout=10)
    return answer.headers, answer.content


def by_aiohttp(call: HttpRequest) -> tuple[Any, bytes]:
    """Likewise, aiohttp."""
    aiohttp = pytest.importorskip("aiohttp")

    async def go() -> tuple[Any, bytes]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(call.method, call.url, headers=call.headers, data=call.content) as answer,
        ):
            return answer.headers, await answer.read()

    return asyncio.run(go())


def by_urllib(call: HttpRequest) -> tuple[Any, bytes]:
    """Likewise, urllib."""
    request = urllib.request.Request(call.url, call.content, dict(call.headers), method=call.method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers, BytesIO(answer.read()).getvalue()


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("client", [by_httpx, by_requests, by_aiohttp, by_urllib])
def test_every_client_takes_the_call_as_it_is(client: Callable[[HttpRequest], tuple[Any, bytes]], format: str, server: str) -> None:
    """httpx, requests, aiohttp and urllib send what `build` gives, and `parse_reply` takes what they give back."""
    request = SendRequest([EmailMessage(to="a@example.com", from_="b@example.com", subject="S", body="Grüße\r\n")])
    headers, content = client(build(request, host=server, format=format, auth=OAuthToken("let-me-in"), scheme="http"))
    response = parse_reply(headers, content)
    assert response.ok
    assert response.outcomes[0].message == EmailReceipt("a@example.com", "Grüße\r\n", from_="b@example.com", subject="S")


def test_the_channel_of_an_issue_is_its_value() -> None:
    """An issue of the address shows what was seen, and what to do."""
    with pytest.raises(InvalidDocument) as caught:
        parse("channel=fax", {}, DOCUMENT)
    expected = Issue("channel", "?channel", "no such channel: expected sms, email, whatsapp or zalo", "fax", "leave it out for sms")
    assert caught.value.issues == (expected,)
    assert inspect("channel=fax", {}, DOCUMENT).channel is None
    assert inspect("channel=EMAIL", {"Content-Type": "x/y"}, DOCUMENT).channel is Channel.EMAIL
