"""Files that come in, and documents that go out."""
