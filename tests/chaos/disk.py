"""A small disk that can be filled and emptied, for SQLite."""

import errno
import os
import resource
import subprocess

from house import wait_until

# Room for what thousands of sign-ins leave, and for the log beside it.
SIZE = "64m"


def make_disk(house):
    """A file system of its own where that may be made, else a limit on what one process may write."""
    try:
        return FileSystem(house) if os.getuid() == 0 else Limit(house)
    except OSError:
        return Limit(house)


class FileSystem:
    """A tmpfs that only a process of ours sees, and whoever is led to it; it is gone with the last of them."""

    def __init__(self, house):
        self.folder = house.folder / "disk"
        self.folder.mkdir()
        mount = f'mount -t tmpfs -o size={SIZE},mode=0755 tmpfs "$1" && touch "$1/there" && exec sleep infinity'
        command = ["unshare", "-m", "sh", "-c", mount, "sh", self.folder]
        # Containers may forbid it.
        if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            raise OSError("no mounts here")
        self._holder = house.start("disk.log", command)
        # The same folder as the holder sees it.
        self._inside = f"/proc/{self._holder.pid}/root{self.folder}"
        wait_until(lambda: self._holder.poll() is not None or os.path.exists(f"{self._inside}/there"), "the disk is there")
        if self._holder.poll() is not None:
            raise OSError("no mounts here")
        self.wrap = ["nsenter", "-t", str(self._holder.pid), "-m", f"--wd={house.folder}", "--"]
        self.what = f"a file system of {SIZE}"

    def fill(self, _):
        try:
            with open(f"{self._inside}/filler", "wb", buffering=0) as file:
                while file.write(bytes(4096)) == 4096:
                    pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def empty(self, _):
        os.remove(f"{self._inside}/filler")


class Limit:
    """The process may write nothing (RLIMIT_FSIZE); to it that is a full disk, with another number."""

    def __init__(self, house):
        self.folder = house.folder / "disk-by-limit"
        self.folder.mkdir()
        self.wrap = []
        self.what = "a limit on the size of files: only root may make a file system"

    def fill(self, instance):
        resource.prlimit(instance.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def empty(self, instance):
        resource.prlimit(instance.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
