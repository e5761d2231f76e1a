"""What a sign-in costs the disk: syncs (fsync, fdatasync) of sign-ins one after the other, and of many at a time. strace
counts those of a contestant's processes, PostgreSQL its own."""

import re
import shutil
import time

from contestants import ALL, Bare, BetterAuth, Django, OnPostgres
from house import Broken

EACH = {1: 160, 16: 640, 64: 640}
# Seconds until what follows a sign-in is over, and counted: whoever has sent a mail notes that it has left. An idle process
# of PostgreSQL tells what it has counted after ten.
REST, REST_OF_POSTGRES = 3, 12


def measure(house, generator):
    """Contestant by contestant: syncs a sign-in, by how many sign in at a time."""
    if not shutil.which("strace"):
        raise Broken("strace is missing: apt-get install strace")
    measured = {}
    for kind in ALL:
        if kind is Bare or kind in (Django, BetterAuth) and not kind.is_there():
            continue
        contestant = kind(house, generator, "-traced")
        trace = contestant.folder / "trace"
        if kind is OnPostgres:
            contestant.start()
            rest = REST_OF_POSTGRES
            count = lambda: int(contestant.server.primary.insist("SELECT wal_sync FROM pg_stat_wal"))
        else:
            # -D: the process is the server itself, so that it is the one that is asked to stop.
            contestant.start(["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace])
            rest = REST
            count = lambda: len(re.findall(r"\bf(?:data)?sync\(", trace.read_text()))
        time.sleep(rest)
        # Instances on one PostgreSQL tell each other that they are there, whether anybody signs in or not.
        idle = counted(count, lambda: None, rest, 0) / rest
        measured[contestant.name] = {
            at_a_time: counted(count, lambda: generator.crowd("sign_ins", contestant, at_a_time, 120, most=people), rest, idle)
            / people for at_a_time, people in EACH.items()}
        contestant.stop()
        shown = ", ".join(f"{figure:.2f} ({at_a_time} at a time)" for at_a_time, figure in measured[contestant.name].items())
        print(f"syncs a sign-in, {contestant.name}: {shown}", flush=True)
    return measured


def counted(count, act, rest, idle):
    """What is counted while something is done, and in the rest after it, beyond what is counted in each idle second."""
    before, began = count(), time.monotonic()
    act()
    time.sleep(rest)
    return count() - before - idle * (time.monotonic() - began)
