"""How long an import takes in a fresh interpreter, and what it brings along."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

_TIMED = """
import sys, time
start = time.process_time()
import {modules}
print(time.process_time() - start)
"""
_LOADED = "import sys, {module}; print(*sys.modules)"


def import_seconds(modules: Sequence[str]) -> float:
    """Seconds of processor time that `import` of `modules` takes, alone, in a new interpreter with its bytecode cached."""
    return float(_python(_TIMED.format(modules=", ".join(modules))))


def loaded_by(module: str, names: Sequence[str]) -> list[str]:
    """Those of `names` that are loaded after `module` is imported in a new interpreter."""
    loaded = set(_python(_LOADED.format(module=module)).split())
    return [name for name in names if name in loaded]


def _python(code: str) -> str:
    # Where bytecode may not be written, a module that was not installed with its own is compiled each time.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment).stdout
