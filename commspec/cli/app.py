"""The commands, and what is one for all of them: help, version, completion, and how an end is told."""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import get_completion_class

from commspec import __version__
from commspec.cli.console import Console, ReaderGone, Trouble, printable
from commspec.cli.options import likely

COMMANDS = {
    "convert": "commspec.cli.convert",
    "validate": "commspec.cli.validate",
    "schema": "commspec.cli.schema",
    "bulk": "commspec.cli.bulk",
    "stub": "commspec.cli.stub",
    "conform": "commspec.cli.conform",
}
"""Each command's module, whose `command` it is. A module is imported when its command is called, or help for all is asked for."""

_COMPLETE_VARIABLE = "_COMMSPEC_COMPLETE"


def _show_help(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        context.obj.put(context.get_help())
        context.exit()


def _show_version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        context.obj.put(f"commspec {__version__}")
        context.exit()


def _eager_flag(*names: str, callback: Any, text: str) -> click.Option:
    return click.Option(names, is_flag=True, is_eager=True, expose_value=False, callback=callback, help=text)


class Page(click.Command):
    """A command whose `--help` goes to the run's own output and ends with its epilog, not indented, for headed examples and exit statuses."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **{**options, "add_help_option": False})
        self.params.append(_eager_flag("-h", "--help", callback=_show_help, text="Show this page and end."))
        self.context_settings.setdefault("max_content_width", 100)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is left of `args`; an error knows whose it is, which not all of click's do."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write_text(inspect.cleandoc(self.epilog))


class _Commands(Page, click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {name!r}{likely(name, COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


def _help_alone(context: click.Context) -> int:
    if context.invoked_subcommand is None:
        context.obj.put(context.get_help())
    return 0


_COMMSPEC = _Commands(
    "commspec",
    callback=click.pass_context(_help_alone),
    invoke_without_command=True,
    params=[_eager_flag("--version", callback=_show_version, text="Show the version and end.")],
    help="""Convert and check the JSON and XML documents of Capillary's sendMessage call: requests and
    responses for SMS, email, WhatsApp and Zalo.

    Documents come from files or standard input. Results go to standard output, everything else to standard
    error.""",
    epilog="""\b
    Examples:
      commspec convert request.json              print it as XML
      commspec validate *.json *.xml             every fault of every file
      commspec convert --help                    all about one command

    \b
    Exit status:
      0  fine
      1  a document is at fault
      2  wrong usage, or a file that can't be read or written; it wins over 1

    \b
    Completion for your shell: add the line to its file.
      ~/.bashrc                  eval "$(_COMMSPEC_COMPLETE=bash_source commspec)"
      ~/.zshrc                   eval "$(_COMMSPEC_COMPLETE=zsh_source commspec)"
      ~/.config/fish/config.fish _COMMSPEC_COMPLETE=fish_source commspec | source
    """,
)


def dispatch(arguments: Sequence[str], console: Console) -> int:
    """The exit status of a run; see `commspec.cli.run`."""
    try:
        return _dispatch(arguments, console)
    except click.UsageError as error:
        command = "commspec" if error.ctx is None else error.ctx.command_path
        message = error.format_message().rstrip(".")
        console.say(printable(f"{command}: {message[:1].lower()}{message[1:]}\nTry '{command} --help'."))
        return 2
    except Trouble as trouble:
        console.say(f"commspec: {trouble}")
        return 2
    except MemoryError:
        console.say("commspec: out of memory")
        return 2
    except ReaderGone:
        return 141


def _dispatch(arguments: Sequence[str], console: Console) -> int:
    instruction = os.environ.get(_COMPLETE_VARIABLE)
    if instruction:
        return _complete(instruction, console)
    try:
        with _COMMSPEC.make_context("commspec", list(arguments), obj=console) as context:
            status = _COMMSPEC.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    assert isinstance(status, int)
    return status


def _complete(instruction: str, console: Console) -> int:
    """What click's shell scripts ask for: `bash_source` is the script itself, `bash_complete` the completions of COMP_WORDS."""
    shell, _, action = instruction.partition("_")
    completion = get_completion_class(shell)
    if completion is None or action not in ("source", "complete"):
        raise Trouble(f"{_COMPLETE_VARIABLE}: expected bash_source, zsh_source or fish_source")
    found = completion(_COMMSPEC, {}, "commspec", _COMPLETE_VARIABLE)
    console.put_document((found.source() if action == "source" else found.complete() + "\n").encode())
    return 0
