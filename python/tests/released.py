"""Gets a token by the installed package alone, from a sandbox that is another process: `make check-wheels` runs it."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time

import ims

IMS = [sys.executable, "-m", "ims"]

os.chdir(tempfile.mkdtemp())
subprocess.run([*IMS, "key", "new", "--alg", "RS256", "--out", "private.key"], check=True, stdout=subprocess.DEVNULL)
credentials = {
    "client_id": "CLIENT_ID",
    "client_secret": "secret",
    "org_id": "ORG@AdobeOrg",
    "technical_account_id": "ID@techacct.adobe.com",
    "metascopes": ["ent_dataservices_sdk"],
    "private_key": "private.key",
}
with open("credentials.json", "w") as file:
    json.dump(credentials, file)
with subprocess.Popen([*IMS, "sandbox", "credentials.json", "--port", "0", "--ready-file", "url.txt"], stdout=subprocess.PIPE) as sandbox:
    while not os.path.exists("url.txt") and sandbox.poll() is None:
        time.sleep(0.05)
    with open("url.txt") as file:
        client = ims.Client.from_dict({**credentials, "ims": file.read()}, cache="none")
    token = client.token()
    sandbox.terminate()
assert token.access_token.startswith("ey") and token.expires_in > 3600
libc = " ".join(platform.libc_ver())
print(f"    CPython {platform.python_version()}, {platform.machine()}, {libc}, libims {ims.__version__}, {ims.__openssl_version__}: a {token.token_type} token")
