"""The models, one file each, as pure functions of (params, x)."""
