"""What the platform does. Every door calls these; none of them knows a door."""
