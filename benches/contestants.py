"""The servers that are measured side by side, each with the settings that it would have in life."""

import http.client
import os
import secrets
import signal
import subprocess
from functools import cache
from pathlib import Path

from cluster import Alone, children
from house import ROOT, Broken, wait_until

PEERS = ROOT / "benches/peers"
# Where script/bench has put what the peers need: no other Python, and no other Node, sees it.
INSTALLED = Path(os.environ["POSTERN_PEERS"])
APP = "wiki.test"
# As shipped, everybody coming from a network of their own, but for those that count over all: a run has more people than
# most teams.
LIMITS = {name: "1000000 per 1h" for name in ("LIMIT_MAILS", "LIMIT_TRAIL", "LIMIT_CODES")}


class Contestant:
    """A server. `kind`: how people sign in there, if they do; `login`: its sign-in page, if it has one to compare."""
    name, kind, login, asks = None, None, None, False

    def __init__(self, house, generator, suffix=""):
        self.house, self.generator = house, generator
        self.port = house.port()
        self.folder = house.folder / f"{self.name}{suffix}".replace(" ", "-")
        self.folder.mkdir(exist_ok=True)
        self.process = None

    @property
    def url(self):
        return f"http://localhost:{self.port}"

    @property
    def site(self):
        return {"kind": self.kind, "port": self.port}

    def command(self):
        raise NotImplementedError

    def settings(self):
        return {}

    def start(self, wrap=(), pause=0.02):
        """Starts it, and waits until it answers. `wrap`: words in front of its program; `pause`: seconds between tries."""
        self.process = self.house.start(
            f"{self.folder.name}.log", [*wrap, *self.command()], cwd=self.folder, env=self.settings())
        wait_until(self.answers, f"{self.name} answers: see {self.house.logs / self.folder.name}.log", 30, pause)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise Broken(f"{self.name} has ended: see {self.house.logs / self.folder.name}.log")
        try:
            return self.visit(self.login or "/").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def visit(self, path, host=None, cookie=None):
        """Opens a page; the answer, with its body read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Host": host or f"localhost:{self.port}", "Accept": "text/html"}
        if cookie:
            headers["Cookie"] = cookie
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode(errors="replace")
        connection.close()
        return answer

    def check(self):
        """Path and headers of a check with a live session: somebody signs in for it."""
        cookie = self.generator.order("sign_in", site=self.site)["cookie"]
        return self.guarded, {"Host": f"localhost:{self.port}", "Cookie": cookie}

    def memory(self, what="VmHWM"):
        """MiB of all its processes: the most that each ever had, or what it has now (VmRSS)."""
        kilobytes = 0
        for pid in family(self.process.pid):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith(f"{what}:"):
                    kilobytes += int(line.split()[1])
        return kilobytes / 1024

    def processor_time(self):
        """Seconds that its processes, and those of its database, have had a processor so far."""
        return sum(map(seconds, family(self.process.pid)))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired as late:
            raise Broken(f"{self.name} does not stop") from late


def family(pid):
    """A process and all that come from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def seconds(pid):
    """Of a processor, in user mode and in the kernel (proc(5), fields 14 and 15); none of one that has ended by now."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Postern(Contestant):
    name, kind, login, asks = "Postern", "postern", "/login", True

    def command(self):
        return [os.environ["POSTERN_BINARY"]]

    def settings(self):
        return {
            "LEPTOS_ENV": "PROD", "NO_COLOR": "1",
            "LEPTOS_SITE_ADDR": f"127.0.0.1:{self.port}", "PUBLIC_URL": self.url, "ALLOW_HTTP": "true",
            "SECRET_KEY": secrets.token_hex(32), "CREDENTIALS": '["@example.com"]', "DATABASE_URL": self.database(),
            "TRUSTED_PROXIES": "127.0.0.1", "GATEWAY_APPS": f'[{{"origin": "http://{APP}"}}]',
            "EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.generator.port),
            "DEFAULT_FROM_EMAIL": "Postern <postern@example.com>", "DRAIN_TIME": "0s", **LIMITS,
        }

    def database(self):
        return f"sqlite://{self.folder}/postern.sqlite3"

    def check(self):
        """That of the gateway, as nginx asks it, for somebody who has been led into an app."""
        cookie = self.generator.order("sign_in", site=self.site)["cookie"]

        def cookies(answer):
            return "; ".join(one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie") or [])

        def path(answer):
            return "/" + answer.headers["Location"].partition("://")[2].partition("/")[2]
        started = self.visit("/.postern/start?next=Lw", host=APP)
        entered = self.visit(path(started), cookie=cookie)
        finished = self.visit(path(entered), host=APP, cookie=cookies(started))
        return "/auth/nginx", {
            "Cookie": cookies(finished), "X-Original-URL": f"http://{APP}/a/page?q=1", "X-Original-Method": "GET"}


@cache
def postgres(house):
    """The PostgreSQL of a run."""
    return Alone(house, fsync=True)


class OnPostgres(Postern):
    name = "Postern on PostgreSQL"

    def __init__(self, house, generator, suffix=""):
        super().__init__(house, generator, suffix)
        self.server = postgres(house)

    def database(self):
        return self.server.url

    def processor_time(self):
        return super().processor_time() + sum(map(seconds, family(self.server.primary.process.pid)))


class Bare(Contestant):
    """What the check is held against: as much of a server as answers at all."""
    name, guarded = "Bare axum handler", "/"

    def command(self):
        return [Path(os.environ["POSTERN_EXAMPLES"]) / "bare", f"127.0.0.1:{self.port}"]

    def check(self):
        return self.guarded, {}


class Django(Contestant):
    name, kind, login, asks, guarded = "Django", "django", "/login", True, "/"

    @staticmethod
    def is_there():
        return (INSTALLED / "django/gunicorn").exists()

    def command(self):
        # With threads a worker keeps connections, and does not wait for the mail server with everybody else behind it.
        return ["python3", "-m", "gunicorn", "--workers", "2", "--worker-class", "gthread", "--threads", "4",
                "--bind", f"127.0.0.1:{self.port}", "wsgi"]

    def settings(self):
        return {
            "PATH": os.environ["PATH"], "PYTHONPATH": f"{INSTALLED / 'django'}:{PEERS / 'django'}",
            "DJANGO_SETTINGS_MODULE": "settings", "SECRET_KEY": secrets.token_hex(32), "PUBLIC_URL": self.url,
            "DATABASE": str(self.folder / "django.sqlite3"), "EMAIL_PORT": str(self.generator.port),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def start(self, wrap=(), pause=0.02):
        self.house.run(f"{self.folder.name}.log", ["python3", "-m", "django", "migrate", "--verbosity", "0"],
                       cwd=self.folder, env=self.settings())
        return super().start(wrap, pause)


class BetterAuth(Contestant):
    name, kind, login, guarded = "better-auth", "better-auth", "/login", "/api/auth/get-session"

    @staticmethod
    def is_there():
        return (INSTALLED / "better-auth/node_modules/better-auth").exists()

    def command(self):
        return ["node", INSTALLED / "better-auth/server.mjs"]

    def settings(self):
        return {
            "PATH": os.environ["PATH"], "NODE_ENV": "production", "PORT": str(self.port),
            "SECRET_KEY": secrets.token_hex(32), "DATABASE": str(self.folder / "better-auth.sqlite3"),
            "EMAIL_PORT": str(self.generator.port),
        }


ALL = (Postern, OnPostgres, Bare, Django, BetterAuth)


def start_all(house, generator, say):
    """Each once; peers that are not installed are left out, aloud."""
    running = []
    for kind in ALL:
        if kind in (Django, BetterAuth) and not kind.is_there():
            say(f"left out, for it is not installed: {kind.name}")
        else:
            running.append(kind(house, generator).start())
    return running
