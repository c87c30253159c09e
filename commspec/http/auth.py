"""Who asks: the two ways of authentication (SPEC.md section 1). Neither shows its secret in a repr, an error or a log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import attrs

from commspec.http.headers import HeaderSource, values_of
from commspec.wire.names import OAUTH_HEADER

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile("[!-~]+")


@attrs.frozen
class BasicAuth:
    """A user and a password, in the vendor's form: `Basic base64(user:md5hex(password))`, both in UTF-8.

    Raises `ValueError` for a user that is empty or holds a colon or a control character, and for an empty password.
    """

    user: str
    password: str = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.user or ":" in self.user or _CONTROL.search(self.user):
            raise ValueError("the user of a BasicAuth must not be empty, or hold a colon or a control character")
        if not self.password or not _is_unicode(self.password):
            raise ValueError("the password of a BasicAuth must not be empty, or hold half of a surrogate pair")

    def header(self) -> tuple[str, str]:
        """The name and the value of the header, secret and all."""
        # The vendor's form wants MD5; it protects nothing, which is why only TLS may carry it.
        digest = hashlib.md5(self.password.encode(), usedforsecurity=False).hexdigest()
        return "Authorization", "Basic " + base64.b64encode(f"{self.user}:{digest}".encode()).decode("ascii")

    def accepts(self, headers: HeaderSource) -> bool:
        """For servers: whether a call's headers carry just this user and password. Takes the same time for every wrong password."""
        return _carries(headers, *self.header())


@attrs.frozen
class OAuthToken:
    """An access token, sent in the header `X-CAP-API-OAUTH-TOKEN`. Raises `ValueError` where it is not printable ASCII without spaces."""

    token: str = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ValueError("an OAuthToken must be printable ASCII without spaces, and not empty")

    def header(self) -> tuple[str, str]:
        """The name and the value of the header, secret and all."""
        return OAUTH_HEADER, self.token

    def accepts(self, headers: HeaderSource) -> bool:
        """For servers: whether a call's headers carry just this token. Takes the same time for every wrong token."""
        return _carries(headers, *self.header())


Auth = BasicAuth | OAuthToken
"""Either way of authentication."""


def _carries(headers: HeaderSource, name: str, value: str) -> bool:
    found = values_of(headers, name)
    if len(found) != 1:
        return False
    scheme, _, rest = found[0].rpartition(" ")
    expected_scheme, _, expected = value.rpartition(" ")
    same = hmac.compare_digest(rest.strip().encode("utf-8", "surrogatepass"), expected.encode())
    return same and scheme.strip().lower() == expected_scheme.lower()


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
