"""Lighthouse with its mobile defaults, by end2end's `npm run lighthouse`, which fails at a score under 100."""

import re
import subprocess

from house import ROOT


def measure():
    """One line for each page, and whether nothing was amiss."""
    print("\nLighthouse …", flush=True)
    command = ["npm", "--prefix", ROOT / "end2end", "run", "--silent", "lighthouse"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=900)
    scores = re.findall(r"^(/\S*): (.*)$", done.stdout, re.MULTILINE)
    if done.returncode != 0:
        print(done.stdout)
    return scores, done.returncode == 0
