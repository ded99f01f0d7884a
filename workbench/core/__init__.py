"""The learning core: exact, reproducible, and without a window."""
