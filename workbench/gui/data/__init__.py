"""The Data tab: data sets, how they get here, and their classes.

It uses ``episodes``, which shows what is drawn from them, and what is below that.
Begin with ``data_panel``.
"""
