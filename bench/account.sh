# Sourced by the benchmarks, in a folder of their own: an account, a sandbox that knows it, and its credentials file.
#
#     target=...; servers=(); start_account [OPTION OF ims sandbox...]

start_account() {
    openssl genrsa -out private.key 2048 2> openssl.log
    openssl req -x509 -key private.key -subj /CN=bench -out certificate.pem
    "$target/ims" sandbox --certificate certificate.pem --port 0 --ready-file url.txt "$@" > sandbox.log &
    servers+=($!)
    until [ -e url.txt ]; do
        kill -0 "${servers[-1]}"
        sleep 0.05
    done
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
}
