"""The hooks need what only the site's builder has; tests/test_docs.py tests what they make."""

collect_ignore_glob = ["*.py"]
