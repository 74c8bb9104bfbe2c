#!/bin/bash
# The PHP extension next to seed 002's function: `make bench-php` runs this after its release build.
set -euo pipefail

cd "$(dirname "$0")/.."
bench=$PWD/bench/php.php
target=$(realpath "${CARGO_TARGET_DIR:-target}")/release
tree=$(realpath "${CARGO_TARGET_DIR:-target}")/php-release
unset HTTPS_PROXY https_proxy
. bench/account.sh

cd "$(mktemp -d)"
servers=()
trap 'kill "${servers[@]}" || true; wait; rm -r "$PWD"' EXIT
start_account
export LD_LIBRARY_PATH=$tree/root/usr/lib
with=(php -n -d "extension=$tree/build/modules/ims.so")
"${with[@]}" "$bench" private.key credentials.json

# Milliseconds from start to end of a process.
median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
start_up() {
    for _ in $(seq 50); do
        begin=$(date +%s%N)
        "$@" -r ';'
        echo $((($(date +%s%N) - begin) / 1000))
    done | median
}
echo "php starts and ends: median $(start_up php -n) us without, $(start_up "${with[@]}") us with the extension"
