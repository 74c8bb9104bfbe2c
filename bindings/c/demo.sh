#!/bin/bash
# `make demo`: from credentials to an access token, by the examples in C, PHP and Python, against a local token server.
set -euo pipefail

cd "$(dirname "$0")/../.."
target=$(realpath "${CARGO_TARGET_DIR:-target}")/debug
source=$PWD/bindings/c/example.c
include=$PWD/include
php_example=$PWD/bindings/php/example.php
php_tree=${target%/debug}/php-dev
python_example=$PWD/python/examples/example.py
python=${target%/debug}/python/demo/bin/python
PATH=$target:$PATH
# This shell's own may be a real account's, and a proxy for the world outside.
export IMS_CLIENT_SECRET=sandbox-secret no_proxy=127.0.0.1

cd "$(mktemp -d)"
# Tokens are cached here, and go with it.
export XDG_RUNTIME_DIR=$PWD
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

step '3. A credentials file, in one of the forms that libims knows.'
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
indent < credentials.json

step '4. The C example signs a JWT and exchanges it for an access token.'
export IMS_CA_FILE=ca.pem
ln -s "$target/libims.so" libims.so.0
export LD_LIBRARY_PATH=$PWD
cc -I "$include" "$source" -L "$target" -lims -o example
run ./example credentials.json

step '5. Another process asks: the same token, from the cache, and no request.'
run ./example credentials.json

step '6. PHP asks, through the extension: the same token again.'
run php -n -d "extension=$php_tree/build/modules/ims.so" -d ims.ca_file=ca.pem "$php_example" credentials.json

step '7. And Python, from the wheel.'
run "$python" "$python_example" credentials.json

step '8. The same token for curl: ims token --headers credentials.json | curl -H @- ...'
run ims token --headers --ca-file ca.pem credentials.json | cut -c -60

step '9. The same account with a key that the server does not know.'
openssl genrsa -out other.key 2048
sed 's/"private\.key"/"other.key"/' credentials.json > other.json
run ./example other.json && exit 1 # It must refuse.

step 'What the server saw:'
tail -n +2 sandbox.log | indent
