"""Examples whose libraries are not installed are left out of the collection of doctests; tests/test_examples.py says which it skips."""

from __future__ import annotations

from importlib.util import find_spec

_NEEDS = {"httpx_client.py": ("httpx",), "fastapi_server.py": ("fastapi", "uvicorn"), "django_view.py": ("django",)}

collect_ignore = [file for file, packages in _NEEDS.items() if not all(map(find_spec, packages))]
