#!/usr/bin/env python3
"""Measures whether Postern stays as fast when its tables grow: each figure with a small database and with a large one.

Fills two databases directly by SQL, starts a server on each, and measures the two in turn, so that whatever else the
machine does meanwhile falls on both. Prints a Markdown table: requests a second, processor time a request (the server
and its backends at PostgreSQL), and the ratio of the two sizes.

    script/bench --growth                   both databases, 1,000 and 1,000,000 sessions, 200,000 entries of the allowlist
    script/bench --growth --database sqlite --rows 100000 --only check,ask

Needs wrk (apt-get install wrk), script/bootstrap for PostgreSQL, and a release build; POSTERN_BINARY names another one. The
large SQLite file takes 1.2 GB; everything lies in a temporary folder, and goes with it.
"""

import argparse
import asyncio
import base64
import hashlib
import http.client
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from urllib.parse import quote, unquote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/chaos"))
from cluster import Server as PostgresServer, find_programs  # noqa: E402
from house import Chance, House, wait_until  # noqa: E402
from proxies import libraries  # noqa: E402

# Of so many sessions the cookie is known.
KNOWN = 5_000
APP = "wiki.test"
CONF = """
listen_addresses = '127.0.0.1'
shared_buffers = 256MB
max_wal_size = 4GB
lc_messages = 'C'
"""


def text_of(kind, number, length):
    """A cookie that can be told again: base64 of so many bytes."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{kind} {number}".encode()).digest()[:length]).decode().rstrip("=")


def own_cookie(number):
    return text_of("session", number, 16)


def app_cookie(number):
    return text_of("app", number, 32)


def fill(run, rows, is_sqlite, now):
    """Fills a migrated database. `run` takes statements; both databases understand all but the functions named first."""
    digits, random_bytes = ("", "randomblob(32)") if is_sqlite else ("::TEXT", "sha256(random()::TEXT::BYTEA)")
    blob = (lambda value: f"X'{value}'") if is_sqlite else (lambda value: f"'\\x{value}'::BYTEA")
    numbers = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})" if is_sqlite
               else "WITH n(i) AS (SELECT * FROM generate_series(1::BIGINT, {}))")
    sha = lambda value: blob(hashlib.sha256(value.encode()).hexdigest())
    run("BEGIN")
    known = min(KNOWN, rows)
    columns = "(id_hash, email, data, created_at, last_seen_at, expires_at, seen, challenge_hash, browser, system)"
    # Seen in the future: no check has to note that it was seen, which would be a write a minute for each.
    rest = f"'{{\"next\":\"/\"}}', {now} - i % 80000, {now} + 7200, {now} + 90000 + i % 80000, 1"
    for at in range(1, known + 1, 500):
        values = ", ".join(
            f"({sha(own_cookie(i))}, 'person{i}@listed.test', '{{\"next\":\"/\"}}', {now} - 60, {now} + 7200, {now} + 90000, "
            f"1, NULL, 'Firefox', 'Linux')" for i in range(at, min(at + 500, known + 1)))
        run(f"INSERT INTO sessions {columns} VALUES {values}")
        values = ", ".join(
            f"({sha(app_cookie(i))}, {sha(own_cookie(i))}, 'http://{APP}', {now} + 90000)"
            for i in range(at, min(at + 500, known + 1)))
        run(f"INSERT INTO app_sessions (id_hash, session, origin, expires_at) VALUES {values}")
    # Every tenth waits for a link.
    run(f"INSERT INTO sessions {columns} {numbers.format(rows - known)} SELECT {random_bytes}, "
        f"CASE WHEN i % 10 = 0 THEN NULL ELSE 'other' || i{digits} || '@listed.test' END, {rest}, "
        f"CASE WHEN i % 10 = 0 THEN {random_bytes} ELSE NULL END, 'Chrome', 'Windows' FROM n WHERE {rows} > {known}")
    run(f"INSERT INTO app_sessions (id_hash, session, origin, expires_at) SELECT {random_bytes}, id_hash, 'http://{APP}', "
        f"expires_at FROM sessions WHERE browser = 'Chrome' AND email IS NOT NULL")
    run(f"INSERT INTO audit (at, event, email, network, user_agent) {numbers.format(rows)} SELECT {now} - {rows} + i, "
        f"CASE i % 3 WHEN 0 THEN 'asked' WHEN 1 THEN 'sent' ELSE 'signed_in' END, "
        f"'person' || (i % 100000){digits} || '@listed.test', '198.51.' || (i % 250){digits} || '.7', 'Mozilla/5.0' FROM n")
    run(f"INSERT INTO limits (counted, arrival_ms) {numbers.format(max(rows // 10, 1))} "
        f"SELECT 'network:198.51.' || i{digits}, ({now} + 40000 + i % 40000) * 1000 FROM n")
    run("COMMIT")


class Machine:
    """A server on a database of its own."""

    def __init__(self, house, name, binary, database, rows, entries, mail_port):
        self.house, self.name, self.binary, self.database, self.rows = house, name, binary, database, rows
        self.folder = house.folder / f"{database}-{name}"
        self.folder.mkdir()
        self.port = house.port()
        self.process, self.postgres = None, None
        (self.folder / "allowlist").write_text("".join(f"listed{i}@people{i % 50}.test\n" for i in range(entries)) + "@listed.test\n")
        self.more = {}
        self.mail_port = mail_port

    def url(self):
        if self.postgres:
            return f"postgres://postgres@127.0.0.1:{self.postgres.port}/{self.name}?sslmode=disable"
        return "sqlite://postern.sqlite3"

    def start(self, **more):
        """Starts it, and tells how many seconds went by until it was ready."""
        environment = {
            "NO_COLOR": "1",
            "LEPTOS_SITE_ADDR": f"127.0.0.1:{self.port}", "PUBLIC_URL": f"http://localhost:{self.port}",
            "DATABASE_URL": self.url(), "CREDENTIALS_FILE": "allowlist", "TRUSTED_PROXIES": "127.0.0.1",
            "GATEWAY_APPS": f'[{{"origin":"http://{APP}"}}]', "EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.mail_port), "NEW_DEVICE_MAILS": "off", "LIMITS": "off", "SECRET_KEY": "growth" * 8,
            "RUST_LOG": "error,postern::server::workers::reload=info", "PATH": os.environ["PATH"], **more}
        self.log = f"{self.database}-{self.name}.log"
        began = time.monotonic()
        self.process = self.house.start(self.log, [self.binary], env=environment, cwd=self.folder)
        while True:
            try:
                if self.get("/readyz")[0] == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - began > 60:
                raise SystemExit(f"{self.binary} does not start: {(self.house.logs / self.log).read_text()[-2000:]}")
            time.sleep(0.002)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def get(self, path, timeout=10):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        connection.request("GET", path, headers={"host": f"localhost:{self.port}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def run_sql(self, statements):
        """Runs statements of one transaction each, while the server is stopped or not."""
        if self.postgres:
            script = "".join(f"{statement};\n" for statement in statements)
            path = self.folder / "statements.sql"
            path.write_text(script)
            with open(path) as file:
                subprocess.run(
                    [self.postgres.cluster.programs / "psql", "-XAtq", "-h", "127.0.0.1", "-p", str(self.postgres.port), "-U", "postgres",
                     "-v", "ON_ERROR_STOP=1", self.name], stdin=file, check=True, env=self.postgres.cluster.environment, cwd="/",
                    stdout=subprocess.DEVNULL)
        else:
            with sqlite3.connect(self.folder / "postern.sqlite3", isolation_level=None, timeout=30) as connection:
                connection.execute("PRAGMA synchronous = OFF")
                for statement in statements:
                    connection.execute(statement)
            connection.close()

    def value(self, query):
        if self.postgres:
            return int(self.postgres.sql(query, database=self.name, timeout=60))
        with sqlite3.connect(self.folder / "postern.sqlite3", timeout=30) as connection:
            [value] = connection.execute(query).fetchone()
        connection.close()
        return value

    def fill(self):
        self.start()
        self.stop()
        statements = []
        fill(statements.append, self.rows, self.postgres is None, int(time.time()))
        self.run_sql(statements)
        if self.postgres:
            self.run_sql(["VACUUM ANALYZE", "CHECKPOINT"])
        else:
            self.run_sql(["PRAGMA wal_checkpoint(TRUNCATE)"])

    def cpu(self):
        """Seconds of processor time so far, of the server and of its backends."""
        total = 0
        wanted = f"postgres: postgres {self.name} "
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid = int(stat.parent.name)
                if pid != self.process.pid:
                    if not self.postgres or not (stat.parent / "cmdline").read_text().startswith(wanted):
                        continue
                fields = stat.read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
            except OSError:
                continue
        return total / os.sysconf("SC_CLK_TCK")

    def memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


# --- Figures -------------------------------------------------------------------------------------------

def wrk(machine, path, script, seconds, connections=16):
    """Requests a second, and microseconds of processor time for each."""
    file = machine.folder / "wrk.lua"
    file.write_text(script)
    before = machine.cpu()
    ran = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(file), f"http://127.0.0.1:{machine.port}{path}"],
        capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", ran)
    if wrong or "Socket errors" in ran:
        raise SystemExit(f"{machine.name}: {path}: {ran}")
    requests = int(re.search(r"(\d+) requests in", ran)[1])
    # What the requests have left to do, such as mails, is theirs as well.
    while (spent := machine.cpu()) != before and (time.sleep(0.3) or machine.cpu() - spent > 0.05):
        pass
    return float(re.search(r"Requests/sec:\s+([\d.]+)", ran)[1]), (machine.cpu() - before) / requests * 1e6


HEAD = """wrk.headers["Host"] = "localhost:{port}"
"""
CYCLE = """local values = {{}}
for line in io.lines("{file}") do values[#values + 1] = line end
local at = 0
function request()
  at = at + 1
  {act}
end
"""


class Figures:
    """Each method is a figure of one machine for one round; they share nothing but the number of the round."""

    def __init__(self, arguments):
        self.seconds = arguments.seconds
        self.mails = None

    def check(self, machine, _):
        """Checks of many sessions, each read from the database about once a second."""
        file = machine.folder / "app-cookies"
        # The same number of cookies in both, or the small one would ask its database less often.
        file.write_text("".join(f"postern-app={app_cookie(i)}\n" for i in range(1, 501)))
        act = f'return wrk.format("GET", nil, {{cookie = values[at % #values + 1], ["x-forwarded-proto"] = "http", ' \
              f'["x-forwarded-host"] = "{APP}", ["x-forwarded-uri"] = "/a/page?q=1", ["x-forwarded-method"] = "GET"}})'
        return wrk(machine, "/auth/forward", CYCLE.format(file=file, act=act), self.seconds)

    def login(self, machine, _):
        return wrk(machine, "/login", HEAD.format(port=machine.port), self.seconds)

    def home(self, machine, _):
        return self._page(machine, "/")

    def sessions(self, machine, _):
        return self._page(machine, "/sessions")

    def _page(self, machine, path):
        file = machine.folder / "own-cookies"
        file.write_text("".join(f"postern={own_cookie(i)}\n" for i in range(1, 301)))
        act = f'return wrk.format("GET", "{path}", {{Host = "localhost:{machine.port}", accept = "text/html", ' \
              'cookie = values[at % #values + 1]})'
        return wrk(machine, path, CYCLE.format(file=file, act=act), self.seconds)

    def ask(self, machine, number):
        """Asking for an address that is not listed: no mail leaves, and everything else happens."""
        script = HEAD.format(port=machine.port) + f"""
wrk.headers["content-type"] = "application/x-www-form-urlencoded"
local at = 0
function request()
  at = at + 1
  return wrk.format("POST", nil, nil, "email=r{number}x" .. at .. "%40elsewhere.test")
end
"""
        return wrk(machine, "/api/request_link", script, self.seconds)

    def ask_from_everywhere(self, machine, number):
        """Asking for mails to people who are listed, from thousands of networks."""
        wrk(machine, "/api/request_link", f"""
local at = 0
function request()
  at = at + 1
  local from = "10." .. at % 250 .. "." .. math.floor(at / 250) % 250 .. ".7"
  return wrk.format("POST", nil, {{Host = "localhost:{machine.port}", ["content-type"] = "application/x-www-form-urlencoded",
    ["x-forwarded-for"] = from}}, "email=w{number}x" .. at .. "%40listed.test")
end
""", 5)

    def sign_in(self, machine, number):
        before, began = machine.cpu(), time.monotonic()
        count = asyncio.run(sign_ins(machine, self.mails, f"r{number}", self.seconds, 16))
        took = time.monotonic() - began
        return count / took, (machine.cpu() - before) / count * 1e6

    def sign_out(self, machine, number):
        """Each session signs out once: a fixed number of them, not a time."""
        each = 100
        first = 500 + number * each
        if first + each > min(KNOWN, machine.rows):
            return None
        before, began = machine.cpu(), time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", machine.port)
        for i in range(first + 1, first + each + 1):
            connection.request("POST", "/api/sign_out", "", {
                "host": f"localhost:{machine.port}", "cookie": f"postern={own_cookie(i)}",
                "content-type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"signing out: {answer.status}")
        return each / (time.monotonic() - began), (machine.cpu() - before) / each * 1e6

    def reload(self, machine, _):
        """How long the allowlist takes to be read again, and the longest that a probe waited meanwhile."""
        log = machine.house.logs / machine.log
        lines = lambda: log.read_text().count("the allowlist was read again")
        before, cpu, longest, done = lines(), machine.cpu(), 0, False

        def probe():
            nonlocal longest
            connection = http.client.HTTPConnection("127.0.0.1", machine.port)
            while not done:
                began = time.monotonic()
                connection.request("GET", "/healthz", headers={"host": f"localhost:{machine.port}"})
                connection.getresponse().read()
                longest = max(longest, time.monotonic() - began)
                time.sleep(0.001)

        threads = [threading.Thread(target=probe) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        longest, began = 0, time.monotonic()
        machine.process.send_signal(signal.SIGHUP)
        while lines() == before:
            time.sleep(0.001)
        took = time.monotonic() - began
        time.sleep(0.1)
        done = True
        for thread in threads:
            thread.join()
        return took * 1e3, longest * 1e3


class Mails:
    """An SMTP server that gives each token to whoever waits for it."""

    def __init__(self):
        self.waiting = {}
        self.port = None
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        wait_until(lambda: self.port, "the mail server listens")

    async def serve(self):
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            await server.serve_forever()

    async def talk(self, reader, writer):
        writer.write(b"220 ready\r\n")
        to = ""
        try:
            while line := await reader.readline():
                if line.startswith(b"RCPT"):
                    to = re.search(rb"<(.*)>", line)[1].decode()
                if line.startswith(b"DATA"):
                    writer.write(b"354 go on\r\n")
                    text = await reader.readuntil(b"\r\n.\r\n")
                    text = text.replace(b"=\r\n", b"").replace(b"=3D", b"=")
                    if (token := re.search(rb"verify\?token=([A-Za-z0-9%._~-]+)", text)) and to in self.waiting:
                        loop, future = self.waiting.pop(to)
                        loop.call_soon_threadsafe(future.set_result, unquote(token[1].decode()))
                writer.write(b"250 ok\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()


async def sign_ins(machine, mails, prefix, seconds, at_a_time):
    """Whole sign-ins, so many at a time; how many there were."""
    until, count = time.monotonic() + seconds, 0

    async def call(streams, path, cookie, body):
        reader, writer = streams
        writer.write((f"POST {path} HTTP/1.1\r\nhost: localhost:{machine.port}\r\ncookie: {cookie}\r\n"
                      f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n{body}"
                      if body is not None else
                      f"GET {path} HTTP/1.1\r\nhost: localhost:{machine.port}\r\naccept: text/html\r\ncookie: {cookie}\r\n\r\n").encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        if " 200 " not in head.split("\r\n")[0]:
            raise SystemExit(f"{path}: {head}")
        given = re.search(r"(?i)set-cookie: (postern=[^;]+)", head)
        return given[1] if given else cookie

    async def visitor(number):
        nonlocal count
        streams = await asyncio.open_connection("127.0.0.1", machine.port)
        loop, turn = asyncio.get_running_loop(), 0
        while time.monotonic() < until:
            turn += 1
            email = f"{prefix}n{number}t{turn}@listed.test"
            future = loop.create_future()
            mails.waiting[email] = (loop, future)
            cookie = await call(streams, "/api/request_link", "", f"email={quote(email)}")
            token = await asyncio.wait_for(future, 30)
            cookie = await call(streams, "/api/redeem_link", cookie, f"token={quote(token)}")
            await call(streams, "/", cookie, None)
            count += 1
        streams[1].close()

    await asyncio.gather(*(visitor(number) for number in range(at_a_time)))
    return count


def latencies(machine, prefix, goes_on, longest=600):
    """How long asking takes, one after the other, in milliseconds, for as long as `goes_on` says."""
    connection = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)
    times, began, n = [], time.monotonic(), 0
    while time.monotonic() - began < longest and (n % 50 or goes_on()):
        n += 1
        asked = time.monotonic()
        connection.request("POST", "/api/request_link", f"email={prefix}{n}%40elsewhere.test", {
            "host": f"localhost:{machine.port}", "content-type": "application/x-www-form-urlencoded"})
        connection.getresponse().read()
        times.append((time.monotonic() - asked) * 1e3)
        time.sleep(0.002)
    return sorted(times), time.monotonic() - began


# --- The run -------------------------------------------------------------------------------------------

RATES = {
    "check": "a check of the gateway", "login": "GET /login", "home": "GET / signed in", "sessions": "GET /sessions",
    "ask": "asking", "sign_in": "a whole sign-in", "sign_out": "signing out, one at a time",
}


def at(values, part):
    return values[min(int(len(values) * part), len(values) - 1)]


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def measure(house, arguments, database, mails):
    postgres = None
    if database == "postgres":
        postgres = start_postgres(house)
    make = lambda name, rows, entries: Machine(house, name, arguments.binary, database, rows, entries, mails.port)
    small, large = make("small", 1_000, 100), make("large", arguments.rows, arguments.entries)
    for machine in (small, large):
        if postgres:
            machine.postgres = postgres
            postgres.insist(f"CREATE DATABASE {machine.name}")
        began = time.monotonic()
        machine.fill()
        print(f"{database}, {machine.name}: {machine.rows:,} sessions in {time.monotonic() - began:.0f} s", file=sys.stderr)
    figures = Figures(arguments)
    figures.mails = mails
    print(f"\n### {database}\n")
    row("", "1,000 sessions", f"{arguments.rows:,}", "ratio", "CPU, µs", "CPU, µs", "ratio")
    row(*["---", *["--:"] * 6])
    wanted = arguments.only
    starts = {machine: machine.start() for machine in (small, large)}
    for machine in (small, large):
        machine.get("/login")
    memory = [machine.memory() for machine in (small, large)]
    for name, title in RATES.items():
        if wanted and name not in wanted:
            continue
        rounds = {small: [], large: []}
        for number in range(arguments.rounds):
            # Whoever is second finds the machine warmer: they take turns at that too.
            for machine in (small, large) if number % 2 else (large, small):
                if measured := getattr(figures, name)(machine, number):
                    rounds[machine].append(measured)
        [a, b] = [[median(values) for values in zip(*rounds[machine])] for machine in (small, large)]
        row(title, f"{a[0]:,.0f}/s", f"{b[0]:,.0f}/s", f"{b[0] / a[0]:.2f}", f"{a[1]:,.0f}", f"{b[1]:,.0f}", f"{b[1] / a[1]:.2f}")
    if not wanted or "start" in wanted:
        for _ in range(2):
            for machine in (small, large):
                machine.stop()
                starts[machine] = min(starts[machine], machine.start())
        row("start until ready", *(f"{starts[machine] * 1e3:.0f} ms" for machine in (small, large)), "", "", "", "")
        row("resident, after one page", *(f"{size:.1f} MiB" for size in memory), "", "", "", "")
    if not wanted or "reload" in wanted:
        read = {machine: [figures.reload(machine, n) for n in range(3)] for machine in (small, large)}
        for part, title in ((0, "allowlist read again"), (1, "longest wait of a probe meanwhile")):
            row(title, *(f"{median(values[part] for values in read[machine]):.1f} ms" for machine in (small, large)), "", "", "", "")
        row("resident at the end", *(f"{machine.memory():.1f} MiB" for machine in (small, large)), "", "", "", "")
    large.stop()
    if not wanted or "cleanup" in wanted:
        cleanup(large)
    if not wanted or "waiting" in wanted:
        waiting(small, figures, arguments)
    small.stop()
    if postgres:
        postgres.end(signal.SIGINT)
    for machine in (small, large):
        shutil.rmtree(machine.folder)


def cleanup(machine):
    """All expires at once, and people ask while it is cleaned up."""
    now = int(time.time())
    machine.run_sql([f"UPDATE sessions SET expires_at = {now} - 10", f"UPDATE app_sessions SET expires_at = {now} - 10",
                     "UPDATE audit SET at = at - 40000000", "UPDATE limits SET arrival_ms = 5",
                     *([] if machine.postgres else ["PRAGMA wal_checkpoint(TRUNCATE)"])])
    if machine.postgres:
        machine.run_sql(["VACUUM ANALYZE", "CHECKPOINT"])
    tables = ("sessions WHERE browser IS NOT NULL", "app_sessions", "audit WHERE at < 1700000000", "limits WHERE arrival_ms = 5")
    # Asked for seldom: counting is work as well.
    counted = [0.0, True]

    def goes_on():
        if time.monotonic() - counted[0] > 5:
            counted[:] = [time.monotonic(), any(machine.value(f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT 1) AS one") for table in tables)]
        return counted[1]

    expired = sum(machine.value(f"SELECT COUNT(*) FROM {table}") for table in tables)
    machine.start(RUST_LOG="error,postern::store::writer=debug")
    times, took = latencies(machine, "during", goes_on)
    until = time.monotonic() + 10
    after, _ = latencies(machine, "after", lambda: time.monotonic() < until)
    print(f"\nCleanup of {expired:,} rows in {took:.0f} s. Asking, one after the other, in milliseconds:\n")
    row("", "median", "p99", "p99.9", "longest", "asked")
    row(*["---", *["--:"] * 5])
    for title, values in (("during the cleanup", times), ("afterwards", after)):
        row(title, *(f"{at(values, part):.1f}" for part in (0.5, 0.99, 0.999, 1)), f"{len(values):,}")
    machine.stop()
    log = (machine.house.logs / machine.log).read_text()
    held = sorted(int(micros) / 1000 for micros in re.findall(r"has held the writer.*? micros=(\d+)", log))
    print(f"\nThe writer was held {len(held):,} times, for {at(held, 0.999):.1f} ms (p99.9) and {held[-1]:.1f} ms at the longest.")


def waiting(machine, figures, arguments):
    """The same small database, with and without mails that wait for a limit."""
    limits = {"LIMITS": "on", "LIMIT_MAILS": "1 per 1h", "LINK_MAX_AGE": "1h", **{
        f"LIMIT_{name}": "off" for name in ("BROWSER", "NETWORK", "NETWORK_DAY", "NETWORK_MAILS", "ADDRESS", "ADDRESS_NETWORK", "TRAIL")}}
    wanted = arguments.waiting
    print("\nAsking, while so many mails wait for LIMIT_MAILS:\n")
    row("", "none", f"{wanted:,}", "ratio")
    row("---", "--:", "--:", "--:")
    results = {}
    for name in ("none", "many"):
        machine.stop()
        machine.run_sql(["DELETE FROM outbox"])
        machine.start(**limits)
        # By asking, as anybody may: only what a browser waits for waits in the outbox.
        for n in range(1_000 if name == "many" else 0):
            if machine.value("SELECT COUNT(*) FROM outbox") >= wanted:
                break
            figures.ask_from_everywhere(machine, n)
        rounds = [figures.ask(machine, f"{name}{n}") for n in range(arguments.rounds)]
        results[name] = [median(values) for values in zip(*rounds)]
    for part, title in ((0, "a second"), (1, "CPU, µs")):
        a, b = results["none"][part], results["many"][part]
        row(title, f"{a:,.0f}", f"{b:,.0f}", f"{b / a:.2f}")


class Alone:
    """What a server of PostgreSQL belongs to."""

    def __init__(self, house):
        self.house, self.programs = house, find_programs(house)
        self.environment = {**os.environ, **libraries(), "PGOPTIONS": "", "TZ": "UTC"}
        if (library := house.folder / "programs/lib").exists():
            self.environment["LD_LIBRARY_PATH"] = str(library)


def start_postgres(house):
    cluster = Alone(house)
    server = PostgresServer(cluster, "postgres")
    house.run("initdb.log", [
        cluster.programs / "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync",
        "-D", server.data], as_nobody=True, env=cluster.environment, cwd="/")
    with open(server.data / "postgresql.conf", "a") as file:
        file.write(CONF)
    server.start()
    server.wait()
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--rows", type=int, default=1_000_000, help="sessions, and entries of the trail, of the large database")
    parser.add_argument("--entries", type=int, default=200_000, help="entries of its allowlist")
    parser.add_argument("--waiting", type=int, default=50_000, help="mails that wait")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="how long each figure is measured in each round")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[],
                        help=f"of {','.join(RATES)},start,reload,cleanup,waiting")
    arguments = parser.parse_args()
    arguments.binary = Path(os.environ.get("POSTERN_BINARY", ROOT / "target/release/postern")).resolve()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not there: apt-get install wrk")
    if not arguments.binary.exists():
        raise SystemExit(f"{arguments.binary} is not built: cargo leptos build --release")
    house = House(Chance("growth"))
    try:
        mails = Mails()
        for database in ("sqlite", "postgres") if arguments.database == "both" else (arguments.database,):
            measure(house, arguments, database, mails)
    finally:
        house.close(keep=False)


if __name__ == "__main__":
    main()
