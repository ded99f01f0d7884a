"""The window is measured: short versions, for shape and sanity, never for speed."""
