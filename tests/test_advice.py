"""Advice: what a request's sender would want to know before (SPEC.md section 5)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from commspec import Attachment, EmailMessage, SendRequest, SmsMessage, WhatsAppMessage, advise

pytest.importorskip("phonenumbers", reason="needs commspec[phone]")
pytest.importorskip("puremagic", reason="needs commspec[advice]")

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


def advice(*messages: Any, **options: Any) -> list[tuple[str, str]]:
    """Code and path of every issue."""
    return [(issue.code, issue.path) for issue in advise(SendRequest(messages), now=NOON, **options)]


def email(**fields: Any) -> EmailMessage:
    """An email that needs no advice but for `fields`."""
    return EmailMessage(**{"to": "a@example.com", "from_": "shop@example.com", "subject": "Hi", "body": "", **fields})


def test_nothing_to_say() -> None:
    """What is as it should be gets no advice."""
    assert advice(SmsMessage("919876500001", "Hi", NOON)) == advice(email(cc="b@example.com", bcc="c@example.com")) == []


@pytest.mark.parametrize(
    ("messages", "paths"),
    [
        ((SmsMessage("919876500001", "Hi"), SmsMessage("+919876500001", "Ho")), ["root.sms[1].to"]),
        ((WhatsAppMessage("919876500001", "Hi"), WhatsAppMessage("919876500001", "Ho")), ["root.whatsappMessage[1].receiver"]),
        ((email(), email(to="a@EXAMPLE.com")), ["root.email[1].to"]),
        ((email(cc="a@example.com"),), ["root.email[0].cc"]),
        ((email(bcc="b@example.com , a@example.com"),), ["root.email[0].bcc"]),
        ((email(cc="b@example.com", bcc="b@example.com"),), ["root.email[0].bcc"]),
        ((email(cc="b@example.com,b@example.com"),), ["root.email[0].cc"] * 2),
        ((email(to="shop@example.com"),), []),
        ((email(), email(to="A@example.com")), []),
    ],
)
def test_recipients_again(messages: tuple[Any, ...], paths: list[str]) -> None:
    """A recipient that comes again, whoever is copied counted and the sender not, has advice where it does; letter case tells local parts apart."""
    assert advice(*messages) == [("recipient.duplicate", path) for path in paths]


def test_paths_are_of_the_format() -> None:
    """Paths are those of a document of the format that is asked about."""
    past = NOON - timedelta(seconds=1)
    wrong = Attachment.from_bytes(b"%PDF-1.7", "a.png")
    message = email(scheduled_time=past, attachments=[wrong])
    assert advice(message) == [
        ("attachment.content", "root.email[0].attachments.attachment[0].fileType"),
        ("time.past", "root.email[0].scheduledTime"),
    ]
    assert advice(message, format="xml") == [
        ("attachment.content", "root.email[0].attachments.attachment[0].file_type"),
        ("time.past", "root.email[0].scheduled_time"),
    ]


def test_numbers_and_segments() -> None:
    """A number outside its plan, unless it is a national one of the region, and a text of several segments have advice."""
    assert advice(SmsMessage("9876500001", "x" * 161)) == [("phone.plan", "root.sms[0].to"), ("sms.segments", "root.sms[0].body")]
    assert advice(SmsMessage("9876500001", "x" * 160), region="IN") == []


def test_options_that_do_not_exist() -> None:
    """A time without offset and a region that there is not are refused."""
    with pytest.raises(ValueError, match="now has no offset from UTC"):
        advise(SendRequest([SmsMessage("919876500001", "Hi")]), now=datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(ValueError, match="unknown region 'XX'"):
        advice(SmsMessage("919876500001", "Hi"), region="XX")
