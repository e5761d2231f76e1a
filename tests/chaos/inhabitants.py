"""Those who were let in: they stay in, until they sign out, and then they stay out."""

import threading
import time
from collections import deque
from dataclasses import dataclass

from browser import Browser

# Seconds, and some more for the difference between two clocks.
REST_OF_THE_SECOND = 2


@dataclass
class Inhabitant:
    """Somebody who was let in, and the cookies that let them in."""
    email: str
    browser: Browser
    # When they signed out, if they did; and whether they were found where they should not be, which counts once.
    out_at: float | None = None
    is_astray: bool = False


class Inhabitants:
    """Those of a site."""

    def __init__(self, site):
        self.site, self.ledger = site, site.ledger
        self.all = []
        self._recent = deque(maxlen=200)
        self._lock = threading.Lock()

    def add(self, person):
        with self._lock:
            self.all.append(person)
            self._recent.append(person)

    def look_at_one(self, chance):
        """At one of those who came last."""
        with self._lock:
            person = chance.choice(self._recent) if self._recent else None
        if person:
            self.look_at(person, person.browser.copy())
            self.look_through_gateway(person, person.browser.copy())

    def look_at(self, person, browser):
        """Whoever is in is in everywhere, and whoever has signed out is out everywhere; whether that could be seen."""
        who = browser.whoami()
        browser.close()
        if not isinstance(who, (str, type(None))):
            return False
        self.ledger.count("looks at sessions")
        self._judge(person, who)
        return True

    def look_through_gateway(self, person, browser):
        """The same at the app, for whoever has been there."""
        if "__Host-postern-app" not in browser.jar.get(self.site.app, {}):
            return True
        # Checks go through for the rest of the second in which somebody has signed out.
        if person.out_at and time.monotonic() - person.out_at < REST_OF_THE_SECOND:
            return True
        answer = browser.open("/a/page", host=self.site.app)
        browser.close()
        if answer.failed:
            return False
        self.ledger.count("checks of the gateway")
        self._judge(person, answer.body.removeprefix("you are ") if answer.status == 200 else None)
        return True

    def _judge(self, person, who):
        """`who` the site, or the app, takes that person for; None for nobody."""
        if who not in (None, person.email):
            self.ledger.breach("a stranger was let in", f"{person.email} is taken for somebody else")
        if (who is None) == (person.out_at is not None) or person.is_astray:
            return
        person.is_astray = True
        if who is None:
            self.ledger.breach("a session was lost", person.email)
        else:
            self.ledger.breach("a session that was ended lived again", person.email)
