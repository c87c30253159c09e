"""The documents in the languages of schemas, made from the one table: JSON Schema, XSD and OpenAPI.

What these languages can't say is listed in docs/how-to/schemas.md.
"""

from __future__ import annotations

import json
from typing import Any

from commspec.schemas.json_schema import json_schema
from commspec.schemas.openapi import openapi
from commspec.schemas.xsd import xsd

__all__ = ["dump", "json_schema", "openapi", "xsd"]


def dump(schema: dict[str, Any]) -> bytes:
    """A JSON Schema or an OpenAPI document as a file holds it: indented by 2, and in ASCII, so that no space in a pattern looks like another."""
    return json.dumps(schema, indent=2).encode() + b"\n"
