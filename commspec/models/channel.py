"""The four channels."""

from __future__ import annotations

import enum


class Channel(str, enum.Enum):
    """A channel of the call (SPEC.md section 1). `Channel("SMS")` is `Channel.SMS`: letter case does not matter; another name is a `ValueError`."""

    SMS = "sms"
    EMAIL = "email"
    WHATSAPP = "whatsapp"
    ZALO = "zalo"

    @classmethod
    def _missing_(cls, value: object) -> Channel | None:
        if isinstance(value, str):
            # ASCII letters only: `str.lower` would make the Kelvin sign a k.
            lowered = value.lower() if value.isascii() else ""
            for channel in cls:
                if channel.value == lowered:
                    return channel
        raise ValueError(f"no channel {value!r}: expected sms, email, whatsapp or zalo, in any letter case")

    def __str__(self) -> str:
        return self.value
