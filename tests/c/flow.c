/* From a key to a token, and what an error says on the way. */
#include "check.h"
#include <time.h>

static char *file_contents(const char *path, size_t *len)
{
    static char contents[65536];
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    *len = fread(contents, 1, sizeof contents, file);
    fclose(file);
    return contents;
}

static void a_key_loads_from_a_file_and_from_memory(void)
{
    size_t len;
    const char *pem = file_contents(setting("KEY"), &len);
    const char *encrypted = setting("ENCRYPTED_KEY");
    ims_key *key;

    CHECK_OK(ims_key_from_bytes(pem, len, NULL, &key, &error));
    ims_key_free(key);
    CHECK_OK(ims_key_from_file(encrypted, "passphrase", &key, &error));
    ims_key_free(key);
    CHECK_REFUSED(ims_key_from_file(encrypted, NULL, &key, &error), IMS_ERR_PASSPHRASE, "");
    CHECK_REFUSED(ims_key_from_file(encrypted, "", &key, &error), IMS_ERR_PASSPHRASE, "");
    CHECK_REFUSED(ims_key_from_file(encrypted, "\xff", &key, &error), IMS_ERR_PASSPHRASE, "");
    CHECK_REFUSED(ims_key_from_file("/does/not/exist", NULL, &key, &error), IMS_ERR_KEY, "");
    CHECK_REFUSED(ims_key_from_bytes("no key", 6, NULL, &key, &error), IMS_ERR_KEY, "");
    CHECK_REFUSED(ims_key_from_bytes("", 0, NULL, &key, &error), IMS_ERR_KEY, "");
}

static void every_claim_is_signed(void)
{
    ims_key *key = load_key();
    char *jwt;
    const char *metascopes[] = {"https://ims-na1.adobelogin.com/s/ent_b", "https://ims-na1.adobelogin.com/s/ent_a"};
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    claims.iss = "org@AdobeOrg";
    claims.sub = "account@techacct.adobe.com";
    claims.aud = "https://ims-na1.adobelogin.com/c/client";
    claims.iat = 1500000000;
    claims.lifetime = 60;
    claims.nbf = 1500000001;
    claims.jti = "once";
    claims.kid = "key-1";
    claims.metascopes = metascopes;
    claims.metascopes_len = 2;
    claims.claims_json = "{\"further\": [1.0, \"\\u00e9\"]}";
    CHECK_OK(ims_generate_jwt(key, &claims, &jwt, &error));
    puts(jwt); /* tests/core/c verifies it */
    ims_string_free(jwt);
    ims_key_free(key);
}

static void a_token_has_the_further_members_of_its_response(void)
{
    ims_grant grant = grant_to("/members", "a.b.c");
    ims_token *token;

    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    CHECK(strcmp(ims_token_type(token), "N_A") == 0);
    CHECK(strcmp(ims_token_issued_token_type(token), "urn:x") == 0);
    CHECK(strcmp(ims_token_member(token, "instance_url"), "https://na1.example.com") == 0);
    CHECK(strcmp(ims_token_member(token, "restricted_to"), "[1]") == 0);
    CHECK(ims_token_member(token, "other") == NULL);
    CHECK(ims_token_member(token, "\xff") == NULL);
    CHECK(ims_token_member(token, "") == NULL);
    CHECK(ims_token_member(token, NULL) == NULL);
    ims_token_free(token);
}

static void a_jwt_becomes_a_token(void)
{
    ims_key *key = load_key();
    char *jwt = sign(key);
    ims_grant grant = grant_to("/token", jwt);
    ims_token *token;
    int64_t now = (int64_t)time(NULL);

    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    CHECK(strcmp(ims_token_access_token(token), "the-access-token") == 0);
    CHECK(strcmp(ims_token_type(token), "bearer") == 0);
    CHECK(strcmp(ims_token_scope(token), "openid") == 0);
    CHECK(ims_token_issued_token_type(token) == NULL);
    CHECK(ims_token_member(token, "instance_url") == NULL);
    CHECK(ims_token_expires_at(token) >= now + 3600 && ims_token_expires_at(token) <= now + 3660);
    CHECK(ims_token_expires_in(token) > 3500 && ims_token_expires_in(token) <= 3600);
    ims_token_free(token);

    grant = grant_to("/seconds", jwt);
    grant.type = IMS_GRANT_JWT_BEARER;
    grant.client_auth = IMS_CLIENT_AUTH_BASIC;
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    CHECK(ims_token_scope(token) == NULL);
    CHECK(ims_token_expires_in(token) > 3500 && ims_token_expires_in(token) <= 3600);
    ims_token_free(token);

    grant = grant_to("/seconds", NULL);
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.scope = "openid";
    grant.org_id = "org@AdobeOrg";
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    ims_token_free(token);

    const ims_parameter resources[] = {{"resource", "https://a.example/"}, {"resource", "urn:b"}};
    grant = grant_to("/seconds", "a.subject.token");
    grant.type = IMS_GRANT_TOKEN_EXCHANGE;
    grant.subject_token_type = "access_token";
    grant.parameters = resources;
    grant.parameters_len = 2;
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    ims_token_free(token);

    grant = grant_to("/seconds", NULL);
    grant.type = IMS_GRANT_OTHER;
    grant.grant_type = "account_credentials";
    grant.client_auth = IMS_CLIENT_AUTH_PRIVATE_KEY_JWT;
    grant.client_secret = NULL;
    grant.client_assertion = jwt;
    grant.body = "json";
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    ims_token_free(token);

    ims_string_free(jwt);
    ims_key_free(key);
}

static void an_issuer_is_enough_to_find_where_to_ask(void)
{
    ims_key *key = load_key();
    char *jwt = sign(key);
    ims_grant grant = IMS_GRANT_INIT;
    ims_token *token;
    ims_client *client;

    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.issuer = setting("SERVER");
    grant.client_id = "client";
    grant.client_auth = IMS_CLIENT_AUTH_PRIVATE_KEY_JWT;
    grant.client_assertion = jwt;
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    ims_token_free(token);

    grant.client_assertion = NULL;
    CHECK_OK(ims_client_new(&grant, NULL, key, &patiently, &client, &error));
    CHECK_OK(ims_client_token(client, &token, &error));
    ims_token_free(token);
    ims_client_free(client);

    grant.client_auth = IMS_CLIENT_AUTH_BODY;
    grant.client_secret = "s3cret";
    CHECK_REFUSED(ims_exchange(&grant, NULL, &token, &error), IMS_ERR_ARGUMENT, "client_auth");
    grant.issuer = "http://example.com";
    CHECK_REFUSED(ims_exchange(&grant, NULL, &token, &error), IMS_ERR_ARGUMENT, "issuer");

    ims_string_free(jwt);
    ims_key_free(key);
}

static void a_refusal_says_what_the_server_said_and_what_to_do(void)
{
    ims_grant grant = grant_to("/refused", "e30.e30.c2ln");
    ims_token *token = (ims_token *)"";
    ims_error *error = NULL;

    CHECK(ims_exchange(&grant, NULL, &token, &error) == IMS_ERR_REJECTED);
    CHECK(token == NULL);
    CHECK(ims_error_status(error) == IMS_ERR_REJECTED);
    CHECK(strstr(ims_error_message(error), "HTTP 400") != NULL);
    CHECK(strstr(ims_error_hint(error), "Developer Console") != NULL);
    CHECK(strcmp(ims_error_oauth_error(error), "invalid_token") == 0);
    CHECK(strncmp(ims_error_oauth_description(error), "Could not match JWT signature", 29) == 0);
    CHECK(strcmp(ims_error_debug_id(error), "debug-7") == 0);
    CHECK(strcmp(ims_error_uri(error), "https://example.com/7") == 0);
    CHECK(ims_error_http_status(error) == 400);
    CHECK(ims_error_retryable(error) == 0);
    CHECK(ims_error_retry_after(error) == -1);
    ims_error_free(error);
}

static void a_rate_limit_says_how_long_to_wait(void)
{
    ims_grant grant = grant_to("/busy", "e30.e30.c2ln");
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_token *token;
    ims_error *error = NULL;

    /* Less than the server asks to wait. */
    transport.timeout_ms = 50 * 1000;
    CHECK(ims_exchange(&grant, &transport, &token, &error) == IMS_ERR_RATE_LIMITED);
    CHECK(ims_error_http_status(error) == 429);
    CHECK(ims_error_retryable(error) == 1);
    CHECK(ims_error_retry_after(error) == 60);
    CHECK(ims_error_oauth_error(error) == NULL);
    CHECK(ims_error_oauth_description(error) == NULL);
    CHECK(ims_error_debug_id(error) == NULL);
    CHECK(ims_error_uri(error) == NULL);
    ims_error_free(error);
}

static void a_server_that_is_not_there_is_no_connection(void)
{
    ims_grant grant = grant_to("", "e30.e30.c2ln");
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_token *token;
    ims_error *error = NULL;

    grant.token_url = "http://127.0.0.1:1/";
    transport.timeout_ms = patient.timeout_ms;
    transport.max_attempts = 1;
    CHECK(ims_exchange(&grant, &transport, &token, &error) == IMS_ERR_CONNECT);
    CHECK(ims_error_http_status(error) == 0);
    CHECK(ims_error_retryable(error) == 1);
    ims_error_free(error);
}

static void the_version_is_that_of_the_header(void)
{
    char version[64];
    snprintf(version, sizeof version, "%d.%d.%d", IMS_VERSION_MAJOR, IMS_VERSION_MINOR, IMS_VERSION_PATCH);
    CHECK(strcmp(ims_version(), version) == 0);
    CHECK(strncmp(ims_openssl_version(), "OpenSSL 3.", 10) == 0);
}

int main(void)
{
    a_key_loads_from_a_file_and_from_memory();
    every_claim_is_signed();
    a_jwt_becomes_a_token();
    an_issuer_is_enough_to_find_where_to_ask();
    a_token_has_the_further_members_of_its_response();
    a_refusal_says_what_the_server_said_and_what_to_do();
    a_rate_limit_says_how_long_to_wait();
    a_server_that_is_not_there_is_no_connection();
    the_version_is_that_of_the_header();
    return 0;
}
