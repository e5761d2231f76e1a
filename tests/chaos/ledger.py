"""What is counted: requests, people, mails, sessions, and the times when something was broken on purpose.

A request that failed is judged at the end, by when it was under way: while the database was away, its disk full, or no
instance up, 503 is the right answer; otherwise nobody should have seen one."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from browser import TORN

# Requests that did something for a person; their gaps are the outages.
STEPS = ("/api/request_link", "/api/redeem_link", "/api/redeem_code")


@dataclass
class Phase:
    """A part of the run: what was done to the site, and what came of it meanwhile."""
    name: str
    began: float
    ended: float = 0.0
    people_in: int = 0
    requests: int = 0
    # When steps succeeded, and the failures: (begin, end, what).
    steps: list = field(default_factory=list)
    failures: list = field(default_factory=list)
    # When the fault began, if the phase has one; and how it was mended, in words.
    fault_at: float = 0.0
    recovered: str = ""

    def longest_outage(self):
        """Seconds; from the fault on, the longest time without a step that succeeded. 0 where there was no fault."""
        if not self.fault_at:
            return 0.0
        times = [self.fault_at, *sorted(at for at in self.steps if at > self.fault_at), self.ended]
        return max(later - earlier for earlier, later in zip(times, times[1:]))


class Ledger:
    """One for each site; many threads write into it."""

    def __init__(self):
        self._lock = threading.Lock()
        self.phases = []
        self.excuses = []
        self.counts = Counter()
        # What must not happen: what it is, and a line for each time.
        self.breaches = []
        self.longest_stop = 0.0
        # Addresses that a mail is owed to, since when.
        self.owed = {}

    # --- Phases ------------------------------------------------------------------------------------------

    def begin(self, name):
        now = time.monotonic()
        with self._lock:
            if self.phases:
                self.phases[-1].ended = now
            self.phases.append(Phase(name, now))
        return self.phases[-1]

    def finish(self):
        with self._lock:
            self.phases[-1].ended = time.monotonic()

    def fault(self):
        self.phases[-1].fault_at = time.monotonic()

    def excuse(self, why):
        """From now on failures are no breach, until the function that this gives is called."""
        excuse = [time.monotonic(), float("inf"), why]
        with self._lock:
            self.excuses.append(excuse)

        def over():
            excuse[1] = time.monotonic()
        return over

    # --- Events ------------------------------------------------------------------------------------------

    def request(self, browser, method, path, began, answer):
        """Every request of every browser. Those that go straight to an instance may meet one that is dead."""
        with self._lock:
            phase = self.phases[-1]
            if browser.instance is not None:
                self.counts["straight"] += 1
                return
            phase.requests += 1
            if answer.failed and method == "GET" and answer.body == TORN and phase.name.startswith("kill"):
                # Its head had gone through nginx by then, so nobody can send it again but the browser.
                self.counts["torn"] += 1
            elif answer.failed:
                what = f"{method} {path.partition('?')[0]}: {answer.status or answer.body}"
                phase.failures.append((began, began + answer.took, what))
            elif path in STEPS:
                phase.steps.append(began + answer.took)

    def person_in(self):
        with self._lock:
            self.phases[-1].people_in += 1

    def owe(self, address):
        with self._lock:
            self.owed.setdefault(address, time.monotonic())

    def count(self, what, number=1):
        with self._lock:
            self.counts[what] += number

    def breach(self, what, line):
        """Something that must not happen has happened."""
        with self._lock:
            self.breaches.append((what, f"{self.phases[-1].name}: {line}"))

    def stopped(self, seconds):
        with self._lock:
            self.longest_stop = max(self.longest_stop, seconds)

    # --- Judging -----------------------------------------------------------------------------------------

    def unexcused(self, phase):
        """Failures of that phase that nothing explains."""
        def is_excused(begin, end):
            return any(begin <= excuse[1] and end >= excuse[0] for excuse in self.excuses)
        return [what for begin, end, what in phase.failures if not is_excused(begin, end)]

    def failures(self):
        return sum(len(phase.failures) for phase in self.phases)

    def people_in(self):
        return sum(phase.people_in for phase in self.phases)
