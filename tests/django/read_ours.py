"""Has Django read the tokens that src/domain/signer.rs makes.

Run:  cargo run -q --no-default-features --features ssr --example tokens_for_django |
          PYTHONPATH=~/.cache/postern/tools/peers/django python3 tests/django/read_ours.py
script/test does so, with the Django that script/bootstrap installs. Takes lines of JSON {"key", "salt", "value", "signed_at", "token"} among
others on stdin. Exits 1 if there are none, or if Django reads anything else out of a token.
"""

import json
import sys
from unittest.mock import patch

import django
from django.conf import settings
from django.core import signing

settings.configure(SECRET_KEY="unused", SECRET_KEY_FALLBACKS=[])


def read(ours):
    with patch("django.core.signing.time.time", return_value=ours["signed_at"]):
        signer = signing.TimestampSigner(key=ours["key"], salt=ours["salt"], fallback_keys=[])
        return signer.unsign(ours["token"], max_age=0) == ours["value"] and signer.sign(ours["value"]) == ours["token"]


def main():
    tokens = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    good = 0
    for ours in tokens:
        try:
            good += read(ours)
        except signing.BadSignature as error:
            print(f"{ours['token']!r}: {error}")
    print(f"Django {django.get_version()} read {good} of {len(tokens)} tokens, and makes the same")
    sys.exit(0 if tokens and good == len(tokens) else 1)


if __name__ == "__main__":
    main()
