"""How fast commspec is, beside what a user would pick instead and beside the bare parsers: `python -m benchmarks`."""
