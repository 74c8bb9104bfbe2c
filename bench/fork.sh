#!/bin/bash
# What libims adds to a fork of the process that uses it. `make bench` runs this after its release build.
set -euo pipefail

cd "$(dirname "$0")/.."
source=$PWD/bench/fork.c
include=$PWD/include
target=$(realpath "${CARGO_TARGET_DIR:-target}")/release

cd "$(mktemp -d)"
trap 'rm -r "$PWD"' EXIT

openssl genrsa -out private.key 2048 2> openssl.log
ln -s "$target/libims.so" libims.so.0
cc -O2 -I "$include" "$source" -L "$target" -lims -lpthread -o fork
LD_LIBRARY_PATH=$PWD ./fork private.key
