"""The one table: what a request or a response is as an object, as JSON and as XML. It runs through every reader and writer.

`json` and `xml` are what commspec writes, on one line; where XML can't hold something, `from_xml` is what reads back, and `lost` what is said of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs

from commspec import (
    Attachment,
    EmailMessage,
    EmailReceipt,
    Extra,
    Outcome,
    SendRequest,
    SendResponse,
    SmsMessage,
    SmsReceipt,
    Status,
    StatusDetail,
    WhatsAppMessage,
    WhatsAppReceipt,
    ZaloMessage,
    ZaloReceipt,
)

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
WALL_CLOCK = datetime(2024, 2, 22, 0, 25, 6)  # noqa: DTZ001 - as XML replies have it
INDIA = timezone(timedelta(hours=5, minutes=30))


@attrs.frozen
class Row:
    """A value in both formats. `lost`: the (code, path) of each note that writing it as XML gives."""

    name: str
    value: Any  # a SendRequest or a SendResponse
    json: bytes
    xml: bytes
    from_xml: Any = attrs.field()
    lost: tuple[tuple[str, str], ...] = ()

    @from_xml.default
    def _unchanged(self) -> Any:
        return self.value

    @property
    def kind(self) -> Any:
        """Which of the two it is."""
        return "request" if isinstance(self.value, SendRequest) else "response"


def _row(name: str, value: Any, json: str, xml: str, **rest: Any) -> Row:
    return Row(name, value, json.encode(), _HEAD + xml.encode(), **rest)


ROWS = (
    _row(
        "sms",
        SendRequest(
            [SmsMessage("919876500001", "Hi", datetime(2024, 2, 22, 0, 25, 6, tzinfo=INDIA), "ACME"), SmsMessage("+447700900123", "Ho")]
        ),
        '{"root":{"sms":[{"to":"919876500001","body":"Hi","scheduledTime":"2024-02-22T00:25:06+05:30","sender":"ACME"},'
        '{"to":"+447700900123","body":"Ho"}]}}',
        "<root><sms><to>919876500001</to><body>Hi</body><scheduled_time>2024-02-22T00:25:06+05:30</scheduled_time><sender>ACME</sender></sms>"
        "<sms><to>+447700900123</to><body>Ho</body></sms></root>",
    ),
    _row(
        "text is kept to the character",
        SendRequest([SmsMessage("919876500001", " \t<b>&amp; \"'\\/\r\n]]>\x85\u2028\x7f\u20ac\U0001f600 \r", sender="")]),
        '{"root":{"sms":[{"to":"919876500001","body":" \\t<b>&amp; \\"\'\\\\/\\r\\n]]>\x85\u2028\x7f\u20ac\U0001f600 \\r","sender":""}]}}',
        "<root><sms><to>919876500001</to><body> \t&lt;b&gt;&amp;amp; \"'\\/&#13;\n]]&gt;\x85\u2028\x7f\u20ac\U0001f600 &#13;</body>"
        "<sender></sender></sms></root>",
    ),
    _row(
        "email",
        SendRequest(
            [
                EmailMessage(
                    to="rhea@example.com",
                    cc="",
                    bcc="a@example.com, b@example.org",
                    from_="hello@shop.example.com",
                    subject="Receipt",
                    body="",
                    attachments=[Attachment("dot.png", "png", "aGk=", "base64"), Attachment("a.txt", "txt", "", "")],
                    scheduled_time=datetime(2024, 2, 22, 0, 25, 6, 500000, tzinfo=timezone.utc),
                ),
                EmailMessage(to="rhea@example.com", from_="hello@shop.example.com", subject="No file", body="<p>Hi</p>"),
            ]
        ),
        '{"root":{"email":[{"to":"rhea@example.com","cc":"","bcc":"a@example.com, b@example.org","from":"hello@shop.example.com","subject":"Receipt","body":"",'
        '"attachments":{"attachment":[{"fileName":"dot.png","fileType":"png","fileData":"aGk=","fileEncodingType":"base64"},'
        '{"fileName":"a.txt","fileType":"txt","fileData":"","fileEncodingType":""}]},"scheduledTime":"2024-02-22T00:25:06.500000+00:00"},'
        '{"to":"rhea@example.com","from":"hello@shop.example.com","subject":"No file","body":"<p>Hi</p>"}]}}',
        "<root><email><to>rhea@example.com</to><cc></cc><bcc>a@example.com, b@example.org</bcc><from>hello@shop.example.com</from><subject>Receipt</subject>"
        "<body></body><attachments><attachment><file_name>dot.png</file_name><file_type>png</file_type><file_data>aGk=</file_data>"
        "<file_encoding_type>base64</file_encoding_type></attachment><attachment><file_name>a.txt</file_name><file_type>txt</file_type>"
        "<file_data></file_data><file_encoding_type></file_encoding_type></attachment></attachments>"
        "<scheduled_time>2024-02-22T00:25:06.500000+00:00</scheduled_time></email>"
        "<email><to>rhea@example.com</to><from>hello@shop.example.com</from><subject>No file</subject><body>&lt;p&gt;Hi&lt;/p&gt;</body></email></root>",
    ),
    _row(
        "whatsapp",
        SendRequest([WhatsAppMessage("919876500001", "Hi", datetime(1, 1, 1, tzinfo=timezone(-timedelta(hours=23, minutes=59))))]),
        '{"root":{"whatsappMessage":[{"receiver":"919876500001","template":"Hi","scheduledTime":"0001-01-01T00:00:00-23:59"}]}}',
        "<root><whatsappMessage><receiver>919876500001</receiver><template>Hi</template>"
        "<scheduled_time>0001-01-01T00:00:00-23:59</scheduled_time></whatsappMessage></root>",
    ),
    _row(
        "zalo",
        SendRequest([ZaloMessage("919876500001", "Hi")]),
        '{"root":{"zaloMessage":[{"receiver":"919876500001","template":"Hi"}]}}',
        "<root><zaloMessage><receiver>919876500001</receiver><template>Hi</template></zaloMessage></root>",
    ),
    _row(
        "texts that look like something else",
        SendRequest([SmsMessage("919876500001", "2024-02-22T00:25:06+05:30", sender="2024-02-22T00:25:06Z"), SmsMessage("123456", "null")]),
        '{"root":{"sms":[{"to":"919876500001","body":"2024-02-22T00:25:06+05:30","sender":"2024-02-22T00:25:06Z"},{"to":"123456","body":"null"}]}}',
        "<root><sms><to>919876500001</to><body>2024-02-22T00:25:06+05:30</body><sender>2024-02-22T00:25:06Z</sender></sms>"
        "<sms><to>123456</to><body>null</body></sms></root>",
    ),
    _row("nothing said", SendResponse(), "{}", "<response></response>"),
    _row(
        "an empty status",
        SendResponse(Status()),
        '{"status":{"statusCode":{},"warnings":[],"warningsAsStatusCode":[]}}',
        "<response><status></status></response>",
    ),
    _row(
        "a refused call",
        SendResponse(Status(success=False, code=401, message="Unauthorized")),
        '{"status":{"statusCode":{"status":false,"message":"Unauthorized","code":401},"warnings":[],"warningsAsStatusCode":[],'
        '"message":"Unauthorized","code":401,"success":false}}',
        "<response><status><message>Unauthorized</message><code>401</code><success>false</success></status></response>",
    ),
    _row(
        "a list without outcomes",
        SendResponse(channel="zalo"),
        '{"zalo":[]}',
        "<response><zalo></zalo></response>",
    ),
    _row(
        "sms outcomes",
        SendResponse(
            Status(count=2, success_count=1, message="Some", code=201, success=True),
            [
                Outcome(SmsReceipt("919876500001", "", WALL_CLOCK, "", "Queued", 1772424000814)),
                Outcome(
                    SmsReceipt(to="12", ns_admin_id="NS-1"), [StatusDetail(False, "Invalid mobile", 8056)], ["odd", StatusDetail(code="X")]
                ),
                Outcome(None, [StatusDetail()]),
            ],
        ),
        '{"status":{"count":2,"statusCode":{"status":true,"message":"Some","code":201},"successCount":1,"warnings":[],"warningsAsStatusCode":[],'
        '"message":"Some","code":201,"success":true},"smsList":[{"sms":{"to":"919876500001","body":"","scheduledTime":"2024-02-22T00:25:06","sender":"",'
        '"status":"Queued","nsAdminId":1772424000814},"errors":[],"warnings":[]},{"sms":{"to":"12","nsAdminId":"NS-1"},'
        '"errors":[{"status":false,"code":8056,"message":"Invalid mobile"}],"warnings":["odd",{"code":"X"}]},{"errors":[{}],"warnings":[]}]}',
        "<response><status><message>Some</message><code>201</code><success>true</success><totalCount>2</totalCount><successCount>1</successCount></status>"
        "<messages><smsData><sms><status>Queued</status><nsAdminId>1772424000814</nsAdminId><sender></sender><to>919876500001</to><body></body>"
        "<scheduledTime>2024-02-22 00:25:06</scheduledTime></sms></smsData><smsData><sms><nsAdminId>NS-1</nsAdminId><to>12</to></sms>"
        "<errors><error><status>false</status><code>8056</code><message>Invalid mobile</message></error></errors>"
        "<warnings><warning>odd</warning><warning><code>X</code></warning></warnings></smsData><smsData><errors><error></error></errors></smsData></messages></response>",
    ),
    _row(
        "every field of a status",
        SendResponse(
            Status(
                1,
                StatusDetail(True, "One", 1),
                1,
                ["w", StatusDetail(False)],
                [StatusDetail(None, "as", "c")],
                "m",
                "c",
                "yes",
                {"more": "x"},
            )
        ),
        '{"status":{"count":1,"statusCode":{"status":true,"message":"One","code":1},"successCount":1,"warnings":["w",{"status":false}],'
        '"warningsAsStatusCode":[{"code":"c","message":"as"}],"message":"m","code":"c","success":"yes","more":"x"}}',
        "<response><status><message>m</message><code>c</code><success>yes</success><totalCount>1</totalCount><successCount>1</successCount>"
        "<statusCode><status>true</status><message>One</message><code>1</code></statusCode><warnings><warning>w</warning><warning><status>false</status></warning>"
        "</warnings><warningsAsStatusCode><statusCode><message>as</message><code>c</code></statusCode></warningsAsStatusCode><more>x</more></status></response>",
    ),
    _row(
        "every field of an email receipt",
        SendResponse(
            None,
            [Outcome(EmailReceipt("t", "b", "soon", "c", "bc", "f", "s", [], ["a.txt"], "l", "se", "r"))],
        ),
        '{"emails":[{"email":{"to":"t","body":"b","scheduledTime":"soon","cc":"c","bcc":"bc","from":"f","subject":"s","fileHandler":[],"attachments":["a.txt"],'
        '"labelOfSender":"l","senderEmail":"se","replyToEmail":"r"},"errors":[],"warnings":[]}]}',
        "<response><emails><emailData><email><from>f</from><to>t</to><cc>c</cc><bcc>bc</bcc><subject>s</subject><scheduledTime>soon</scheduledTime><body>b</body>"
        "<fileHandler></fileHandler><attachments><attachment>a.txt</attachment></attachments><labelOfSender>l</labelOfSender><senderEmail>se</senderEmail>"
        "<replyToEmail>r</replyToEmail></email></emailData></emails></response>",
    ),
    _row(
        "an offset is lost in XML",
        SendResponse(None, [Outcome(WhatsAppReceipt(datetime(2024, 2, 22, 0, 25, 6, tzinfo=INDIA), "Hi", "919876500001"))]),
        '{"whatsapp":[{"whatsappMessage":{"scheduledTime":"2024-02-22T00:25:06+05:30","template":"Hi","receiver":"919876500001"},"errors":[],"warnings":[]}]}',
        "<response><whatsapp><whatsappData><whatsappMessage><template>Hi</template><receiver>919876500001</receiver>"
        "<scheduledTime>2024-02-22 00:25:06</scheduledTime></whatsappMessage></whatsappData></whatsapp></response>",
        from_xml=SendResponse(None, [Outcome(WhatsAppReceipt(WALL_CLOCK, "Hi", "919876500001"))]),
        lost=(("loss.offset", "response.whatsapp.whatsappData[0].whatsappMessage.scheduledTime"),),
    ),
    _row(
        "unknown fields, of which XML loses the types",
        SendResponse(
            None,
            [
                Outcome(
                    ZaloReceipt(receiver="1", extra={"text": "t", "n": Decimal("1.50"), "yes": True}),
                    extra={"list": ["a", None], "object": {"k": 1}},
                )
            ],
            extra={"big": 10**30},
        ),
        '{"zalo":[{"zaloMessage":{"receiver":"1","text":"t","n":1.50,"yes":true},"errors":[],"warnings":[],"list":["a",null],"object":{"k":1}}],'
        '"big":1000000000000000000000000000000}',
        "<response><zalo><zaloData><zaloMessage><receiver>1</receiver><text>t</text><n>1.50</n><yes>true</yes></zaloMessage>"
        "<list><item>a</item><item></item></list><object><k>1</k></object></zaloData></zalo><big>1000000000000000000000000000000</big></response>",
        from_xml=SendResponse(
            None,
            [
                Outcome(
                    ZaloReceipt(receiver="1", extra={"text": "t", "n": "1.50", "yes": "true"}),
                    extra={"list": ["a", ""], "object": Extra({"k": "1"})},
                )
            ],
            extra={"big": "1000000000000000000000000000000"},
        ),
        lost=(
            ("loss.extra", "response.big"),
            ("loss.extra", "response.zalo.zaloData[0].list"),
            ("loss.extra", "response.zalo.zaloData[0].list.item[1]"),
            ("loss.extra", "response.zalo.zaloData[0].object"),
            ("loss.extra", "response.zalo.zaloData[0].object.k"),
            ("loss.extra", "response.zalo.zaloData[0].zaloMessage.n"),
            ("loss.extra", "response.zalo.zaloData[0].zaloMessage.yes"),
        ),
    ),
)
REQUESTS = tuple(row for row in ROWS if row.kind == "request")
RESPONSES = tuple(row for row in ROWS if row.kind == "response")
