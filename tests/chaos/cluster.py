"""PostgreSQL: a server alone; or a primary and a standby, in two folders that change places when the standby is promoted."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from house import TOOLS, Broken, wait_until
from proxies import libraries, start_haproxy

# What docs/deployment.md tells of these two is set as there. The rest is for small machines: nothing here has to outlive
# a power cut.
CONF = """
listen_addresses = '127.0.0.1'
max_connections = 100
shared_buffers = 32MB
max_wal_size = 256MB
lc_messages = 'C'
log_line_prefix = '%m [%p] %a '
hot_standby = on
wal_level = replica
wal_keep_size = 256MB
wal_retrieve_retry_interval = 500ms
synchronous_commit = on
"""
READY = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"


class Server:
    """One server."""

    def __init__(self, cluster, name):
        self.cluster, self.house, self.name = cluster, cluster.house, name
        self.port = self.house.port()
        # In a folder of its own: PostgreSQL gives it to nobody else.
        self.home = self.house.folder / name
        self.home.mkdir()
        self.house.give(self.home)
        self.data = self.home / "data"
        self.process = None

    def start(self):
        self.process = self.house.start(
            f"{self.name}.log", [
                self.cluster.programs / "postgres", "-D", self.data, "-p", self.port,
                "-c", f"unix_socket_directories={self.home}", "-c", f"cluster_name={self.name}"],
            as_nobody=True, env=self.cluster.environment, cwd="/")

    def end(self, how):
        """SIGKILL, SIGQUIT or SIGINT (fast); waits for the end of every part of it: a backend that is left could write."""
        parts = children(self.process.pid)
        self.process.send_signal(how)
        self.process.wait()
        wait_until(lambda: not any(Path(f"/proc/{part}").exists() for part in parts), f"all of {self.name} has ended")

    def sql(self, statement, port=None, database="postgres", timeout=10):
        """Runs statements; gives what they print, None if the server does not answer."""
        try:
            done = subprocess.run(
                [self.cluster.programs / "psql", "-XAtq", "-h", "127.0.0.1", "-p", str(port or self.port),
                 "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c", statement, database],
                env={**self.cluster.environment, "PGCONNECT_TIMEOUT": "2"}, cwd="/", timeout=timeout,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except subprocess.TimeoutExpired:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    def insist(self, statement):
        answer = self.sql(statement, timeout=60)
        if answer is None:
            raise Broken(f"{self.name} does not: {statement}")
        return answer

    def answers(self):
        return self.sql("SELECT 1") == "1"

    def wait(self):
        return wait_until(self.answers, f"{self.name} answers")


def children(pid):
    """The processes that one has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


class Alone:
    """A server that nobody follows, with an empty database. `fsync`: whether its disk syncs as in life."""

    def __init__(self, house, fsync=False):
        self.house = house
        self.programs = find_programs(house)
        self.environment = {**os.environ, **libraries(), "PGOPTIONS": "", "TZ": "UTC"}
        if (library := house.folder / "programs/lib").exists():
            self.environment["LD_LIBRARY_PATH"] = str(library)
        self.primary = Server(self, "postgres-one")
        house.run("initdb.log", [
            self.programs / "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync",
            "-D", self.primary.data], as_nobody=True, env=self.environment, cwd="/")
        with open(self.primary.data / "postgresql.conf", "a") as file:
            file.write(CONF + f"fsync = {'on' if fsync else 'off'}\n")
        self.primary.start()
        self.primary.wait()
        self.primary.insist("CREATE DATABASE postern")
        self.url = self.url_at(self.primary.port)

    def url_at(self, port):
        return f"postgres://postgres@127.0.0.1:{port}/postern?sslmode=disable"


class Cluster(Alone):
    """Primary, standby, and HAProxy in front of them."""

    def __init__(self, house, synchronous=True, fsync=False):
        super().__init__(house, fsync)
        self.synchronous = synchronous
        self.standby = Server(self, "postgres-two")
        self.primary.insist("CREATE ROLE postern_check LOGIN CONNECTION LIMIT 20")
        self.follow()
        self.port = start_haproxy(house, self.primary.port, self.standby.port)
        self.url = self.url_at(self.port)

    def follow(self):
        """Makes the other server a standby of the primary from a copy, and then, if wanted, one that is waited for."""
        standby = self.standby
        shutil.rmtree(standby.data, ignore_errors=True)
        self.house.run("basebackup.log", [
            self.programs / "pg_basebackup", "-D", standby.data, "-X", "stream", "-c", "fast", "--no-sync", "-R",
            "-d", f"host=127.0.0.1 port={self.primary.port} user=postgres application_name=standby"],
            as_nobody=True, env=self.environment, cwd="/")
        # The copy would wait for a standby of its own once it is promoted.
        with open(standby.data / "postgresql.auto.conf", "a") as file:
            file.write("\nsynchronous_standby_names = ''\n")
        standby.start()
        wait_until(lambda: self.primary.sql(READY) == "1", "the standby follows")
        if self.synchronous:
            self.primary.insist("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            self.primary.insist("SELECT pg_reload_conf()")
            self.wait_for_standby()

    def wait_for_standby(self):
        """Waits until every commit waits for the standby: only then may it be promoted."""
        if self.synchronous:
            synchronous = READY.replace("'streaming'", "'streaming' AND sync_state = 'sync'")
            wait_until(lambda: self.primary.sql(synchronous) == "1", "the standby is synchronous")

    def restart_primary(self, how):
        self.primary.end(how)
        self.primary.start()

    def cut_standby_off(self):
        """Nothing reaches the standby any more."""
        self.standby.insist("ALTER SYSTEM SET primary_conninfo = ''")
        self.standby.insist("SELECT pg_reload_conf()")

    def switch_over(self):
        """The primary dies; only when all of it is dead the standby is promoted: two that write would be two truths."""
        self.primary.end(signal.SIGKILL)
        self.standby.insist("SELECT pg_promote(true, 60)")
        self.primary, self.standby = self.standby, self.primary

    def takes_writes(self):
        """Whether HAProxy leads to a server that takes writes."""
        return self.primary.sql("CREATE TEMPORARY TABLE trial (one int); SELECT 1", port=self.port) == "1"


def find_programs(house):
    """The folder of PostgreSQL's programs, where their user can run them: it does not get into root's home."""
    unpacked = sorted((TOOLS / "postgresql/usr/lib/postgresql").glob("*/bin/initdb"))
    if not unpacked:
        installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not installed:
            raise Broken("PostgreSQL is missing: run script/bootstrap")
        return installed[-1].parent
    if os.getuid() != 0:
        return unpacked[-1].parent
    # The programs find the rest by where they lie.
    version, source, copy = unpacked[-1].parts[-3], TOOLS / "postgresql/usr", house.folder / "programs"
    for part in (f"lib/postgresql/{version}", f"share/postgresql/{version}"):
        shutil.copytree(source / part, copy / part, symlinks=True)
    for library in (source / f"lib/{os.uname().machine}-linux-gnu").glob("libpq*"):
        shutil.copy2(library, copy / "lib", follow_symlinks=True)
    return copy / f"lib/postgresql/{version}/bin"
