#!/bin/bash
# `make demo`: from a key to an access token, by the C example, against a local token server.
set -euo pipefail

cd "$(dirname "$0")/../.."
target=$(realpath "${CARGO_TARGET_DIR:-target}")/debug
source=$PWD/bindings/c/example.c
include=$PWD/include
PATH=$target:$PATH
# This shell's own may be a real account's, and a proxy for the world outside.
export IMS_CLIENT_SECRET=sandbox-secret no_proxy=127.0.0.1

cd "$(mktemp -d)"
sandbox=
trap '[ -z "$sandbox" ] || kill "$sandbox" || true; wait; rm -r "$PWD"' EXIT

step() { printf '\n%s\n' "$*"; }
indent() { sed 's/^/    /'; }
# Shows a command, runs it, and shows what it says.
run() {
    echo "  \$ $*"
    "$@" 2>&1 | indent
}

step '1. What a service account has: a private key, and a certificate that the server knows.'
run openssl genrsa -out private.key 2048
run openssl req -x509 -key private.key -subj /CN=demo -out certificate.pem

step '2. A token server that verifies as Adobe IMS does, on this machine, over HTTPS.'
echo '  $ ims sandbox --certificate certificate.pem --https --ca-out ca.pem'
ims sandbox --certificate certificate.pem --https --ca-out ca.pem \
    --port 0 --ready-file url.txt > sandbox.log &
sandbox=$!
until [ -e url.txt ]; do
    kill -0 "$sandbox"
    sleep 0.05
done
indent < sandbox.log

step '3. The claims that the account makes, before its key signs them.'
echo '  $ ims jwt --json --key private.key --client-id sandbox-client ...'
ims jwt --json --key private.key --client-id sandbox-client --metascope ent_sandbox \
    --iss SANDBOX@AdobeOrg --sub sandbox@techacct.adobe.com |
    sed 's/.*"claims":{\(.*\)}}$/\1/; s/,"/,\n"/g' | indent

step '4. The C example signs them and exchanges the JWT for an access token.'
IMS_TOKEN_URL=$(cat url.txt)/ims/exchange/jwt
export IMS_TOKEN_URL IMS_CA_FILE=ca.pem
ln -s "$target/libims.so" libims.so.0
export LD_LIBRARY_PATH=$PWD
cc -I "$include" "$source" -L "$target" -lims -o example
account=(SANDBOX@AdobeOrg sandbox@techacct.adobe.com sandbox-client ent_sandbox)
run ./example private.key "${account[@]}"

step '5. The same with a key that the server does not know.'
openssl genrsa -out other.key 2048
run ./example other.key "${account[@]}" && exit 1 # It must refuse.

step 'What the server saw:'
tail -n +2 sandbox.log | indent
