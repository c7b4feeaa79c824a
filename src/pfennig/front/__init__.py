"""The front: reads whole requests, within limits and deadlines, before a thread of the application sees them."""
