"""The plots of a run, one file each: every module here that defines a ``Plot``.

It uses ``graphs`` and ``look``. Begin with ``meta_loss``.
"""
