"""Hypothesis strategies for whatever the specification knows: values, messages, requests, responses, answers, documents, and faulty or damaged documents.

>>> from hypothesis import given
>>> from commspec import decode_request, encode_request
>>> from commspec.testing.strategies import requests
>>> @given(requests("sms"))
... def test_round_trip(request):
...     assert decode_request(encode_request(request)) == request
>>> test_round_trip()

All are built from the limits of the specification, and never ask commspec's own rules. Where commspec and Hypothesis are installed,
`hypothesis.strategies.from_type` knows the classes of what documents say: the four messages, `Attachment`, `SendRequest`, `SendResponse` and its parts
(`Status`, `StatusDetail`, `Outcome`, the receipts), and `Extra`. It does not know those of calls and results, such as `Limits` or `BasicAuth`.
"""

from commspec.testing.answers import Answered, answers
from commspec.testing.damage import damaged, damaged_documents
from commspec.testing.faults import CODES, Faulty, codes_in, faulty_documents
from commspec.testing.objects import (
    address_lists,
    attachments,
    email_addresses,
    email_messages,
    extras,
    messages,
    phone_numbers,
    requests,
    responses,
    scheduled_times,
    sms_messages,
    texts,
    whatsapp_messages,
    zalo_messages,
)
from commspec.testing.samples import Finding, Sample, documents, findings

__all__ = [
    "CODES",
    "Answered",
    "Faulty",
    "Finding",
    "Sample",
    "address_lists",
    "answers",
    "attachments",
    "codes_in",
    "damaged",
    "damaged_documents",
    "documents",
    "email_addresses",
    "email_messages",
    "extras",
    "faulty_documents",
    "findings",
    "messages",
    "phone_numbers",
    "requests",
    "responses",
    "scheduled_times",
    "sms_messages",
    "texts",
    "whatsapp_messages",
    "zalo_messages",
]
