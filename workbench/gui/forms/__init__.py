"""Forms made from settings: an editor for each field, and what goes around them.

It uses ``shell`` and ``look``. Begin with ``settings_form``.
"""
