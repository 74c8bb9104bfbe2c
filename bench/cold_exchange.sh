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

cd "$(mktemp -d)"
sandbox=
trap '[ -z "$sandbox" ] || kill "$sandbox" || true; wait; rm -r "$PWD"' EXIT

openssl genrsa -out private.key 2048 2> openssl.log
openssl req -x509 -key private.key -subj /CN=bench -out certificate.pem
"$target/ims" sandbox --https --certificate certificate.pem \
    --port 0 --ca-out ca.pem --ready-file url.txt > sandbox.log &
sandbox=$!
until [ -e url.txt ]; do
    kill -0 "$sandbox"
    sleep 0.05
done

ln -s "$target/libims.so" libims.so.0
cc -O2 -I "$include" "$example" -L "$target" -lims -o example
cat > credentials.json <<END
{
  "ims": "$(cat url.txt)",
  "client_id": "sandbox-client",
  "client_secret": "sandbox-secret",
  "org_id": "SANDBOX@AdobeOrg",
  "technical_account_id": "sandbox@techacct.adobe.com",
  "metascopes": ["ent_sandbox"],
  "private_key": "private.key"
}
END
export LD_LIBRARY_PATH=$PWD
python3 "$measure" ca.pem 50 -- ./example credentials.json

strip -o stripped.so "$target/libims.so"
stat --format='shared library, stripped: %s bytes' stripped.so
