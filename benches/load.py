"""What the load comes from: wrk for one page again and again, the people of examples/load for all else."""

import json
import os
import re
import subprocess
from pathlib import Path

from house import ENDS_WITH_US, Broken

CONNECTIONS = 32
# wrk's units, in milliseconds.
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


class Generator:
    """The people, and the mail server that brings them their links, on `port`."""

    def __init__(self, house):
        self.port = house.port()
        program = Path(os.environ["POSTERN_EXAMPLES"]) / "load"
        self._process = subprocess.Popen(
            [*ENDS_WITH_US, str(program), f"127.0.0.1:{self.port}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, order, **details):
        """Has something done, and gives what came of it."""
        print(json.dumps({"order": order, **details}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        answer = json.loads(answer) if answer else {"failure": "the generator has ended"}
        if "failure" in answer:
            raise Broken(f"{order} at {details.get('site', details)}: {answer['failure']}")
        return answer

    def crowd(self, order, contestant, at_a_time, seconds, **more):
        answer = self.order(order, site=contestant.site, at_a_time=at_a_time, seconds=seconds, **more)
        return answer | {"rate": answer["count"] / answer["seconds"]}


def wrk(port, path, headers, seconds):
    """Opens a page again and again: how often, how often in a second, and the 99th percentile in milliseconds. Every answer
    has to be a 2xx. It knows whole seconds only."""
    seconds = max(1, round(seconds))
    lines = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    try:
        done = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *lines, f"http://127.0.0.1:{port}{path}"],
            capture_output=True, text=True, timeout=seconds + 30)
    except FileNotFoundError as missing:
        raise Broken("wrk is missing: run script/bootstrap") from missing
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", done.stdout)
    count = re.search(r"(\d+) requests in", done.stdout)
    if done.returncode != 0 or not rate or not p99 or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise Broken(f"wrk at {path} of port {port}:\n{done.stdout}{done.stderr}")
    return {"count": int(count.group(1)), "rate": float(rate.group(1)), "p99": float(p99.group(1)) * UNITS[p99.group(2)]}
