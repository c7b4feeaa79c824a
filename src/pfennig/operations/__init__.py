"""The platform's operations. Every door calls these; none of them knows a door."""
