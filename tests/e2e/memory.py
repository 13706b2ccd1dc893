#!/usr/bin/env python3
"""Plays a machine that runs short of memory: writes its meminfo and vmstat into DIRECTORY, and what a check must find.

    memory.py DIRECTORY EXPECTED.json
"""

import json
import sys

KB = 1024
TOTAL, AVAILABLE, SWAP, SWAP_FREE, KILLS = 8_000_000, 600_000, 2_000_000, 1_500_000, 3

MEMINFO = f"""MemTotal:       {TOTAL} kB
MemFree:        100000 kB
MemAvailable:   {AVAILABLE} kB
Buffers:        20000 kB
Cached:         700000 kB
SwapCached:     0 kB
SwapTotal:      {SWAP} kB
SwapFree:       {SWAP_FREE} kB
Shmem:          30000 kB
SReclaimable:   50000 kB
"""

# The limits of the shipped definitions, 10% and 5%, in bytes.
WARN, CRIT = TOTAL * KB // 10, TOTAL * KB // 20


def expected():
    amount = lambda kb, **more: {"value": kb * KB, "unit": "B", "min": 0} | more
    free = amount(AVAILABLE, warn=f"{WARN}:", crit=f"{CRIT}:", max=TOTAL * KB)
    used = amount(TOTAL - AVAILABLE, warn=TOTAL * KB - WARN, crit=TOTAL * KB - CRIT, max=TOTAL * KB)
    return {
        "state": 1,
        "text": r"CHECK_MEMORY WARNING - 585M free \(7\.5% of 7813M\), below 10%, 3 OOM kills so far, .+",
        "perfdata": {
            "free": free,
            "used": used,
            "total": amount(TOTAL),
            "swap_used": amount(SWAP - SWAP_FREE, max=SWAP * KB),
            "swap_free": amount(SWAP_FREE, max=SWAP * KB),
            "oom_kills": {"value": KILLS, "min": 0},
        },
    }


def main():
    directory, path = sys.argv[1:]
    for name, text in (("meminfo", MEMINFO), ("vmstat", f"oom_kill {KILLS}\n")):
        with open(f"{directory}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(expected(), file, indent=1)


main()
