"""The plan of a run: which faults, in which order, made from a seed."""

import signal
from dataclasses import dataclass

import mail_server


@dataclass(frozen=True)
class Fault:
    """A fault by name (a method of `faults.Faults`), and what exactly it does."""
    name: str
    what: object = None

    def __str__(self):
        what = self.what
        if isinstance(what, signal.Signals):
            what = what.name
        if isinstance(what, tuple):
            what = " and ".join(str(part) for part in what)
        return self.name.replace("_", " ") + (f": {what}" if what is not None else "")


def plan(chance, short, is_postgres, synchronous=True):
    """The faults of a run, in order; each kind at least once."""
    count = 3 if is_postgres else 1

    def kill():
        # One instance at least stays up, where there are several.
        numbers = range(1, count + 1)
        return Fault("kill", tuple(sorted(chance.sample(numbers, chance.choice((1, 2)) if count > 1 else 1))))

    def mail():
        return Fault("mail", chance.choice(mail_server.BAD[1:]))

    makers = [kill, lambda: Fault("rolling_restart"), lambda: Fault("mail", mail_server.AWAY), mail]
    if is_postgres:
        makers += [
            lambda: Fault("restart_primary", chance.choice((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))),
            lambda: Fault("switch_over"),
        ]
        if not synchronous:
            # What a standby that lags behind gives up, seen several times.
            makers += [makers[-1]] * 3
    else:
        makers.append(lambda: Fault("full_disk"))
    if short:
        # Of the ways of a mail server to misbehave one is enough.
        del makers[2 if is_postgres else 3]
        rounds = 1
    else:
        rounds = 3 if is_postgres else 2
    faults = []
    for _ in range(rounds):
        once = [make() for make in makers]
        chance.shuffle(once)
        faults += once
    return faults
