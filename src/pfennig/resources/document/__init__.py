"""Uploads: files that were handed in, without their content."""
