"""A view for Django, with the few settings that make this file a site of its own.

    python -m django runserver --settings django_view --pythonpath docs/examples 8000

In your own project, take the view and its line in `urlpatterns`. `csrf_exempt`, because no browser's form sends this: who asks is told by its headers.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from commspec import Message, StatusDetail, response_to
from commspec.http import inspect, negotiate, reply

SECRET_KEY = "an example signs nothing"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = __name__

OUTBOX: list[Message] = []
BLOCKED = {"919876500013"}
"""Who does not want to be written to."""


@csrf_exempt
@require_POST
def send_message(request: HttpRequest) -> HttpResponse:
    """The call: good messages go out, faulty ones and those to blocked numbers are answered with their errors."""
    call = inspect(request.META.get("QUERY_STRING", ""), request.headers, request.body)
    errors = {}
    for item in call.good:
        assert item.message is not None
        if getattr(item.message, "to", None) in BLOCKED:
            errors[item.index] = StatusDetail(False, "Recipient is blocked", 400)
        else:
            OUTBOX.append(item.message)
    written = reply(response_to(call, errors), negotiate(request.headers.get("Accept"), call.format or "json"))
    return HttpResponse(written.content, status=written.status, headers=dict(written.headers))


urlpatterns = [path("v1.1/communications/sendMessage", send_message)]
