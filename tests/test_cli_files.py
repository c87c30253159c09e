"""Files as the command line writes them: whole or not at all (SPEC.md section 7)."""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from commspec.cli.console import Console, Trouble, label
from commspec.cli.files import read, refuse_unwritable, replacing

NOBODY = Console(None, None, None)
posix = pytest.mark.skipif(os.name == "nt", reason="modes, FIFOs and devices are POSIX's")


def write(path: Path | str, content: bytes = b"new") -> None:
    """Write `content` to `path` as commands do."""
    with replacing(str(path)) as stream:
        stream.write(content)


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def refusing(code: int) -> object:
    """A function that the system answers with an error."""

    def refuse(*arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A file that says `old`; afterwards no other file may stand beside it."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    yield path
    assert sorted(tmp_path.iterdir()) == [path]


def test_nothing_is_there_before_the_end(file: Path) -> None:
    """The file is as it was until the block ends, and then as written, in one step."""
    with replacing(str(file)) as stream:
        stream.write(b"new")
        stream.flush()
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_a_block_that_fails_leaves_the_file(error: type[BaseException], file: Path) -> None:
    """Whatever ends the block, an interrupt too, the file is as it was and no other is left."""

    def fail() -> None:
        with replacing(str(file)) as stream:
            stream.write(b"new")
            raise error

    with pytest.raises(error):
        fail()
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_file(call: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full when the bytes must reach it is told, the file is as it was and no other is left."""
    monkeypatch.setattr(os, call, refusing(errno.ENOSPC))
    with pytest.raises(Trouble) as caught:
        write(file)
    assert str(caught.value) == f"{file}: no space left on device"
    assert file.read_bytes() == b"old"


def test_a_folder_that_takes_no_files(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no file can be made beside it, the message says where."""
    monkeypatch.setattr(os, "open", refusing(errno.EACCES))
    with pytest.raises(Trouble) as caught:
        write(file)
    assert str(caught.value) == f"{file}: no file can be made in {file.parent}: permission denied"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The folder must be there."""
    with pytest.raises(Trouble) as caught:
        write(tmp_path / "none" / "file")
    assert str(caught.value) == f"{tmp_path}/none/file: no file can be made in {tmp_path}/none: no such file or directory"


def test_a_read_only_file_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that its owner made read-only is not replaced, though its folder would allow it."""
    file.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, how: False)  # root, whom modes don't bind, may run this
    with pytest.raises(Trouble) as caught:
        write(file)
    assert str(caught.value) == f"{file}: it is read-only"
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["", ".", "./none/"])
def test_what_names_no_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, and what can only be one, is refused."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Trouble):
        write(name)
    assert not list(tmp_path.iterdir())


def test_a_name_that_no_file_can_have() -> None:
    """A name with a null character is trouble, not a traceback."""
    with pytest.raises(Trouble) as caught:
        write("a\0b")
    assert str(caught.value).startswith("a\\x00b: ")


@posix
@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o666, 0o444])
def test_mode_is_kept(permissions: int, file: Path) -> None:
    """A file that was there keeps its mode."""
    file.chmod(permissions)
    if not os.access(file, os.W_OK):
        return
    write(file)
    assert mode(file) == permissions
    file.chmod(0o600)


@posix
def test_mode_of_a_new_file(tmp_path: Path) -> None:
    """A new file has the mode that the umask leaves."""
    before = os.umask(0o027)
    try:
        write(tmp_path / "new")
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == 0o640


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_owner_is_kept(file: Path) -> None:
    """Root, writing somebody's file, leaves it theirs."""
    os.chown(file, 65534, 65534)
    write(file)
    assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65534)


@posix
def test_a_link_is_followed(tmp_path: Path) -> None:
    """A link stays a link, and what it points at is replaced, in its own folder."""
    (tmp_path / "away").mkdir()
    target, link = tmp_path / "away" / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to("away/target")
    write(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert len(list((tmp_path / "away").iterdir())) == 1


@posix
def test_a_link_to_nothing_is_followed(tmp_path: Path) -> None:
    """A link to a file that is not there makes that file."""
    link = tmp_path / "link"
    link.symlink_to("target")
    write(link)
    assert link.is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


@posix
def test_links_in_a_circle(tmp_path: Path) -> None:
    """Links that lead nowhere are trouble."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(Trouble) as caught:
        write(tmp_path / "a")
    assert str(caught.value) == f"{tmp_path}/a: too many levels of symbolic links"


@posix
def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    """A FIFO is written to, not replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join(10)
    assert received == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix
def test_devices_are_written_through() -> None:
    """/dev/null takes everything; a full device is told."""
    write("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux's")
def test_a_full_device() -> None:
    """A full device is told."""
    with pytest.raises(Trouble) as caught:
        write("/dev/full")
    assert str(caught.value) == "/dev/full: no space left on device"


@posix
def test_a_descriptor_is_written_where_it_stands(file: Path) -> None:
    """`/dev/fd/N` is what the shell has opened as N: written at its place, neither cut short nor replaced."""
    with open(file, "ab") as stream:
        write(f"/dev/fd/{stream.fileno()}")
        write(f"/dev/fd/{stream.fileno()}")
    assert file.read_bytes() == b"oldnewnew"


@posix
def test_a_descriptor_that_is_not_open() -> None:
    """One that is not open is trouble."""
    with pytest.raises(Trouble) as caught:
        write("/dev/fd/999")
    assert str(caught.value) == "/dev/fd/999: bad file descriptor"


def test_no_more_is_read_than_the_limit_shows(file: Path) -> None:
    """Of a file that is too large, one byte more than the limit is read."""
    assert read(str(file), NOBODY, 3) == b"old"
    assert read(str(file), NOBODY, 2) == b"old"
    assert read(str(file), NOBODY, 1) == b"ol"


def test_a_pipe_that_comes_in_pieces_is_read_whole() -> None:
    """Standard input is read to its end, or to the limit, however few bytes come at a time."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 2))

    assert read("-", Console(io.TextIOWrapper(Slow(b"12345")), None, None), 100) == b"12345"
    assert read("-", Console(io.TextIOWrapper(Slow(b"12345")), None, None), 3) == b"1234"


def test_what_the_system_refuses_to_read(tmp_path: Path) -> None:
    """A folder, and a file without permission, are trouble with the system's reason."""
    with pytest.raises(Trouble) as caught:
        read(str(tmp_path), NOBODY, 100)
    assert str(caught.value) == f"{tmp_path}: is a directory"


@posix
def test_labels() -> None:
    """A name is shown with what can't be printed as escapes, the backslash too, which is what tells them apart."""
    assert [label(name) for name in ("-", "", "a b.json", "a\nb", "a\\nb", "\udcff")] == [
        "standard input",
        "''",
        "a b.json",
        "a\\nb",
        "a\\\\nb",
        "\\udcff",
    ]


def test_labels_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the backslash parts folders, it stands once, as people write it."""
    monkeypatch.setattr(os, "sep", "\\")
    assert label("C:\\My Files\\a.json") == "C:\\My Files\\a.json"


# ---- Refused before there is anything to write.


def refused(name: Path | str) -> str | None:
    """What is said of a file that can't be written, None of one that can."""
    try:
        refuse_unwritable(str(name))
    except Trouble as trouble:
        return str(trouble)
    return None


def test_what_can_be_written_is_let_through(file: Path) -> None:
    """A file that is there stays as it was, and one that isn't is not made."""
    before = file.stat()
    assert refused(file) is None
    assert refused(file.parent / "other") is None
    assert file.stat() == before
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["", "missing/file", ".", "file/file", "a\0b"])
def test_what_cannot_be_written_is_refused_in_the_same_words(file: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """No name, a missing folder, a directory, a file for a folder: refused as writing itself would refuse it."""
    monkeypatch.chdir(file.parent)
    with pytest.raises(Trouble) as caught:
        write(name)
    assert refused(name) == str(caught.value)


@posix
def test_read_only_is_refused_before(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only file, and a folder in which no file can be made, are refused."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert refused(file) == f"{label(str(file))}: it is read-only"
    assert refused("/dev/null") == "/dev/null: permission denied"
    monkeypatch.setattr(os, "open", refusing(errno.EACCES))
    other = file.parent / "other"
    assert refused(other) == f"{label(str(other))}: no file can be made in {label(str(file.parent))}: permission denied"


@posix
def test_a_fifo_is_not_opened_before(tmp_path: Path) -> None:
    """A FIFO without a reader is let through at once."""
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe") is None


@posix
def test_descriptors_before(file: Path) -> None:
    """`/dev/fd/N` is let through where it is open, and nowhere else."""
    with open(file, "ab") as stream:
        assert refused(f"/dev/fd/{stream.fileno()}") is None
    assert refused("/dev/fd/999") == "/dev/fd/999: bad file descriptor"
