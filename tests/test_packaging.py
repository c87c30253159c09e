"""What is installed: the package's own word about itself."""

from __future__ import annotations

from importlib.metadata import entry_points, metadata, version
from importlib.resources import files

import commspec


def test_version_has_one_source() -> None:
    """The installed version is the one that the package names."""
    assert commspec.__version__ == version("commspec")


def test_types_are_shipped() -> None:
    """`py.typed` is installed beside the modules, so that type checkers read the annotations."""
    assert files(commspec).joinpath("py.typed").is_file()


def test_all_takes_every_extra() -> None:
    """The extra `all` is the others together."""
    about = metadata("commspec")
    extras = set(about.get_all("Provides-Extra") or ()) - {"all"}
    (everything,) = (line for line in about.get_all("Requires-Dist") or () if line.startswith("commspec["))
    assert set(everything.partition("[")[2].partition("]")[0].replace(" ", "").split(",")) == extras


def test_command_is_installed() -> None:
    """`commspec` on the command line is `commspec.cli.main`."""
    (script,) = entry_points(group="console_scripts", name="commspec")
    assert script.value == "commspec.cli:main"
