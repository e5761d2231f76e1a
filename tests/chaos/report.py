"""The table at the end, and the verdict."""

from collections import Counter

# What must not happen, in the order of the table: counts are exact, whatever the speed of the machine.
LET_IN, TWICE = "a stranger was let in", "a mail was used twice"
SESSION, MAIL = "a session was lost", "a mail was lost"
ENDED = "a session that was ended lived again"
NEVER_ENDS = "somebody never got to an end"
AGAIN = "a mail came twice, although nobody had died"
NEEDLESS, REFUSED = "a needless 5xx, or a broken answer", "a refused request in a rolling restart"
NOBODY, TOO_LONG = "nobody got in", "too long without an answer"
NEVER = (
    LET_IN, TWICE, SESSION, ENDED, MAIL, AGAIN, "a sign-in was lost", "somebody was turned away", "somebody could not ask",
    "somebody who is in did not get into the app", NEVER_ENDS, "an answer that nobody understands",
    NEEDLESS, REFUSED, NOBODY, TOO_LONG,
)
# What a standby that lags behind may cost.
GIVEN_UP = (TWICE, SESSION, ENDED, MAIL, AGAIN, "a sign-in was lost", "somebody was turned away",
            "somebody who is in did not get into the app")
# Seconds; far beyond what was ever seen, for machines that have much else to do.
LONGEST_OUTAGE = 60.0
# Seconds; so long after a mail has come, its instance may be killed before it has noted that: others send it again.
NOTED_WITHIN = 15.0
# Lines that are shown of each kind.
SHOWN = 5


def judge(site):
    """Adds to the ledger what shows only once all is known."""
    ledger = site.ledger
    for phase in ledger.phases:
        for what in ledger.unexcused(phase):
            ledger.breaches.append((NEEDLESS, f"{phase.name}: {what}"))
        if phase.name.startswith("rolling") and len(site.instances) > 1:
            ledger.breaches += [(REFUSED, f"{phase.name}: {what}") for _, _, what in phase.failures]
        if phase.people_in == 0:
            ledger.breaches.append((NOBODY, phase.name))
        if phase.longest_outage() > LONGEST_OUTAGE:
            ledger.breaches.append((TOO_LONG, f"{phase.name}: {phase.longest_outage():.1f} s"))
    # Whoever is killed, or does not hear the mail server's answer, cannot know that the mail has come.
    deaths = [phase for phase in ledger.phases if phase.name.startswith(("kill", "mail"))]
    for at in site.mail_server.came_twice():
        if not any(phase.began - NOTED_WITHIN < at < phase.ended for phase in deaths):
            [phase] = [phase.name for phase in ledger.phases if phase.began <= at < phase.ended] or ["after the end"]
            ledger.breaches.append((AGAIN, phase))


def show(site, title):
    """Prints what happened, phase by phase, and then all that must not."""
    ledger = site.ledger
    width = max(len(phase.name) for phase in ledger.phases)
    print(f"\n== {title}\n")
    row = f"{{:<{width}}}  {{:>6}}  {{:>6}}  {{:>8}}  {{:>6}}  {{:>8}}  {{:>6}}  {{}}"
    print(row.format("fault", "time", "people", "requests", "failed", "needless", "outage", "mended"))
    for phase in ledger.phases:
        print(row.format(
            phase.name, f"{phase.ended - phase.began:.1f} s", phase.people_in, phase.requests, len(phase.failures),
            len(ledger.unexcused(phase)), f"{phase.longest_outage():.1f} s" if phase.fault_at else "", phase.recovered))
    print("\nneedless: failed, although an instance and the database were up; outage: from the fault on, the longest time "
          "without a step of a sign-in that succeeded")
    excused = ledger.failures() - sum(len(ledger.unexcused(phase)) for phase in ledger.phases)
    counts, never = ledger.counts, Counter(what for what, _ in ledger.breaches)
    rows = [
        ("people in", ledger.people_in()),
        ("mails owed, and delivered", f"{len(ledger.owed)}, {site.mail_server.delivered}"),
        ("mails delivered once more than needed", site.mail_server.duplicates()),
        ("presses of one mail, several at once", counts["parallel presses"]),
        ("tries of thieves, and of strangers", f"{counts['thieves']}, {counts['strangers']}"),
        ("looks whether sessions still live", counts["looks at sessions"]),
        ("visits to the app, and looks at it", f"{counts['visits to the app']}, {counts['checks of the gateway']}"),
        ("failed while the database, the disk or all instances were away", excused),
        ("pages that broke off when their instance was killed", counts["torn"]),
        ("longest stop after SIGTERM", f"{ledger.longest_stop:.1f} s"),
        *((f"never: {what}", never[what]) for what in NEVER),
    ]
    print()
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")


def verdict(site, forgiven=()):
    """Prints what must not have happened and did; whether there is nothing of it."""
    breaches = [(what, line) for what, line in site.ledger.breaches if what not in forgiven]
    shown = Counter()
    for what, line in breaches:
        shown[what] += 1
        if shown[what] <= SHOWN:
            print(f"  FAILED  {what}: {line}")
    return not breaches
