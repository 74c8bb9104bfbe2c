#!/bin/bash
# What a helper costs the program that runs it: the whole process, with the token in the cache. `make bench` runs this after
# its release build.
set -euo pipefail

cd "$(dirname "$0")/.."
measure=$PWD/bench/helper.py
target=$(realpath "${CARGO_TARGET_DIR:-target}")/release
# The token server is on this machine.
unset HTTPS_PROXY https_proxy
. bench/account.sh

cd "$(mktemp -d)"
servers=()
trap 'kill "${servers[@]}" || true; wait; rm -r "$PWD"' EXIT

start_account
export XDG_RUNTIME_DIR=$PWD
python3 "$measure" 101 "$target/ims" credentials.json
