"""Times and time zones (SPEC.md sections 2, 4.6, 5 and 6)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commspec.rules.fault import Fault
from commspec.rules.time import (
    attach_zone,
    find_zone,
    fix_offset,
    format_time,
    format_times,
    format_wall_clock,
    parse_time,
    parse_times,
    parse_tolerated,
    parse_wall_clock,
    wall_clock_in,
)

INDIA = timezone(timedelta(hours=5, minutes=30))
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=OFFSETS)
GOOD = [
    "2024-02-22T00:25:06+05:30",
    "2024-02-29T23:59:59Z",
    "2024-02-22T00:25:06.1-00:00",
    "0001-01-01T00:00:00-23:59",
    "9999-12-31T23:59:59.999999+23:59",
]


@given(MOMENTS)
def test_what_is_written_reads_back(moment: datetime) -> None:
    """Every time with an offset of whole minutes reads back as itself, offset and microseconds too."""
    read = parse_time(format_time(moment))
    assert isinstance(read, datetime)
    assert read.isoformat() == moment.isoformat()


@given(st.lists(MOMENTS, max_size=5))
def test_a_column_is_written_as_its_times_are(column: list[datetime]) -> None:
    """Writing many times at once gives what writing each gives."""
    assert format_times(column) == [moment.isoformat() for moment in column]


@given(st.sampled_from(GOOD), st.integers(0, 40), st.text("0123456789-:TZ+., tzW", max_size=2), st.integers(0, 2))
def test_a_column_is_read_as_its_times_are(text: str, place: int, put: str, drop: int) -> None:
    """Reading many times at once finds a fault exactly where reading each does, and the same times elsewhere."""
    position = place % (len(text) + 1)
    changed = text[:position] + put + text[position + drop :]
    one, column = parse_time(changed), parse_times([GOOD[0], changed])
    if isinstance(one, Fault):
        assert column is None
    else:
        assert column is not None
        assert [moment.isoformat() for moment in column] == [GOOD[0], one.isoformat()]


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
    """What is no real date and time in the documented form is `time.syntax`; what only lacks a right offset is `time.offset`. A hint says how to write it."""
    fault = parse_time(text)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert text not in fault.message or not text


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


@pytest.mark.parametrize("wall", [datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30)])  # noqa: DTZ001
def test_a_wall_clock_that_never_was_or_was_twice_is_a_fault(wall: datetime) -> None:
    """Where the clocks of a zone change, a time that they skipped or showed twice is `time.zone`, reading and writing."""
    berlin = ZoneInfo("Europe/Berlin")
    read, written = attach_zone(wall, berlin), wall_clock_in(wall, berlin)
    assert isinstance(read, Fault)
    assert isinstance(written, Fault)
    assert read.code == written.code == "time.zone"


def test_a_time_shown_twice_is_not_written() -> None:
    """An instant whose wall clock in the zone is ambiguous is `time.zone`: who reads it could not tell which it is."""
    fault = wall_clock_in(datetime(2024, 10, 27, 0, 30, tzinfo=timezone.utc), ZoneInfo("Europe/Berlin"))
    assert isinstance(fault, Fault)
    assert fault.code == "time.zone"


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        (datetime(9999, 12, 31, 23, 0, tzinfo=timezone.utc), INDIA),
        (datetime(1, 1, 1, 1, 0, tzinfo=timezone.utc), timezone(timedelta(hours=-5))),
    ],
)
def test_a_time_outside_the_calendar_is_a_fault(moment: datetime, zone: tzinfo) -> None:
    """A wall clock before year 1 or after year 9999 is `time.zone`."""
    fault = wall_clock_in(moment, zone)
    assert isinstance(fault, Fault)
    assert fault.code == "time.zone"


def test_an_offset_with_seconds_is_a_fault() -> None:
    """A zone's local mean time of long ago has seconds in its offset, which no document can say."""
    fault = attach_zone(datetime(1900, 1, 1), ZoneInfo("Asia/Kolkata"))  # noqa: DTZ001
    assert isinstance(fault, Fault)
    assert fault.code == "time.zone"


@given(st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)), OFFSETS)  # noqa: DTZ001
def test_fixed_offsets_lose_nothing(wall: datetime, zone: timezone) -> None:
    """In a fixed offset every wall clock is one moment, and that moment's wall clock is itself."""
    moment = attach_zone(wall, zone)
    assert isinstance(moment, datetime)
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


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Asia/Calcuta", "did you mean 'Asia/Calcutta'?"),
        ("asia/kolkata", "did you mean 'Asia/Kolkata'?"),
        ("+5:30", "a fixed offset, such as '+05:30'"),
        ("../etc/passwd", "neither an IANA time zone"),
        ("Europe", "neither an IANA time zone"),
        ("", "neither an IANA time zone"),
    ],
)
def test_an_unknown_zone_is_named(name: str, says: str) -> None:
    """A zone that is none is a `ValueError` that says what was likely meant."""
    with pytest.raises(ValueError, match="neither an IANA time zone") as error:
        find_zone(name)
    assert says in str(error.value)
