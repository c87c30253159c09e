"""For mkdocstrings: the signatures of attrs classes, which stand in no source code, and the examples of docstrings as code."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import attrs
import griffe

_EXAMPLE = re.compile(r"^>>> .*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


class AttrsSignatures(griffe.Extension):
    """Gives each attrs class the `__init__` that attrs makes, with the fields' annotations as they are written; and fences what starts with `>>>`."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Called by griffe when anything has been read."""
        if obj.docstring is not None:
            obj.docstring.value = _EXAMPLE.sub(lambda found: f"```pycon\n{found.group()}\n```", obj.docstring.value)

    def on_class_members(self, *, cls: griffe.Class, **kwargs: Any) -> None:
        """Called by griffe when a class has been read."""
        if not any("attrs.frozen" in str(decorator.value) for decorator in cls.decorators):
            return
        live: Any = importlib.import_module(cls.module.path)
        for name in cls.path.removeprefix(cls.module.path + ".").split("."):
            live = getattr(live, name)
        written = {name.strip("_"): member.annotation for name, member in cls.members.items() if isinstance(member, griffe.Attribute)}
        defaults = {field.alias: "()" for field in attrs.fields(live) if isinstance(field.default, attrs.Factory)}  # type: ignore[arg-type]
        parameters = griffe.Parameters(griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword))
        for name, parameter in inspect.signature(live).parameters.items():
            absent = parameter.default is inspect.Parameter.empty
            parameters.add(
                griffe.Parameter(
                    name,
                    annotation=written.get(name.strip("_")),
                    kind=griffe.ParameterKind.keyword_only
                    if parameter.kind is inspect.Parameter.KEYWORD_ONLY
                    else griffe.ParameterKind.positional_or_keyword,
                    default=None if absent else defaults.get(name, repr(parameter.default)),
                )
            )
        cls.set_member("__init__", griffe.Function("__init__", parameters=parameters, returns="None"))
