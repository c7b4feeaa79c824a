"""A stand-in for an acquirer, behind real HTTP, and the rail that speaks to it."""
