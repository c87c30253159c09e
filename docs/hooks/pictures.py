"""The terminal pictures of the README and the docs: what the command line prints, as SVG.

    python docs/hooks/pictures.py

runs each command on the documents of docs/examples and writes its picture to docs/pictures. Needs the extra `cli`.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent.parent
PICTURES = {
    "convert": "commspec convert email-no-body-request.json",
    "validate": "commspec validate outbox.json",
}
"""The command that each picture shows; its documents stand somewhere in docs/examples."""

_COLUMNS = 118
# rich's own frame, but in whatever monospaced font is there: nothing is fetched from elsewhere.
_FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def transcript(command: str) -> str:
    """What a terminal shows of `command`, colours included, run where its document stands."""
    from commspec.cli import run

    name, *arguments = shlex.split(command)
    assert name == "commspec", command
    (document,) = (DOCS / "examples").glob(f"*/{arguments[-1]}")
    shown = io.BytesIO()
    terminal = _Terminal(shown, encoding="utf-8", newline="\n")
    with _in(document.parent):
        run(arguments, None, terminal, terminal)
        terminal.flush()
    return shown.getvalue().decode()


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    """In that folder, on a terminal that takes colours."""
    before, environment = Path.cwd(), dict(os.environ)
    os.chdir(folder)
    os.environ.pop("NO_COLOR", None)
    os.environ["TERM"] = "xterm"
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environment)


def picture(name: str) -> str:
    """The picture of that name, as SVG."""
    from rich.console import Console
    from rich.text import Text

    command = PICTURES[name]
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text("$ " + command, style="bold"))
    console.print(Text.from_ansi(transcript(command)), soft_wrap=False)
    return console.export_svg(title="", code_format=_FRAME, unique_id=f"commspec-{name}")


def main() -> int:
    """Writes every picture; 0."""
    folder = DOCS / "pictures"
    folder.mkdir(exist_ok=True)
    for name in PICTURES:
        # rich puts spaces at the end of lines that a repository should not have.
        lines = (line.rstrip() for line in picture(name).splitlines())
        (folder / f"{name}.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
