"""A browser: cookies, one address in the network, and requests that are counted."""

import http.client
import json
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

# So that a server that never answers holds nobody up for ever; a person would have left long before.
LONGEST_ANSWER = 60
# How an idle connection is found closed.
CLOSED = (
    http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
# What stands in for the body of an answer that ended in the middle.
TORN = "torn"
NAVIGATION = "text/html,application/xhtml+xml,*/*;q=0.8"


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 if the connection broke."""
    status: int
    location: str
    body: str
    took: float

    @property
    def failed(self):
        """Nothing was done, or nothing is known of what became of it."""
        return self.status == 0 or self.status >= 500 or self.refusal == "not_ready"

    @property
    def refusal(self):
        """The name of the refusal, in JSON or in the address of the page that a form is led to."""
        if self.status >= 400:
            try:
                return json.loads(self.body).get("refusal", str(self.status))
            except ValueError:
                return str(self.status)
        return parse_qs(urlsplit(self.location).query).get("refusal", [None])[0]

    @property
    def went_well(self):
        return self.status in (200, 303) and self.refusal is None


class Browser:
    """Visits through nginx, or, where `instance` is a port, straight to an instance."""

    def __init__(self, site, address, by_form=False, instance=None, jar=None):
        self.site, self.address, self.by_form, self.instance = site, address, by_form, instance
        # By host: a cookie of one is none of another's.
        self.jar = jar if jar is not None else {}
        self._connections = {}

    def copy(self, instance=None, address=None):
        """Another one with the same cookies."""
        jar = {host: dict(cookies) for host, cookies in self.jar.items()}
        return Browser(self.site, address or self.address, self.by_form, instance, jar)

    def open(self, path, host=None):
        return self.send("GET", path, host=host, accept=NAVIGATION)

    def call(self, function, **fields):
        accept = NAVIGATION if self.by_form else "application/json"
        return self.send("POST", f"/api/{function}", fields=fields, accept=accept)

    def redeem(self, mail, by_code):
        """Opens the link of that mail, or types its code."""
        if by_code:
            return self.call("redeem_code", code=mail.code)
        return self.call("redeem_link", token=mail.token)

    def whoami(self):
        """Who is signed in: an address, None for nobody, or the answer that says neither."""
        answer = self.send("POST", "/api/whoami", fields={}, accept="application/json")
        if answer.status == 200:
            return json.loads(answer.body)["email"]
        return None if answer.status == 401 else answer

    def send(self, method, path, fields=None, accept="*/*", host=None):
        host = host or self.site.login
        headers = {
            "Host": f"{host}:{self.site.port}", "Accept": accept, "Sec-Fetch-Site": "same-origin",
            "Origin": f"https://{host}:{self.site.port}", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chaos/1.0",
        }
        if cookies := self.jar.get(host):
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        body = None
        if fields is not None:
            body, headers["Content-Type"] = urlencode(fields), "application/x-www-form-urlencoded"
        began = time.monotonic()
        answer = self._exchange(host, method, path, body, headers, began)
        self.site.ledger.request(self, method, path, began, answer)
        return answer

    def _exchange(self, host, method, path, body, headers, began):
        is_old = host in self._connections
        connection = self._connections.pop(host, None) or self._connect(host)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            # An idle connection may be closed at any time; browsers take another one.
            if is_old and isinstance(error, CLOSED):
                return self._exchange(host, method, path, body, headers, began)
            kind = TORN if isinstance(error, http.client.IncompleteRead) else f"broken off: {error!r}"
            return Answer(0, "", kind, time.monotonic() - began)
        self._keep_cookies(host, response)
        if self.instance is None and not response.will_close:
            self._connections[host] = connection
        else:
            connection.close()
        return Answer(response.status, response.getheader("Location", ""), text, time.monotonic() - began)

    def _connect(self, host):
        if self.instance is not None:
            return http.client.HTTPConnection(
                "127.0.0.1", self.instance, timeout=LONGEST_ANSWER, source_address=(self.address, 0))
        connection = http.client.HTTPSConnection(
            host, self.site.port, timeout=LONGEST_ANSWER, context=self.site.tls, source_address=(self.address, 0))
        # The names are ours alone: nobody is asked where they are.
        connection._create_connection = lambda _, timeout, source: socket.create_connection(
            ("127.0.0.1", self.site.port), timeout, source)
        return connection

    def _keep_cookies(self, host, response):
        cookies = self.jar.setdefault(host, {})
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            if "max-age=0" in cookie.lower():
                cookies.pop(name, None)
            else:
                cookies[name] = value

    def close(self):
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()


def client_tls(certificate):
    """Trusts that certificate and no other."""
    return ssl.create_default_context(cafile=str(certificate))
