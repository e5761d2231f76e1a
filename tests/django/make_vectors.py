"""Writes vectors.json: tokens that Django's TimestampSigner makes, and tokens that it refuses.

Run:  PYTHONPATH=~/.cache/postern/tools/peers/django python3 tests/django/make_vectors.py
The unit tests of src/domain/signer.rs read the result. It is the same every time; commit it. With --check it writes
nothing, and exits 1 if this Django would write something else: script/test does that. script/bootstrap installs Django.
"""

import json
import sys
from pathlib import Path
from unittest.mock import patch

import django
from django.conf import settings
from django.core import signing

settings.configure(SECRET_KEY="unused", SECRET_KEY_FALLBACKS=[])

KEY = "a key of thirty-two bytes or more"
OLD = "the key before that one, retired"
NOON = 1_790_000_000
SALT = "postern.login"


def at(now):
    return patch("django.core.signing.time.time", return_value=now)


def sign(value, key=KEY, salt=SALT, now=NOON):
    with at(now):
        return signing.TimestampSigner(key=key, salt=salt, fallback_keys=[]).sign(value)


def vector(token, value, signed_at=NOON, signing_key=KEY, key=KEY, fallbacks=(), salt=SALT, now=None, max_age=300):
    """What Django itself makes of `token`, with everything it takes to ask again."""
    now = signed_at if now is None else now
    refusal = None
    try:
        with at(now):
            signer = signing.TimestampSigner(key=key, salt=salt, fallback_keys=list(fallbacks))
            assert signer.unsign(token, max_age=max_age) == value
    except (signing.BadSignature, ValueError) as error:
        refusal = type(error).__name__
    return {
        "signing_key": signing_key,
        "key": key,
        "fallbacks": list(fallbacks),
        "salt": salt,
        "value": value,
        "signed_at": signed_at,
        "token": token,
        "now": now,
        "max_age": max_age,
        "refusal": refusal,
    }


def accepted():
    values = ["ada@example.com", "ada+tag@xn--bcher-kva.example", "", "a:b:c", "jürgen@bücher.example", "日本語 🔑\n\0"]
    for key in [KEY, "k", "schlüssel mit umlaut, lang genug für alle", "k" * 200]:
        for salt in [SALT, "salz, süß"]:
            for value in values:
                yield vector(sign(value, key, salt), value, signing_key=key, key=key, salt=salt)
    for signed_at in [0, 1, 61, 62, NOON, 2**32, 253_402_300_799, 2**62, 2**63 - 1, -1]:
        yield vector(sign("ada@example.com", now=signed_at), "ada@example.com", signed_at)
    old = sign("ada@example.com", key=OLD)
    yield vector(old, "ada@example.com", signing_key=OLD, fallbacks=[OLD])
    yield vector(old, "ada@example.com", signing_key=OLD, fallbacks=["older", OLD])
    good = sign("ada@example.com")
    for now in [NOON - 3600, NOON - 1, NOON + 299, NOON + 300]:
        yield vector(good, "ada@example.com", now=now)
    yield vector(good, "ada@example.com", max_age=0)


def refused():
    value = "ada@example.com"
    good = sign(value)
    stamped, signature = good.rsplit(":", 1)
    for now, max_age in [(NOON + 301, 300), (NOON + 1, 0), (2**62, 300)]:
        yield vector(good, value, now=now, max_age=max_age)
    yield vector(sign(value, now=0), value, 0, now=NOON)
    yield vector(sign(value, key=OLD), value, signing_key=OLD, fallbacks=[OLD], now=NOON + 301)
    yield vector(sign(value, key=OLD), value, signing_key=OLD)
    yield vector(sign(value, key=OLD), value, signing_key=OLD, fallbacks=["older"])
    yield vector(sign(value, salt="postern.other"), value)
    later = sign(value, now=NOON + 60)
    torn = [
        "", ":", "::", ":::", value, stamped, stamped + ":", good + "=", good + "==", good + "\n", " " + good,
        good[:-1], good[1:], good + "A", good.upper(), good.replace("ada", "eve"), good.replace("ada", "Ada"),
        f"{value}:{later.split(':')[1]}:{signature}", f"{stamped}:{later.split(':')[2]}",
        f"{value}:0{stamped.split(':')[1]}:{signature}", f"{stamped}:{signature[:-1]}{chr(ord(signature[-1]) + 1)}",
        f"{stamped}:{signature}:{signature}", f"{stamped}:é",
    ]
    for token in torn:
        yield vector(token, value)
    signer = signing.Signer(key=KEY, salt=SALT, fallback_keys=[])
    for unstamped in ["ada", f"{value}:!", f"{value}:1-1"]:
        yield vector(signer.sign(unstamped), value)


def main():
    vectors = {"accepted": list(accepted()), "refused": list(refused())}
    assert all(vector["refusal"] is None for vector in vectors["accepted"])
    assert all(vector["refusal"] is not None for vector in vectors["refused"])
    path = Path(__file__).with_name("vectors.json")
    lines = [f'"{kind}": [\n' + ",\n".join(map(json.dumps, some)) + "\n]" for kind, some in vectors.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    if "--check" in sys.argv[1:]:
        if path.read_text() != text:
            sys.exit(f"Django {django.get_version()} makes other tokens than those in {path.name}: run {sys.argv[0]} and look")
    else:
        path.write_text(text)
    print(f"{len(vectors['accepted'])} accepted and {len(vectors['refused'])} refused tokens in {path.name}")


if __name__ == "__main__":
    main()
