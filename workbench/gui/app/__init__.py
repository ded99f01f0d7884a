"""The application around the panels: start, main window, its own actions, errors.

It uses ``shell`` and ``look``; panels it finds by the registry, and names none.
Begin with ``main_window``.
"""
