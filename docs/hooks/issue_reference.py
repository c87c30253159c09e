# ruff: noqa: E501 - a page's sentences, each in one text
"""The page of issue codes: each with what it means, an example that causes exactly it, what commspec says of the example, and how to mend it.

The examples run when the page is made. A test holds that each causes its code and no other, and that no code of the library is left out.
"""

from __future__ import annotations

import datetime
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import commspec
from commspec import bulk
from commspec.advice import advise
from commspec.errors import CommspecError, Issue
from commspec.forms import CsvWriter, iter_form


class Code(NamedTuple):
    """One code: what it means, a Python expression that causes it, and how to mend it."""

    name: str
    meaning: str
    example: str
    mend: str


class Group(NamedTuple):
    """Codes that are read together."""

    title: str
    words: str
    codes: tuple[Code, ...]


def _sms(fields: str) -> str:
    return f"""decode_request('{{"root": {{"sms": [{{{fields}}}]}}}}')"""


def _xml(inside: str) -> str:
    return f"decode_request('<root><sms>{inside}</sms></root>')"


def _convert(document: str) -> str:
    return f"convert({document!r})"


_TO = '"to": "919876500001"'
_BODY = '"body": "Hi"'
_XML_TO = "<to>919876500001</to>"
_MAIL = 'to="rhea@example.com", from_="hello@shop.example.com", subject="Hi", body=""'
_FILE = "EmailMessage({mail}, attachments=[Attachment({file})])"

GROUPS = (
    Group(
        "The document",
        "`MalformedDocument`: nothing of such a document can be read. A request refused by a limit is not wrong; it is more than you allow.",
        (
            Code(
                "json.syntax",
                "The document is no JSON. Line and column say where reading it ended.",
                """decode_request('{"root": {"sms": [],}}')""",
                "Write JSON with a library, not by hand. The usual causes are a comma before a closing bracket, single quotes, `NaN`, comments, a document cut short, and half of a surrogate pair.",
            ),
            Code(
                "xml.syntax",
                "The document is no well-formed XML.",
                "decode_request('<root><sms><to>919876500001</to><body>Fish & chips</body></sms></root>')",
                "Write XML with a library. By hand, `&` is `&amp;` and `<` is `&lt;` in any text, and every element ends.",
            ),
            Code(
                "xml.doctype",
                "The document has a DOCTYPE, which may name files and addresses, and entities without end. It is refused, whatever it says.",
                "decode_request('<!DOCTYPE root><root/>')",
                "Leave it out: these documents need none.",
            ),
            Code(
                "encoding",
                "The bytes are not of the encoding that they should be, or nobody knows the encoding that the document names. JSON is always UTF-8.",
                """decode_request(b'{"root": {"sms": [{"to": "919876500001", "body": "Gr\\xfc\\xdfe"}]}}')""",
                'Encode the text as UTF-8 (`text.encode()`, `open(…, encoding="utf-8")`). XML may be in another encoding if its declaration says which.',
            ),
            Code(
                "limit.bytes",
                "The document is longer than `limits.bytes` allows (64 MiB unless you say otherwise); where a request is split, one message alone is.",
                """decode_request('{"root": {"sms": []}}', limits=Limits(bytes=10))""",
                "Split the request, or raise the limit: `limits=Limits(bytes=…)`, `--max-bytes`. For more than memory holds, read it message by message: `commspec.streaming`.",
            ),
            Code(
                "limit.depth",
                "The document is nested deeper than `limits.depth` allows (64). No valid request is deeper than 7.",
                """decode_request('[[[{"root": null}]]]', limits=Limits(depth=3))""",
                "See what wraps the document. A response whose unknown fields are truly that deep needs `limits=Limits(depth=…)`.",
            ),
        ),
    ),
    Group(
        "Its shape",
        "`InvalidDocument`, or `InvalidMessage` where a constructor finds it. Every issue of the whole document is listed.",
        (
            Code(
                "empty", "There is no message.", """decode_request('{"root": {"sms": []}}')""", "Put one message or more in, or don't call."
            ),
            Code(
                "channel",
                "A request or response has lists for two channels, or one for another channel than was asked for; or the call names a channel that does not exist.",
                """decode_request('{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}', channel="zalo")""",
                "Make one request for each channel, and send it with `channel=` of that channel. For a call without `channel`, that is `sms`.",
            ),
            Code(
                "type",
                "A value is of another type than the field's: a number, an object or a list where a text belongs, text between elements, an element inside a text.",
                _sms('"to": 919876500001, ' + _BODY),
                "Write the value in quotes. From a spreadsheet or a database, take phone numbers as texts.",
            ),
            Code(
                "unknown",
                "The specification has no such field, list, root, attribute or namespace.",
                _sms(f'{_TO}, {_BODY}, "scheduled_time": "2024-02-22T00:25:06+05:30"'),
                "The hint names the field that was likely meant. JSON is camelCase (`scheduledTime`), XML requests are snake_case (`scheduled_time`); letter case counts.",
            ),
            Code(
                "duplicate",
                "A field, a list or a JSON key stands twice. Most readers silently take the last one; commspec takes neither.",
                _sms(f'{_TO}, {_BODY}, "body": "Ho"'),
                "Keep one of them.",
            ),
            Code("missing", "A field that is required is not there, or is JSON `null`; or the root is missing.", _sms(_TO), "Write it."),
            Code(
                "blank",
                "A text that must say something is empty, or nothing but white space.",
                _sms(f'{_TO}, "body": " "'),
                "Write something. The usual cause is a template whose variable was empty.",
            ),
            Code(
                "limit.issues",
                "There were more issues than `limits.issues` (100,000). This one, the last, says how many more. It never stands alone.",
                """decode_request('{"root": {"sms": [{}]}}', limits=Limits(issues=1))""",
                "Mend the others first: so many have one cause.",
            ),
        ),
    ),
    Group(
        "Texts, numbers and addresses",
        "",
        (
            Code(
                "text.character",
                "A text holds a character that XML 1.0 can't carry: a control character other than tab, LF and CR, U+FFFE, U+FFFF, or half of a surrogate pair. "
                "It is refused in JSON too, so that every message can be written in both formats.",
                _sms(f'{_TO}, "body": "Hi\\\\u0000"'),
                "Take the character out. The message says its position and code point.",
            ),
            Code(
                "text.newline",
                "A field of one line holds a line break: CR, LF, U+0085, U+2028 or U+2029. In a subject, that is how headers are smuggled in.",
                'SmsMessage("919876500001", "Hi", sender="ACME\\n")',
                "Take it out: `text.strip()`, where it stands at the end.",
            ),
            Code(
                "phone.characters",
                "A phone number holds something else than ASCII digits after an optional `+`, or 0 right after the `+`.",
                'SmsMessage("+91 98765 00001", "Hi")',
                "Write country code and number without anything between: the hint does so. `4.47E+11` comes from a spreadsheet, and its last digits are lost: go back to the source.",
            ),
            Code(
                "phone.length",
                "A phone number has fewer than 6 or more than 15 digits.",
                'SmsMessage("12", "Hi")',
                "Write the whole number, with its country code, and one only.",
            ),
            Code(
                "email.syntax",
                "An address is none, by the judgement of email-validator. The message says which part is wrong, and which item of a list it is.",
                f"EmailMessage({_MAIL.replace('rhea@example.com', 'Rhea <rhea@example.com>')})",
                "Write the bare address, `name@example.com`. In `cc` and `bcc`, put commas between addresses.",
            ),
            Code(
                "email.list",
                "Two addresses or more, all good, where one belongs.",
                f"EmailMessage({_MAIL.replace('rhea@example.com', 'rhea@example.com, omar@example.com')})",
                "Make a message for each, or put the others into `cc` or `bcc`.",
            ),
        ),
    ),
    Group(
        "Times",
        "",
        (
            Code(
                "time.syntax",
                "A time is not of the form `2024-02-22T00:25:06+05:30`, or not in the calendar. No more than six digits of a second's fraction: more is refused, not cut short.",
                _sms(f'{_TO}, {_BODY}, "scheduledTime": "22/02/2024 00:25"'),
                "Write `moment.isoformat()` of a `datetime` that has a tzinfo.",
            ),
            Code(
                "time.offset",
                "All else is right, but the time has no offset from UTC, or one of seconds. Nobody can tell when that is.",
                'SmsMessage("919876500001", "Hi", scheduled_time=datetime.datetime(2024, 2, 22))',
                'Give the offset: `datetime(…, tzinfo=ZoneInfo("Asia/Kolkata"))`, `+05:30` in a document. For documents whose times have none, `timezone="Asia/Kolkata"` with `tolerant=True` says whose wall clock they are.',
            ),
            Code(
                "time.zone",
                "With `timezone=` given: a wall clock of a response that this zone shows twice or never, as its clocks change, or a time outside the calendar there.",
                "decode_response('<response><messages><smsData><sms><scheduledTime>2026-03-29 02:30:00</scheduledTime></sms></smsData></messages></response>', timezone=\"Europe/Berlin\")",
                "Ask the sender which of the two instants was meant; or read it without `timezone`, and the time stays as it is, without an offset.",
            ),
        ),
    ),
    Group(
        "Attachments",
        "",
        (
            Code(
                "attachment.name",
                "A file's name holds a path separator, or is `.` or `..`. Whoever saves it by that name could be made to write elsewhere.",
                _FILE.format(mail=_MAIL, file='"../terms.txt", "txt", "Hi"'),
                "Write the name without folders. `Attachment.from_path` does.",
            ),
            Code(
                "attachment.encoding",
                "`file_encoding_type` is neither absent, empty nor `base64`; or a jpg, jpeg, png or gif has no base64.",
                _FILE.format(mail=_MAIL, file='"dot.png", "png", "aGk="'),
                "Write `base64` and encode the bytes so, or leave it out for plain text. `Attachment.from_bytes` does the one, `Attachment.from_text` the other.",
            ),
            Code(
                "attachment.base64",
                "The encoding says base64, and `file_data` isn't: other characters (line breaks too), wrong padding, or bits left over.",
                _FILE.format(mail=_MAIL, file='"hi.txt", "txt", "aGk", "base64"'),
                "Encode the bytes with the standard alphabet, padded, in one line: `base64.b64encode`. The hint says what to do with a data: URI, URL-safe base64 and the like.",
            ),
        ),
    ),
    Group(
        "CSV and archives",
        "What is said of rows and files, beside all of the above. Below, `written_as_csv` stands for a `CsvWriter` that is given messages, and `listed` for the issues of "
        "`report.ndjson` after `commspec bulk` on a folder of these files.",
        (
            Code(
                "csv.syntax",
                "A quote stands where no CSV has one, or none closes a cell.",
                """iter_form([b'to,body\\n919876500001,"Hi" Rhea\\n'], "csv")""",
                "Write CSV with a library. By hand, a cell with a comma, a quote or a line break stands in quotes, and a quote inside it is doubled.",
            ),
            Code(
                "csv.separator",
                "Semicolons or tabs stand between the cells. Read tolerantly, as `convert` does, it is a note.",
                """iter_form([b"to;body\\n919876500001;Hi\\n"], "csv")""",
                "Separate cells by commas, or read it with `tolerant=True`.",
            ),
            Code(
                "csv.number",
                "A number as a spreadsheet shows it: with an exponent, with `.0`, or without the leading zero that numbers beside it have.",
                """iter_form([b"to,body\\n4.479E+11,Hi\\n"], "csv")""",
                "The digits are not in the file. Go back to the source, and give the column the format Text before the numbers come in.",
            ),
            Code(
                "csv.attachments",
                "A CSV file has a column of attachments, or a message with attachments was to become CSV.",
                """iter_form([b"to,from,subject,body,attachments\\nrhea@example.com,hello@shop.example.com,Hi,,terms.txt\\n"], "csv")""",
                "Use NDJSON, JSON or XML for them.",
            ),
            Code(
                "file",
                "In an archive's report: the file can't be read, or what would become of it has a place in the target that is not its own. The verdict is `trouble` or `collision`.",
                """listed({"report.json": '{"root": {"sms": [{"to": "919876500001", "body": "Hi"}]}}'}, to="ndjson")""",
                "Mend what the message says, and start the run again: it does what was not done.",
            ),
        ),
    ),
    Group(
        "Notes of tolerance",
        "No faults: with `tolerant=True`, by `convert` and `inspect_request`, a variant that peers are known to send was read. When strict, each is a fault: `type`, `unknown`, `missing` or of the field's own.",
        (
            Code(
                "tolerated.root",
                "The JSON has no `root` around its list.",
                _convert('{"sms": [{"to": "919876500001", "body": "Hi"}]}'),
                'Write `{"root": {…}}` around it.',
            ),
            Code(
                "tolerated.list",
                "One object stands where a JSON list belongs.",
                _convert('{"root": {"sms": {"to": "919876500001", "body": "Hi"}}}'),
                "Write `[…]` around it.",
            ),
            Code(
                "tolerated.attachments",
                "JSON `attachments` is a flat list.",
                _convert(
                    '{"root": {"email": [{"to": "rhea@example.com", "from": "hello@shop.example.com", "subject": "Hi", "body": "", '
                    '"attachments": [{"fileName": "a.txt", "fileType": "txt", "fileData": "Hi"}]}]}}'
                ),
                'Write `"attachments": {"attachment": […]}`.',
            ),
            Code(
                "tolerated.spelling",
                "A field has the name of the other format.",
                _convert('{"root": {"sms": [{"to": "919876500001", "body": "Hi", "scheduled_time": "2024-02-22T00:25:06+05:30"}]}}'),
                "Write the name that the hint gives.",
            ),
            Code(
                "tolerated.number",
                "A JSON integer stands for a phone number or a `sender`.",
                _convert('{"root": {"sms": [{"to": 919876500001, "body": "Hi"}]}}'),
                "Write it in quotes.",
            ),
            Code(
                "tolerated.time",
                "A time is spelled another way: a space for `T`, `t` or `z`, no seconds, `+0530` or `+05`, empty for absent; or, with `timezone=` given, without an offset.",
                _convert('{"root": {"sms": [{"to": "919876500001", "body": "Hi", "scheduledTime": "2024-02-22 00:25:06+0530"}]}}'),
                "Write it as `2024-02-22T00:25:06+05:30`.",
            ),
            Code(
                "tolerated.body",
                "An email has no `body`, as in one of the vendor's samples. It is read as empty.",
                _convert('{"root": {"email": [{"to": "rhea@example.com", "from": "hello@shop.example.com", "subject": "Hi"}]}}'),
                'Write `"body": ""`.',
            ),
            Code(
                "tolerated.space",
                "White space around a field of one line in XML, or inside base64, without which the value is good.",
                _convert("<root><sms><to> 919876500001 </to><body>Hi</body></sms></root>"),
                "Write the value alone: don't indent the inside of an element.",
            ),
            Code(
                "tolerated.separator",
                "Semicolons or tabs stand between the cells of a CSV file.",
                """iter_form([b"to;body\\n919876500001;Hi\\n"], "csv", tolerant=True)""",
                "Separate cells by commas.",
            ),
        ),
    ),
    Group(
        "Notes of loss",
        "No faults, unless you say `--fail-on-loss`: something of the document could not be carried over. `Conversion.losses` has them.",
        (
            Code(
                "loss.unknown",
                "A field or attribute of a request that the specification does not know was dropped; in a response, an attribute was.",
                _convert('{"root": {"sms": [{"to": "919876500001", "body": "Hi", "priority": "high"}]}}'),
                "See whether a field was meant that exists: the hint says so where it is likely.",
            ),
            Code(
                "loss.offset",
                "A response's time was written in XML, which has no place for its offset.",
                _convert('{"smsList": [{"sms": {"scheduledTime": "2026-03-02T09:30:00+05:30"}}]}'),
                'Say what wall clock the times are in, and nothing is lost for a reader who knows it too: `timezone="Asia/Kolkata"`.',
            ),
            Code(
                "loss.extra",
                "A field of a response that the specification does not know holds a number, a boolean, an object or a list, and XML has texts only; or its name is no XML name.",
                _convert('{"status": {"retryAfter": 30}}'),
                "Keep such documents in JSON, if someone needs the types.",
            ),
            Code(
                "loss.empty",
                "An empty text of an optional field was written to CSV, where an empty cell reads as absent.",
                """written_as_csv(SmsMessage("919876500001", "Hi", sender=""))""",
                "Use NDJSON, if someone needs to tell empty from absent.",
            ),
        ),
    ),
    Group(
        "Advice",
        "No faults, and only when asked for: `advise`, `commspec validate --advise`. The message can be sent.",
        (
            Code(
                "phone.plan",
                "The number is not valid in its country's numbering plan, by libphonenumber's metadata. With `region=`, national numbers of that country are known too.",
                'advise(SendRequest([SmsMessage("+12025550", "Hi")]))',
                "Check the number with its owner.",
            ),
            Code(
                "time.past",
                "The time is past.",
                'advise(SendRequest([SmsMessage("919876500001", "Hi", datetime.datetime(2024, 2, 22, tzinfo=datetime.timezone.utc))]))',
                "Leave the time out to send at once.",
            ),
            Code(
                "attachment.content",
                "A file's content is not what `file_type` says, by its first bytes.",
                f'advise(SendRequest([EmailMessage({_MAIL}, attachments=[Attachment.from_bytes(b"%PDF-1.7", "scan.png")])]))',
                "Name the file by what it is.",
            ),
            Code(
                "recipient.duplicate",
                "The same recipient comes again, in this message or after another.",
                'advise(SendRequest([SmsMessage("919876500001", "Hi"), SmsMessage("+919876500001", "Ho")]))',
                "Take one of them out, unless two messages are meant.",
            ),
            Code(
                "sms.segments",
                "The text takes more than one segment, each of which is paid for: more than 160 characters of GSM 03.38, or 70 UTF-16 units where any other character is in it.",
                'advise(SendRequest([SmsMessage("919876500001", "Ihr Paket ist da – Abholcode 7731. " * 3)]))',
                "Shorten it, or take out what is not in GSM 03.38: typographic quotes and dashes mostly.",
            ),
        ),
    ),
)

CODES = {code.name: code for group in GROUPS for code in group.codes}

_INTRODUCTION = """\
# Issue codes

Whatever commspec has to say of a document is an `Issue`: `code`, `path`, `message`, `seen`, `hint`, `line` and `column`. Programs go by the code, which stays; messages and hints are for people
and may become better. A field has one issue: the first that applies.

The examples below are run when this page is made, and what they say is what you read.
"""


def found_by(example: str) -> tuple[Issue, ...]:
    """What an example's expression says: the issues of its error, or its notes, or its advice."""
    names = {
        **{name: getattr(commspec, name) for name in commspec.__all__},
        **{value.__name__.strip("_"): value for value in (advise, iter_form, _written_as_csv, _listed)},
        "datetime": datetime,
    }
    try:
        value: Any = eval(example, names)  # noqa: S307
        if isinstance(value, Iterator):
            return tuple(issue for item in value for issue in (*item.issues, *item.notes))
    except CommspecError as error:
        return error.issues
    return value if isinstance(value, tuple) else getattr(value, "notes", ())


def _written_as_csv(message: commspec.Message) -> tuple[Issue, ...]:
    with CsvWriter(io.BytesIO(), message.channel) as writer:
        writer.write(message)
    return writer.notes


def _listed(files: dict[str, str], **options: Any) -> tuple[Issue, ...]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source"), Path(folder, "target")
        source.mkdir()
        for name, text in files.items():
            (source / name).write_text(text, encoding="utf-8")
        bulk.run(source, target, jobs=1, **options)
        lines = (target / "report.ndjson").read_text(encoding="utf-8").splitlines()
        return tuple(Issue(**issue) for line in lines for issue in json.loads(line)["issues"])


def issue_reference() -> str:
    """The whole page, in Markdown."""
    parts = [_INTRODUCTION]
    for group in GROUPS:
        parts.append(f"## {group.title}\n")
        if group.words:
            parts.append(f"{group.words}\n")
        for code in group.codes:
            said = "\n".join(issue.explain() for issue in found_by(code.example))
            parts.append(
                f"### `{code.name}` {{#{code.name}}}\n\n{code.meaning}\n\n```python\n{code.example}\n```\n\n```text\n{said}\n```\n\n**Mend it.** {code.mend}\n"
            )
    return "\n".join(parts)
