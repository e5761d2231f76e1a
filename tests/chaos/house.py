"""What all parts of a run share: its folder, its ports, and processes that end with it, whichever way it ends."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("POSTERN_TOOLS", Path.home() / ".cache/postern/tools"))
# PostgreSQL does not run for root.
NOBODY = 65534
# In front of each program: the kernel kills it when whoever has started it ends.
ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
# So that what does not come about ends a run, on a slow machine too.
LONGEST_WAIT = 90


class Broken(Exception):
    """The run itself cannot go on: a program does not start, or never gets ready."""


def wait_until(condition, what, limit=LONGEST_WAIT, pause=0.02):
    """Waits for `condition` and gives its first true value; seconds until then are the second."""
    began = time.monotonic()
    while True:
        value = condition()
        took = time.monotonic() - began
        if value:
            return value, took
        if took > limit:
            raise Broken(f"not within {limit} s: {what}")
        time.sleep(pause)


def at_once(act, values):
    """Does it for all values, each in a thread of its own; what came of each, in their order."""
    values = list(values)
    with ThreadPoolExecutor(max_workers=len(values)) as threads:
        return list(threads.map(act, values))


class House:
    """The folder of a run, with its processes."""

    def __init__(self, chance, name="chaos"):
        self.chance = chance
        self.folder = Path(tempfile.mkdtemp(prefix=f"postern-{name}-"))
        self.folder.chmod(0o755)
        self.logs = self.folder / "logs"
        self.logs.mkdir()
        self._given = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._processes = []
        # A process gets its signal when the thread that started it ends: one that outlives all others does.
        self._starter = ThreadPoolExecutor(max_workers=1)

    def port(self):
        """A port that nobody listens on and that is given once; not one that the system gives to whoever asks."""
        while True:
            with self._lock:
                self._given += 1
                number = 20_000 + (os.getpid() * 89 + self._given) % 12_000
            with socket.socket() as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    trial.bind(("127.0.0.1", number))
                    return number
                except OSError:
                    continue

    def start(self, log, command, as_nobody=False, **more):
        """Starts a program whose words go to the end of a log. It is killed when this process ends."""
        return self._starter.submit(self._start, log, command, as_nobody, more).result()

    def _start(self, log, command, as_nobody, more):
        if as_nobody and os.getuid() == 0:
            more |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        with open(self.logs / log if log else os.devnull, "ab") as words:
            process = subprocess.Popen(
                [*ENDS_WITH_US, *(str(word) for word in command)],
                stdin=subprocess.DEVNULL, stdout=words, stderr=words,
                # SIGXFSZ stays ignored, as Python has it: a file that may not grow is an error then, and no end.
                restore_signals=False, start_new_session=True, **more)
        with self._lock:
            self._processes.append(process)
        return process

    def run(self, log, command, as_nobody=False, **more):
        """Runs a program to its end."""
        status = self.start(log, command, as_nobody, **more).wait()
        if status != 0:
            raise Broken(f"{command[0]} ended with {status}: see {log}")

    def give(self, path):
        """Makes a folder over to whom PostgreSQL runs for."""
        if os.getuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def close(self, keep):
        """Ends all processes. Of the folder the logs are kept, if wanted: nothing else of it is fit to be kept."""
        self.closing.set()
        self._starter.shutdown()
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        for entry in self.folder.iterdir():
            if not (keep and entry == self.logs):
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()
        if not keep:
            self.folder.rmdir()


class Chance(random.Random):
    """Chance that a seed repeats."""

    def __init__(self, seed):
        super().__init__(seed)
        self._seed = seed

    def of(self, what):
        """A chance of its own for that, which nobody else's use of this one changes."""
        return Chance(f"{self._seed}-{what}")
