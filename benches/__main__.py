"""script/bench: read from here.

`speed` measures the `contestants` in turn, with the people of examples/load and with wrk (`load`); `syncs`, `footprint`,
`neutrality` and `lighthouse` each measure one thing more. `table` puts it side by side and holds it against the goals,
`plot` draws it. Where all of it lives, and PostgreSQL, are those of tests/chaos/."""

import argparse
import secrets
import signal
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/chaos"))

from house import Broken, Chance, House

import footprint
import lighthouse
import neutrality
import plot
import speed
import syncs
import table
from contestants import start_all
from load import Generator

PARTS = ("speed", "syncs", "footprint", "neutrality", "lighthouse")


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    house, is_well = House(Chance(secrets.randbits(64)), "bench"), False
    try:
        is_well = run(house, options)
    except Broken as broken:
        print(f"\nThe run broke off: {broken}")
    finally:
        house.close(keep=not is_well)
        if not is_well:
            print(f"\nThe logs are kept in {house.logs}")
    sys.exit(0 if is_well else 1)


def read_options():
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("--short", action="store_true", help="one short round; judges no times")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--write", type=Path, metavar="docs", help="the folder whose performance.md and .svg are written")
    options = parser.parse_args()
    if options.write and (options.short or options.only):
        parser.error("--write writes what a whole run has measured")
    return options


def run(house, options):
    """All parts, or the one that is wanted; whether nothing broke."""
    machine = table.machine()
    print(machine, flush=True)
    wanted = ("speed",) if options.short else (options.only,) if options.only else PARTS
    generator = Generator(house)
    measured = {}
    if "speed" in wanted:
        contestants = start_all(house, generator, say=print)
        measured = speed.measure(contestants, generator, options.short)
        for contestant in contestants:
            contestant.stop()
    if options.short:
        print("Every contestant started, and every answer was the right one.")
        return True
    if "syncs" in wanted:
        measured["syncs"] = syncs.measure(house, generator)
    if "footprint" in wanted:
        measured |= footprint.measure(house, generator)
    scores, is_well = [], True
    if "lighthouse" in wanted:
        scores, is_well = lighthouse.measure()
    if measured or scores:
        text = table.markdown(machine, measured, scores)
        print(f"\n{text}", flush=True)
        if options.write:
            table.write(options.write / "performance.md", text)
            (options.write / "performance.svg").write_text(plot.draw(measured))
    if "neutrality" in wanted:
        neutrality.measure(house)
    return is_well


if __name__ == "__main__":
    main()
