"""The documents in the languages of schemas, made from the one table: JSON Schema, XSD and OpenAPI.

What a schema can't say is listed in docs/how-to/schemas.md.
"""

from __future__ import annotations

from commspec.schemas.json_schema import json_schema
from commspec.schemas.openapi import openapi
from commspec.schemas.xsd import xsd

__all__ = ["json_schema", "openapi", "xsd"]
