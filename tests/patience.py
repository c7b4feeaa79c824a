"""How long tests wait for something before they call it lost."""

PATIENCE_SECONDS = 120
"""No measure of how long anything should take: on a machine that is busy with other things all of it takes longer."""
