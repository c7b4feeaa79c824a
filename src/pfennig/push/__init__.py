"""The door of the clock: delivers pushes, settles what was left behind, forgets what has expired."""
