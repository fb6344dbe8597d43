#!/bin/sh
# Brings what the machine needs for `make run` (a C compiler, Node for `make gen`) or `make test` (also a browser,
# PostgreSQL, PDF tools, nextest). As root on Debian it installs; otherwise it says exactly what to install.
# In shell, because without a C compiler no Rust programme can be linked, xtask included.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:-test}
packages=
missing=

has() { command -v "$1" >/dev/null 2>&1; }
# want PROGRAM PACKAGES…: the packages are wanted if the program is not there.
want() { program=$1; shift; has "$program" || packages="$packages $*"; }
lack() { missing="$missing
  - $1"; }

want cc gcc libc6-dev
want git git
if [ "$purpose" = test ]; then
    # Another browser of the same family is named by CHROMIUM.
    [ -n "${CHROMIUM:-}" ] || want chromium chromium
    ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || packages="$packages fonts-noto-cjk"
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has initdb || packages="$packages postgresql"
    want psql postgresql-client
    want pdftotext poppler-utils
    # Checks the second suite of the public log (SM2, SM3).
    want openssl openssl
    # Checks the public log with code that nobody here wrote (tools/logcheck).
    want go golang-go
    [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] || packages="$packages golang-golang-x-mod-dev"
fi

if [ -n "$packages" ]; then
    if has apt-get && [ "$(id -u)" = 0 ]; then
        echo "setup: installing$packages" >&2
        apt-get update -qq
        # shellcheck disable=SC2086 # a list of words
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
    elif has apt-get; then
        lack "Debian packages: sudo apt-get install -y --no-install-recommends$packages"
    else
        lack "the equivalents of these Debian packages:$packages"
    fi
fi

has cargo || lack "Rust, by rustup; the toolchain itself is then brought by rust-toolchain.toml"
node_major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
if ! has npm || [ "${node_major:-0}" -lt 20 ]; then lack "Node.js 20 or newer with npm"; fi

if [ "$purpose" = test ] && has cargo; then
    # The commands `cargo clippy` and `cargo fmt`, and the components they come in.
    for pair in clippy:clippy fmt:rustfmt; do
        component=${pair#*:}
        cargo "${pair%:*}" --version >/dev/null 2>&1 || { has rustup && rustup component add "$component"; } ||
            lack "the Rust component $component: rustup component add $component"
    done
    if ! cargo nextest --version >/dev/null 2>&1; then
        echo "setup: cargo-nextest is missing and is built now, once (some minutes)" >&2
        cargo install cargo-nextest --locked --version 0.9.143 --quiet ||
            lack "cargo-nextest: cargo install cargo-nextest --locked"
    fi
fi

# A checker and a witness of the public log that nobody here wrote. Without a Python of 3.12 or newer `make test` says in its
# last lines that ours were not held against them; `.ci/run` fails.
if [ "$purpose" = test ] && [ ! -x target/aics/bin/aics-witness ]; then
    for python in python3.13 python3.12 python3 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue
        echo "setup: installing aics-tlog and aics-witness beside the tests" >&2
        if "$python" -m venv target/aics && target/aics/bin/pip install -q aics-tlog==0.2.1 aics-witness==0.1.0 >&2; then break; fi
        rm -rf target/aics
    done
fi

# Schemathesis, which holds the interface against its document (scripts/contract). Without a Python of 3.10 or newer
# `make test` says in its last lines that it was not; `.ci/run` fails.
pins=scripts/contract/requirements.txt
if [ "$purpose" = test ] && ! cmp -s "$pins" target/contract/requirements.txt; then
    for python in python3 python3.13 python3.12 python3.11 python3.10 "$HOME"/.pyenv/versions/3.1[0-9]*/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || continue
        echo "setup: installing Schemathesis beside the tests" >&2
        rm -rf target/contract
        if "$python" -m venv target/contract && target/contract/bin/pip install -q -r "$pins" >&2; then
            cp "$pins" target/contract/requirements.txt
            break
        fi
        rm -rf target/contract
    done
fi

# A store that speaks S3 (scripts/store), to which the public log is published in the tests. Without a Python of 3.11 or newer
# `make test` says in its last lines that it was not; `.ci/run` fails.
pins=scripts/store/requirements.txt
if [ "$purpose" = test ] && ! cmp -s "$pins" target/store/requirements.txt; then
    for python in python3 python3.13 python3.12 python3.11 "$HOME"/.pyenv/versions/3.1[1-9]*/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        echo "setup: installing moto beside the tests" >&2
        rm -rf target/store
        if "$python" -m venv target/store && target/store/bin/pip install -q -r "$pins" >&2; then
            cp "$pins" target/store/requirements.txt
            break
        fi
        rm -rf target/store
    done
fi

if [ -n "$missing" ]; then
    echo "setup: this machine still lacks$missing" >&2
    exit 1
fi
