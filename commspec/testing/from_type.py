"""What Hypothesis calls when it is imported (entry point `hypothesis`), so that `st.from_type(SmsMessage)` works wherever commspec is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def register() -> None:
    """Tell Hypothesis how commspec's classes are drawn. The strategies themselves are imported when one is wanted."""
    from hypothesis.strategies import register_type_strategy

    import commspec
    from commspec.models.response import RECEIPT_TYPES

    for cls, name in (
        (commspec.Attachment, "attachments"),
        (commspec.EmailMessage, "email_messages"),
        (commspec.Extra, "extras"),
        (commspec.SendRequest, "requests"),
        (commspec.SendResponse, "responses"),
        (commspec.SmsMessage, "sms_messages"),
        (commspec.WhatsAppMessage, "whatsapp_messages"),
        (commspec.ZaloMessage, "zalo_messages"),
    ):
        register_type_strategy(cls, _Named(name))
    for part in (commspec.Outcome, commspec.Status, commspec.StatusDetail, *RECEIPT_TYPES):
        register_type_strategy(part, _part)


class _Named:
    """The strategy of a name, once it is wanted."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, _: type) -> SearchStrategy[Any]:
        from commspec.testing import strategies

        strategy: SearchStrategy[Any] = getattr(strategies, self._name)()
        return strategy


def _part(cls: type) -> SearchStrategy[Any]:
    from commspec.testing.objects import parts

    return parts(cls)
