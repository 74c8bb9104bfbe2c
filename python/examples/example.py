"""From a credentials file to an access token that is always fresh.

    python example.py service_token.json
"""

import os
import sys

import ims

path = sys.argv[1] if len(sys.argv) > 1 else "service_token.json"
try:
    client = ims.Client.from_file(
        path,
        cache="file:",  # shared by all processes of this user
        ca_file=os.environ.get("IMS_CA_FILE"),  # None: the system's CA certificates
    )
    token = client.token()  # as often as you like, from any thread
    print(f"{token.token_type} token {token.access_token[:12]}..., {token.expires_in} s left")
except ims.Error as error:
    sys.exit(f"error: {error}\n" + (f"hint: {error.hint}" if error.hint else ""))
