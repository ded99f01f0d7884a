"""Runs spread over processes."""
