#!/bin/bash
# The wheel of a release, with its own OpenSSL, next to the one that uses the system's: `make bench-wheels` runs this.
#
#     bench/wheels.sh RELEASED SYSTEMS
set -euo pipefail

wheels=("$(realpath "$1")" "$(realpath "$2")")
cd "$(dirname "$0")/.."
bench=$PWD/bench/wheels.py
environments=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")/python/bench-wheels

pythons=()
for wheel in "${wheels[@]}"; do
    environment=$environments/${#pythons[@]}
    python3 -m venv --clear "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheel"
    pythons+=("$environment/bin/python")
done
cd "$(mktemp -d)"
trap 'rm -r "$PWD"' EXIT
openssl genrsa -out private.key 2048 2>openssl.log
python3 "$bench" private.key "${pythons[@]}"
