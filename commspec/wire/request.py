"""What a request's lists hold, gathered message by message: which list, which channel, which index (SPEC.md sections 2 and 4.8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from commspec.errors import Issue
from commspec.models.channel import Channel
from commspec.models.extra import Extra
from commspec.models.messages import Message
from commspec.models.request import SendRequest
from commspec.wire.columns import make
from commspec.wire.explain import Entry, Reading, read_message, received_fields
from commspec.wire.names import LISTS, REQUEST_LISTS, ROOT


@attrs.frozen
class Received:
    """One message as it came: the object, or None where it has any fault; its fields as received, by the document's names; what was found in it.

    In `fields` a field that stands twice has a tuple of its values, and a value that is no text its JSON spelling; attachments are a tuple of such
    mappings.

    Once as many faults are listed as `limits.issues` allows, the faulty messages after that are one and the same entry, which stands in the place of
    each: the `index` and `path` of the first of them, no fields and no issues.
    """

    index: int
    path: str
    channel: Channel
    message: Message | None
    fields: Extra
    issues: tuple[Issue, ...]
    notes: tuple[Issue, ...]


def request_of(received: Iterable[Received]) -> SendRequest:
    """The request of messages that have no fault."""
    return SendRequest(item.message for item in received if item.message is not None)


class RequestReader:
    """Takes a request's messages in the order of the document, and reports what only the whole shows: no message, or two channels.

    `taken` says that somebody takes the messages out of `received` as they come, so that no number of them is too many.
    """

    def __init__(self, channel: Channel | None, reading: Reading, *, taken: bool = False) -> None:
        self.received: list[Received] = []
        self._asked = channel
        self._reading = reading
        self._taken = taken
        self._unlisted: dict[Channel, Received] = {}
        self._lists: dict[str, int] = {}
        self._holds_unknown = self._holds_unread = False
        self._count = 0

    def begin_list(self, name: str, path: str, line: int | None = None) -> None:
        """A list of the document begins, or in XML the first message of one."""
        channel = REQUEST_LISTS[name]
        others = [REQUEST_LISTS[other] for other in self._lists]
        self._lists[name] = 0
        if self._asked is not None and channel is not self._asked:
            message = f"a list for {channel}, where {self._asked} was asked for"
            self._reading.report.issue(Issue("channel", path, message, hint=f"send it with channel={channel}", line=line))
        elif self._asked is None and others:
            message = f"a list for {channel} beside one for {others[0]}"
            self._reading.report.issue(Issue("channel", path, message, hint="make a request of each channel", line=line))

    def asks_for_another(self, channel: Channel) -> bool:
        """Whether messages of another channel than this are asked for."""
        return self._asked is not None and channel is not self._asked

    def take_good(self, name: str, messages: Sequence[Message]) -> list[Received]:
        """The entries of the list's next messages, which have been read elsewhere and have no fault; they do not go through `received`."""
        index, place = self._pass(name, len(messages))
        count = len(messages)
        columns = {
            "index": range(index, index + count),
            "path": [f"{ROOT}.{name}[{each}]" for each in range(place, place + count)],
            "channel": [REQUEST_LISTS[name]] * count,
            "message": messages,
            "fields": [received_fields(())] * count,
            "issues": [()] * count,
            "notes": [()] * count,
        }
        return make(Received, columns, count)

    def _pass(self, name: str, count: int) -> tuple[int, int]:
        """Count the list's next messages; what the first of them is in the document, and in the list."""
        first = self._count, self._lists[name]
        self._count += count
        self._lists[name] += count
        return first

    def knows(self, name: str) -> bool:
        """Whether the list has begun."""
        return name in self._lists

    def next_path(self, name: str) -> str:
        """The path of the list's next message."""
        return f"{ROOT}.{name}[{self._lists[name]}]"

    def add(self, name: str, entries: Iterable[Entry] | Issue, path: str, line: int | None = None) -> None:
        """Read the list's next message, or note why there is nothing to read. A codec may report what it finds in it while it yields the entries."""
        report = self._reading.report
        faults, issues, notes = report.count, len(report.issues), len(report.notes)
        index, _ = self._pass(name, 1)
        channel = REQUEST_LISTS[name]
        received: list[Entry] = []
        message = None
        if isinstance(entries, Issue):
            report.issue(entries)
        else:
            received.extend(entries)
            message = read_message(channel, received, path, line, self._reading)
        if report.count > faults:
            message = None
        if message is None and not self._reading.echo:
            return
        if message is None and len(report.issues) == issues and not self._taken:
            # There may be millions, and each is many times as large as what it was read from.
            if channel not in self._unlisted:
                self._unlisted[channel] = Received(index, path, channel, None, received_fields(()), (), ())
            self.received.append(self._unlisted[channel])
            return
        self.received.append(
            Received(
                index,
                path,
                channel,
                message,
                received_fields(received),
                tuple(report.issues[issues:]),
                tuple(report.notes[notes:]),
            )
        )

    def saw_unknown(self) -> None:
        """Something unknown stands where a list belongs. It may hold messages, so that nobody can say there are none."""
        self._holds_unknown = True

    def saw_unread(self) -> None:
        """A list stands there that can't be read, which is its fault and the only one."""
        self._holds_unread = True

    def hint_for_list(self, name: str) -> str | None:
        """The list that was likely meant by an unknown name."""
        folded = name.lower().replace("_", "")
        for known in REQUEST_LISTS:
            if known.lower() == folded:
                return f"write {known}"
        if self._reading.report.long:
            return None
        import difflib

        close = difflib.get_close_matches(name[:80], REQUEST_LISTS, n=1)
        return f"did you mean {close[0]}?" if close else None

    def finish(self, line: int | None) -> None:
        """The document ends."""
        names = list(self._lists)
        if not self._count and not self._holds_unread and (names or not self._holds_unknown):
            path = f"{ROOT}.{names[0]}" if names else ROOT
            lists = ", ".join(names.message for names in LISTS.values())
            self._reading.report.issue(Issue("empty", path, f"no message: expected one or more in one of {lists}", line=line))
