"""The mails' texts and design. They are kept as they were written, so what was promised is what is sent."""
