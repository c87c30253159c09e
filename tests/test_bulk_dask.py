"""Archives on a Dask cluster, and the pure function of a document in Spark."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke

from commspec import bulk

distributed = pytest.importorskip("distributed")

# What the cluster's own parts warn of as they come and go is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

GOOD = '{"root":{"sms":[{"to":"919876500001","body":"Hi %d"}]}}'
BAD = '{"root":{"sms":[{"to":"x","body":"Hi"}]}}'


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each a process of its own."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, worker_dashboard_address=None, silence_logs=50
    ) as one:
        yield one


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, the journal among them."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def archive(folder: Path, count: int, lines: int) -> Path:
    """Documents, some at fault, and one NDJSON file of many lines, each message of which can be told from the others."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05d}.json").write_text(BAD if number % 50 == 3 else GOOD % number)
    (folder / "huge.ndjson").write_text("".join(f'{{"to":"9198765{number:05d}","body":"Hi {number}"}}\n' for number in range(lines)))
    return folder


def test_a_worker_dies_half_way(tmp_path: Path, cluster: Any) -> None:
    """One of two workers is killed outright half way: every document is there exactly once, as if one process had done it all."""
    src = archive(tmp_path / "src", 3000, 60_000)
    bulk.run(src, tmp_path / "one", to="ndjson", jobs=1)
    with distributed.Client(cluster, set_as_default=False) as client:
        pids = list(client.run(os.getpid).values())
        assert len(set(pids)) == 2
        done = threading.Event()
        at: list[int] = []

        def kill() -> None:
            while not done.is_set():
                written = len(list((tmp_path / "many").glob("*.ndjson")))
                if written > 500:
                    at.append(written)
                    os.kill(pids[0], signal.SIGKILL)
                    return
                time.sleep(0.005)

        killer = threading.Thread(target=kill)
        killer.start()
        summary = bulk.run(src, tmp_path / "many", to="ndjson", client=client, span_bytes=200_000)
        done.set()
        killer.join()
    assert at
    assert at[0] < 2500
    assert summary.messages == 2940 + 60_000
    assert (tmp_path / "many" / "huge.ndjson").read_bytes() == (src / "huge.ndjson").read_bytes()
    assert tree(tmp_path / "many") == tree(tmp_path / "one")


def test_the_command_line(tmp_path: Path, cluster: Any) -> None:
    """`--scheduler` has the cluster do it, and what it did is not done again."""
    src = archive(tmp_path / "src", 10, 10)
    arguments = ("bulk", str(src), str(tmp_path / "dst"), "--scheduler", cluster.scheduler_address)
    assert invoke(*arguments).status == 1
    ran = invoke(*arguments)
    assert ran.status == 1
    assert ran.err.startswith("11 files: 10 good, 1 faulty; 19 messages\n11 of them had been done before\n")


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed: the Spark recipe was not run")
def test_the_recipe_for_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe of docs/how-to/archives.md gives each document's result in Spark's mapInPandas."""
    page = Path(__file__).parent.parent / "docs" / "how-to" / "archives.md"
    recipe = page.read_text(encoding="utf-8").partition('```python title="spark"\n')[2].partition("```")[0]
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.master("local[2]").getOrCreate()
    names: dict[str, Any] = {}
    exec(recipe, names)
    frame = spark.createDataFrame(
        [("a.json", bytearray((GOOD % 1).encode())), ("b.json", bytearray(BAD.encode()))], "path string, content binary"
    )
    rows = {row.path: row for row in frame.mapInPandas(names["convert_all"], names["SCHEMA"]).collect()}
    spark.stop()
    assert (rows["a.json"].verdict, rows["b.json"].verdict) == ("good", "faulty")
    assert bytes(rows["a.json"].document).endswith(b"</root>\n")
    assert rows["b.json"].document is None
