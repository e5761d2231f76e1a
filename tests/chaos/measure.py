"""Sign-ins a second, whole ones, through nginx: nothing is broken, nobody dawdles, and disks sync as in life."""

import os
import time

from cluster import Cluster
from people import People
from posterns import Site

PEOPLE = 24
WARM, SECONDS = 3, 12


def measure(house):
    print(f"Whole sign-ins a second (page, ask, mail, redeem, look) by {PEOPLE} people at once. All programs share one machine "
          f"with {os.cpu_count()} cores, and the people with their TLS take much of it.", flush=True)
    folder = house.folder / "sqlite"
    folder.mkdir()
    rates(Site(house, "sqlite", f"sqlite://{folder}/postern.sqlite3", 1), "SQLite, one instance")
    cluster = Cluster(house, fsync=True)
    rates(Site(house, "one", cluster.url, 1), "PostgreSQL, one instance")
    rates(Site(house, "three", cluster.url, 3), "PostgreSQL, three instances")


def rates(site, name):
    people = People(site, site.house.chance, pace=0)
    site.ledger.begin(name)
    people.start(PEOPLE, askers=0, keepers=0, strangers=0, thieves=False)
    time.sleep(WARM)
    before, began = site.ledger.people_in(), time.monotonic()
    time.sleep(SECONDS)
    rate = (site.ledger.people_in() - before) / (time.monotonic() - began)
    people.finish(time.monotonic() + 60)
    for instance in site.instances:
        instance.stop()
    failures = f", {site.ledger.failures()} requests failed" if site.ledger.failures() else ""
    print(f"{name:<30} {rate:6.1f}{failures}", flush=True)
