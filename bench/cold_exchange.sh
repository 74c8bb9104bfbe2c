#!/bin/bash
# Processor time of a whole program, from its start to a token: `make bench` runs this after its release build.
set -euo pipefail

cd "$(dirname "$0")/.."
measure=$PWD/bench/cold_exchange.py
example=$PWD/bindings/c/example.c
include=$PWD/include
target=$(realpath "${CARGO_TARGET_DIR:-target}")/release
# The token server is on this machine.
unset HTTPS_PROXY https_proxy
. bench/account.sh

cd "$(mktemp -d)"
servers=()
trap 'kill "${servers[@]}" || true; wait; rm -r "$PWD"' EXIT

start_account --https --ca-out ca.pem
ln -s "$target/libims.so" libims.so.0
cc -O2 -I "$include" "$example" -L "$target" -lims -o example
export LD_LIBRARY_PATH=$PWD
python3 "$measure" ca.pem 50 -- ./example credentials.json

strip -o stripped.so "$target/libims.so"
stat --format='shared library, stripped: %s bytes' stripped.so
