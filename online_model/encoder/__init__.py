"""The shared deep encoder."""
