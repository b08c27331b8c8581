"""How fast Assent is, beside what the same stack allows at best: `make bench`.

Owns the measuring and its report. Not part of the tests: a figure is worth something only on a machine that does
nothing else. What was found is in `docs/performance.md`.

    peers       servers under test, each prepared and started alike
    workloads   what they are asked
    generator   asking it as fast as they answer (a C program, compiled on first use)
    machine     which processor does what, and what a process has used
    signatures  the price of a bare signature, below which no token costs
    report      medians as a table and as JSON lines
"""
