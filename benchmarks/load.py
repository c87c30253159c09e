"""The FastAPI example under load: `python -m benchmarks.load`, from the repository's root.

A server process runs docs/examples/fastapi_server.py; this one is its clients, with httpx. Every call has messages of its own in either format, some of
them faulty, and every answer is checked: each message's outcome, matched, is the one that it must have. What is told besides is how much of the
processors' time, on both sides, was commspec's own. It stops by itself, at the latest after `--max-seconds`.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.report import machine

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "fastapi_server.py"
MESSAGES = 3


class Clock:
    """Processor time spent in some functions of a process."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, timed."""

        def run(*arguments: Any, **options: Any) -> Any:
            start = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds += time.process_time() - start

        return run


# ---- The server's process.


def serve() -> None:
    """Serves until it is told to stop; says its port first, and its times last."""
    import uvicorn

    clock = Clock()
    module = _example()
    for name in ("inspect", "response_to", "negotiate", "reply"):
        setattr(module, name, clock.timed(getattr(module, name)))
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(listener.getsockname()[1], flush=True)
        start = time.process_time()
        server = uvicorn.Server(uvicorn.Config(module.app, log_level="warning", ws="none", lifespan="off"))
        # uvicorn takes the signal, ends in peace, and then raises it once more.
        signal.signal(signal.SIGTERM, lambda *_: None)
        server.run([listener])
    print(json.dumps({"commspec": clock.seconds, "all": time.process_time() - start, "taken": len(module.OUTBOX)}), flush=True)


def _example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fastapi_server", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- The clients' process.


async def run_clients(host: str, requests: int, clients: int, clock: Clock) -> dict[str, Any]:
    """Sends all calls, `clients` of them at a time; what was seen."""
    import httpx

    from commspec import BasicAuth, EmailMessage, SendRequest, SmsMessage, match
    from commspec.http import build, parse_reply

    auth = BasicAuth("till.1", "swordfish")
    timed_build, timed_parse, timed_match = clock.timed(build), clock.timed(parse_reply), clock.timed(match)
    numbers = iter(range(requests))
    latencies: list[float] = []
    seen = {"wrong": 0, "messages": 0, "failed": 0}

    def request_of(number: int) -> SendRequest:
        keys = range(MESSAGES * number, MESSAGES * (number + 1))
        if number % 5 == 4:
            return SendRequest(
                EmailMessage(to=f"rhea.{key}@example.com", from_="hello@shop.example.com", subject=f"Order {key}", body="<p>Thank you.</p>")
                for key in keys
            )
        return SendRequest(SmsMessage(f"9198{key:08d}", f"{key * 7919 % 10**6:06d} is your one-time code for Acme & Co.") for key in keys)

    async def client(connected: httpx.AsyncClient) -> None:
        for number in numbers:
            request = request_of(number)
            format, accept = ("json", "xml")[number % 2], ("json", "xml")[number // 2 % 2]
            call = timed_build(request, host=host, format=format, accept=accept, auth=auth, scheme="http")
            start = time.perf_counter()
            answer = await connected.request(**call)
            latencies.append(time.perf_counter() - start)
            matching = timed_match(request, timed_parse(answer.headers, answer.content))
            expected = [isinstance(message, SmsMessage) and message.to.endswith("9") for message in request]
            found = [one.failed for one in matching]
            seen["wrong"] += found != expected or answer.headers["content-type"] != f"application/{accept}"
            seen["messages"] += len(request)
            seen["failed"] += sum(expected)

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as connected:
        start, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(client(connected) for _ in range(clients)))
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    latencies.sort()
    return {
        **seen,
        "answered": len(latencies),
        "seconds": seconds,
        "latency": {"median": latencies[len(latencies) // 2], "99%": latencies[len(latencies) * 99 // 100], "most": latencies[-1]},
        "clients": {"commspec": clock.seconds, "all": cpu},
    }


def measure(requests: int, clients: int, max_seconds: float) -> dict[str, Any]:
    """One run: a server, its clients, and what both say. Raises `TimeoutError` where it takes longer than `max_seconds`."""
    command = [sys.executable, "-m", "benchmarks.load", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            host = f"127.0.0.1:{int(server.stdout.readline())}"
            seen = asyncio.run(asyncio.wait_for(run_clients(host, requests, clients, Clock()), max_seconds))
            server.terminate()
            seen["server"] = json.loads(server.communicate(timeout=30)[0])
        finally:
            if server.poll() is None:
                server.kill()
    seen["wrong"] += seen["server"]["taken"] != seen["messages"] - seen["failed"]
    return seen


def told(seen: dict[str, Any], clients: int) -> str:
    """The run in words, for a terminal or a page."""
    latency = {name: f"{seconds * 1000:.0f} ms" for name, seconds in seen["latency"].items()}
    lines = [
        f"{seen['answered']:,} calls by {clients} clients at once, {seen['messages']:,} messages, {seen['failed']:,} of them refused: {seen['wrong']} wrong",
        f"{seen['seconds']:.1f} s, {seen['answered'] / seen['seconds']:,.0f} calls a second; "
        f"latency {latency['median']} (median), {latency['99%']} (99 %), {latency['most']} (most)",
    ]
    for side, what in (("server", "inspect, response_to, negotiate, reply"), ("clients", "build, parse_reply, match")):
        own, whole = seen[side]["commspec"], seen[side]["all"]
        each = own / seen["answered"] * 1e6
        lines.append(f"{side}: {own:.1f} of {whole:.1f} s of processor time in commspec, {own / whole:.0%} ({what}: {each:.0f} µs a call)")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Runs and prints; 0 where every answer was right, otherwise 1."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.partition("\n")[0])
    options.add_argument("--requests", type=int, default=10_000)
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--max-seconds", type=float, default=300)
    options.add_argument("--json", action="store_true", help="print the run as JSON")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args(arguments)
    if chosen.serve:
        serve()
        return 0
    seen = measure(chosen.requests, chosen.clients, chosen.max_seconds)
    facts = machine()
    if chosen.json:
        print(json.dumps({"machine": facts, **seen}, indent=2))
    else:
        print(f"{facts['processor']}, {facts['cores']} cores, {facts['python']}, load {facts['load']}")
        print(told(seen, chosen.clients))
    return 1 if seen["wrong"] or seen["answered"] != chosen.requests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
