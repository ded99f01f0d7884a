"""A run's configuration: five sections, checked, read from TOML and from ``--set``.

It uses ``pictures``, ``learning`` and ``base``.
Begin with ``run_config``; ``sections`` finds the choices, ``misfits`` says what does
not go together, ``holdings`` whether the data can give what is wanted.
"""
