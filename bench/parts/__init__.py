"""What is measured, a file for each part."""

PARTS = ("operations", "flow", "rows", "startup", "memory", "pushes", "merchants", "front")
