"""What a body is, by the headers that came with it: its format, and its text where they name the encoding."""

from __future__ import annotations

import codecs
import re

from commspec.codecs.format import Format, admit, detect, encoding_fault
from commspec.codecs.xml_door import Document as _Document  # noqa: F401
