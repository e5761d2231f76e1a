"""Thieves, who have what others were sent, and strangers, who have nothing."""

import base64

from browser import Browser
from house import at_once


class Thieves:
    """Those of a site. None of them may ever get in."""

    def __init__(self, site):
        self.site, self.ledger = site, site.ledger

    def steal(self, number, email, mail, chance):
        """Somebody else has the mail before its owner uses it: in a browser that has asked for nothing, or for another."""
        thief = self.site.browser(number + 100_000, instance=chance.choice(self.site.instances).port)
        if chance.random() < 0.3:
            thief.call("request_link", email=f"thief-{number}@example.com")
        self._try_door(thief, thief.call("redeem_link", token=mail.token), email)
        if not thief.jar.get(self.site.login):
            self._try_door(thief, thief.call("redeem_code", code=mail.code), email)

    def replay(self, address, before, email, mail, chance):
        """Somebody has the mail and the cookie from before the sign-in, and tries both at once, elsewhere."""
        def attempt(by_code):
            browser_before = {host: dict(cookies) for host, cookies in before.items()}
            thief = Browser(self.site, address, False, chance.choice(self.site.instances).port, browser_before)
            self._try_door(thief, thief.redeem(mail, by_code), email, "a mail was used twice")
        at_once(attempt, (True, False))

    def _try_door(self, thief, answer, email, what="a stranger was let in"):
        if answer.failed:
            return
        self.ledger.count("thieves")
        if answer.went_well or isinstance(thief.whoami(), str):
            self.ledger.breach(what, f"{email}: {answer.status}")

    def knock(self, number, chance):
        """A stranger at the app, with nothing or with a cookie that is none."""
        stranger = self.site.browser(number)
        if chance.random() < 0.5:
            made_up = base64.urlsafe_b64encode(chance.randbytes(16)).decode().rstrip("=")
            stranger.jar[self.site.app] = {"__Host-postern-app": made_up}
            stranger.jar[self.site.login] = {"__Host-postern": made_up}
        for host, path in ((self.site.app, "/a/page"), (self.site.login, "/")):
            answer = stranger.open(path, host=host)
            self.ledger.count("strangers")
            if answer.status == 200:
                self.ledger.breach("a stranger was let in", f"{host}{path}")
        stranger.close()
