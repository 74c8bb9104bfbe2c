/* From a private key to an access token.
 *
 *     cc example.c $(pkg-config --cflags --libs ims) -o example
 *     IMS_CLIENT_SECRET=... ./example private.key ORG@AdobeOrg ID@techacct.adobe.com CLIENT_ID ent_metascope
 */
#include <ims.h>
#include <stdio.h>
#include <stdlib.h>

#define IMS_HOST "https://ims-na1.adobelogin.com"

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: %s KEY_FILE ORG_ID ACCOUNT_ID CLIENT_ID METASCOPE\n", argv[0]);
        return 2;
    }
    char audience[256], metascope[256];
    snprintf(audience, sizeof audience, IMS_HOST "/c/%s", argv[4]);
    snprintf(metascope, sizeof metascope, IMS_HOST "/s/%s", argv[5]);
    const char *metascopes[] = {metascope};

    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    claims.iss = argv[2];
    claims.sub = argv[3];
    claims.aud = audience;
    claims.metascopes = metascopes;
    claims.metascopes_len = 1;

    ims_grant grant = IMS_GRANT_INIT;
    grant.client_id = argv[4];
    grant.client_secret = getenv("IMS_CLIENT_SECRET");
    grant.token_url = getenv("IMS_TOKEN_URL"); /* not set: Adobe's */

    ims_transport transport = IMS_TRANSPORT_INIT;
    transport.ca_file = getenv("IMS_CA_FILE"); /* not set: the system's */

    ims_key *key = NULL;
    char *jwt = NULL;
    ims_token *token = NULL;
    ims_error *error = NULL;

    ims_status status = ims_key_from_file(argv[1], getenv("IMS_PASSPHRASE"), &key, &error);
    if (status == IMS_OK)
        status = ims_generate_jwt(key, &claims, &jwt, &error);
    if (status == IMS_OK) {
        grant.jwt = jwt;
        status = ims_exchange(&grant, &transport, &token, &error);
    }

    if (status == IMS_OK) {
        printf("%s token %.12s..., %lld s left\n", ims_token_type(token), ims_token_access_token(token),
               (long long)ims_token_expires_in(token));
    } else {
        fprintf(stderr, "error: %s\n", ims_error_message(error));
        if (ims_error_hint(error))
            fprintf(stderr, "hint: %s\n", ims_error_hint(error));
    }

    ims_error_free(error);
    ims_token_free(token);
    ims_string_free(jwt);
    ims_key_free(key);
    return status == IMS_OK ? 0 : 1;
}
