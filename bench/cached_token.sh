#!/bin/bash
# A cached token through the C ABI: from memory, and in a fresh process from a file and from Redis next to a bare GET.
# `make bench` runs this after its release build.
set -euo pipefail

cd "$(dirname "$0")/.."
source=$PWD/bench/cached_token.c
bare_get=$PWD/bench/bare_get.c
include=$PWD/include
target=$(realpath "${CARGO_TARGET_DIR:-target}")/release
unset HTTPS_PROXY https_proxy
. bench/account.sh

cd "$(mktemp -d)"
servers=()
trap 'kill "${servers[@]}" || true; wait; rm -r "$PWD"' EXIT

start_account
redis-server --bind 127.0.0.1 --port 8479 --save '' > redis.log &
servers+=($!)
until redis-cli -p 8479 ping > ping.txt 2>&1; do
    kill -0 "${servers[-1]}"
    sleep 0.05
done
# A copy, as an installation makes one: the file that a linker wrote is mapped in smaller pieces, and starts slower.
cp "$target/libims.so" libims.so.0
export LD_LIBRARY_PATH=$PWD
cc -O2 -I "$include" "$source" -L "$target" -lims -lpthread -o cached_token

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
many() { for _ in $(seq 50); do "$@"; done | median; }

for threads in 1 2 8 64; do
    echo "cached token, $threads threads: $(./cached_token credentials.json memory "$threads") ns of processor time a call"
done
cache=file:$PWD/cache
./cached_token credentials.json "$cache" > first.txt
echo "fresh process, file cache, from main() to token: median $(many ./cached_token credentials.json "$cache") us"
cache=redis://127.0.0.1:8479
./cached_token credentials.json "$cache" > first.txt
echo "fresh process, Redis, from main() to token: median $(many ./cached_token credentials.json "$cache") us"
key=$(redis-cli -p 8479 keys 'ims:*' | head -1)
cc -O2 "$bare_get" -o bare_get
echo "fresh process, Redis, the call for the token alone: median $(many ./cached_token credentials.json "$cache" call) us"
echo "fresh process, connection and a bare GET of the same entry: median $(many ./bare_get 8479 "$key") us"
