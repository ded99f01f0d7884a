"""The window's panels, one file each: every module here that defines a ``Panel``."""
