"""Instances of Postern, each under a service manager that starts anew what has ended by itself, as systemd would."""

import http.client
import os
import signal
import threading

from house import Broken, wait_until

# systemd's default between two starts.
RESTART_AFTER = 0.1
# Beyond DRAIN_TIME twelve seconds are promised; a busy machine has its own idea of them.
LONGEST_STOP = 60


class Instance:
    """One of them, on its own port, in a folder of its own. `wrap` puts words in front of the program."""

    def __init__(self, house, name, settings, wrap=()):
        self.house, self.name = house, name
        self.port = house.port()
        self.folder = house.folder / name
        self.folder.mkdir(exist_ok=True)
        self._command = [*wrap, os.environ["POSTERN_BINARY"]]
        self._settings = {
            "LEPTOS_ENV": "PROD",
            "LEPTOS_SITE_ADDR": f"127.0.0.1:{self.port}", "NO_COLOR": "1", **settings,
        }
        self.process = None
        # Whether it should run: what the service manager goes by.
        self._wanted = False
        self._lock = threading.Lock()
        threading.Thread(target=self._manage, daemon=True).start()

    def start(self):
        """Starts it; gives back before it is ready."""
        with self._lock:
            self._wanted = True
            self._start()

    def _start(self):
        self.process = self.house.start(
            f"{self.name}.log", self._command, env=self._settings, cwd=self.folder)

    def _manage(self):
        while not self.house.closing.wait(RESTART_AFTER):
            with self._lock:
                if self._wanted and self.process.poll() is not None and not self.house.closing.is_set():
                    self._start()

    def kill(self):
        """kill -9, and no restart."""
        with self._lock:
            self._wanted = False
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self):
        """SIGTERM, and no restart; gives the seconds until its end, which has to be an orderly one."""
        with self._lock:
            self._wanted = False
            self.process.send_signal(signal.SIGTERM)
            process = self.process
        _, took = wait_until(lambda: process.poll() is not None, f"{self.name} ends", LONGEST_STOP)
        if process.returncode != 0:
            raise Broken(f"{self.name} ended with {process.returncode}, and not in order")
        return took

    def is_ready(self):
        """Whether it says that somebody could sign in now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait(self):
        """Waits until it is ready; gives the seconds."""
        return wait_until(self.is_ready, f"{self.name} is ready")[1]
