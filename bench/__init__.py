"""How fast Pfennig is on this machine, beside what else could be. `make bench` runs it; see docs/performance.md."""
