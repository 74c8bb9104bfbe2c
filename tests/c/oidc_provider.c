/* Tokens of a server that knows a client by a JWT:
 *
 *     oidc_provider ISSUER CLIENT_ID KEY CREDENTIALS...
 *
 * Prints the access token for each credentials file, a line each; then the OAuth error for a JWT of the client that is sent
 * twice. */
#include "check.h"

static void print_token(const char *file)
{
    ims_client *client;
    ims_token *token;

    CHECK_OK(ims_client_from_file(file, NULL, &client, &error));
    CHECK_OK(ims_client_token(client, &token, &error));
    puts(ims_token_access_token(token));
    ims_token_free(token);
    ims_client_free(client);
}

static void send_twice(const char *issuer, const char *client_id, const char *key_file)
{
    char token_url[256];
    char *jwt;
    ims_key *key;
    ims_token *token;
    ims_error *error = NULL;
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    ims_grant grant = IMS_GRANT_INIT;

    claims.iss = client_id;
    claims.sub = client_id;
    claims.aud = issuer;
    claims.jti = "once";
    claims.typ = "client-authentication+jwt";
    CHECK_OK(ims_key_from_file(key_file, NULL, &key, &error));
    CHECK_OK(ims_generate_jwt(key, &claims, &jwt, &error));
    ims_key_free(key);

    snprintf(token_url, sizeof token_url, "%s/token", issuer);
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.token_url = token_url;
    grant.client_id = client_id;
    grant.client_auth = IMS_CLIENT_AUTH_PRIVATE_KEY_JWT;
    grant.client_assertion = jwt;
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    ims_token_free(token);
    CHECK(ims_exchange(&grant, NULL, &token, &error) == IMS_ERR_REJECTED);
    puts(ims_error_oauth_error(error));
    ims_error_free(error);
    ims_string_free(jwt);
}

int main(int argc, char **argv)
{
    CHECK(argc > 4);
    for (int place = 4; place < argc; place++) print_token(argv[place]);
    send_twice(argv[1], argv[2], argv[3]);
    return 0;
}
