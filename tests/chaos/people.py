"""People: each signs in as somebody new, looks at the app behind the gateway, and stays, or signs out. Whatever fails they
try again, as people do, and nothing that was promised may be lost."""

import re
import threading
import time

from house import at_once
from inhabitants import Inhabitant, Inhabitants
from report import NEVER_ENDS
from thieves import Thieves

# Beyond a mail is lost: its link lives for five minutes.
LONGEST_MAIL = 240
# Between two tries of a person whose page said that something is broken.
PATIENCE = 0.3
# Presses of the same button, at once.
PRESSES = 3


class Stopped(Exception):
    """The run ends while somebody is on the way."""


class People:
    """`strollers` sign in one after the other, `askers` only ask, `keepers` look whether those who are in still are,
    and one stranger tries doors."""

    def __init__(self, site, chance, pace=0.1):
        self.longest_mail, self.with_thieves = LONGEST_MAIL, True
        self.site, self.ledger, self.chance, self.pace = site, site.ledger, chance, pace
        self.inhabitants, self.thieves = Inhabitants(site), Thieves(site)
        self._number = 0
        self._lock = threading.Lock()
        self._stop, self._give_up = threading.Event(), threading.Event()
        self._threads = []

    def start(self, strollers, askers=1, keepers=1, strangers=1, thieves=True):
        self.with_thieves = thieves
        works = [self._stroll] * strollers + [self._ask_only] * askers
        works += [self._keep] * keepers + [self._knock] * strangers
        self._threads = [threading.Thread(target=self._work, args=(work,), daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def finish(self, until):
        """No new people; those on the way come to their end by that time."""
        self._stop.set()
        for thread in self._threads:
            thread.join(max(0, until - time.monotonic()))
        self._give_up.set()
        late = sum(thread.is_alive() for thread in self._threads)
        for _ in range(late):
            self.ledger.breach(NEVER_ENDS, "although it was given time")

    def _work(self, work):
        while not self._stop.is_set():
            with self._lock:
                self._number += 1
                number = self._number
            try:
                work(number, self.chance.of(f"{self.site.name}-{number}"))
            except Stopped:
                return
            except Exception as error:  # pylint: disable=broad-except
                # Whatever it is, no thread may end in silence.
                self.ledger.breach("an answer that nobody understands", repr(error))

    # --- Signing in --------------------------------------------------------------------------------------

    def _stroll(self, number, chance):
        self._pause(chance)
        email = f"person-{self.site.name}-{number}@example.com"
        browser = self.site.browser(number, by_form=chance.random() < 0.5)
        page = self._until_it_works(lambda: browser.open("/login"))
        # By this two presses of one form are known, before there is a cookie.
        form = re.search(r'name="form" value="([^"]+)"', page.body).group(1)
        if not self._ask(browser, email, form=form):
            return
        mail = self._sign_in(number, browser, email, chance)
        if mail is None:
            return
        self.ledger.person_in()
        if chance.random() < 0.5:
            self._visit_app(browser, email)
        person = Inhabitant(email, browser)
        if chance.random() < 0.2:
            self._until_it_works(lambda: browser.copy().call("sign_out"))
            person.out_at = time.monotonic()
        browser.close()
        self.inhabitants.add(person)

    def _ask_only(self, number, chance):
        self._pause(chance)
        email = f"asker-{self.site.name}-{number}@example.com"
        browser = self.site.browser(number)
        self._ask(browser, email)
        browser.close()

    def _keep(self, _, chance):
        self._pause(chance)
        self.inhabitants.look_at_one(chance)

    def _knock(self, number, chance):
        self._pause(chance)
        self.thieves.knock(number, chance)

    def _ask(self, browser, email, **form):
        answer = self._until_it_works(lambda: browser.call("request_link", email=email, **form))
        if not answer.went_well:
            self.ledger.breach("somebody could not ask", f"{email}: {answer.status} {answer.refusal}")
            return False
        self.ledger.owe(email)
        return True

    def _sign_in(self, number, browser, email, chance):
        """Opens the mail and presses the button; gives the mail, once the new session was seen."""
        before = {host: dict(cookies) for host, cookies in browser.jar.items()}
        until, looked_at = time.monotonic() + self.longest_mail, 0
        while True:
            mails = self._mails(email, looked_at, until)
            if not mails:
                return None
            # An answer that was lost may have made two; the one that this browser waits for lets it in.
            for mail in mails[:len(mails) - looked_at]:
                if self.with_thieves and chance.random() < 0.2:
                    self.thieves.steal(number, email, mail, chance)
                if chance.random() < 0.5:
                    self._until_it_works(lambda: browser.open(f"/verify?{mail.link.partition('?')[2]}"))
                let_in, refusal = self._redeem(browser, email, mail, chance)
                if let_in:
                    browser.jar = let_in.jar
                    if self.with_thieves and chance.random() < 0.3:
                        self.thieves.replay(browser.address, before, email, mail, chance)
                    return mail
                if refusal is None:
                    return None
                if refusal not in ("other_browser", "superseded"):
                    self.ledger.breach("somebody was turned away", f"{email}: {refusal}")
                    return None
            looked_at = len(mails)

    def _mails(self, email, looked_at, until):
        """All mails so far, newest first, once there is one more; none, if that takes too long."""
        while True:
            mails = self.site.mail_server.wait(email, looked_at, min(until, time.monotonic() + 1))
            if len(mails) > looked_at:
                return mails
            if self._give_up.is_set():
                raise Stopped
            if time.monotonic() > until:
                self.ledger.breach("a sign-in was lost", f"{email}: no mail lets in the browser that asked")
                return []

    def _redeem(self, browser, email, mail, chance):
        """Presses once, or several times at once at several instances; gives the browser that is in, or the refusal;
        neither, if what was granted is gone."""
        by_code = chance.random() < 0.4
        many = chance.random() < 0.2
        while True:
            if many:
                pressed = self._press_at_once(browser, mail, chance)
            else:
                pressed = [(browser, browser.redeem(mail, by_code))]
            # A session ends when a later press of the same mail begins another: one lives, if any.
            granted = [browser for browser, answer in pressed if answer.went_well]
            live = [browser for browser in granted if self._is_in(browser, email)]
            if len(live) > 1:
                self.ledger.breach("a mail was used twice", f"{email}: {len(live)} sessions live")
            if live:
                return live[0], None
            refusals = [answer.refusal for _, answer in pressed if not answer.failed and answer.refusal]
            if refusals and not granted:
                if refusals[0] != "wrong_code":
                    return None, refusals[0]
                # A code counts once it is known that its mail has left: who is as fast as these people, or whose mail
                # left a process that died, takes the link.
                self.ledger.count("codes before their time")
                by_code, many = False, False
                continue
            if granted and not any(answer.failed for _, answer in pressed):
                self.ledger.breach("a session was lost", f"{email}: not one of {len(granted)} that were granted lives")
                return None, None
            # What became of a press without an answer nobody knows: it is pressed again.
            self._wait_a_moment()

    def _press_at_once(self, browser, mail, chance):
        ports = [None, *(instance.port for instance in self.site.instances)]
        copies = [browser.copy(instance=chance.choice(ports)) for _ in range(PRESSES)]
        answers = at_once(lambda index: copies[index].redeem(mail, by_code=index % 2 == 0), range(PRESSES))
        self.ledger.count("parallel presses")
        for copy in copies:
            copy.instance = None
        return list(zip(copies, answers))

    def _is_in(self, browser, email):
        """Whether this browser is signed in, as the address that it should be."""
        while not isinstance(who := browser.whoami(), (str, type(None))):
            self._wait_a_moment()
        if who not in (None, email):
            self.ledger.breach("a stranger was let in", f"{email} is taken for somebody else")
        return who is not None

    def _visit_app(self, browser, email):
        """The way into the app: each redirect is followed, as browsers do."""
        host, path = self.site.app, "/a/page?q=1"
        for _ in range(12):
            here, there = host, path
            answer = self._until_it_works(lambda: browser.open(there, host=here))
            if answer.status == 200 and here == self.site.app:
                if answer.body != f"you are {email}":
                    self.ledger.breach("a stranger was let in", f"{email} is somebody else to the app")
                self.ledger.count("visits to the app")
                return
            if answer.status != 303:
                break
            if "://" in answer.location:
                where, _, path = answer.location.partition("://")[2].partition("/")
                host, path = where.partition(":")[0], "/" + path
            else:
                path = answer.location
        where = f"{answer.status} at {path.partition('?')[0]}"
        self.ledger.breach("somebody who is in did not get into the app", f"{email}: {where}")

    # --- Patience ----------------------------------------------------------------------------------------

    def _pause(self, chance):
        self._stop.wait(chance.uniform(0.5, 1.5) * self.pace)

    def _wait_a_moment(self):
        if self._give_up.wait(PATIENCE):
            raise Stopped

    def _until_it_works(self, act):
        """Does it again while its page says that something is broken."""
        while (answer := act()).failed:
            self._wait_a_moment()
        return answer
