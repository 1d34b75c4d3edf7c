"""Published numbers, one paper a file."""
