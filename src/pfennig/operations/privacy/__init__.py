"""Personal data: handed out, erased, and let go of in time."""
