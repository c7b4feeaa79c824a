"""The door for testers: make the simulated world move, and look behind it. Twin only."""
