"""How little of a machine Postern takes while nobody needs it: its file, its start, and its memory at rest."""

import os
import shutil
import subprocess
import time
from statistics import median

from contestants import Postern

STARTS = 7
# Seconds of nothing, before memory at rest is read.
REST = 5


def measure(house, generator):
    """MiB of the binary without its symbols, milliseconds until the first page, MiB of memory at rest."""
    postern = Postern(house, generator, "-footprint").start()
    generator.crowd("sign_ins", postern, 16, 60, most=64)
    postern.stop()
    starts, at_rest = [], []
    for _ in range(STARTS):
        starts.append(start(postern))
        if not at_rest:
            generator.order("sign_in", site=postern.site)
            time.sleep(REST)
            at_rest.append(postern.memory("VmRSS"))
        postern.stop()
    return {"binary": binary(house), "start": median(starts), "idle": at_rest[0]}


def start(postern):
    """Starts it; milliseconds until it has shown its first page."""
    began = time.perf_counter()
    postern.start(pause=0.001)
    return (time.perf_counter() - began) * 1000


def binary(house):
    """MiB of the file as it would be shipped."""
    stripped = house.folder / "stripped"
    shutil.copy(os.environ["POSTERN_BINARY"], stripped)
    if shutil.which("strip"):
        subprocess.run(["strip", stripped], check=True)
    return stripped.stat().st_size / 2**20
