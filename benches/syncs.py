"""What a sign-in costs the disk: syncs (fsync, fdatasync) of sign-ins one after the other, and of many at a time. strace
counts those of a contestant's processes, PostgreSQL its own."""

import re
import shutil
import time

from contestants import ALL, Bare, BetterAuth, Django, OnPostgres
from house import Broken

EACH = {1: 160, 16: 640, 64: 640}
# Once nothing has synced for so long, what follows a sign-in is over: whoever has sent a mail notes that it has left.
QUIET = 1.5


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
            count = lambda: int(contestant.server.primary.insist("SELECT wal_sync FROM pg_stat_wal"))
        else:
            # -D: the process is the server itself, so that it is the one that is asked to stop.
            contestant.start(["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace])
            count = lambda: len(re.findall(r"\bf(?:data)?sync\(", trace.read_text()))
        measured[contestant.name] = {
            at_a_time: each(contestant, generator, count, at_a_time, people) for at_a_time, people in EACH.items()}
        contestant.stop()
        shown = ", ".join(f"{figure:.2f} ({at_a_time} at a time)" for at_a_time, figure in measured[contestant.name].items())
        print(f"syncs a sign-in, {contestant.name}: {shown}", flush=True)
    return measured


def each(contestant, generator, count, at_a_time, people):
    before = settled(count)
    generator.crowd("sign_ins", contestant, at_a_time, 120, most=people)
    return (settled(count) - before) / people


def settled(count):
    """The number, once it stays as it is."""
    last, deadline = count(), time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(QUIET)
        now = count()
        if now == last:
            return now
        last = now
    raise Broken("something syncs without end")
