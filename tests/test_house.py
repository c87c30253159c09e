"""The house: imports run one way, the public names are true, and importing them is cheap."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

import commspec

HOME = Path(commspec.__file__).parent

# Each room imports from itself and from the lines above its own. "" is commspec itself, the public names.
LADDER = (
    {"errors"},
    {"rules"},
    {"models"},
    {"wire"},
    {"codecs"},
    {"advice", "convert", "streaming", "schemas", "http", "matching"},
    {"forms"},
    {""},
    {"testing", "bulk"},
    {"cli"},
    {"__main__"},
)
MODULES = {
    ".".join(("commspec", *file.relative_to(HOME).with_suffix("").parts)).removesuffix(".__init__"): file
    for file in sorted(HOME.rglob("*.py"))
}
ROOMS = {module.split(".")[1] for module in MODULES if "." in module}


def imported(source: str, package: str) -> Iterator[str]:
    """The absolute name of everything that `source`, a module inside `package`, imports anywhere.

    In functions, for type checkers only, and by a text that is nothing but a module's name, as for `importlib.import_module`.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            yield from (".".join((*above, *filter(None, [node.module]), alias.name)) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value and node.value in MODULES:
            yield node.value


def room(name: str) -> str | None:
    """The room that an absolute name belongs to: `codecs` for `commspec.codecs.json`, "" for `commspec.decode`, None for what is not ours."""
    top, *inner = name.split(".")
    if top != "commspec":
        return None
    return inner[0] if inner and inner[0] in ROOMS else ""


def test_imported_sees_every_kind_of_import() -> None:
    """Relative, lazy, type checkers' and `importlib`'s imports are all seen, under their absolute names."""
    source = (
        "import commspec.wire\nfrom . import sibling\nfrom ..cli import main\n"
        "if TYPE_CHECKING:\n    from commspec import http\ndef f():\n    from commspec.bulk.run import go\n"
        "import_module('commspec.errors')"
    )
    assert sorted(imported(source, "commspec.codecs")) == [
        "commspec.bulk.run.go",
        "commspec.cli.main",
        "commspec.codecs.sibling",
        "commspec.errors",
        "commspec.http",
        "commspec.wire",
    ]


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module: str) -> None:
    """A module imports nothing of commspec but its own room and rooms above it on the ladder."""
    own = room(module)
    above = set[str | None]().union(*takewhile(lambda rooms: own not in rooms, LADDER))
    assert len(above) < sum(map(len, LADDER)), f"{module} is in no room of the ladder"
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    names = imported(MODULES[module].read_text(encoding="utf-8"), package)
    assert not [name for name in names if room(name) not in above | {own, None}]


@pytest.mark.parametrize("module", MODULES)
def test_private_names_stay_at_home(module: str) -> None:
    """What begins with an underscore is used in its own module only."""
    names = imported(MODULES[module].read_text(encoding="utf-8"), module)
    private = [name for name in names if room(name) is not None and name.rpartition(".")[2].startswith("_")]
    assert set(private) <= {"commspec.__main__", "commspec.__version__"}


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module: str) -> None:
    """A module starts with a docstring."""
    assert ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8")))


def test_all_holds_every_public_name() -> None:
    """`__all__` names whatever `commspec/__init__.py` defines or imports without an underscore, submodules aside, and nothing twice."""
    public = {name for name, value in vars(commspec).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert public - {"annotations", "TYPE_CHECKING"} <= set(commspec.__all__)
    assert len(commspec.__all__) == len(set(commspec.__all__))


@pytest.mark.parametrize("name", commspec.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    """What `__all__` names exists, and a class or function has a docstring of its own."""
    value = getattr(commspec, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert value.__doc__


def test_import_is_cheap() -> None:
    """Importing commspec imports nothing heavy: what only some calls need, and what extras bring, waits."""
    heavy = (
        "phonenumbers",
        "email_validator",
        "dns",
        "click",
        "rich",
        "hypothesis",
        "starlette",
        "uvicorn",
        "fsspec",
        "ijson",
        "dask",
        "distributed",
    )
    code = f"import sys, commspec; print(*sorted({set(heavy)!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
