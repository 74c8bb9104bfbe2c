#!/bin/sh
# What Adobe's Postman walk does by hand: see that all is well, get a token, call an API, end the token.
#
#     docs/postman_walk.sh service_token.json https://platform.adobe.io/data/foundation/catalog/dataSets
set -eu
credentials=$1
api=$2

ims doctor --online "$credentials" >&2
ims token --headers "$credentials" | curl --silent --show-error --fail --header @- "$api"
ims invalidate "$credentials" >&2
