#!/bin/bash
# What an issuer's metadata costs a cold process, and what is left of it when the endpoint is in the cache: `make bench`
# runs this after its release build.
set -euo pipefail

cd "$(dirname "$0")/.."
measure=$PWD/bench/discovery.py
example=$PWD/bindings/c/example.c
include=$PWD/include
target=$(realpath "${CARGO_TARGET_DIR:-target}")/release
lifetime=2
# The token server is on this machine.
unset HTTPS_PROXY https_proxy
. bench/account.sh

cd "$(mktemp -d)"
servers=()
trap 'kill "${servers[@]}" || true; wait; rm -r "$PWD"' EXIT

start_account --https --ca-out ca.pem --token-lifetime "$lifetime"
account() {
    cat <<END
{
  "grant": "client_credentials",
  "issuer": "$(cat url.txt)",
  $1
  "client_id": "sandbox-client",
  "client_auth": "private_key_jwt",
  "private_key": "private.key"
}
END
}
account "\"token_url\": \"$(cat url.txt)/oauth/token\"," > given.json
account '' > found.json
ln -s "$target/libims.so" libims.so.0
cc -O2 -I "$include" "$example" -L "$target" -lims -o example
export LD_LIBRARY_PATH=$PWD
python3 "$measure" ca.pem 30 "$lifetime" given.json found.json -- ./example
