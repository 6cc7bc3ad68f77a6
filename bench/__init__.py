"""How fast, how much CPU, how much memory: measured beside a floor, in one run. See `README.md`."""
