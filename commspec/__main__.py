"""`python -m commspec`: the command line."""

from __future__ import annotations

import sys

from commspec.cli import main

if __name__ == "__main__":
    sys.exit(main())
