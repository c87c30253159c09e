"""Rules of times: what `scheduled_time` must be, how times are spelled, and time zones (SPEC.md sections 2, 4.6 and 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo

import msgspec

from commspec.rules.fault import Fault

# Digits are ASCII ones: `\d` would take ٢ for 2. Years, months and hours that do not exist are left to `datetime`.
_DATE_AND_TIME = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T([0-9]{2}):[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?"
_TIME = re.compile(_DATE_AND_TIME + r"(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")
_FORM = re.compile(_DATE_AND_TIME + r"(?:Z|[+-][0-9]{2}:[0-9]{2})")
_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")
_TOLERATED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:([Zz])|([+-][0-9]{2}):?([0-9]{2})?)?"
)
_WALL_CLOCK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?")

_NO_SUCH_TIME = Fault("time.syntax", "there is no such date or time in the calendar")
_EXPECTED = "2024-02-22T00:25:06+05:30"
_USUAL_LENGTH = len(_EXPECTED)
_DIGITS_TO_ZERO = str.maketrans("123456789", "000000000")
_WALL_SHAPE = '0000-00-00T00:00:00","'
_SHAPE = '0000-00-00T00:00:00+00:00","'
# Where msgspec takes any of these, they mean what the usual form says: a fraction is where it belongs, and of no more digits.
_VARIANTS = ((".000000", ""), (".000", ""), ('Z"', '+00:00"'), ('-00:00"', '+00:00"'))
_TIME_READER = msgspec.json.Decoder(datetime)
_TIMES_READER = msgspec.json.Decoder(list[datetime])


def parse_time(text: str) -> datetime | Fault:
    """The time that `text` spells: ISO 8601 with an offset of whole minutes, one to six digits of fraction (section 2).

    `Z` and `-00:00` read as `+00:00`. `time.syntax` where it is no real date and time, `time.offset` where only the offset is wrong.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return _syntax_fault(text)
    whole, hour, fraction, offset = found.groups()
    if hour > "23":
        return _NO_SUCH_TIME  # `fromisoformat` of Python 3.14 takes 24:00 for the next midnight
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:
        return _NO_SUCH_TIME
    if offset is None:
        return Fault("time.offset", "the offset from UTC is missing", f"write it at the end, as in {_EXPECTED}")
    zone = parse_offset(offset)
    if zone is None:
        return Fault("time.offset", "an offset is of whole minutes, from -23:59 to +23:59", "write it as +05:30")
    return moment.replace(microsecond=int((fraction or "").ljust(6, "0")), tzinfo=zone)


def parse_times(column: Sequence[str]) -> Sequence[datetime] | None:
    """`parse_time` of every text of `column`, or None where any has a fault."""
    return _read_alike('","'.join(column), column, _SHAPE, _FORM)


def parse_wall_clocks(column: Sequence[str]) -> Sequence[datetime] | None:
    """`parse_wall_clock` of every text of `column`, or None where any is none."""
    return _read_alike('","'.join(column).replace(" ", "T"), column, _WALL_SHAPE, _WALL_CLOCK)


def _read_alike(joined: str, column: Sequence[str], shape: str, form: re.Pattern[str]) -> Sequence[datetime] | None:
    """The times of `joined`, the texts of `column` with `","` between them; None where any is none of the `form`, of which `shape` is the usual one."""
    # msgspec is far the fastest reader, and exact about dates, hours and offsets. But it also reads what is not of the documented form (a space for the
    # T, nine digits of a second), so the form is looked at first: that of almost every time by making each digit a zero, for all texts at once.
    forms = joined.translate(_DIGITS_TO_ZERO) + '","'
    expected = shape * len(column)
    if forms != expected:
        for variant, usual in _VARIANTS:
            forms = forms.replace(variant, usual)
    if forms == expected or all(map(form.fullmatch, column)):
        try:
            return _TIMES_READER.decode(f'["{joined}"]')
        except msgspec.ValidationError:
            return None
    return None


def parse_documented_time(text: str) -> datetime | None:
    """`parse_time` of `text`, or None where it has a fault."""
    # In a text of this length that msgspec takes for a time, this colon can only be that of an offset.
    if not (len(text) == _USUAL_LENGTH and text[10] == "T" and text[22] == ":") and not _FORM.fullmatch(text):
        return None
    try:
        return _TIME_READER.decode(f'"{text}"')
    except (msgspec.DecodeError, UnicodeEncodeError):  # of a lone surrogate
        return None


def format_times(column: Sequence[datetime]) -> list[str]:
    """`format_time` of every time of `column`; each must have an offset."""
    if not column:
        return []
    written = msgspec.json.encode(column).decode()
    # msgspec writes what `isoformat` does, many times as fast, but UTC as Z.
    return (written.replace('Z"', '+00:00"') if "Z" in written else written)[2:-2].split('","')


def parse_tolerated(text: str, zone: tzinfo | None) -> datetime | Fault | None:
    """The time that a variant of section 6 (`tolerated.time`) spells; None where `text` is no such variant.

    With `zone`, a time without offset is its wall clock; one that its clocks never or twice showed is `time.zone`.
    """
    found = _TOLERATED.fullmatch(text)
    if found is None:
        return None
    date, minutes, seconds, utc, hours, rest = found.groups()
    clock = f"{date}T{minutes}{seconds or ':00'}"
    if utc or hours:
        return parse_time(clock + ("Z" if utc else f"{hours}:{rest or '00'}"))
    if zone is None:
        return None
    wall = parse_wall_clock(clock)
    return None if wall is None else attach_zone(wall, zone)


def parse_wall_clock(text: str) -> datetime | None:
    """The time without offset that `text` spells as `YYYY-MM-DD HH:MM:SS[.ffffff]`, with a space or `T` between; None where it is none."""
    if not _WALL_CLOCK.fullmatch(text):
        return None
    moment = parse_time(text.replace(" ", "T") + "Z")
    return None if isinstance(moment, Fault) else moment.replace(tzinfo=None)


def format_time(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS[.ffffff]±HH:MM`; without the offset where `moment` has none."""
    return moment.isoformat()


def format_wall_clock(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS[.ffffff]`: the wall clock that `moment` itself shows."""
    return moment.replace(tzinfo=None).isoformat(sep=" ")


def parse_offset(text: str) -> timezone | None:
    """The fixed offset that `text` spells as `±HH:MM` or `Z`; None where it is none, or has seconds."""
    if text == "Z":
        return timezone.utc
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def fix_offset(moment: datetime) -> datetime | Fault:
    """`moment` as a plain `datetime` with the offset that it has at that instant; `time.offset` where it has none, or one with seconds."""
    offset = moment.utcoffset()
    if offset is None:
        return Fault("time.offset", "the time has no offset from UTC", "give it a tzinfo, such as datetime.timezone.utc")
    if offset % timedelta(minutes=1):
        return Fault("time.offset", "the offset from UTC is not of whole minutes")
    return datetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond,
        timezone(offset),
    )  # fmt: skip


def find_zone(zone: str | tzinfo | None) -> tzinfo | None:
    """The time zone of an IANA name (`Asia/Kolkata`) or a fixed offset (`+05:30`, `Z`); a tzinfo and None are returned as they are.

    Raises `ValueError` for a name that is neither, saying which was likely meant, and `TypeError` for what is no name.
    """
    if zone is None or isinstance(zone, tzinfo):
        return zone
    if not isinstance(zone, str):
        raise TypeError(f"a time zone is a name, an offset or a tzinfo, not {type(zone).__name__}")
    fixed = parse_offset(zone)
    if fixed is not None:
        return fixed
    try:
        from zoneinfo import ZoneInfo

        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(_unknown_zone(zone)) from None


def attach_zone(wall: datetime, zone: tzinfo) -> datetime | Fault:
    """The moment at which the clocks of `zone` show `wall`, with that moment's offset.

    `time.zone` where they show it twice or never, or where their offset was then not of whole minutes.
    """
    moment = wall.replace(tzinfo=zone, fold=0)
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        return Fault(
            "time.zone", "the clocks of the time zone change then: they show this time twice or never", "give the time with its offset"
        )
    fixed = fix_offset(moment)
    if isinstance(fixed, Fault):
        return Fault("time.zone", "the time zone's offset was then not of whole minutes", "give the time with its offset")
    return fixed


def wall_clock_in(moment: datetime, zone: tzinfo) -> datetime | Fault:
    """What the clocks of `zone` show at `moment`, without offset; a time without offset is that wall clock already.

    `time.zone` where they show it twice or never, or where it lies outside the calendar (years 1 to 9999).
    """
    try:
        wall = moment.astimezone(zone).replace(tzinfo=None, fold=0) if moment.tzinfo else moment
    except OverflowError:
        return Fault("time.zone", "in the time zone this time lies outside the calendar")
    attached = attach_zone(wall, zone)
    return attached if isinstance(attached, Fault) else wall


def _syntax_fault(text: str) -> Fault:
    tolerated = parse_tolerated(text, timezone.utc)
    if isinstance(tolerated, datetime):
        shown = format_time(tolerated)
        return Fault(
            "time.syntax",
            "not in the documented form",
            f"write {shown}" if _names_offset(text) else f"write {shown[:-6]} and an offset, as in {_EXPECTED}",
        )
    if re.search(r"\.[0-9]{7,}", text):
        return Fault("time.syntax", "more than six digits of a second", "round it to microseconds")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return Fault("time.syntax", "a date alone is no time", f"write date, time and offset, as in {_EXPECTED}")
    if re.fullmatch(r"[0-9]{10}(?:[0-9]{3})?", text):
        return Fault("time.syntax", "a count of seconds or milliseconds, it seems", f"write it as {_EXPECTED}")
    return Fault("time.syntax", "not a date and time in the documented form", f"write it as {_EXPECTED}")


def _names_offset(text: str) -> bool:
    found = _TOLERATED.fullmatch(text)
    return found is not None and any(found.group(4, 5))


def _unknown_zone(zone: str) -> str:
    import difflib
    import zoneinfo

    names = {name.lower(): name for name in zoneinfo.available_timezones()}
    close = difflib.get_close_matches(zone.lower(), names, n=1)
    hint = f"; did you mean {names[close[0]]!r}?" if close else ""
    if not names:
        hint = "; this system has no time zone database: install the package tzdata"
    return f"{zone!r} is neither an IANA time zone, such as 'Asia/Kolkata', nor a fixed offset, such as '+05:30'{hint}"
