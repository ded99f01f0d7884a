"""What everything stands on: files, processes, settings, words and randomness.

It knows nothing of learning, and uses nothing of the workbench but itself.
Begin with ``settings``, from which forms and TOML files are made, and with
``files``, by which whatever is written is written whole or not at all.
"""
