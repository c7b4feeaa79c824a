"""The twin: a server on which no money can move, and the world around it, which testers play.

The simulated rail and its pages, test data, queued outcomes, forced status, clocks. Nobody below knows this room:
what it can do reaches the others as `operations.abilities.Abilities`.
"""
