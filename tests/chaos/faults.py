"""The faults: what is broken, for how long, and when it counts as mended."""

import time

import mail_server
from house import wait_until

# Seconds without a fault after each, so that what it has left behind shows.
CALM = {True: 2.0, False: 4.0}
# Seconds that something stays broken which does not mend itself.
BROKEN_FOR = {True: 3.0, False: 6.0}
# The line between primary and standby breaks that many seconds before the primary dies. What is written meanwhile is on
# the primary alone.
CUT_OFF_FOR = 1.0
# People that have to get in after each fault.
ENOUGH = 3


class Faults:
    """Carries out a plan on a site."""

    def __init__(self, site, short, cluster=None, disk=None):
        self.site, self.ledger, self.cluster, self.disk = site, site.ledger, cluster, disk
        self.calm, self.broken_for = CALM[short], BROKEN_FOR[short]

    def carry_out(self, fault):
        phase = self.ledger.begin(str(fault))
        time.sleep(self.calm / 4)
        self.ledger.fault()
        print(f"  {fault} …", flush=True)
        phase.recovered = getattr(self, fault.name)(fault.what) or ""
        time.sleep(self.calm)
        self.wait_for_people()

    def wait_for_people(self):
        """Waits until some more got in."""
        phase = self.ledger.phases[-1]
        enough = phase.people_in + ENOUGH
        wait_until(lambda: phase.people_in >= enough, f"people get in: {phase.name}")

    def kill(self, numbers):
        """kill -9 of some; the others do all the work, until they are started again."""
        killed = [self.site.instances[number - 1] for number in numbers]
        is_alone = len(killed) == len(self.site.instances)
        over = self.ledger.excuse("no instance is up") if is_alone else lambda: None
        for instance in killed:
            instance.kill()
        if not is_alone:
            time.sleep(self.broken_for)
        for instance in killed:
            instance.start()
        took = max(instance.wait() for instance in killed)
        over()
        return f"ready {took:.1f} s after the start"

    def rolling_restart(self, _):
        """SIGTERM, and a new start, one after the other."""
        longest = 0.0
        is_alone = len(self.site.instances) == 1
        for instance in self.site.instances:
            # Alone, it refuses nobody until its port is closed; then nobody is there.
            over = self.ledger.excuse("no instance is up") if is_alone else lambda: None
            took = instance.stop()
            longest = max(longest, took)
            self.ledger.stopped(took)
            instance.start()
            instance.wait()
            over()
        return f"longest stop {longest:.1f} s"

    def restart_primary(self, how):
        """SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one; after SIGKILL it has crashed."""
        self.cluster.wait_for_standby()
        over = self.ledger.excuse("the primary was ended")
        self.cluster.restart_primary(how)
        return self._database_is_back(over)

    def switch_over(self, _):
        """The primary dies, the standby is promoted, and the dead one comes back as its standby."""
        self.cluster.wait_for_standby()
        over = self.ledger.excuse("the primary died")
        self.cluster.cut_standby_off()
        time.sleep(CUT_OFF_FOR)
        self.ledger.fault()
        self.cluster.switch_over()
        recovered = self._database_is_back(over)
        self.cluster.follow()
        return recovered

    def _database_is_back(self, over):
        """Instances have their own eyes: until all of them are ready again, the database is away for some."""
        began = time.monotonic()
        wait_until(self.cluster.takes_writes, "HAProxy leads to a server that takes writes")
        back = time.monotonic()
        self.site.wait()
        over()
        ready = time.monotonic()
        return f"writes again after {back - began:.1f} s, all instances ready {ready - back:.1f} s later"

    def mail(self, manner):
        """The mail server is gone, or misbehaves. Nothing but mails has to wait for it."""
        self.site.mail_server.behave(manner)
        time.sleep(self.broken_for)
        self.site.mail_server.behave(mail_server.WELL)

    def full_disk(self, _):
        """Nothing can be written. Who is in stays in; everybody else is told to come back."""
        phase, over = self.ledger.phases[-1], self.ledger.excuse("the disk is full")
        self.disk.fill(self.site.instances[0])
        # What it has written already has room for some steps more.
        wait_until(lambda: any(end > phase.fault_at for _, end, _ in phase.failures), "a request meets the full disk")
        time.sleep(self.broken_for)
        self.disk.empty(self.site.instances[0])
        there_is_room = time.monotonic()
        _, took = wait_until(lambda: any(at > there_is_room for at in phase.steps), "it works again")
        over()
        return f"works {took:.1f} s after there was room, without a restart"
