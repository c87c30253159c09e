"""What the lists and wrappers of the documents are called, for each channel, and the call itself (SPEC.md sections 1 to 3)."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from commspec.models.channel import Channel

Kind = Literal["request", "response"]
"""What a document is."""


def check_kind(kind: Kind) -> None:
    """Raise `ValueError` for what is no `Kind`."""
    if kind not in get_args(Kind):
        raise ValueError(f"no kind {kind!r}: expected request or response")


ROOT = "root"
"""The root of a request, in both formats."""

RESPONSE = "response"
"""The root of a response in XML; in JSON the document is the root, and has no name."""

STATUS = "status"

PATH = "/v1.1/communications/sendMessage"
"""Where the call goes, on any of the vendor's hosts."""

OAUTH_HEADER = "X-CAP-API-OAUTH-TOKEN"
"""The header of a call that carries an access token."""


class ListNames(NamedTuple):
    """A channel's names: `message` is the list in a request, in both formats, and the object of one message in a response; the rest are a response's.

    `json_list` and `xml_list` hold the outcomes, `xml_item` is one outcome in XML.
    """

    channel: Channel
    message: str
    json_list: str
    xml_list: str
    xml_item: str


LISTS: dict[Channel, ListNames] = {
    names.channel: names
    for names in (
        ListNames(Channel.SMS, "sms", "smsList", "messages", "smsData"),
        ListNames(Channel.EMAIL, "email", "emails", "emails", "emailData"),
        ListNames(Channel.WHATSAPP, "whatsappMessage", "whatsapp", "whatsapp", "whatsappData"),
        ListNames(Channel.ZALO, "zaloMessage", "zalo", "zalo", "zaloData"),
    )
}

REQUEST_LISTS: dict[str, Channel] = {names.message: names.channel for names in LISTS.values()}
JSON_RESPONSE_LISTS: dict[str, Channel] = {names.json_list: names.channel for names in LISTS.values()}
XML_RESPONSE_LISTS: dict[str, Channel] = {names.xml_list: names.channel for names in LISTS.values()}
