"""Five hosts on one machine, and what happens when one of them fails; see docs/reliability.md."""
