"""Matching, splitting and keys: an outcome is given to a message only where that is beyond doubt."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from cost import instructions
from hypothesis import given
from hypothesis import strategies as st

import commspec
from commspec import (
    Attachment,
    Channel,
    EmailMessage,
    EmailReceipt,
    InvalidMessage,
    Match,
    Matching,
    Message,
    Outcome,
    RequestPart,
    SendFailed,
    SendRequest,
    SendResponse,
    SmsMessage,
    SmsReceipt,
    Status,
    StatusDetail,
    WhatsAppMessage,
    WhatsAppReceipt,
    content_key,
    decode_request,
    decode_response,
    encode_request,
    match,
    response_to,
    retry_subset,
)
from commspec.testing import strategies

DOCUMENTS = Path(__file__).parent.parent / "docs" / "examples" / "documents"
INVALID_MOBILE = StatusDetail(False, "Invalid mobile", 8056)
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


def sms(*bodies: str, to: str = "919876500001") -> SendRequest:
    """A request of SMS to one number."""
    return SendRequest([SmsMessage(to, body) for body in bodies])


def answer(*outcomes: Outcome, channel: Channel = Channel.SMS) -> SendResponse:
    """A response without a status."""
    return SendResponse(outcomes=outcomes, channel=channel)


def echoed(to: str | None = None, body: str | None = None, *errors: StatusDetail | str) -> Outcome:
    """An outcome by number, text and errors."""
    return Outcome(SmsReceipt(to, body), errors)


def positions(matching: Matching) -> list[int | None]:
    """The place of the outcome of each message, None where it is not sure."""
    return [found.position for found in matching]


# ---- Answers with all the habits of servers.

# Numbers that end like others, that are others with a country code or a trunk zero, and texts that begin or differ like others.
NUMBERS = ("919876500001", "9919876500001", "+919876500001", "9876500001", "09876500001", "876500001", "447700900123", "123456", "0123456")
TEXTS = ("Hi", "hi!", "Hi Anna", "Hi, Anna.", "Your code is 1", "Your code is 12", "é", "e\u0301", "ae", "---", "!", "Ａ1", "a 1 b")
ALIKE: tuple[st.SearchStrategy[Message], ...] = (
    strategies.sms_messages(to=st.sampled_from(NUMBERS), body=st.sampled_from(TEXTS)),
    strategies.email_messages(
        to=st.sampled_from(("rhea@example.com", "Rhea@Example.com", "anna@example.com")),
        subject=st.sampled_from(TEXTS),
        body=st.sampled_from((*TEXTS, "")),
    ),
)
REQUESTS = st.one_of(strategies.requests(), *[st.lists(message, min_size=1, max_size=6).map(SendRequest) for message in ALIKE])


@given(REQUESTS.flatmap(strategies.answers))
def test_a_sure_match_is_never_wrong(answered: strategies.Answered) -> None:
    """However a server shuffles, leaves out, repeats and alters: an outcome that is surely a message's is of that message."""
    for found in match(answered.request, answered.response):
        if found.position is not None:
            assert answered.origins[found.position] == found.index
            assert found.outcome is answered.response.outcomes[found.position]


@given(REQUESTS.flatmap(strategies.answers))
def test_the_truth_is_always_among_the_candidates(answered: strategies.Answered) -> None:
    """Of a message that is not sure, every outcome that is its own is a candidate; and no outcome is a stranger."""
    matching = match(answered.request, answered.response)
    for found in matching.unsure:
        assert {place for place, origin in enumerate(answered.origins) if origin == found.index} <= set(found.candidates)
    assert matching.strangers == ()


@given(REQUESTS.flatmap(lambda request: strategies.answers(request, in_order=True)))
def test_in_order_a_server_that_keeps_it_is_matched_whole(answered: strategies.Answered) -> None:
    """With `in_order`, of a server that answers each message in turn, every match is sure, and right: also where messages are the same."""
    assert positions(match(answered.request, answered.response, in_order=True)) == list(range(len(answered.request)))


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([echoed("919876500001", "Hi"), echoed("919876500001", "Hi"), echoed("447700900123", "Ho")], [0, 1, 2]),
        ([echoed(None, "Hi"), echoed("919876500001"), echoed()], [0, 1, 2]),
        ([echoed("919876500001", "Hi"), echoed("447700900123", "Ho"), echoed("919876500001", "Hi")], [None, None, 1]),
        ([echoed(None, "Hi"), echoed(None, "Ho"), echoed()], [None, None, 1]),
        ([echoed("15550100000", "Hi"), echoed("919876500001", "Hi"), echoed()], [None, None, None]),
        ([echoed("919876500001", "Hi"), echoed("919876500001", "Hi")], [None, None, None]),
    ],
)
def test_place_decides_where_nothing_speaks_against_it(outcomes: list[Outcome], expected: list[int | None]) -> None:
    """With `in_order`, place decides where there are as many outcomes as messages and none is seen to be out of its place."""
    request = SendRequest([SmsMessage("919876500001", "Hi"), SmsMessage("919876500001", "Hi"), SmsMessage("447700900123", "Ho")])
    assert positions(match(request, answer(*outcomes), in_order=True)) == expected


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30, unique=True), st.randoms())
def test_different_numbers_are_enough(numbers: list[int], random: st.random.Random) -> None:  # type: ignore[name-defined]
    """A broadcast of one text to different numbers is matched whole, in any order and under any country code."""
    request = SendRequest([SmsMessage(f"9{number:010d}", "The same to all") for number in numbers])
    order = list(range(len(numbers)))
    random.shuffle(order)
    response = answer(*(echoed(f"91{request.messages[index].to}", "The same to all") for index in order))  # type: ignore[union-attr]
    assert [order[place] for place in positions(match(request, response)) if place is not None] == list(range(len(numbers)))


@given(st.sets(st.integers(100_000, 999_999), min_size=1, max_size=30), st.randoms())
def test_different_texts_are_enough(codes: set[int], random: st.random.Random) -> None:  # type: ignore[name-defined]
    """Different texts to one number are matched whole, in any order."""
    bodies = [f"{code} is your code." for code in sorted(codes)]
    order = list(range(len(bodies)))
    random.shuffle(order)
    response = answer(*(echoed("9919876500001", bodies[index].upper()) for index in order))
    assert [order[place] for place in positions(match(sms(*bodies), response)) if place is not None] == list(range(len(bodies)))


# ---- What is documented, case by case.


@pytest.mark.parametrize(("reply", "expected"), [("sms-response.json", [1, 0]), ("sms-response.xml", [0, None])])
def test_the_documented_sample_is_matched(reply: str, expected: list[int | None]) -> None:
    """The sample's answer in JSON swaps its messages, takes a plus off and puts a digit on: both are matched surely. The one in XML has one outcome."""
    request = decode_request((DOCUMENTS / "sms-request.json").read_bytes())
    matching = match(request, decode_response((DOCUMENTS / reply).read_bytes()))
    assert positions(matching) == expected
    assert all({"number", "text", "time"} <= set(found.evidence) for found in matching if found.sure)


def test_the_reference_s_own_sample_is_told_as_far_as_it_goes() -> None:
    """The vendor's sample puts a digit on both numbers, changes one of two texts and swaps the times: the unchanged text is sure, the other is not guessed."""
    times = [NOON, NOON + timedelta(hours=9)]
    request = SendRequest(
        [
            SmsMessage("919591471711", "747977-is the OTP for company X. flob0a0BiPA", times[0]),
            SmsMessage("919591471711", "821341 is the OTP for company Y. flob0a0BiPA", times[1]),
        ]
    )
    first = SmsReceipt("9919591471711", "821341 is the OTP for company Y. flob0a0BiPA", times[0])
    second = SmsReceipt("9919591471711", "747977 is the OTP for Shell Go+. f1obOaOBiPA", times[1])
    matching = match(request, answer(Outcome(first), Outcome(second)))
    assert [(found.sure, found.candidates) for found in matching] == [(False, (1,)), (True, (0,))]
    assert matching[1].evidence == ("number", "text")


def test_messages_that_are_the_same_are_not_told_apart() -> None:
    """Of the same text twice to one number, each outcome is a candidate for either message."""
    matching = match(sms("Hi", "Hi"), answer(echoed("919876500001", "Hi"), echoed("919876500001", "Hi", INVALID_MOBILE)))
    assert [(found.outcome, found.candidates) for found in matching] == [(None, (0, 1)), (None, (0, 1))]


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (echoed("447700900123", "One"), "the number is the second message's, the text the first's"),
        (echoed("15550100000", "One"), "the number is no message's"),
        (echoed("12", "One"), "what is no number is no message's"),
    ],
)
def test_what_contradicts_itself_proves_nothing(outcome: Outcome, why: str) -> None:
    """Where number and text do not go together, no message is given the outcome, and the text's is told of it."""
    request = SendRequest([SmsMessage("919876500001", "One"), SmsMessage("447700900123", "Two")])
    matching = match(request, answer(outcome))
    assert not matching.accepted, why
    assert matching[0].candidates == (0,)


def test_a_contradiction_is_told_to_both_sides() -> None:
    """An outcome with one message's number and another's text may be of either, and with `in_order` it shows that the order is not kept."""
    request = SendRequest([SmsMessage("919876500001", "One"), SmsMessage("447700900123", "Two")])
    response = answer(echoed("919876500001", "Two"), echoed("447700900123", "Two"))
    for in_order in (False, True):
        matching = match(request, response, in_order=in_order)
        assert [(found.sure, found.candidates) for found in matching] == [(False, (0,)), (True, (1,))]
    assert match(request, answer(echoed("919876500001", "Two")))[1].candidates == (0,)
    assert positions(match(request, answer(echoed("447700900123"), echoed("919876500001")), in_order=True)) == [1, 0]


def test_a_stranger_is_no_message_s() -> None:
    """An outcome whose number no message has, nor its text, is a stranger, and the messages stay without."""
    matching = match(sms("One"), answer(echoed("15550100000", "Another")))
    assert (matching.strangers, matching[0].candidates) == ((0,), ())


def test_a_text_that_may_have_been_cut_proves_nothing() -> None:
    """An outcome with the text "Hi" is not given to the message "Hi", where it may be what is left of "Hi Anna" to the same number."""
    assert positions(match(sms("Hi", "Hi Anna"), answer(echoed("919876500001", "Hi")))) == [None, None]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("919876500001", "9919876500001"),
        ("+919876500001", "91 98765-00001"),
        ("919876500001", "9876500001"),
        ("919876500001", "09876500001"),
        ("09876500001", "919876500001"),
        ("09876500001", "9876500001"),
        ("000001", "91000001"),
        ("919876500001", "500001"),
    ],
)
def test_a_number_is_known_under_another_prefix(sent: str, said: str) -> None:
    """Country codes and trunk zeros may come and go: the number alone tells the message."""
    request = SendRequest([SmsMessage("447700900123", "Hi"), SmsMessage(sent, "Hi")])
    (found,) = match(request, answer(echoed(said))).accepted
    assert (found.index, found.evidence) == (1, ("number",))


@pytest.mark.parametrize("said", ["00001", "29876500001", "919876500002", "9198765000012", "+"])
def test_another_number_is_no_message_s(said: str) -> None:
    """Fewer than six digits, other digits, and digits put behind are another number; what has no digits is left out, and the text decides."""
    request = SendRequest([SmsMessage("919876500001", "Hi"), SmsMessage("447700900123", "Ho")])
    assert positions(match(request, answer(echoed(said, "Hi")))) == ([0, None] if said == "+" else [None, None])


@pytest.mark.parametrize("said", ["CA VA? ", "«Ça va»", "ca va", "C\u0327a_va!", "\uff23a va"])
def test_a_text_is_known_without_case_accents_and_punctuation(said: str) -> None:
    """What is left of letters and digits tells the message among those to one number."""
    (found,) = match(sms("Other", "Ça va?"), answer(echoed("919876500001", said))).accepted
    assert (found.index, found.evidence) == (1, ("number", "text"))


def test_masked_recipients_say_nothing() -> None:
    """A masked number or address neither proves nor contradicts anything: the text decides."""
    assert positions(match(sms("One", "Two"), answer(echoed("91XXXXXX0001", "Two")))) == [None, 0]
    emails = [EmailMessage(to="rhea@example.com", from_="a@example.com", subject=subject, body="") for subject in ("One", "Two")]
    response = answer(Outcome(EmailReceipt("r***@example.com", subject="Two")), channel=Channel.EMAIL)
    assert positions(match(SendRequest(emails), response)) == [None, 0]


@pytest.mark.parametrize(
    ("subject", "body", "index"),
    [
        ("S1", "B2", None),
        ("S1", "B1", 0),
        ("S1", None, 0),
        (None, "B2", None),
        ("S2", "rewritten", 1),
        ("S3", "B2", 2),
        ("rewritten", "B1", 0),
    ],
)
def test_subject_and_body_tell_an_email_together(subject: str | None, body: str | None, index: int | None) -> None:
    """Each alone tells an email that no other has; where they are two different emails', nothing is proven."""
    texts = (("S1", "B1"), ("S2", "B2"), ("S3", "B2"))
    request = SendRequest(EmailMessage(to="rhea@example.com", from_="a@example.com", subject=own, body=text) for own, text in texts)
    response = answer(Outcome(EmailReceipt("RHEA@example.com", body, subject=subject)), channel=Channel.EMAIL)
    assert [found.index for found in match(request, response).accepted] == ([] if index is None else [index])


def test_repeated_outcomes_count_once_where_they_agree() -> None:
    """Two outcomes of one message with the same errors are one; with others, it can't be told what became of it."""
    twice = [echoed("919876500001", "One"), echoed("+919876500001", "one")]
    assert positions(match(sms("One"), answer(*twice))) == [0]
    assert match(sms("One"), answer(twice[0], echoed("919876500001", "One", "no"))).unsure[0].candidates == (0, 1)


def test_the_only_message_is_matched_without_evidence() -> None:
    """An outcome that says nothing of its message is the only message's."""
    (found,) = match(sms("One"), answer(Outcome(None, [INVALID_MOBILE]), Outcome(None, [INVALID_MOBILE])))
    assert (found.failed, found.evidence, str(found)) == (True, ("position",), "message 0: failed (outcome 0, by position)")


def test_the_answer_for_another_channel_is_of_no_message() -> None:
    """Outcomes for another channel are strangers, and an answer of a status alone has none."""
    matching = match(sms("One"), answer(Outcome(WhatsAppReceipt(receiver="919876500001", template="One")), channel=Channel.WHATSAPP))
    assert (matching.strangers, matching.unsure[0].candidates) == ((0,), ())
    assert match(sms("One"), SendResponse(Status(code=500))).strangers == ()


def test_whatsapp_is_matched_by_receiver_and_template() -> None:
    """The fields of each channel's own names are compared."""
    request = SendRequest([WhatsAppMessage("919876500001", "One"), WhatsAppMessage("919876500001", "Two")])
    response = answer(Outcome(WhatsAppReceipt(None, "two", "9919876500001")), channel=Channel.WHATSAPP)
    assert positions(match(request, response)) == [None, 0]


def test_what_is_sure_can_be_read_at_a_glance() -> None:
    """A match says in words what is known of its message."""
    request = SendRequest([SmsMessage("919876500001", "One"), SmsMessage("447700900123", "Two"), SmsMessage("447700900123", "Two")])
    matching = match(request, answer(echoed("919876500001"), echoed("447700900123"), echoed("447700900123")))
    assert list(map(str, matching)) == [
        "message 0: accepted (outcome 0, by position, number)",
        "message 1: one of 2 outcomes, or none",
        "message 2: one of 2 outcomes, or none",
    ]
    assert str(Match(3, request.messages[0])) == "message 3: the answer says nothing of it"
    assert (len(matching), matching.sure, matching[0].sure) == (3, False, True)


def test_a_matching_can_be_pickled_and_compared() -> None:
    """A matching that went through pickle equals the one that did."""
    matching = match(sms("One", "Two", "Two"), answer(echoed("919876500001", "One"), echoed("919876500001", "Two")))
    assert pickle.loads(pickle.dumps(matching)) == matching
    assert hash(matching) == hash(pickle.loads(pickle.dumps(matching)))


MANY: dict[str, Callable[[int], tuple[list[tuple[str, str]], list[tuple[str, str]]]]] = {
    "all the same": lambda n: ([("919876500001", "Hi")] * n, [("919876500001", "Hi")] * n),
    "one number, texts unheard of": lambda n: (
        [("919876500001", f"Hi {i}") for i in range(n)],
        [("919876500001", f"Ho {i}") for i in range(n)],
    ),
    "prefixes": lambda n: ([("919876500001", "Hi")] * n, [(f"{i}919876500001", "Hi") for i in range(n)]),
    "pairs, and texts unheard of": lambda n: (
        [("919876500001", f"Hi {i // 2}") for i in range(n)],
        [("919876500001", f"Hi {i // 2}" if i % 2 else f"Ho {i}") for i in range(n)],
    ),
    "each begins like the one before": lambda n: (
        [("919876500001", "a" * (i % 500 + 1)) for i in range(n)],
        [("919876500001", "a" * (i % 500 + 1)) for i in range(n)],
    ),
    "numbers of every length with one ending": lambda n: (
        [(f"{i:09d}"[: i % 10] + "123456", "Hi") for i in range(n)],
        [(f"{i:09d}"[: i % 7] + "123456", "Hi") for i in range(n)],
    ),
    "all different": lambda n: ([(f"91{i:010d}", f"Hi {i}") for i in range(n)], [(f"91{i:010d}", f"Hi {i}") for i in reversed(range(n))]),
}


@pytest.mark.parametrize("case", MANY)
def test_many_are_matched_in_linear_time(case: str) -> None:
    """What is worst for a careless matching takes about eight times as many steps for eight times as many messages, not sixty-four."""

    def steps(count: int) -> int:
        sent, said = MANY[case](count)
        request = SendRequest([SmsMessage(to, body) for to, body in sent])
        response = answer(*(echoed(to, body) for to, body in said))
        return instructions(lambda: match(request, response))

    assert steps(2_000) < 16 * steps(250)


# ---- What to send again.


def test_retry_is_what_surely_failed() -> None:
    """The subset holds what was surely refused, in order and with its indexes; not what was accepted, nor what is not sure."""
    request = SendRequest([SmsMessage(f"91987650000{i}", "Hi") for i in (1, 2, 3, 4, 4)])
    outcomes = [
        echoed(message.to, "Hi", *([INVALID_MOBILE] if i in (1, 2, 3) else []))
        for i, message in enumerate(request)
        if isinstance(message, SmsMessage)
    ]
    again = retry_subset(match(request, answer(*reversed(outcomes))))
    assert again == RequestPart(SendRequest(request.messages[1:3]), (1, 2))


def test_retry_takes_only_the_codes_asked_for() -> None:
    """With codes, a message is sent again where all of its errors have one of them; without any such message there is no request."""
    request = SendRequest([SmsMessage(f"91987650000{i}", "Hi") for i in range(3)])
    errors: list[list[StatusDetail | str]] = [[StatusDetail(code=500)], [StatusDetail(code=500), StatusDetail(code=8056)], ["busy"]]
    matching = match(request, answer(*(Outcome(SmsReceipt(f"91987650000{i}"), said) for i, said in enumerate(errors))))
    again = retry_subset(matching, codes={500})
    assert again is not None
    assert again.indexes == (0,)
    assert retry_subset(matching, codes={429}) is None


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(1, 7))
def test_retries_of_parts_point_at_the_caller_s_list(failing: list[bool], size: int) -> None:
    """Through splitting, matching and trying again until all is accepted, indexes are those of the caller's own list."""
    bodies = [f"{i:02d} is your code" for i in range(len(failing))]
    left = set(range(len(failing)))
    parts = list(sms(*bodies).split(max_messages=size))
    for attempt in range(3):
        next_parts: list[RequestPart] = []
        for part in parts:
            refused = {place: INVALID_MOBILE for place, index in enumerate(part.indexes) if failing[index] and attempt < 2}
            matching = match(part, response_to(part.request, refused))
            assert all(found.message == SmsMessage("919876500001", bodies[found.index]) for found in matching)
            left -= {found.index for found in matching.accepted}
            again = retry_subset(matching)
            next_parts += again.split(max_messages=2) if again else []
        parts = next_parts
    assert not left


# ---- Splitting.


@given(strategies.requests(), st.sampled_from(("json", "xml")), st.integers(1, 4), st.integers(0, 400))
def test_parts_are_full_and_within_the_limits(request_: SendRequest, format: str, max_messages: int, spare: int) -> None:
    """Parts hold the messages in order, none is over a limit, and none would have had room for the next part's first message."""
    max_bytes = max(len(encode_request(SendRequest([message]), format)) for message in request_) + spare
    parts = request_.split(max_messages=max_messages, max_bytes=max_bytes, format=format)
    assert [message for part in parts for message in part.request] == list(request_)
    assert [index for part in parts for index in part.indexes] == list(range(len(request_)))
    for part, following in pairwise(parts):
        more = SendRequest([*part.request, following.request.messages[0]])
        assert len(more) > max_messages or len(encode_request(more, format)) > max_bytes
    assert all(len(part.request) <= max_messages and len(encode_request(part.request, format)) <= max_bytes for part in parts)


def test_without_limits_there_is_one_part() -> None:
    """A split without limits is the request itself."""
    request = sms("One", "Two")
    assert request.split() == (RequestPart(request, (0, 1)),)


def test_a_message_over_the_limit_is_refused() -> None:
    """Every message that alone is longer than `max_bytes` is named."""
    with pytest.raises(InvalidMessage) as caught:
        sms("Hi", "x" * 100, "y" * 100).split(max_bytes=100)
    assert [(issue.code, issue.path) for issue in caught.value.issues] == [("limit.bytes", "messages[1]"), ("limit.bytes", "messages[2]")]
    assert str(caught.value.issues[0]) == "messages[1]: 150 bytes on its own, where 100 are allowed (limit.bytes)"


@pytest.mark.parametrize("limits", [{"max_messages": 0}, {"max_bytes": 0}, {"max_messages": -1}])
def test_a_limit_is_one_or_more(limits: dict[str, int]) -> None:
    """Nothing fits into a limit below 1."""
    with pytest.raises(ValueError, match=r"^a limit of a split is 1 or more$"):
        sms("Hi").split(**limits)  # type: ignore[arg-type]


def test_a_part_knows_the_place_of_each_message() -> None:
    """A part has an index for each of its messages."""
    with pytest.raises(InvalidMessage, match=r"^indexes: expected one for each of the 2 messages, not 1 \(type\)$"):
        RequestPart(sms("One", "Two"), (0,))


# ---- Answers as a whole.

OK = Status(count=1, success_count=1, message="Success", code=200, success=True)
GOOD = echoed("919876500001", "Hi")


@pytest.mark.parametrize(
    ("response", "ok"),
    [
        (SendResponse(OK, [GOOD]), True),
        (SendResponse(OK), True),
        (answer(GOOD), True),
        (SendResponse(Status(code=200)), True),
        (SendResponse(Status(success="TRUE")), True),
        (SendResponse(), False),
        (SendResponse(Status(message="Success")), False),
        (SendResponse(OK, [echoed("919876500001", "Hi", "no")]), False),
        (SendResponse(Status(code=201, success=True), [GOOD]), False),
        (SendResponse(Status(code=500, success=False)), False),
        (SendResponse(Status(code=200, success="yes")), False),
        (SendResponse(Status(count=2, success_count=1, code=200, success=True), [GOOD]), False),
        (SendResponse(Status(code=200, success=True, status_code=StatusDetail(False, "?", 500)), [GOOD]), False),
        (answer(channel=Channel.SMS), False),
    ],
)
def test_ok_is_what_the_server_says_and_nothing_contradicts(response: SendResponse, ok: bool) -> None:
    """An answer is ok where it says so, by status or by outcomes, and nothing in it says otherwise."""
    assert response.ok is ok


def test_raise_for_errors_gives_the_response_back() -> None:
    """Where all was accepted, the call chains."""
    response = SendResponse(OK, [GOOD])
    assert response.raise_for_errors() is response


def test_the_error_carries_what_failed() -> None:
    """`SendFailed` carries the failed outcomes, and its text has counts and codes, but nothing that a message says."""
    bad = echoed("919876500002", "Secret 4711", INVALID_MOBILE, "919876500002 \x1b[31m")
    response = SendResponse(Status(message="Some failed", code=201, success=True), [GOOD, bad])
    with pytest.raises(SendFailed, match=r"^1 of 2 messages failed \(codes 8056\); status code 201$") as caught:
        response.raise_for_errors()
    assert (caught.value.failed, caught.value.response) == ((bad,), response)
    assert caught.value.explain().splitlines()[1:] == [
        "status: Some failed",
        "outcome 1: 8056: Invalid mobile",
        "outcome 1: 919876500002 \\x1b[31m",
    ]


def test_the_error_of_a_refused_call_has_no_outcomes() -> None:
    """A failure without outcomes is the call's."""
    with pytest.raises(SendFailed, match=r"^the server reports failure; status code 401$"):
        SendResponse(Status(code=401, success=False, message="Who?")).raise_for_errors()


@given(strategies.responses())
def test_the_error_can_be_pickled_and_compared(response: SendResponse) -> None:
    """An error that went through pickle equals the one that did, and differs from one of another response."""
    error = SendFailed.by(response)
    assert pickle.loads(pickle.dumps(error)) == error
    assert hash(pickle.loads(pickle.dumps(error))) == hash(error)
    assert error != SendFailed(
        str(error), response=SendResponse(response.status, response.outcomes, extra={"other": True}, channel=response.channel)
    )
    assert error.explain().startswith(str(error))


# ---- Keys.


@given(strategies.messages())
def test_a_key_is_the_same_from_either_format(message: Message) -> None:
    """A message has one key, however it came: constructed, from JSON, from XML."""
    forms = [decode_request(encode_request(SendRequest([message]), name)).messages[0] for name in ("json", "xml")]
    assert {content_key(form) for form in (message, *forms)} == {content_key(message)}


@given(strategies.messages(), strategies.messages())
def test_keys_are_equal_where_messages_are(one: Message, other: Message) -> None:
    """Two messages have the same key just where they are equal."""
    assert (content_key(one) == content_key(other)) is (one == other)


@given(strategies.scheduled_times(), strategies.scheduled_times())
def test_one_instant_has_one_key(moment: datetime, elsewhere: datetime) -> None:
    """The same instant in another offset is the same message, to the first and the last day of the calendar."""
    try:
        other = moment.astimezone(elsewhere.tzinfo)
    except OverflowError:
        other = moment
    assert content_key(SmsMessage("919876500001", "Hi", moment)) == content_key(SmsMessage("919876500001", "Hi", other))


@pytest.mark.parametrize(
    ("message", "chain"),
    [
        (SmsMessage("+919876500001", "é"), b"10:commspec/1,3:sms,4:body,2:\xc3\xa9,2:to,13:+919876500001,"),
        (
            WhatsAppMessage("919876500001", "Hi", datetime(1970, 1, 1, 5, 30, 0, 7, timezone(timedelta(hours=5, minutes=30)))),
            b"10:commspec/1,8:whatsapp,8:receiver,12:919876500001,14:scheduled_time,1:7,8:template,2:Hi,",
        ),
        (
            EmailMessage(
                to="a@example.com",
                cc="",
                from_="b@example.com",
                subject="S",
                body="",
                attachments=[Attachment("a.txt", "txt", "x"), Attachment("b.txt", "txt", "")],
            ),
            b"10:commspec/1,5:email,11:attachments,115:54:9:file_data,1:x,9:file_name,5:a.txt,9:file_type,3:txt,,"
            b"53:9:file_data,0:,9:file_name,5:b.txt,9:file_type,3:txt,,,4:body,0:,2:cc,0:,4:from,13:b@example.com,7:subject,1:S,2:to,13:a@example.com,",
        ),
    ],
)
def test_a_key_is_the_digest_of_its_canonical_form(message: Message, chain: bytes) -> None:
    """The canonical form is what the docstring says, byte for byte: a key that is kept today is found by every later version."""
    assert content_key(message) == hashlib.sha256(chain).hexdigest()


def test_the_names_are_public() -> None:
    """What this file tests is found in `commspec` itself."""
    names: Sequence[str] = ("Match", "Matching", "RequestPart", "SendFailed", "content_key", "match", "response_to", "retry_subset")
    assert set(names) <= set(commspec.__all__)
