"""The door of the clock: delivers pushes and mails, settles what was left behind, forgets what has expired."""
