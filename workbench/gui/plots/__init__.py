"""The plots of a run, one file each: every module here that defines a ``Plot``."""
