"""Archives: every document of a folder, a glob or a store, in parallel, resumed where it was ended."""

from __future__ import annotations

import errno
import glob
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke

from commspec import bulk, convert
from commspec.bulk import Options, transform_bytes
from commspec.bulk.document import DEFAULT_LIMITS, WHOLE_BYTES
from commspec.bulk.places import walk
from commspec.codecs.format import Format
from commspec.errors import CommspecError
from commspec.forms import Form

GOOD = '{"root":{"sms":[{"to":"919876500001","body":"Hi"}]}}'
HALF = '{"root":{"sms":[{"to":"x","body":"Hi"},{"to":"919876500001","body":"Hi"}]}}'
REPLY = '{"status":{"code":200},"smsList":[{"sms":{"to":"919876500001","scheduledTime":"2026-03-02T09:30:00+05:30"}}]}'
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def made(folder: Path, **files: str) -> Path:
    """A folder of files; `__` in a name stands for a dot, and `_in_` for a folder."""
    for name, text in files.items():
        path = folder / name.replace("_in_", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def report(folder: Path) -> dict[str, dict[str, Any]]:
    """The report's lines by their files."""
    lines = [json.loads(line) for line in (folder / "report.ndjson").read_text().splitlines()]
    return {line["file"]: line for line in lines}


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, the journal among them."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def results(folder: Path) -> set[str]:
    """The names of all results."""
    return {name for name in tree(folder) if not name.startswith(".commspec-bulk") and name != "report.ndjson"}


def many(folder: Path, count: int) -> Path:
    """An archive of `count` documents in folders, every tenth of them at fault."""
    for number in range(count):
        path = folder / f"day{number % 5}" / f"{number:05d}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HALF if number % 10 == 3 else GOOD.replace("Hi", f"Hi {number}"))
    return folder


def test_a_folder(tmp_path: Path) -> None:
    """Each document below SRC becomes the other format under its own name."""
    src = made(tmp_path / "src", a__json=GOOD, b_in_c__JSON=GOOD, d__xml=convert(GOOD).document.decode(), e__json=REPLY)
    summary = bulk.run(src, tmp_path / "dst", jobs=1)
    assert (summary.good, summary.files, summary.messages, summary.ok) == (4, 4, 4, True)
    assert results(tmp_path / "dst") == {"a.xml", "b/c.xml", "d.json", "e.xml"}
    assert (tmp_path / "dst" / "a.xml").read_bytes() == convert(GOOD).document.rstrip(b"\n") + b"\n"
    assert (tmp_path / "dst" / "d.json").read_text() == GOOD + "\n"


def test_a_file_and_a_glob(tmp_path: Path) -> None:
    """SRC may be one file, or a glob, whose names then begin where its first wildcard stands; what is chosen so may have any ending."""
    src = made(tmp_path / "src", a__json=GOOD, b__json=GOOD, in_in_c__txt=GOOD)
    bulk.run(src / "a.json", tmp_path / "one", jobs=1)
    assert results(tmp_path / "one") == {"a.xml"}
    bulk.run(f"{src}/**/*", tmp_path / "all", to="json", jobs=1)
    assert results(tmp_path / "all") == {"a.json", "b.json", "in/c.txt.json"}


@pytest.mark.parametrize("to", ["json", "xml", "ndjson", "csv"])
@pytest.mark.parametrize("source", ["json", "xml", "ndjson", "csv"])
def test_every_form_to_every_other(source: str, to: str) -> None:
    """Each of the four becomes each, with the same messages."""
    given = {
        "json": GOOD.encode(),
        "xml": convert(GOOD).document,
        "ndjson": b'{"to":"919876500001","body":"Hi"}\n',
        "csv": b"to,body\n919876500001,Hi\n",
    }
    expected = {**given, "json": given["json"] + b"\n", "csv": b"to,body,scheduled_time,sender\r\n919876500001,Hi,,\r\n"}
    shapes: dict[str, Any] = {"json": Format.JSON, "xml": Format.XML, "ndjson": Form.NDJSON, "csv": Form.CSV}
    document, result = transform_bytes(given[source], Options(to=shapes[to], source=shapes[source]))
    assert (result.verdict, result.messages) == ("good", 1)
    assert document is not None
    assert document.rstrip(b"\n") == expected[to].rstrip(b"\n")


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("to", list(Format))
def test_streamed_documents_are_the_same(to: Format, indent: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that is streamed for its size becomes the very bytes that it would have become at once, and the same is said of it."""
    for document in (
        GOOD,
        HALF,
        REPLY,
        convert(REPLY).document.decode(),
        '{"root":{"sms":[{"to":919876500001,"body":"Hi"}]}}',
        "{",
        "<root/>",
    ):
        for partial in (False, True):
            options = Options(to=to, indent=indent, partial=partial)
            monkeypatch.setattr("commspec.bulk.document.WHOLE_BYTES", WHOLE_BYTES)
            whole, said = transform_bytes(document.encode(), options)
            monkeypatch.setattr("commspec.bulk.document.WHOLE_BYTES", 1)
            streamed, told = transform_bytes(document.encode(), options)
            assert streamed == whole
            assert (told.verdict, told.messages, told.notes) == (said.verdict, said.messages, said.notes)
            assert [issue.code for issue in told.issues] == [issue.code for issue in said.issues]


def test_faulty_documents_do_not_stop_a_run(tmp_path: Path) -> None:
    """A faulty document is left out and listed with its issues; the others are converted, and the run ends with 1."""
    src = made(tmp_path / "src", a__json=GOOD, b__json=HALF, c__json="{", d__json=GOOD)
    ran = invoke("bulk", str(src), str(tmp_path / "dst"), "--jobs", "1")
    assert ran.status == 1
    assert ran.err.startswith("4 files: 2 good, 2 faulty; 2 messages\nsee report.ndjson in ")
    assert results(tmp_path / "dst") == {"a.xml", "d.xml"}
    listed = report(tmp_path / "dst")
    assert {name: line["verdict"] for name, line in listed.items()} == {"b.json": "faulty", "c.json": "faulty"}
    assert [issue["path"] for issue in listed["b.json"]["issues"]] == ["root.sms[0].to"]
    assert listed["c.json"]["issues"][0]["code"] == "json.syntax"


def test_partial(tmp_path: Path) -> None:
    """With `partial` the good messages of a faulty request are converted, and the bad ones listed; a malformed document still isn't."""
    src = made(tmp_path / "src", b__json=HALF, c__json="{")
    assert invoke("bulk", str(src), str(tmp_path / "dst"), "--jobs", "1", "--to", "json", "--partial").status == 1
    assert (tmp_path / "dst" / "b.json").read_text() == GOOD + "\n"
    assert {name: (line["verdict"], line["messages"]) for name, line in report(tmp_path / "dst").items()} == {
        "b.json": ("partial", 1),
        "c.json": ("faulty", 0),
    }


def test_check(tmp_path: Path) -> None:
    """`--check` writes the report alone; with `--strict`, a variant is a fault."""
    src = made(tmp_path / "src", a__json=GOOD, b__json=GOOD.replace('"919876500001"', "919876500001"))
    assert invoke("bulk", str(src), str(tmp_path / "dst"), "--jobs", "1", "--check").status == 0
    assert report(tmp_path / "dst")["b.json"]["notes"][0]["code"] == "tolerated.number"
    assert invoke("bulk", str(src), str(tmp_path / "dst"), "--jobs", "1", "--check", "--strict").status == 1
    assert results(tmp_path / "dst") == set()


def test_two_sources_for_one_target(tmp_path: Path) -> None:
    """Documents that would become the same file, a folder or the report itself, are all reported, and none of them written; it is trouble."""
    src = made(tmp_path / "src", a__json=GOOD, a__xml="<root/>", report__xml="<root/>", b__json=GOOD, b__ndjson_in_c__json=GOOD)
    assert invoke("bulk", str(src), str(tmp_path / "dst"), "--jobs", "1", "--to", "ndjson").status == 2
    assert {name: line["verdict"] for name, line in report(tmp_path / "dst").items()} == dict.fromkeys(
        ("a.json", "a.xml", "b.json", "report.xml"), "collision"
    )
    assert results(tmp_path / "dst") == {"b.ndjson/c.ndjson"}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX's names, links and FIFOs")
def test_odd_files(tmp_path: Path) -> None:
    """Loops of links, links to nowhere, FIFOs and other files are reported; names with line breaks and bytes of no encoding are read."""
    src = made(tmp_path / "src", **{"new\nline__json": GOOD, "README": "x"})
    (src / "loop").symlink_to(src)
    (src / "gone.json").symlink_to("nowhere")
    os.mkfifo(src / "pipe.json")
    Path(os.fsdecode(os.fsencode(src) + b"/\xff.json")).write_text(GOOD)
    summary = bulk.run(src, tmp_path / "dst", jobs=1)
    assert (summary.good, summary.troubles, summary.skipped) == (2, 3, 1)
    assert {name: line["verdict"] for name, line in report(tmp_path / "dst").items()} == {
        "README": "skipped",
        "gone.json": "trouble",
        "loop": "trouble",
        "pipe.json": "trouble",
    }
    assert results(tmp_path / "dst") == {"new\nline.xml", os.fsdecode(b"\xff.xml")}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser can read everything")
def test_unreadable_files(tmp_path: Path) -> None:
    """A file that may not be read is reported, and is read by the next run if it then may."""
    src = made(tmp_path / "src", a__json=GOOD, b__json=GOOD)
    (src / "a.json").chmod(0)
    assert bulk.run(src, tmp_path / "dst", jobs=1).troubles == 1
    (src / "a.json").chmod(0o600)
    assert bulk.run(src, tmp_path / "dst", jobs=1).good == 2


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("pattern", ["**/*.json", "*/**/*.json", "**"])
def test_loops_of_links_in_a_glob(tmp_path: Path, pattern: str) -> None:
    """A glob whose folders link to one another is walked once, and each link that leads back is reported."""
    src = made(tmp_path / "src", in_in_a__json=GOOD)
    for name in ("one", "two", "three"):
        (src / "in" / name).symlink_to(src / "in")
    summary = bulk.run(f"{src}/{pattern}", tmp_path / "dst", jobs=1)
    assert (summary.good, summary.troubles) == (1, 3)
    assert set(report(tmp_path / "dst")) == {"in/one", "in/two", "in/three"}


def test_what_a_glob_matches(tmp_path: Path) -> None:
    """A glob matches what Python's own does, hidden files only by a dot."""
    names = ("a.json", "b/a.json", "b/c/a.json", "b/c/b.json", ".hidden.json", "b/.git/a.json", "x[1]/a.json", "b/a.jsonl")
    src = made(tmp_path / "src", **{name.replace(".", "__").replace("/", "_in_"): GOOD for name in names})
    for pattern in (
        "*.json",
        "**/*.json",
        "**",
        "b/**/a.json",
        "*/a.*",
        "b/*/[ab].json",
        "**/c/**/b.json",
        ".*",
        "**/.git/*",
        "x[[]1]/*",
        "./?.json",
    ):
        expected = {path for path in glob.glob(f"{src}/{pattern}", recursive=True) if Path(path).is_file()}
        (folder,) = walk(f"{src}/{pattern}")
        assert sorted(found.address for found in folder.files) == sorted(map(os.path.normpath, expected)) or pattern.startswith("./"), (
            pattern
        )
        assert len(folder.names) == len(expected), pattern


def test_what_would_overwrite_its_source(tmp_path: Path) -> None:
    """A file, by itself or by way of a link, is not overwritten by what becomes of it: it is reported, and stays as it is."""
    src = made(tmp_path / "src", a__json=HALF + " ", b__json=GOOD)
    assert bulk.run(src / "a.json", src, to="json", partial=True, jobs=1).troubles == 1
    assert (src / "a.json").read_text() == HALF + " "
    assert report(src)["a.json"]["verdict"] == "collision"
    with pytest.raises(ValueError, match="the target may not be the source"):
        bulk.run(f"{src}/*.json", src, to="json", jobs=1)
    if sys.platform != "win32":
        other = made(tmp_path / "other", b__json=GOOD)
        (other / "a.json").symlink_to(src / "a.json")
        assert bulk.run(other, src, to="json", partial=True, jobs=1).troubles == 1
        assert (src / "a.json").read_text() == HALF + " "


def test_the_target_is_no_source(tmp_path: Path) -> None:
    """What stands in the target is left out of a glob around it, and not read by way of a link; nor are an earlier run's report and journal."""
    src = made(tmp_path / "src", a__json=GOOD)
    for done_before in (0, 1):
        assert bulk.run(f"{src}/**/*.json", src / "dst", to="json", jobs=1).done_before == done_before
    assert results(src / "dst") == {"a.json"}
    made(src / "dst", b__json="{")
    assert bulk.run(src / "dst", tmp_path / "next", jobs=1).files == 2
    if sys.platform != "win32":
        (tmp_path / "dst").mkdir()
        other = made(tmp_path / "other", a__json=GOOD)
        (other / "link").symlink_to(tmp_path / "dst")
        for _ in range(2):
            summary = bulk.run(other, tmp_path / "dst", jobs=1)
            assert (summary.good, summary.troubles) == (1, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="paths are shorter there")
def test_deep_folders(tmp_path: Path) -> None:
    """Folders may be deeper than Python's calls."""
    here = os.getcwd()
    (tmp_path / "src").mkdir()
    try:
        os.chdir(tmp_path / "src")
        for _ in range(1100):
            os.mkdir("a")
            os.chdir("a")
        Path("x.json").write_text(GOOD)
        os.chdir(here)
        assert bulk.run(tmp_path / "src", tmp_path / "dst", jobs=1).good == 1
        assert bulk.run(f"{tmp_path}/src/**/*.json", tmp_path / "other", jobs=1).good == 1
    finally:
        os.chdir(here)
        # What cleans up after the tests calls itself, folder by folder.
        subprocess.run(["rm", "-rf", *(tmp_path / name for name in ("src", "dst", "other"))], check=True)


def test_names_that_become_too_long(tmp_path: Path) -> None:
    """A name that has room for its own ending only is reported; the others are converted."""
    src = made(tmp_path / "src", **{"a" * 250 + "__json": GOOD, "b__json": GOOD})
    summary = bulk.run(src, tmp_path / "dst", to="ndjson", jobs=1)
    assert (summary.good, summary.troubles) == (1, 1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_huge_file_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """A file that is taken away while a run is at work is reported; also one that several processes were to read."""
    src = made(tmp_path / "src", a__json=GOOD, b__ndjson="")
    (src / "b.ndjson").write_text('{"to":"919876500001","body":"Hi"}\n' * 100)
    hand_out = bulk._Run._hand_out

    def late(run: Any, unit: Any) -> None:
        (src / "b.ndjson").unlink(missing_ok=True)
        hand_out(run, unit)

    monkeypatch.setattr("commspec.bulk._Run._hand_out", late)
    summary = bulk.run(src, tmp_path / "dst", jobs=jobs, span_bytes=500, channel="sms")
    assert (summary.good, summary.troubles) == (1, 1)
    assert report(tmp_path / "dst")["b.ndjson"]["issues"][0]["message"] == "no such file or directory"


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that is full ends the run with 2 and its name, and the run goes on once there is room."""
    src, dst = many(tmp_path / "src", 300), tmp_path / "dst"
    bulk.run(src, tmp_path / "whole", jobs=1)
    written: list[str] = []
    replace = os.replace

    def full(source: str, target: str) -> None:
        if len(written) == 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)
        written.append(target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        ran = invoke("bulk", str(src), str(dst), "--jobs", "1")
    assert (ran.status, ran.err) == (2, f"commspec: {dst}: no space left on device\n")
    assert len(results(dst)) == 100
    bulk.run(src, dst, jobs=1)
    assert tree(dst) == tree(tmp_path / "whole")


class _NoCluster:
    """A Dask client that has lost its cluster."""

    def nthreads(self) -> Any:
        raise OSError(errno.ECONNREFUSED, "the scheduler is gone")


@pytest.mark.parametrize(("options", "error"), [({"jobs": 0}, ValueError), ({"client": _NoCluster()}, OSError)])
def test_a_run_that_can_t_begin(tmp_path: Path, options: Any, error: type[Exception]) -> None:
    """Where there is nobody to do the work, nothing is left locked or half made, and the next run begins."""
    src, dst = made(tmp_path / "src", a__json=GOOD), tmp_path / "dst"
    with pytest.raises(error) as caught:
        bulk.run(src, dst, **options)
    assert bulk.run(src, dst, jobs=1).good == 1, caught
    assert not [name for name in os.listdir(dst / ".commspec-bulk") if name.startswith("writing-")]


def test_addresses_without_fsspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where fsspec is not installed, an address ends in one line with the install command."""
    monkeypatch.setitem(sys.modules, "fsspec", None)
    says = "bulk over addresses needs the package fsspec: pip install 'commspec[bulk]'"
    with pytest.raises(CommspecError) as caught:
        bulk.run("memory://src", tmp_path / "dst", jobs=1)
    assert str(caught.value) == says
    ran = invoke("bulk", "memory://src", str(tmp_path / "dst"), "--jobs", "1")
    assert (ran.status, ran.err) == (2, f"commspec: {says}\n")


def test_faulty_since(tmp_path: Path) -> None:
    """What became of a document before it was at fault does not stay; what it has become stays where the document is gone."""
    src, dst = made(tmp_path / "src", a__json=GOOD, b__json=GOOD), tmp_path / "dst"
    bulk.run(src, dst, jobs=1)
    (src / "a.json").write_text("{")
    (src / "b.json").unlink()
    assert bulk.run(src, dst, jobs=1).faulty == 1
    assert results(dst) == {"b.xml"}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX's signals")
@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted(tmp_path: Path, jobs: int) -> None:
    """Ctrl-C, which reaches every process of a terminal, ends a run at once with 130 and without a word; started again it goes on."""
    src, dst = many(tmp_path / "src", 2000), tmp_path / "dst"
    command = [sys.executable, "-m", "commspec", "bulk", str(src), str(dst), "--jobs", str(jobs)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as process:
        while files_in(dst) < 200:
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"")
    assert os.listdir(dst / ".commspec-bulk") == ["journal.ndjson"]
    bulk.run(src, dst, jobs=1)
    bulk.run(src, tmp_path / "whole", jobs=1)
    assert tree(dst) == tree(tmp_path / "whole")


def test_a_program_without_its_guard(tmp_path: Path) -> None:
    """A program that starts processes from where they start too is told what it lacks; no document is blamed."""
    src = made(tmp_path / "src", a__json=GOOD)
    script = tmp_path / "program.py"
    script.write_text(f"from commspec import bulk\nbulk.run({str(src)!r}, {str(tmp_path / 'dst')!r}, jobs=2)\n")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("RuntimeError: no process can be started: a program that uses them keeps its own work")
    assert not (tmp_path / "dst" / "report.ndjson").exists()


def test_unreadable_files_imitated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, where the system is imitated: the trouble is reported, and gone once the file can be read."""
    src = made(tmp_path / "src", a__json=GOOD, b__json=GOOD)

    def refuse(address: str) -> io.BytesIO:
        if address.endswith("a.json"):
            raise PermissionError(13, "Permission denied")
        return io.BytesIO(GOOD.encode())

    with monkeypatch.context() as patch:
        patch.setattr("commspec.bulk.work.open_source", refuse)
        assert bulk.run(src, tmp_path / "dst", jobs=1).troubles == 1
    assert report(tmp_path / "dst")["a.json"]["issues"][0]["message"] == "permission denied"
    summary = bulk.run(src, tmp_path / "dst", jobs=1)
    assert (summary.good, summary.done_before) == (2, 1)
    assert report(tmp_path / "dst") == {}


def test_usage(tmp_path: Path) -> None:
    """A source that isn't there, and a target inside the source, are 2, and nothing is made."""
    src = made(tmp_path / "src", a__json=GOOD)
    assert invoke("bulk", str(tmp_path / "no"), str(tmp_path / "dst")).status == 2
    assert invoke("bulk", str(src), str(src / "dst")).status == 2
    assert invoke("bulk", str(src), str(tmp_path)).status == 2
    assert set(os.listdir(tmp_path)) == {"src"}


def test_again_does_nothing(tmp_path: Path) -> None:
    """A run that was finished does nothing when it is started again, and leaves the same bytes."""
    src = many(tmp_path / "src", 50)
    bulk.run(src, tmp_path / "dst", jobs=1)
    before = {name: os.stat(tmp_path / "dst" / name).st_ino for name in results(tmp_path / "dst")}
    everything = tree(tmp_path / "dst")
    assert bulk.run(src, tmp_path / "dst", jobs=1).done_before == 50
    assert before == {name: os.stat(tmp_path / "dst" / name).st_ino for name in results(tmp_path / "dst")}
    assert tree(tmp_path / "dst") == everything


@pytest.mark.parametrize(
    ("change", "redone"),
    [
        (lambda src, dst: (src / "day0" / "00000.json").write_text(HALF), 1),
        (lambda src, dst: (dst / "day0" / "00005.xml").unlink(), 1),
        (lambda src, dst: (dst / "day0" / "00005.xml").write_text(""), 1),
        (lambda src, dst: (src / "day2" / "00000.json").write_text(GOOD), 31),
        (lambda src, dst: (src / "day2" / "00002.json").unlink(), 29),
    ],
    ids=["source changed", "result gone", "result cut", "file added", "file gone"],
)
def test_what_has_changed_is_done_again(tmp_path: Path, change: Callable[[Path, Path], object], redone: int) -> None:
    """What has changed since is done again; where a name came or went, so is everything behind it. What is left is as if done at once."""
    src, dst = many(tmp_path / "src", 50), tmp_path / "dst"
    bulk.run(src, dst, jobs=1)
    change(src, dst)
    summary = bulk.run(src, dst, jobs=1)
    assert summary.files - summary.done_before == redone
    bulk.run(src, tmp_path / "fresh", jobs=1)
    assert (dst / "report.ndjson").read_bytes() == (tmp_path / "fresh" / "report.ndjson").read_bytes()
    assert (dst / ".commspec-bulk" / "journal.ndjson").read_bytes() == (
        tmp_path / "fresh" / ".commspec-bulk" / "journal.ndjson"
    ).read_bytes()


def test_other_options_begin_anew(tmp_path: Path) -> None:
    """A journal made with other options is none."""
    src = many(tmp_path / "src", 20)
    bulk.run(src, tmp_path / "dst", jobs=1)
    assert bulk.run(src, tmp_path / "dst", jobs=1, partial=True).done_before == 0


@pytest.mark.parametrize("cut", [1, 20, 150])
def test_half_written_journal(tmp_path: Path, cut: int) -> None:
    """A journal whose end a kill or a power cut has taken is good up to its last whole line."""
    src = many(tmp_path / "src", 20)
    bulk.run(src, tmp_path / "dst", jobs=1)
    everything = tree(tmp_path / "dst")
    journal = tmp_path / "dst" / ".commspec-bulk" / "journal.ndjson"
    journal.write_bytes(journal.read_bytes()[:-cut])
    (tmp_path / "dst" / "report.ndjson").unlink()
    assert bulk.run(src, tmp_path / "dst", jobs=1).done_before in (18, 19)
    assert tree(tmp_path / "dst") == everything


def test_processes_make_no_difference(tmp_path: Path) -> None:
    """Two processes leave what one does, a huge NDJSON file that is split among them included."""
    src = many(tmp_path / "src", 200)
    lines = [f'{{"to":"9198765{number:05d}","body":"H\u00e9 {number}"}}' for number in range(3000)]
    (src / "good.ndjson").write_text("\ufeff" + "\r\n".join(lines))
    (src / "faulty.ndjson").write_text("\n\n".join([*lines[:1500], '{"to":"x"}', *lines[1500:], '{"to":"y"}']))
    for to, partial in (("json", False), ("xml", True), ("csv", True)):
        one, two = tmp_path / f"{to}1", tmp_path / f"{to}2"
        options: dict[str, Any] = {"to": to, "partial": partial, "indent": 2 if to == "xml" else None}
        first = bulk.run(src, one, jobs=1, **options)
        second = bulk.run(src, two, jobs=2, span_bytes=20_000, **options)
        assert (first.good, first.partial, first.faulty, first.messages) == (second.good, second.partial, second.faulty, second.messages)
        assert tree(one) == tree(two)


def test_two_runs_in_one_target(tmp_path: Path) -> None:
    """A second run in the same target at the same time is refused, and disturbs nothing."""
    pytest.importorskip("fcntl")
    src = many(tmp_path / "src", 5)
    seen: list[int] = []

    def meanwhile(_: object) -> None:
        seen.append(invoke("bulk", str(src), str(tmp_path / "dst"), "--jobs", "1").status)

    assert bulk.run(src, tmp_path / "dst", jobs=1, progress=meanwhile).files == 5
    assert seen == [2]


def test_a_process_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that kills the process which reads it is trouble; the others of its batch are converted."""
    src = made(tmp_path / "src", a__json=GOOD, b__json=GOOD, c__json=GOOD)
    monkeypatch.setattr("commspec.bulk.work.do", deadly)
    summary = bulk.run(src, tmp_path / "dst", jobs=2)
    assert (summary.good, summary.troubles) == (2, 1)
    assert report(tmp_path / "dst")["b.json"]["issues"][0]["message"].startswith("the process that read it was killed")


def deadly(tasks: Any, *rest: Any) -> Any:
    """Work that b.json is deadly for."""
    # In the process that runs this, which was started afresh, `work.do` is what it always was.
    from commspec.bulk import work

    for task in tasks:
        if task.found.name == "b.json":
            os.kill(os.getpid(), signal.SIGKILL)
    return work.do(tasks, *rest)


def files_in(folder: Path) -> int:
    """How far a run has come: the files of its target, those that are none yet included."""
    return sum(len(files) for _, _, files in os.walk(folder))


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_again_and_again(tmp_path: Path, jobs: int) -> None:
    """Killed outright at any moment and started again, a run ends with the bytes of an undisturbed one, and leaves nothing else."""
    src = many(tmp_path / "src", 1000)
    lines = "\n".join(f'{{"to":"9198765{number:05d}","body":"Hi"}}' for number in range(20_000))
    (src / "huge.ndjson").write_text(lines)
    bulk.run(src, tmp_path / "whole", jobs=1)
    code = (
        "import sys; from commspec import bulk\n"
        f"if __name__ == '__main__': bulk.run({str(src)!r}, {str(tmp_path / 'killed')!r}, jobs={jobs}, span_bytes=100_000)"
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    chance = random.Random(7)
    kills = 0
    for _ in range(200 if DEEP else 4 if jobs == 1 else 3):
        wanted = files_in(tmp_path / "killed") + chance.randint(0, 200)
        with subprocess.Popen([sys.executable, str(script)]) as process:
            while process.poll() is None and files_in(tmp_path / "killed") < wanted:
                time.sleep(0.001)
            process.kill()
        kills += process.returncode == -signal.SIGKILL
    assert kills
    # What the dead run's workers were at ends with them.
    subprocess.run([sys.executable, str(script)], check=True, timeout=120)
    time.sleep(0.2)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_memory_addresses(tmp_path: Path) -> None:
    """SRC and DST may be addresses of fsspec; a run there is resumed, too."""
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    for number in range(70):
        system.pipe(f"/src/{number % 3}/{number:03d}.json", (HALF if number == 5 else GOOD).encode())
    assert invoke("bulk", "memory://src", "memory://dst", "--to", "ndjson").status == 1
    assert system.cat("/dst/1/001.ndjson") == b'{"to":"919876500001","body":"Hi"}\n'
    assert [json.loads(line)["file"] for line in system.cat("/dst/report.ndjson").splitlines()] == ["2/005.json"]
    assert bulk.run("memory://src", "memory://dst", to="ndjson").done_before == 70
    system.pipe("/src/0/000.json", HALF.encode())
    assert bulk.run("memory://src", "memory://dst", to="ndjson", limits=DEFAULT_LIMITS).done_before == 69
    assert bulk.run("memory://src/1/*.json", str(tmp_path / "dst")).good == 23
    # Neither over what it reads, nor beside it unseen.
    for source, target in (
        ("memory://src", "memory://src/x"),
        ("memory:///src/1", "memory://src"),
        ("memory://src/1/*.json", "memory://src/1/"),
    ):
        with pytest.raises(ValueError, match="the target may not be the source"):
            bulk.run(source, target, to="json")
    assert bulk.run("memory://src/1/001.json", "memory://src/1", to="json").troubles == 1
    assert bulk.run("memory://dst", "memory://next").files == 68
    assert invoke("bulk", "s3://outbox", str(tmp_path / "no")).status == 2
    system.rm("/", recursive=True)
