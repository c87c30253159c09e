"""Who does the work: this process, others of this machine, or a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol

from commspec.bulk import work


class Killed(Exception):
    """Work that the processes which were at it have not outlived, twice."""


class Workers(Protocol):
    """Whoever does the work. `window` is how many units of it may wait to be taken back; `parallel` is whether several are done at once."""

    window: int
    parallel: bool

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A promise of what `function` gives."""

    def result(self, future: Any) -> Any:
        """What a promise has come to. Raises what the work has raised, and `Killed`."""

    def alone(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of work that nothing else is done beside in the same process. Raises likewise."""

    def close(self) -> None:
        """Let the workers go."""


class _Inline:
    """No process but this one."""

    window = 1
    parallel = False

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        future: Future[Any] = Future()
        future.set_result(self.alone(function, *arguments))
        return future

    def result(self, future: Any) -> Any:
        return future.result()

    def alone(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def close(self) -> None:
        pass


class _Processes:
    """Processes of this machine. One that dies is replaced; whoever kills two is the file's trouble."""

    parallel = True

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self.window = 4 * jobs
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        # Started afresh: a fork would share threads' locks, and keep dead parents' pipes open.
        return ProcessPoolExecutor(self._jobs, mp_context=get_context("spawn"), initializer=work.begin_worker)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        with work.starting_workers():
            try:
                future = self._pool.submit(function, *arguments)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
                self._pool = self._new()
                future = self._pool.submit(function, *arguments)
        return future, function, arguments

    def result(self, future: Any) -> Any:
        first, function, arguments = future
        try:
            return first.result()
        except BrokenProcessPool:
            self._check_beginning()
        try:
            return self.submit(function, *arguments)[0].result()
        except BrokenProcessPool:
            raise Killed from None

    def alone(self, function: Callable[..., Any], *arguments: Any) -> Any:
        single = _Processes(1)
        try:
            return single.submit(function, *arguments)[0].result()
        except BrokenProcessPool:
            raise Killed from None
        finally:
            single.close()

    def _check_beginning(self) -> None:
        """Raise `RuntimeError` where it is not the work that ends processes."""
        try:
            self.alone(os.getpid)
        except Killed:
            message = 'no process can be started: a program that uses them keeps its own work behind `if __name__ == "__main__":`'
            raise RuntimeError(message) from None

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


class _Cluster:
    """A Dask cluster. Work that a worker dies with is done by another: what it writes is the same."""

    parallel = True

    def __init__(self, client: Any) -> None:
        self._client = client
        self.window = 4 * max(1, sum(client.nthreads().values()))

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._client.submit(function, *arguments, pure=False, retries=3)

    def result(self, future: Any) -> Any:
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker:
            raise Killed from None

    def alone(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self.result(self.submit(function, *arguments))

    def close(self) -> None:
        pass


def workers_of(jobs: int | None, client: Any, src: str, dst: str) -> Workers:
    """The workers of a run: those of `client`, or so many processes, None for one a processor."""
    if client is not None:
        return _Cluster(client)
    count = jobs or os.cpu_count() or 1
    # A store in memory is there for its own process alone.
    return _Inline() if count == 1 or src.startswith("memory:") or dst.startswith("memory:") else _Processes(count)
