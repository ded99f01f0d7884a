"""What everything stands on: files, settings, errors, words and randomness.

It knows nothing of learning, and uses nothing of the workbench but itself.
Begin with ``settings``, from which forms and TOML files are made, with ``files``, by
which whatever is written is written whole or not at all, and with ``errors``, which
carry their remedies as data.
"""
