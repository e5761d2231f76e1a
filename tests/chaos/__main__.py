"""script/chaos: read from here.

`plan` makes the faults from a seed and `faults` carries them out on a site (`posterns`), while `people` go in and out;
`ledger` counts and `report` judges. A site is made of `instances` behind the nginx of `proxies`, with a `mail_server` and
a database: a `cluster` of PostgreSQL, or SQLite on a `disk`. `browser` is how people speak to it, `house` where all of it
lives."""

import argparse
import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from cluster import Cluster
from disk import make_disk
from faults import Faults
from house import Broken, Chance, House
from measure import measure
from people import People
from plan import plan
from report import GIVEN_UP, MAIL, NEVER_ENDS, judge, show, verdict
from posterns import Site

# Seconds from the start on: when no fault begins any more, and when all has to be over. On a slow machine a short run,
# which leaves out nothing, may take its time.
LAST_FAULT = {"postgres": 165, "sqlite": 225}
LONGEST_RUN = {True: 600, False: 300}
# People who sign in at the same time.
STROLLERS = {True: 10, False: 16}


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    house, is_well = House(Chance(seed)), False
    try:
        if options.measure:
            measure(house)
            is_well = True
        else:
            print(f"script/chaos --seed {seed}: the same plan again", flush=True)
            is_well = run(house, options)
    except Broken as broken:
        print(f"\nThe run broke off: {broken}")
    finally:
        house.close(keep=not is_well)
        if not is_well:
            print(f"\nThe logs are kept in {house.logs}")
    # Threads that still wait for something are not waited for.
    sys.stdout.flush()
    os._exit(0 if is_well else 1)


def read_options():
    parser = argparse.ArgumentParser(prog="script/chaos")
    parser.add_argument("--short", action="store_true", help="each fault once, about a minute")
    parser.add_argument("--seed", type=int, help="the faults of the run that printed this number")
    parser.add_argument("--only", choices=("postgres", "sqlite"), help="one of the two sites")
    parser.add_argument("--asynchronous", action="store_true", help="what a standby that lags behind gives up")
    parser.add_argument("--measure", action="store_true", help="sign-ins a second; breaks nothing")
    return parser.parse_args()


def run(house, options):
    """Both sites one after the other; whether all is well."""
    began, is_well = time.monotonic(), True
    if options.only != "sqlite":
        cluster = Cluster(house, synchronous=not options.asynchronous)
        site = Site(house, "three", cluster.url, 3)
        title = "Three instances on PostgreSQL " + cluster.primary.insist("SHOW server_version").split()[0]
        title += ", with a standby that may lag behind" if options.asynchronous else ", with a synchronous standby"
        is_well = chaos(site, title, options, began, "postgres", cluster=cluster)
    if options.only != "postgres" and not options.asynchronous:
        disk = make_disk(house)
        site = Site(house, "twin", f"sqlite://{disk.folder}/postern.sqlite3", 1, wrap=disk.wrap)
        is_well &= chaos(site, f"One instance on SQLite, on {disk.what}", options, began, "sqlite", disk=disk)
    return is_well


def chaos(site, title, options, began, kind, cluster=None, disk=None):
    """Breaks one site; whether it has kept its promises."""
    chance = site.house.chance.of(kind)
    faults = plan(chance, options.short, cluster is not None, not options.asynchronous)
    print(f"\n{title}. The plan:", *(f"  {fault}" for fault in faults), sep="\n", flush=True)
    people, breaker = People(site, chance), Faults(site, options.short, cluster, disk)
    if options.asynchronous:
        people.longest_mail = 15
    site.ledger.begin("nothing yet")
    people.start(STROLLERS[options.short])
    breaker.wait_for_people()
    for fault in faults:
        # A run of five minutes leaves out what does not fit; the short one has nothing to leave out.
        if not options.short and time.monotonic() - began > LAST_FAULT[kind]:
            print(f"  left out for want of time: {fault}")
            continue
        breaker.carry_out(fault)
    print("  and now nothing any more …", flush=True)
    site.ledger.begin("nothing any more")
    breaker.wait_for_people()
    settle(site, people, began + LONGEST_RUN[options.short])
    judge(site)
    show(site, title)
    return verdict(site, GIVEN_UP if options.asynchronous else ())


def settle(site, people, until):
    """Everybody comes to an end, every mail arrives, and each session is looked at once more, everywhere."""
    mails, ledger = site.mail_server, site.ledger
    # Room is left for the looks at the end.
    last_mail = min(until - 20, time.monotonic() + people.longest_mail)
    people.finish(last_mail)
    for address in list(ledger.owed):
        if not mails.wait(address, 0, last_mail):
            ledger.breach(MAIL, address)
    last_look = max(until, time.monotonic() + 20)

    def insist(look, what):
        while not look():
            if time.monotonic() > last_look:
                ledger.breach(NEVER_ENDS, what)
                return
            time.sleep(0.1)

    def look(person):
        for instance in site.instances:
            insist(lambda: people.inhabitants.look_at(person, person.browser.copy(instance=instance.port)),
                   f"a look at an instance, port {instance.port}")
        insist(lambda: people.inhabitants.look_through_gateway(person, person.browser.copy()), "a look at the app")
    with ThreadPoolExecutor(max_workers=8) as looks:
        list(looks.map(look, people.inhabitants.all))
    ledger.finish()


if __name__ == "__main__":
    main()
