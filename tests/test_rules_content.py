"""Advice on content that is not what its type says (SPEC.md section 5, `attachment.content`)."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import sys
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commspec.errors import CommspecError
from commspec.rules.content import check_content


def png() -> bytes:
    """A picture of one pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def zipped(*names: str) -> bytes:
    """An archive of empty files, in that order; the same bytes at any time, since they name tests."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"")
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
DOCX = zipped("[Content_Types].xml", "word/document.xml")
HTML = b"<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>"
TEXT = "Returns within 30 days, caf\xe9.\n".encode()
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Length 3>>stream\n\x00\x01\x02\nendstream endobj\n%%EOF\n"

# What begins with its magic number always: kind, content, and what it is called.
SIGNED = [
    ("PNG", png(), ["png", "PNG", ".png", "image/png", "image/x-png", " png ", "image/png; name=a.png"]),
    (
        "JPEG",
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
        ["jpg", "jpeg", "JPG", ".jpeg", "image/jpeg", "image/jpg"],
    ),
    ("GIF", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", ["gif", "image/gif"]),
    ("TIFF", b"II*\x00\x08\x00\x00\x00\x00\x00", ["tif", "tiff", "image/tiff"]),
    ("TIFF", b"MM\x00*\x00\x00\x00\x08\x00\x00", ["tif", "tiff"]),
    ("RIFF", b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00", ["webp", "image/webp"]),
    ("PDF", PDF, ["pdf", "PDF", ".pdf", "application/pdf", "application/x-pdf"]),
    ("ZIP", zipped("a.txt"), ["zip", "application/zip", "application/x-zip-compressed", "docx", "jar"]),
    ("ZIP", DOCX, ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "zip", "xlsx"]),
    ("ZIP", zipped(), ["zip"]),
    ("gzip", gzip.compress(TEXT, mtime=0), ["gz", "tgz", "application/gzip", "application/x-gzip"]),
    ("7-Zip", b"7z\xbc\xaf'\x1c\x00\x04" + bytes(24), ["7z", "application/x-7z-compressed"]),
    ("RAR", b"Rar!\x1a\x07\x01\x00" + bytes(16), ["rar", "application/vnd.rar"]),
]
# What need not, or begins as several kinds do.
UNSIGNED = [
    (b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + bytes(44), ["bmp", "image/bmp"]),
    (OLE, ["doc", "xls", "ppt", "application/msword", "application/vnd.ms-excel"]),
    (OLE + "EncryptedPackage".encode("utf-16-le"), ["docx", "xlsx"]),
    (OLE + "DataSpaces".encode("utf-16-le"), ["docx", "xlsx"]),
    (b"{\\rtf1\\ansi Hello.}", ["rtf", "doc", "txt"]),
    (HTML, ["html", "htm", "HTML", "text/html; charset=utf-8", "xls", "doc", "txt"]),
    (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", ["svg", "image/svg+xml", "xml", "xhtml"]),
    (TEXT, ["txt", "csv", "text/plain", "text/csv", "md", "json", "xls"]),
    ("BMW f\xfcr 3 Euro".encode("latin-1"), ["txt", "csv"]),
    (b"GIF89a is a format, RIFF is another", ["txt"]),
    (b"BM\x00, a note with a stray byte", ["txt", "dat"]),
    (b"%PDF-1.7 is the first line of such a file.", ["txt"]),
    ("PK\u0103".encode("utf-16"), ["txt", "csv"]),
    (b"\r\n\r\n" + PDF, ["pdf"]),
    (b"MZ" + bytes(100) + zipped("a.txt"), ["zip"]),
]
OWN = [(content, name) for _, content, names in SIGNED for name in names] + [
    (content, name) for content, names in UNSIGNED for name in names
]


@pytest.mark.parametrize(("content", "file_type"), OWN)
def test_no_alarm_where_type_and_content_agree(content: bytes, file_type: str) -> None:
    """A file under any of its own types passes: other endings of a kind, MIME types, containers, what stands before the magic number."""
    assert check_content(content, file_type) is None


@pytest.mark.parametrize(("kind", "content", "names"), SIGNED)
def test_the_wrong_kind_is_found(kind: str, content: bytes, names: list[str]) -> None:
    """A file under the type of any other kind is found, and both kinds are named."""
    others = {other: its_names[0] for other, _, its_names in SIGNED if other != kind} | {"text": "txt", "Office 97": "xls"}
    faults = {other: check_content(content, name) for other, name in others.items()}
    assert {other: fault and fault[:2] for other, fault in faults.items()} == {
        other: ("attachment.content", f"the content is {kind}, not {other}") for other in others
    }


@pytest.mark.parametrize("content", [TEXT, HTML, b"x", bytes(100), b"BM" + bytes(100), b"text".rjust(77) + TEXT])
def test_content_without_its_magic_number_is_found(content: bytes) -> None:
    """Text, HTML or anything else is found under each name of files that have a magic number; what a few bytes may be, or later ones, is no matter."""
    for kind, _, names in SIGNED:
        for name in names:
            fault = check_content(content, name)
            assert fault is not None
            assert fault[:2] == ("attachment.content", f"the content does not begin as {kind} does")


@pytest.mark.parametrize(("before", "good"), [(0, True), (1, True), (1024, True), (1025, False), (5000, False)])
def test_a_pdf_begins_in_the_first_1024_bytes(before: int, good: bool) -> None:
    """What stands before a PDF may be 1,024 bytes long, as readers have it, and no longer."""
    fault = check_content(bytes(before) + PDF, "pdf")
    assert (fault and fault.message) == (None if good else "the content does not begin as PDF does")


@pytest.mark.parametrize(
    ("content", "file_type", "hint"),
    [
        (png(), "pdf", "attach another file, or write png for file_type"),
        (DOCX, "pdf", "attach another file, or write its own type for file_type"),
        (TEXT, "png", "attach another file, or write its own type for file_type"),
        (HTML, "jpg", "it is HTML or XML, maybe a page that reports an error: attach the file itself"),
        (base64.b64encode(png()), "png", "it is base64: encode the content once, and say so in file_encoding_type"),
        (base64.encodebytes(PDF * 200), "pdf", "it is base64: encode the content once, and say so in file_encoding_type"),
        (
            b"\n".join(bytes([byte]) for byte in base64.b64encode(png())),
            "png",
            "it is base64: encode the content once, and say so in file_encoding_type",
        ),
        (base64.b64encode(png()[:9]), "png", "it is base64: encode the content once, and say so in file_encoding_type"),
        (base64.b64encode(png())[:13], "png", "it is base64: encode the content once, and say so in file_encoding_type"),
        (base64.b64encode(png()), "pdf", "attach another file, or write its own type for file_type"),
    ],
)
def test_the_hint_says_what_to_do(content: bytes, file_type: str, hint: str) -> None:
    """The hint says what was likely meant."""
    fault = check_content(content, file_type)
    assert fault is not None
    assert fault.hint == hint


@given(st.binary(), st.sampled_from(["dat", "", "png.exe", "application/octet-stream", "mp4", "image", "image/*", "\u0130", "/"]))
def test_unknown_types_pass(content: bytes, file_type: str) -> None:
    """Nothing is said of a type that is not known."""
    assert check_content(png() + content, file_type) is None


@given(
    st.sampled_from([b"", *(content[:8] for _, content, _ in SIGNED if content[:4].isascii())]),
    st.text(st.characters(exclude_categories=["C"])),
)
def test_text_is_text(start: bytes, text: str) -> None:
    """What is text passes as text, in whatever letters it begins."""
    start = bytes(byte for byte in start if byte >= 32)
    for file_type in ("txt", "csv", "html"):
        assert check_content(start + text.encode(), file_type) is None


@pytest.mark.parametrize("file_type", ["png", "pdf", "txt", "docx", "xyz"])
def test_empty_content_passes(file_type: str) -> None:
    """Nothing is said of an empty file."""
    assert check_content(b"", file_type) is None


def test_an_office_97_file_is_no_zip() -> None:
    """Without a password an Office 97 file under the name of a newer one is found."""
    assert check_content(OLE, "docx") == (
        "attachment.content",
        "the content is Office 97, not ZIP",
        "attach another file, or write its own type for file_type",
    )


def test_a_missing_package_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without puremagic the error says what to install."""
    monkeypatch.setitem(sys.modules, "puremagic", None)
    with pytest.raises(CommspecError) as caught:
        check_content(png(), "png")
    assert str(caught.value) == "looking into files needs the package puremagic: pip install 'commspec[advice]'"


def test_types_that_are_not_known_need_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is needed only where there is something to look at."""
    monkeypatch.setitem(sys.modules, "puremagic", None)
    assert check_content(png(), "dat") is None
    assert check_content(b"", "png") is None
