"""The table: what was measured, side by side, and what it ought to be. Markdown, for the console and for the docs."""

import os
import re
import time
from pathlib import Path

from house import Broken

POSTERN, POSTGRES, BARE, DJANGO, BETTER_AUTH = (
    "Postern", "Postern on PostgreSQL", "Bare axum handler", "Django", "better-auth")
CONTESTANTS = (POSTERN, POSTGRES, BARE, DJANGO, BETTER_AUTH)
# Measure, title, and how many times as fast as whom Postern has to be. On PostgreSQL half of it is enough.
RATES = (
    ("check", "checks of a live session, a second", {BARE: 0.4, DJANGO: 20}),
    ("login", "`GET /login`, a second", {DJANGO: 8}),
    ("ask", "mails asked for, a second", {DJANGO: 10}),
    ("sent", "mails asked for and sent, a second", {}),
    ("sign-in 1", "sign-ins a second, one at a time", {DJANGO: 5}),
    ("sign-in 16", "sign-ins a second, 16 at a time", {DJANGO: 5}),
)
# Measure, figure, title, and the milliseconds that it may take at most.
TIMES = (
    ("check", "processor", "processor time of a check", None),
    ("login", "processor", "processor time of the page", None),
    ("sign-in 16", "processor", "processor time of a sign-in, 16 at a time", None),
    ("check", "p99", "a check under full load, p99", None),
    ("half load", "p99", "a check under half of that load, p99", 5),
    ("sign-in 1", "p50", "a sign-in, alone, median", None),
    ("sign-in 1", "p99", "a sign-in, alone, p99", None),
    ("sign-in 16", "p50", "a sign-in, 16 at a time, median", None),
    ("sign-in 16", "p99", "a sign-in, 16 at a time, p99", 50),
)
MOST_MEMORY = 80
# Measure, title, unit and limit of what Postern alone is measured at.
ALONE = (
    ("start", "from the start to the first answer, with a database", "ms", 150),
    ("idle", "memory at rest", "MiB", 25),
    ("binary", "the binary, without symbols", "MiB", 25),
)
BEGIN, END = "<!-- What script/bench has measured: -->", "<!-- End of what it has measured. -->"


def markdown(machine, measured, scores):
    rows = [("", *CONTESTANTS, "goal: reached"), ("---",) * (len(CONTESTANTS) + 2)]
    for measure, title, goals in RATES:
        if figures := measured.get(measure):
            rates = {who: figure["rate"] for who, figure in figures.items()}
            rows.append(row(title, rates, number, ratios(rates, goals)))
    for measure, figure, title, most in TIMES:
        times = {who: figures[figure] for who, figures in measured.get(measure, {}).items() if figure in figures}
        if times:
            rows.append(row(title, times, milliseconds, limits(times, most, milliseconds)))
    if memory := measured.get("memory"):
        worst = max(memory[who] for who in (POSTERN, POSTGRES) if who in memory)
        verdict = judged(f"< {mebibytes(MOST_MEMORY)}", mebibytes(worst), worst < MOST_MEMORY)
        rows.append(row("most memory, under load", memory, mebibytes, verdict))
    if counted := measured.get("syncs"):
        for at_a_time in counted[POSTERN]:
            syncs = {who: counts[at_a_time] for who, counts in counted.items()}
            rows.append(row(f"syncs a sign-in, {at_a_time} at a time", syncs, "{:.2f}".format, ""))
    for measure, title, unit, most in ALONE:
        if measure in measured:
            figure = f"{measured[measure]:.0f} {unit}"
            rows.append((title, figure, "", "", "", "", judged(f"< {most} {unit}", figure, measured[measure] < most)))
    lines = [machine]
    if len(rows) > 2:
        lines += ["", *("| " + " | ".join(cells) + " |" for cells in rows)]
    if scores:
        lines += ["", "| Lighthouse, mobile | |", "| --- | --- |", *(f"| `{page}` | {said} |" for page, said in scores)]
    return "\n".join(lines) + "\n"


def row(title, figures, shown, verdict):
    return (title, *(shown(figures[who]) if who in figures else "" for who in CONTESTANTS), verdict)


def ratios(rates, goals):
    """What Postern is to each of those that it has a goal for, and what it is to the others."""
    said = []
    for ours, share in ((POSTERN, 1), (POSTGRES, 0.5)):
        part = []
        for peer in (BARE, DJANGO, BETTER_AUTH):
            if peer in rates and ours in rates:
                ratio, goal = rates[ours] / rates[peer], goals.get(peer)
                reached = f"{ratio:.2f} of bare" if peer == BARE else f"{ratio:.1f} × {peer}"
                wanted = f"{goal * share:g} {'of bare' if peer == BARE else '×'}" if goal else ""
                part.append(judged(f"≥ {wanted}", reached, ratio >= goal * share) if goal else reached)
        if part:
            said.append(("on PostgreSQL " if ours == POSTGRES else "") + ", ".join(part))
    return "; ".join(said)


def limits(figures, most, shown):
    """Whether Postern keeps within that; on PostgreSQL, which is another process, within twice as much."""
    if most is None:
        return ""
    said = []
    for who, where, bound in ((POSTERN, "", most), (POSTGRES, "on PostgreSQL ", most * 2)):
        if who in figures:
            said.append(where + judged(f"< {shown(bound)}", shown(figures[who]), figures[who] < bound))
    return "; ".join(said)


def judged(goal, reached, is_well):
    return f"{goal}: {reached}" if is_well else f"**{goal}: missed, {reached}**"


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def milliseconds(value):
    if value < 1:
        return f"{value * 1000:.0f} µs"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def mebibytes(value):
    return f"{value:.0f} MiB"


def machine():
    """When and where, and what else the machine had to do when the run began."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    what = f"{os.cpu_count()} cores{f' ({cpu.group(1)})' if cpu else ''}"
    return f"{time.strftime('%Y-%m-%d')}, {what}; load average before the run: {os.getloadavg()[0]:.1f}."


def write(document, text):
    """Puts the table where the document has the last one."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Broken(f"{document} does not say where the table goes: {BEGIN} … {END}")
    document.write_text(f"{before}{begin}\n\n{text}\n{end}{after}")
