"""Times and time zones (SPEC.md sections 2, 4.6, 5 and 6)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commspec.rules.fault import Fault
from commspec.rules.time import (
    attach_zone,
    find_zone,
    fix_offset,
    format_time,
    format_times,
    format_wall_clock,
    parse_documented_time,
    parse_time,
    parse_times,
    parse_tolerated,
    parse_wall_clock,
    parse_wall_clocks,
    wall_clock_in,
)
from commspec.testing.strategies import scheduled_times

INDIA = timezone(timedelta(hours=5, minutes=30))
GOOD = [
    "2024-02-22T00:25:06+05:30",
    "2024-02-29T23:59:59Z",
    "2024-02-22T00:25:06.1-00:00",
    "2024-02-22T00:25:06.250+05:30",
    "2024-02-22T00:25:06.250000Z",
    "0001-01-01T00:00:00-23:59",
    "9999-12-31T23:59:59.999999+23:59",
]


@given(scheduled_times())
def test_what_is_written_reads_back(moment: datetime) -> None:
    """Every time with an offset of whole minutes reads back as itself, offset and microseconds too."""
    read = parse_time(format_time(moment))
    assert isinstance(read, datetime)
    assert read.isoformat() == moment.isoformat()


@given(st.lists(scheduled_times(), max_size=5))
def test_a_column_is_written_as_its_times_are(column: list[datetime]) -> None:
    """Writing many times at once gives what writing each gives."""
    assert format_times(column) == [moment.isoformat() for moment in column]


PIECES = st.text('0123456789-:TZ+., tzW"\\', max_size=2) | st.sampled_from((".000", ".000000", "\\u0030", '","', '"'))


@given(st.sampled_from(GOOD), st.integers(0, 40), PIECES, st.integers(0, 7), st.lists(st.sampled_from(GOOD), max_size=2))
@example(GOOD[0], 0, "", 0, GOOD)
@example("2024-02-29T23:59:59Z", 18, "\\u0039", 1, [])
@example("2024-02-22T00:25:06+05:30", 10, "t", 1, [])
@example("2024-02-22T00:25:06+05:30", 10, " ", 1, [])
@example("2024-02-22T00:25:06+05:30", 22, "", 1, [])
@example("2024-02-22T00:25:06.250+05:30", 23, ".000", 0, [])
@example("2024-02-22T00:25:06.250+05:30", 23, "000000", 0, [])
def test_a_column_is_read_as_its_times_are(text: str, place: int, put: str, drop: int, beside: list[str]) -> None:
    """Reading many times at once, or one by the quick way, finds a fault exactly where reading each does, and the same times elsewhere."""
    position = place % (len(text) + 1)
    changed = text[:position] + put + text[position + drop :]
    one, alone, column = parse_time(changed), parse_documented_time(changed), parse_times([*beside, changed])
    if isinstance(one, Fault):
        assert alone is None
        assert column is None
    else:
        assert alone is not None
        assert alone.isoformat() == one.isoformat()
        assert column is not None
        assert column[-1].isoformat() == one.isoformat()
        assert list(column[:-1]) == list(map(parse_time, beside))


CLOCKS = ["2024-02-22 00:25:06", "2024-02-29T23:59:59", "2024-02-22 00:25:06.1", "2024-02-22T00:25:06.250", "0001-01-01 00:00:00.250000"]


@given(st.sampled_from(CLOCKS), st.integers(0, 30), PIECES, st.integers(0, 7), st.lists(st.sampled_from(CLOCKS), max_size=2))
@example(CLOCKS[0], 0, "", 0, CLOCKS)
@example(CLOCKS[3], 23, ".000", 0, [])
@example(CLOCKS[1], 19, "Z", 0, [])
@example(CLOCKS[1], 19, "+05:30", 0, CLOCKS)
@example("2024-02-29T24:00:00", 0, "", 0, [])
@example("2024-02-30 00:00:00", 0, "", 0, [])
def test_a_column_of_wall_clocks_is_read_as_each_is(text: str, place: int, put: str, drop: int, beside: list[str]) -> None:
    """Reading many wall clocks at once finds one that is none exactly where reading each does, and the same times elsewhere."""
    position = place % (len(text) + 1)
    column = [*beside, text[:position] + put + text[position + drop :]]
    each = list(map(parse_wall_clock, column))
    assert parse_wall_clocks(column) == (None if None in each else each)


def test_a_column_may_hold_times_of_any_form() -> None:
    """Good times are read together whatever their forms are, with each other and alone, to the offset."""
    for column in (GOOD, *[[text] for text in GOOD], *[[GOOD[0], text] for text in GOOD]):
        read, each = parse_times(column), [parse_time(text) for text in column]
        assert read is not None
        assert [moment.isoformat() for moment in read] == [moment.isoformat() for moment in each if isinstance(moment, datetime)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2024-02-30T00:00:00Z", "time.syntax"),
        ("2023-02-29T00:00:00Z", "time.syntax"),
        ("0000-01-01T00:00:00Z", "time.syntax"),
        ("2024-02-22", "time.syntax"),
        ("2024-W08-4T00:25:06+05:30", "time.syntax"),
        ("2024-053T00:25:06+05:30", "time.syntax"),
        ("2024-02-22T24:00:00Z", "time.syntax"),
        ("2024-02-22T23:59:60Z", "time.syntax"),
        ("2024-02-22T00:25:06,5Z", "time.syntax"),
        ("2024-02-22T00:25:06.1234567Z", "time.syntax"),
        ("2024-02-22 00:25:06+05:30", "time.syntax"),
        ("2024-02-22t00:25:06z", "time.syntax"),
        ("2024-02-22T00:25+05:30", "time.syntax"),
        ("2024-02-22T00:25:06+0530", "time.syntax"),
        ("２０２４-02-22T00:25:06Z", "time.syntax"),
        ("2024-02-22T00:25:06Z\n", "time.syntax"),
        ("tomorrow", "time.syntax"),
        ("", "time.syntax"),
        ("1708541706", "time.syntax"),
        ("2024-02-22T00:25:06", "time.offset"),
        ("2024-02-22T00:25:06+05:30:15", "time.offset"),
        ("2024-02-22T00:25:06+24:00", "time.offset"),
        ("2024-02-22T00:25:06+05:60", "time.offset"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    """What is no real date and time in the documented form is `time.syntax`; what only lacks a right offset is `time.offset`."""
    fault = parse_time(text)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert text not in fault.message or not text


FORM = "2024-02-22T00:25:06+05:30"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("2024-02-30T00:00:00Z", "there is no such date or time in the calendar", None),
        ("2024-02-22T00:25:06", "the offset from UTC is missing", f"write it at the end, as in {FORM}"),
        ("2024-02-22T00:25:06+24:00", "an offset is of whole minutes, from -23:59 to +23:59", "write it as +05:30"),
        ("2024-02-22 00:25:06z", "not in the documented form", "write 2024-02-22T00:25:06+00:00"),
        ("2024-02-22 00:25", "not in the documented form", f"write 2024-02-22T00:25:00 and an offset, as in {FORM}"),
        ("2024-02-22T00:25:06.1234567Z", "more than six digits of a second", "round it to microseconds"),
        ("2024-02-22", "a date alone is no time", f"write date, time and offset, as in {FORM}"),
        ("1708541706", "a count of seconds or milliseconds, it seems", f"write it as {FORM}"),
        ("1708541706000", "a count of seconds or milliseconds, it seems", f"write it as {FORM}"),
        ("170854170600", "not a date and time in the documented form", f"write it as {FORM}"),
        ("tomorrow", "not a date and time in the documented form", f"write it as {FORM}"),
    ],
)
def test_a_refusal_says_why_and_what_to_write(text: str, message: str, hint: str | None) -> None:
    """Each mistake that can be told has its own words, and what to write instead where that is known."""
    fault = parse_time(text)
    assert isinstance(fault, Fault)
    assert (fault.message, fault.hint) == (message, hint)


@pytest.mark.parametrize("text", ["2024-02-22T00:25:06Z", "2024-02-22T00:25:06-00:00", "2024-02-22T00:25:06+00:00"])
def test_utc_has_one_form(text: str) -> None:
    """`Z` and `-00:00` read as `+00:00`, and are written so."""
    moment = parse_time(text)
    assert isinstance(moment, datetime)
    assert moment.tzinfo is timezone.utc
    assert format_time(moment) == "2024-02-22T00:25:06+00:00"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-02-22 00:25:06+05:30", "2024-02-22T00:25:06+05:30"),
        ("2024-02-22t00:25:06z", "2024-02-22T00:25:06+00:00"),
        ("2024-02-22T00:25+05:30", "2024-02-22T00:25:00+05:30"),
        ("2024-02-22T00:25:06+0530", "2024-02-22T00:25:06+05:30"),
        ("2024-02-22T00:25:06.25-05", "2024-02-22T00:25:06.250000-05:00"),
    ],
)
def test_variants_are_read_under_tolerance(text: str, meant: str) -> None:
    """Each variant of section 6 reads as the time it means, and the hint of its refusal says that time."""
    moment = parse_tolerated(text, None)
    assert isinstance(moment, datetime)
    assert moment.isoformat() == meant
    fault = parse_time(text)
    assert isinstance(fault, Fault)
    assert fault.hint == f"write {meant}"


def test_a_time_without_offset_is_tolerated_with_a_zone_only() -> None:
    """Without offset a time is nobody's; with a zone given it is that zone's wall clock."""
    assert parse_tolerated("2024-02-22T00:25:06", None) is None
    moment = parse_tolerated("2024-02-22T00:25:06", ZoneInfo("Asia/Kolkata"))
    assert isinstance(moment, datetime)
    assert moment.isoformat() == "2024-02-22T00:25:06+05:30"


TWICE_OR_NEVER = Fault(
    "time.zone", "the clocks of the time zone change then: they show this time twice or never", "give the time with its offset"
)


def test_a_wall_clock_of_no_day_is_none() -> None:
    """What has the form of a wall clock and is no real date or time is none, with a zone and without."""
    for text in ("2024-02-30 00:25:06", "2024-02-22 24:00:00"):
        assert parse_wall_clock(text) is None
        assert parse_tolerated(text, INDIA) is None


def test_an_object_s_time_without_a_whole_offset() -> None:
    """A time without offset, or with one that has seconds, is no time of a document."""
    naive = Fault("time.offset", "the time has no offset from UTC", "give it a tzinfo, such as datetime.timezone.utc")
    assert fix_offset(datetime(2024, 2, 22)) == naive  # noqa: DTZ001
    seconds = Fault("time.offset", "the offset from UTC is not of whole minutes")
    assert fix_offset(datetime(2024, 2, 22, tzinfo=timezone(timedelta(seconds=1)))) == seconds
    assert fix_offset(datetime(1900, 1, 1, tzinfo=ZoneInfo("Asia/Kolkata"))) == seconds


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize("wall", [datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30)])  # noqa: DTZ001
def test_a_wall_clock_that_never_was_or_was_twice_is_a_fault(wall: datetime, fold: int) -> None:
    """Where the clocks of a zone change, a time that they skipped or showed twice is `time.zone`, reading and writing: no `fold` settles which."""
    berlin = ZoneInfo("Europe/Berlin")
    assert attach_zone(wall.replace(fold=fold), berlin) == wall_clock_in(wall.replace(fold=fold), berlin) == TWICE_OR_NEVER


@pytest.mark.parametrize("hour", [0, 1])
def test_a_time_shown_twice_is_not_written(hour: int) -> None:
    """Neither instant whose wall clock in the zone is ambiguous is written, but `time.zone`: who reads it could not tell which it is."""
    assert wall_clock_in(datetime(2024, 10, 27, hour, 30, tzinfo=timezone.utc), ZoneInfo("Europe/Berlin")) == TWICE_OR_NEVER


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        (datetime(9999, 12, 31, 23, 0, tzinfo=timezone.utc), INDIA),
        (datetime(1, 1, 1, 1, 0, tzinfo=timezone.utc), timezone(timedelta(hours=-5))),
    ],
)
def test_a_time_outside_the_calendar_is_a_fault(moment: datetime, zone: tzinfo) -> None:
    """A wall clock before year 1 or after year 9999 is `time.zone`."""
    assert wall_clock_in(moment, zone) == Fault("time.zone", "in the time zone this time lies outside the calendar")


def test_an_offset_with_seconds_is_a_fault() -> None:
    """A zone's local mean time of long ago has seconds in its offset, which no document can say."""
    fault = attach_zone(datetime(1900, 1, 1), ZoneInfo("Asia/Kolkata"))  # noqa: DTZ001
    assert fault == Fault("time.zone", "the time zone's offset was then not of whole minutes", "give the time with its offset")


@given(scheduled_times().filter(lambda moment: 1 < moment.year < 9999))
def test_fixed_offsets_lose_nothing(moment: datetime) -> None:
    """In a fixed offset every wall clock is one moment, and that moment's wall clock is itself."""
    wall, zone = moment.replace(tzinfo=None), moment.tzinfo
    assert zone is not None
    assert attach_zone(wall, zone) == moment
    assert wall_clock_in(moment, zone) == wall


def test_wall_clocks_are_written_with_a_space() -> None:
    """A response's XML time is `YYYY-MM-DD HH:MM:SS`, with microseconds where there are any, and reads back from both spellings."""
    moment = datetime(2024, 2, 22, 0, 25, 6, 5, tzinfo=INDIA)
    assert format_wall_clock(moment) == "2024-02-22 00:25:06.000005"
    assert parse_wall_clock("2024-02-22 00:25:06.000005") == moment.replace(tzinfo=None)
    assert parse_wall_clock("2024-02-22T00:25:06.000005") == moment.replace(tzinfo=None)
    assert parse_wall_clock("2024-02-22 00:25:06+05:30") is None


def test_a_zone_of_the_clock_becomes_its_offset() -> None:
    """An object's time has the offset that its zone has at that instant, as a plain datetime."""
    fixed = fix_offset(datetime(2024, 7, 1, 12, 0, fold=1, tzinfo=ZoneInfo("Europe/Berlin")))
    assert isinstance(fixed, datetime)
    assert fixed.isoformat() == "2024-07-01T12:00:00+02:00"
    assert type(fixed.tzinfo) is timezone
    assert not fixed.fold


NO_ZONE = "{!r} is neither an IANA time zone, such as 'Asia/Kolkata', nor a fixed offset, such as '+05:30'{}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Asia/Calcuta", "; did you mean 'Asia/Calcutta'?"),
        ("asia/kolkata", "; did you mean 'Asia/Kolkata'?"),
        ("+5:30", ""),
        ("../etc/passwd", ""),
        ("", ""),
    ],
)
def test_an_unknown_zone_is_named(name: str, hint: str) -> None:
    """A zone that is none is a `ValueError` that says what was likely meant, where anything was."""
    with pytest.raises(ValueError, match="^" + re.escape(NO_ZONE.format(name, hint)) + "$"):
        find_zone(name)


@pytest.mark.parametrize("zone", [5, b"UTC", timedelta(0)])
def test_a_zone_of_another_type(zone: Any) -> None:
    """What can be no zone is a `TypeError` that says what was given."""
    with pytest.raises(TypeError, match=f"^a time zone is a name, an offset or a tzinfo, not {type(zone).__name__}$"):
        find_zone(zone)


def test_a_folder_of_zones_is_none() -> None:
    """`Europe` is where zones are, and no zone: on some systems opening it is another error."""
    with pytest.raises(ValueError, match=r"^'Europe' is neither an IANA time zone"):
        find_zone("Europe")


def test_what_is_no_zone_at_all_is_a_type_error() -> None:
    """A zone is a name, an offset or a tzinfo; what is none of them is named by its type."""
    with pytest.raises(TypeError, match=r"^a time zone is a name, an offset or a tzinfo, not float$"):
        find_zone(5.5)  # type: ignore[arg-type]
    assert find_zone(INDIA) is INDIA
    assert find_zone(None) is None


def test_a_system_without_zones_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no zone at all, the name is not what is wrong."""
    monkeypatch.setattr("zoneinfo.available_timezones", set)
    hint = "; this system has no time zone database: install the package tzdata"
    with pytest.raises(ValueError, match="^" + re.escape(NO_ZONE.format("Asia/Nowhere", hint)) + "$"):
        find_zone("Asia/Nowhere")
