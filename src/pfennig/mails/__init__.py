"""What mails say and how they look. They are kept as they were written, so what was promised is what is sent."""
