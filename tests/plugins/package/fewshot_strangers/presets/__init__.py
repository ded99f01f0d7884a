"""The presets of this package."""
