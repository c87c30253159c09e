"""The documentation is true: its commands and programs do what it shows, what is made from code is what the code gives, and its links lead somewhere."""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import commspec
import commspec.bulk
import commspec.http
import commspec.schemas
import commspec.testing
import commspec.testing.conformance
import commspec.testing.strategies
import commspec.testing.stub
from commspec.models.messages import MESSAGE_TYPES, Attachment
from commspec.models.response import RECEIPT_TYPES, Outcome, SendResponse, Status, StatusDetail
from commspec.models.table import Reply, columns_of

ROOMS = (
    commspec,
    commspec.bulk,
    commspec.http,
    commspec.schemas,
    commspec.testing,
    commspec.testing.conformance,
    commspec.testing.strategies,
    commspec.testing.stub,
)
HOME = Path(__file__).parent.parent
DOCS = HOME / "docs"
PAGES = [HOME / "README.md", *sorted(DOCS.rglob("*.md"))]
OWN_TESTS = {"command-line.md", "performance.md"}
"""Pages whose console blocks another test runs, or nobody can: an hour of measuring."""


def name_of(page: Path) -> str:
    """A page as a test's name has it."""
    return page.relative_to(HOME).as_posix()


def hook(name: str) -> ModuleType:
    """A module of docs/hooks, which are no part of any package."""
    if name not in sys.modules:
        folder = str(DOCS / "hooks")
        if folder not in sys.path:
            sys.path.append(folder)
        importlib.import_module(name)
    return sys.modules[name]


# ---- Programs and commands, as a reader would type them.


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    title: str | None
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for found in re.finditer(
        r"^```([\w-]+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        yield Block(*found.groups())


TYPED = [page for page in PAGES if page.name not in OWN_TESTS and any(block.language == "console" for block in blocks(page))]


def commands_for(folder: Path) -> dict[str, str]:
    """An environment in which `commspec`, `python` and `pytest` are those that run this test."""
    folder.mkdir()
    for name, arguments in (("python", ""), ("commspec", "-m commspec"), ("pytest", "-m pytest")):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "HYPOTHESIS_"))}
    paths = os.pathsep.join(filter(None, [str(folder), kept.get("PATH", "")]))
    return {**kept, "PATH": paths, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(HOME) if (HOME / "commspec").is_dir() else ""}


def fits(printed: str, output: str) -> bool:
    """Whether what a page shows is what was printed, where `…` stands for anything."""
    return re.fullmatch(".*?".join(map(re.escape, output.split("…"))), printed, re.DOTALL) is not None


@pytest.mark.skipif(shutil.which("bash") is None, reason="the commands are a shell's")
@pytest.mark.parametrize("page", TYPED, ids=name_of)
def test_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    """Files that a page names, and commands that it shows, in order and in one folder, print what the page says."""
    environment = commands_for(tmp_path / "bin")
    folder = tmp_path / "here"
    folder.mkdir()
    shutil.copytree(DOCS / "examples", folder / "docs" / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks(page):
        if block.title is not None:
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            for shown in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                line, _, output = shown.partition("\n")
                run = subprocess.run(
                    ["bash", "-c", line],
                    cwd=folder,
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    check=False,
                    timeout=120,
                )
                # An editor takes the spaces at a line's end away.
                printed = re.sub(r" +$", "", run.stdout.decode(), flags=re.MULTILINE)
                assert printed == output or fits(printed, output), f"{line}\n{printed}"


# ---- Pictures.


@pytest.mark.parametrize("name", ["convert", "validate"])
def test_picture_shows_what_happens(name: str) -> None:
    """A picture shows what its command prints today; if not, run `python docs/hooks/pictures.py`."""
    pictures = hook("pictures")

    def words(svg: str) -> str:
        # How a line is cut into pieces is rich's business, and changes with its versions.
        return re.sub(r"(&#160;|\s)+", "", "".join(re.findall(r"<text [^>]*>([^<]*)</text>", svg)))

    assert words(pictures.picture(name)) == words((DOCS / "pictures" / f"{name}.svg").read_text(encoding="utf-8"))


# ---- What is made from the code.


def codes_in(module: Path) -> Iterator[str]:
    """Every code that a module's source can give: the first argument of an issue, a fault or a note, and any text that looks like a code of a family."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("Issue", "Fault", "note"):
                yield node.args[0].value
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and FAMILY.fullmatch(node.value):
            yield node.value


FAMILY = re.compile(r"(json|xml|csv|limit|text|phone|email|time|attachment|recipient|sms|tolerated|loss)\.[a-z0-9]+")
LIBRARY = Path(commspec.__file__).parent
USED = {code for module in LIBRARY.rglob("*.py") for code in codes_in(module)}
LENIENT = {f"tolerated.{column.name}" for cls in MESSAGE_TYPES for column in columns_of(cls) if column.lenient is not None}


def test_every_code_has_its_entry() -> None:
    """The page of issue codes has every code that the library gives, and no other."""
    assert set(hook("issue_reference").CODES) == USED | LENIENT


@pytest.mark.parametrize("name", sorted(USED | LENIENT))
def test_example_causes_its_code_alone(name: str) -> None:
    """The example of a code causes exactly it. There is no `limit.issues` without an issue before it."""
    code = hook("issue_reference").CODES[name]
    assert code.meaning
    assert code.mend
    found = [issue.code for issue in hook("issue_reference").found_by(code.example)]
    assert found == (["missing", name] if name == "limit.issues" else [name])


def test_issue_page_says_what_the_examples_say() -> None:
    """Each example stands on the page with all that commspec says of it."""
    reference = hook("issue_reference")
    page = reference.issue_reference()
    for code in reference.CODES.values():
        said = "\n".join(issue.explain() for issue in reference.found_by(code.example))
        assert f"\n### `{code.name}` {{#{code.name}}}\n" in page
        assert f"```python\n{code.example}\n```\n\n```text\n{said}\n```\n" in page


@pytest.mark.parametrize("cls", [*MESSAGE_TYPES, *RECEIPT_TYPES, Attachment, Status, StatusDetail, Outcome, SendResponse])
def test_field_page_has_every_field(cls: type) -> None:
    """The field reference has a row for every field of every class, with its names, its sentence and its example."""
    page = hook("field_reference").field_reference()
    sections = [section for section in page.split("\n## ") if f"[`{cls.__name__}`]" in section]
    assert len(sections) == 1
    rows = {row.split("`")[1]: row for row in sections[0].splitlines() if row.startswith("| `")}
    for column in columns_of(cls):
        if column.kind != "extra":
            row = rows[column.name]
            assert f" `{column.json}`" in row
            assert f" `{column.xml}`" in row
            assert column.required == (f"`{column.name}`\\*" in row) or issubclass(cls, Reply)
            if cls not in RECEIPT_TYPES:
                assert column.sentence in row
                assert column.rule is None or column.rule.sentence[1:].replace("<", "&lt;") in row
                assert not column.example or f"`{column.example}`" in row


# ---- The reference.


def test_every_public_name_is_in_the_reference() -> None:
    """A page of docs/reference has every name that commspec and its rooms make public, once each."""
    listed = [
        name
        for page in (DOCS / "reference").glob("*.md")
        for name in re.findall(r"^::: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(listed) == len(set(listed))
    values = {id(pkgutil.resolve_name(name)) for name in listed}
    for room in ROOMS:
        for name in room.__all__:
            value = getattr(room, name)
            assert name == "__version__" or f"{room.__name__}.{name}" in listed or id(value) in values, f"{room.__name__}.{name}"


# ---- Links.

SITE = ("mkdocs.yml", "CHANGELOG.md", "CONTRIBUTING.md")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """A page without its code."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text: str) -> set[str]:
    """The anchors of a page: those that are written, and those that its headings get."""
    headings = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in re.findall(r"^#+ (.+?)(?: \{#.*\})?$", text, re.MULTILINE)]
    return {re.sub(r"[\s-]+", "-", heading) for heading in headings} | set(re.findall(r"\{#([^}]+)\}", text))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a page, an anchor or a file finds it; pages that are made from the code count."""
    made = {(DOCS / path).resolve(): write for path, write in hook("site_hook").GENERATED.items()}
    for link in LINK.findall(prose(page)):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if target in made:
            text = made[target]()
        elif target.name in SITE and not target.exists():
            continue  # the built package's tests have no need of it
        else:
            assert target.exists(), link
            text = target.read_text(encoding="utf-8") if target.suffix == ".md" else ""
        assert not anchor or anchor in anchors(text), link


@pytest.mark.skipif(not (HOME / "mkdocs.yml").exists(), reason="the site's plan is not part of what is tested here")
def test_every_page_is_in_the_plan() -> None:
    """mkdocs.yml lists every page, those that are made from the code too."""
    planned = re.findall(r"^\s+- ([\w/-]+\.md)\b", (HOME / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    there = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} | set(hook("site_hook").GENERATED)
    assert sorted(planned) == sorted(there)
