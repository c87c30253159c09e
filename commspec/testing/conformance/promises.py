"""What a server of the call promises: a name for reports and options, and a sentence for people."""

from __future__ import annotations

import attrs


@attrs.frozen
class Promise:
    """One promise; `section` is where the specification (SPEC.md) makes it."""

    name: str
    sentence: str
    section: str


PROMISES: tuple[Promise, ...] = (
    Promise("answers", "Every call is answered in time, with a response in JSON or XML.", "3"),
    Promise("accepts-valid", "Every valid document is accepted, in whatever way it is spelled.", "2"),
    Promise("refuses-faulty", "A faulty message gets an error of its own, or the whole call is refused.", "4.1"),
    Promise("blames-the-right-message", "Errors stand with the messages that have faults, and with no others.", "3"),
    Promise("counts", "count is the number of messages, successCount that of those without errors.", "3"),
    Promise("codes", "The code is 200 where all messages succeeded, 201 where some failed, 500 where all did.", "3"),
    Promise("outcomes", "Every message has an outcome, and can be told by it.", "3"),
    Promise("format-asked", "The answer is in the format that Accept asks for, and its Content-Type says so.", "1"),
    Promise("documented-types", "In JSON answers texts are texts, counts and codes integers, success a boolean.", "3"),
    Promise("formats-agree", "A request means the same in JSON and in XML.", "2"),
    Promise("text-kept", "Text is kept to the character: CR, white space, markup, every script, any length.", "4.7"),
    Promise("empty-kept", "An empty text stays empty, an absent one absent.", "2"),
    Promise("offset-kept", "A time keeps its offset and its digits.", "2"),
    Promise("number-kept", "A phone number is text: + and leading zeros stay.", "5"),
    Promise("order-free", "Fields may come in any order.", "2"),
    Promise("null-is-absent", "A JSON null reads as absent, and is refused where the field is required.", "2"),
    Promise("markup-read", "Comments, instructions, CDATA and references are read as XML means them.", "4.8"),
    Promise("doctype-refused", "A DOCTYPE is refused, whatever it says.", "4.8"),
    Promise("entities-not-expanded", "No answer holds the text of an entity that the document declared.", "4.8"),
    Promise("encodings", "Byte order marks and declared encodings are honoured; other bytes are refused.", "4.9"),
    Promise("media-types", "application/json, application/xml and text/xml are read, with parameters or without.", "1"),
    Promise("channel-case", "The channel is read in any letter case.", "1"),
    Promise("channel-default", "Without a channel, the call is for sms.", "1"),
    Promise("channel-unknown-refused", "An unknown channel is refused.", "1"),
    Promise("channel-wrong-refused", "Messages for another channel than the call's are refused.", "4.8"),
    Promise("auth-required", "Nobody is served without the right user and password, or token.", "1"),
    Promise("unknown-refused", "An unknown field, attribute or root is refused.", "4.8"),
    Promise("duplicates-refused", "A field that stands twice is refused.", "4.8"),
    Promise("types-refused", "A value of another type than the field's is refused, a number for a text too.", "4.8"),
    Promise("attachments-checked", "A faulty attachment is refused with its message.", "5"),
    Promise("one-list", "A body without a message, or with lists of two channels, is refused.", "2"),
)
"""Every promise, in the order in which reports have them."""
