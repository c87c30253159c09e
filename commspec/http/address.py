"""Where a call goes: a host, and nothing smuggled in with it."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

Scheme = Literal["https", "http"]

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LONGEST_NAME = 253


def check_host(host: str) -> str:
    """`host` as it stands in a URL: a name in lower case (of other scripts, in its `xn--` form), an IPv4 address, or an IPv6 one in brackets.

    A port may follow after a colon, 1 to 65535. Raises `ValueError` for anything else: a scheme, path, query, user or password, white space, an address in
    a form that is not its usual one (`0x7f.1`), a name that DNS can't have. The error never quotes the host, which may hold a password.
    """
    if not isinstance(host, str):
        raise TypeError(f"a host is a str, not {type(host).__name__}")
    if "://" in host:
        raise ValueError("a host has no scheme: write eu.api.capillarytech.com")
    if "@" in host:
        raise ValueError("a host has no user: give it as auth")
    if any(character in host for character in "/\\?#"):
        raise ValueError("a host has no path, query or fragment: the call's own are put after it")
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        address = _ipv6(name) if bracket else None
    else:
        name, colon, port = host.partition(":")
        port = colon + port
        address = _name(name)
    if address is None:
        raise ValueError("no host name or address: expected letters, digits and hyphens between full stops; IPv6 stands in brackets")
    if port and not (port[0] == ":" and _PORT.fullmatch(port, 1) and int(port[1:]) <= 65535):
        raise ValueError("no port: expected 1 to 65535 after the colon")
    return address + port


def is_loopback(host: str) -> bool:
    """Whether a checked host, with or without port, is this very machine: `localhost`, `127.…` or `[::1]`."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _ipv6(text: str) -> str | None:
    # A zone (`fe80::1%eth0`) means something on one machine only, and has no place in a Host header.
    try:
        return None if "%" in text else f"[{ipaddress.IPv6Address(text)}]"
    except ValueError:
        return None


def _name(text: str) -> str | None:
    ascii_name = text.lower() if text.isascii() else _idna(text)
    labels = (ascii_name or "").split(".")
    # As in the URL standard: a name whose last label is a number is an address, and must be a whole one.
    if _NUMERIC.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(ascii_name))
        except ValueError:
            return None
    if ascii_name is None or len(ascii_name) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return None
    return ascii_name


def _idna(text: str) -> str | None:
    import idna

    try:
        return idna.encode(text, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return None
