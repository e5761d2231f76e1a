"""What a stranger could measure: how long /api/request_link takes for an address that may sign in, one that is unknown and
one that is denied, before a limit is reached and after. The requests are shuffled and sent one at a time."""

import http.client
import random
import time
from statistics import quantiles

from contestants import Postern
from house import Broken

EACH, WARM = 1000, 100
# On a slow machine the network may ask once more every half a minute.
MOST_STRAYS = 10
KINDS = {"listed": "listed.test", "unknown": "elsewhere.test", "denied": "denied.listed.test"}


class Strict(Postern):
    """One that shows nobody the mails, and has a limit in reach: the first round passes, the second is one too many."""

    def settings(self):
        ours = super().settings()
        return {name: value for name, value in ours.items() if name not in ("GATEWAY_APPS", "LIMIT_TRAIL")} | {
            "LEPTOS_ENV": "DEV", "CREDENTIALS": '["@listed.test", "!@denied.listed.test"]', "EMAIL_BACKEND": "file",
            "EMAIL_FILE_PATH": "mail", "LIMIT_NETWORK": f"{3 * EACH + WARM} per 1d", "LIMIT_NETWORK_DAY": "off",
            "LIMIT_TRAIL": "off", "RUST_LOG": "error",
        }


def measure(house):
    class NoMails:
        port = 0
    postern = Strict(house, NoMails, "-strict").start()
    connection = http.client.HTTPConnection("127.0.0.1", postern.port, timeout=30)
    for number in range(WARM):
        ask(connection, postern, f"warm{number}@elsewhere.test")
    for phase, expected in (("before the limit", 200), ("after the limit", 429)):
        times = {kind: [] for kind in KINDS}
        plan = [(kind, number) for kind in KINDS for number in range(EACH)]
        random.shuffle(plan)
        strays = 0
        for kind, number in plan:
            status, milliseconds = ask(connection, postern, f"person{number}@{KINDS[kind]}")
            if status == expected:
                times[kind].append(milliseconds)
                continue
            strays += 1
            if status != 200 or strays > MOST_STRAYS:
                raise Broken(f"{phase}, {kind}: status {status} instead of {expected}")
        print(f"\n| asking {phase}, milliseconds | 25 % | median | 75 % |\n| --- | --- | --- | --- |")
        for kind, all_of_it in times.items():
            print(f"| {kind} | {' | '.join(f'{quartile:.3f}' for quartile in quantiles(all_of_it, n=4))} |", flush=True)
    postern.stop()


def ask(connection, postern, email):
    """Status, and milliseconds until the answer was read."""
    headers = {"Host": f"localhost:{postern.port}", "Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    connection.request("POST", "/api/request_link", f"email={email.replace('@', '%40')}", headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, (time.perf_counter() - began) * 1000
