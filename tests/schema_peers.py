"""Validators that commspec's authors did not write, in other languages: ajv under Node, and the JDK's own `javax.xml.validation`."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

PEERS = Path(__file__).parent / "peers"


class Peer:
    """A validator in a process of its own. It has compiled some schemas, and says of one document after the other what one of them makes of it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def accepts(self, schema: int, document: bytes) -> bool:
        """Whether the schema, by its place among those that were given, accepts the document."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{schema} {base64.b64encode(document).decode()}\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{self._process.args!r} has ended"
        return answer.startswith("valid")


@contextlib.contextmanager
def started(command: Sequence[str], schemas: Sequence[bytes], environment: dict[str, str] | None = None) -> Iterator[Peer]:
    """The peer that `command` starts, with each of `schemas` in a file."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{index}.schema") for index in range(len(schemas))]
        for path, schema in zip(paths, schemas, strict=True):
            path.write_bytes(schema)
        process = subprocess.Popen(
            [*command, *map(str, paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        # One that has ended already, which is a test's to tell, breaks the pipe.
        with contextlib.suppress(BrokenPipeError), process:
            yield Peer(process)


def ajv(cache: Path, schemas: Sequence[bytes]) -> contextlib.AbstractContextManager[Peer]:
    """ajv with JSON Schemas. Skips the test, and says why, where there is no Node or its packages can't be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("ajv: Node and npm are not installed")
    modules = cache / "node_modules"
    if not modules.exists():
        # Beside it first: whoever else runs the tests sees all packages or none.
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(PEERS / name, folder)
            try:
                run = subprocess.run(
                    [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                    cwd=folder,
                    check=False,
                    capture_output=True,
                    text=True,
                    timeout=120,
                )
            except subprocess.TimeoutExpired:
                pytest.skip("ajv: npm has not come back within two minutes")
            if run.returncode:
                pytest.skip(f"ajv: npm can't install it: {' '.join(run.stderr.split())[:200]}")
            with contextlib.suppress(OSError):
                os.rename(Path(folder, "node_modules"), modules)
    return started([node, str(PEERS / "ajv.js")], schemas, {"NODE_PATH": str(modules)})


def xerces(schemas: Sequence[bytes]) -> contextlib.AbstractContextManager[Peer]:
    """The JDK's validator with XSDs. Skips the test, and says why, where there is no JDK."""
    java = shutil.which("java")
    if java is None:
        pytest.skip("javax.xml.validation: Java is not installed")
    trial = subprocess.run([java, "--list-modules"], check=False, capture_output=True, text=True)
    if "jdk.compiler@" not in trial.stdout:
        pytest.skip("javax.xml.validation: this Java runs no source files; it takes a JDK of 11 or later")
    # What is compiled for speed in the long run only slows down the start.
    return started([java, "-XX:TieredStopAtLevel=1", str(PEERS / "Xerces.java")], schemas)
