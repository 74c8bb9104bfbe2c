#!/bin/sh
# What Adobe's Postman walk does by hand: see that all is well, get a token, call an API, end the token.
#
#     docs/postman_walk.sh service_token.json https://platform.adobe.io/data/foundation/catalog/dataSets
set -eu
credentials=$1
api=$2

# A cache of its own: the token that it ends is one that no other process uses.
cache=$(mktemp -d)
export IMS_CACHE="file:$cache"
trap 'rm -r "$cache"' EXIT
trap 'exit 1' HUP INT TERM

ims doctor "$credentials" >&2
headers=$(ims token --headers "$credentials")
end_token() {
    status=$?
    ims invalidate "$credentials" >&2 || status=$?
    rm -r "$cache"
    exit "$status"
}
trap end_token EXIT
printf '%s\n' "$headers" | curl --silent --show-error --fail --header @- "$api"
