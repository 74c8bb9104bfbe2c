#!/bin/bash
# The Python wheel next to PyJWT and requests: `make bench-python` runs this after its release build.
#
#     bench/python.sh WHEEL
set -euo pipefail

wheel=$(realpath "$1")
cd "$(dirname "$0")/.."
bench=$PWD/bench/python.py
target=$(realpath "${CARGO_TARGET_DIR:-target}")/release
python=${target%/release}/python/bench/bin/python
requirements=$PWD/python/tests/requirements.txt
# The token server is on this machine.
unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy SSL_CERT_DIR
. bench/account.sh

python3 -m venv --clear "${python%/bin/python}"
# At the versions of the tests.
"$python" -m pip install --quiet --disable-pip-version-check --constraint "$requirements" \
    PyJWT cryptography requests "$wheel"

cd "$(mktemp -d)"
servers=()
trap 'kill "${servers[@]}" || true; wait; rm -r "$PWD"' EXIT
start_account --https --ca-out ca.pem
# Among the system's own, so that the platform's whole trust store is read, as in production.
cat /etc/ssl/certs/ca-certificates.crt ca.pem > trust.pem
export SSL_CERT_FILE=$PWD/trust.pem REQUESTS_CA_BUNDLE=$PWD/trust.pem
"$python" "$bench" private.key credentials.json "$(cat url.txt)"
