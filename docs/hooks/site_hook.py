"""What mkdocs does beyond its own: pages made from the code, and docstrings' mentions of the specification as links."""

from __future__ import annotations

import re
from typing import Any

from field_reference import field_reference
from issue_reference import issue_reference

GENERATED = {"reference/fields.md": field_reference, "reference/issues.md": issue_reference}
"""Each page that no file holds, and what writes it."""

SPECIFICATION = "specification.md"
_MENTION = re.compile(r"SPEC\.md sections? (\d+)(?:\.\d+)?(?:(?: to |, | and )(?:\d+(?:\.\d+)?))*")


def on_files(files: Any, config: Any) -> Any:
    """The site's files, with the pages made from the code."""
    from mkdocs.structure.files import File

    for path, write in GENERATED.items():
        files.append(File.generated(config, path, content=write()))
    return files


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """A page on which "SPEC.md section 5", as docstrings say, leads to that section of the specification."""
    from mkdocs.utils import get_relative_url

    home = get_relative_url(files.get_file_from_path(SPECIFICATION).url, page.file.url)
    return _MENTION.sub(
        lambda found: f'<a href="{home}#s{found.group(1)}">{found.group().replace("SPEC.md ", "specification, ")}</a>', html
    )
