/* Whatever a caller leaves out, cuts short or makes up ends in IMS_ERR_ARGUMENT with a text that names it. */
#include "check.h"

static void every_null_is_answered(void)
{
    ims_key *key = (ims_key *)"";
    char *jwt = "";
    ims_token *token = (ims_token *)"";
    ims_jwt_options options = IMS_JWT_OPTIONS_INIT;
    ims_grant grant = IMS_GRANT_INIT;

    /* `out` */
    CHECK_REFUSED(ims_key_from_file("x", NULL, NULL, &error), IMS_ERR_ARGUMENT, "out ");
    CHECK_REFUSED(ims_key_from_bytes("x", 1, NULL, NULL, &error), IMS_ERR_ARGUMENT, "out ");
    CHECK_REFUSED(ims_generate_jwt(NULL, &options, NULL, &error), IMS_ERR_ARGUMENT, "out ");
    CHECK_REFUSED(ims_exchange(&grant, NULL, NULL, &error), IMS_ERR_ARGUMENT, "out ");

    /* what the call is about: NULL is in *out afterwards */
    CHECK_REFUSED(ims_key_from_file(NULL, NULL, &key, &error), IMS_ERR_ARGUMENT, "path ");
    CHECK(key == NULL);
    CHECK_REFUSED(ims_key_from_file("", NULL, &key, &error), IMS_ERR_ARGUMENT, "path ");
    CHECK_REFUSED(ims_key_from_bytes(NULL, 0, NULL, &key, &error), IMS_ERR_ARGUMENT, "bytes ");
    CHECK_REFUSED(ims_key_from_bytes(NULL, 9, NULL, &key, &error), IMS_ERR_ARGUMENT, "bytes ");
    CHECK_REFUSED(ims_key_from_bytes("x", SIZE_MAX, NULL, &key, &error), IMS_ERR_ARGUMENT, "len ");
    CHECK_REFUSED(ims_generate_jwt(NULL, &options, &jwt, &error), IMS_ERR_ARGUMENT, "key ");
    CHECK(jwt == NULL);
    CHECK_REFUSED(ims_exchange(NULL, NULL, &token, &error), IMS_ERR_ARGUMENT, "grant ");
    CHECK(token == NULL);

    /* `error`, and all of them */
    CHECK(ims_key_from_file(NULL, NULL, NULL, NULL) == IMS_ERR_ARGUMENT);
    CHECK(ims_key_from_bytes(NULL, 0, NULL, NULL, NULL) == IMS_ERR_ARGUMENT);
    CHECK(ims_generate_jwt(NULL, NULL, NULL, NULL) == IMS_ERR_ARGUMENT);
    CHECK(ims_exchange(NULL, NULL, NULL, NULL) == IMS_ERR_ARGUMENT);

    /* accessors */
    CHECK(ims_error_status(NULL) == IMS_OK);
    CHECK(strcmp(ims_error_message(NULL), "") == 0);
    CHECK(ims_error_hint(NULL) == NULL);
    CHECK(ims_error_oauth_error(NULL) == NULL);
    CHECK(ims_error_oauth_description(NULL) == NULL);
    CHECK(ims_error_debug_id(NULL) == NULL);
    CHECK(ims_error_uri(NULL) == NULL);
    CHECK(ims_error_http_status(NULL) == 0);
    CHECK(ims_error_retryable(NULL) == 0);
    CHECK(ims_error_retry_after(NULL) == -1);
    CHECK(ims_token_access_token(NULL) == NULL);
    CHECK(ims_token_type(NULL) == NULL);
    CHECK(ims_token_scope(NULL) == NULL);
    CHECK(ims_token_issued_token_type(NULL) == NULL);
    CHECK(ims_token_member(NULL, "a") == NULL);
    CHECK(ims_token_expires_at(NULL) == 0);
    CHECK(ims_token_expires_in(NULL) == 0);

    /* *_free */
    ims_error_free(NULL);
    ims_key_free(NULL);
    ims_string_free(NULL);
    ims_token_free(NULL);
}

static void every_claim_left_out_or_malformed_is_named(void)
{
    ims_key *key = load_key();
    char *jwt;
    const char *metascopes[] = {"https://ims-na1.adobelogin.com/s/ent_x", NULL};
    const ims_jwt_options init = IMS_JWT_OPTIONS_INIT;
    ims_jwt_options good = init, bad;

    CHECK_REFUSED(ims_generate_jwt(key, NULL, &jwt, &error), IMS_ERR_ARGUMENT, "options ");
    CHECK_REFUSED(ims_generate_jwt(key, &init, &jwt, &error), IMS_ERR_ARGUMENT, "iss ");
    good.iss = "i";
    good.sub = "s";
    good.aud = "a";

#define BAD(field, value, name)                                                            \
    bad = good;                                                                            \
    bad.field = value;                                                                     \
    CHECK_REFUSED(ims_generate_jwt(key, &bad, &jwt, &error), IMS_ERR_ARGUMENT, name);      \
    CHECK(jwt == NULL)

    BAD(iss, "", "iss ");
    BAD(iss, "\xff", "iss is not UTF-8");
    BAD(sub, "\xc3", "sub is not UTF-8");
    BAD(aud, "\xed\xa0\x80", "aud is not UTF-8");
    BAD(jti, "\xff", "jti is not UTF-8");
    BAD(kid, "\xff", "kid is not UTF-8");
    BAD(claims_json, "\xff", "claims_json is not UTF-8");
    BAD(claims_json, "[]", "claims_json ");
    BAD(alg, "none", "alg is none");
    BAD(alg, "HS256", "alg is HS256, but the key is an RSA key");
    BAD(alg, "ES256", "alg is ES256, but the key is an RSA key");
    BAD(alg, "\xff", "alg is not UTF-8");
    BAD(typ, "a\nb", "typ ");
    BAD(header_json, "{\"alg\":\"none\"}", "header_json repeats the member alg");
    BAD(header_json, "[]", "header_json ");
    BAD(x5t, "S384", "x5t must be S256 or S1");
    BAD(x5t, "S256", "certificate is missing");
    BAD(lifetime, -1, "lifetime ");
    BAD(lifetime, 86401, "lifetime ");
    BAD(exp, 1, "exp ");
    BAD(nbf, -1, "nbf ");
    BAD(iat, INT64_MIN, "iat ");
    BAD(metascopes_len, 1, "metascopes ");

    good.metascopes = metascopes;
    BAD(metascopes_len, 2, "metascopes ");
    metascopes[1] = "\xff";
    BAD(metascopes_len, 2, "metascopes is not UTF-8");
    BAD(metascopes_len, (size_t)-1, "metascopes holds over 1000: check metascopes_len");
#undef BAD

    /* A program that names the parameter in its own words. */
    ims_error *error = NULL;
    bad = good;
    bad.iss = "";
    CHECK(ims_generate_jwt(key, &bad, &jwt, &error) == IMS_ERR_ARGUMENT);
    CHECK(strcmp(ims_error_field(error), "iss") == 0);
    CHECK(strcmp(ims_error_problem(error), "is missing or empty") == 0);
    ims_error_free(error);
    CHECK(ims_error_field(NULL) == NULL);
    CHECK(strcmp(ims_error_problem(NULL), "") == 0);
    ims_key_free(key);
}

static void every_setting_malformed_is_named(void)
{
    ims_token *token;
    ims_grant good = grant_to("/token", "e30.e30.c2ln"), bad;
    const ims_transport init = IMS_TRANSPORT_INIT;
    ims_transport transport;

#define BAD(field, value, name)                                                          \
    bad = good;                                                                          \
    bad.field = value;                                                                   \
    CHECK_REFUSED(ims_exchange(&bad, NULL, &token, &error), IMS_ERR_ARGUMENT, name);     \
    CHECK(token == NULL)

    BAD(type, 5, "type ");
    BAD(type, -1, "type ");
    BAD(client_auth, 5, "client_auth ");
    BAD(client_auth, IMS_CLIENT_AUTH_PRIVATE_KEY_JWT, "client_secret is given, but");
    BAD(client_assertion, "e30.e30.c2ln", "client_assertion is given, but client_auth is body");
    BAD(type, IMS_GRANT_OTHER, "jwt is given, but this grant takes none");
    BAD(grant_type, "password", "grant_type is given, but the grant is another");
    BAD(parameters_len, 1, "parameters is NULL, but parameters_len is not 0");
    BAD(subject_token_type, "jwt", "subject_token_type is given, but only a token exchange");
    BAD(body, "xml", "body must be form or json");
    const ims_parameter own = {"scope", "a"}, fragment = {"resource", "https://h/#a"};
    good.parameters = &own;
    BAD(parameters_len, 1, "parameters holds scope, which has a setting of its own");
    BAD(parameters_len, (size_t)-1, "parameters holds over 1000: check parameters_len");
    good.parameters = &fragment;
    BAD(parameters_len, 1, "resource has a fragment");
    good.parameters = NULL;
    BAD(token_url, "\xff", "token_url is not UTF-8");
    BAD(token_url, "http://example.com/", "token_url ");
    BAD(client_id, NULL, "client_id ");
    BAD(client_id, "", "client_id ");
    BAD(client_id, "\xff", "client_id is not UTF-8");
    BAD(client_secret, NULL, "client_secret ");
    BAD(client_secret, "\xff", "client_secret is not UTF-8");
    BAD(jwt, NULL, "jwt ");
    BAD(jwt, "\xff", "jwt is not UTF-8");
    BAD(jwt, "two lines\n", "jwt ");
    BAD(scope, "\xff", "scope is not UTF-8");
    BAD(org_id, "\xff", "org_id is not UTF-8");
    BAD(type, IMS_GRANT_CLIENT_CREDENTIALS, "jwt ");
#undef BAD

#define BAD(field, value, name)                                                                \
    transport = init;                                                                          \
    transport.field = value;                                                                   \
    CHECK_REFUSED(ims_exchange(&good, &transport, &token, &error), IMS_ERR_ARGUMENT, name);    \
    CHECK(token == NULL)

    BAD(timeout_ms, 3600001, "timeout");
    BAD(max_attempts, 11, "max_attempts ");
    BAD(proxy, "\xff", "proxy is not UTF-8");
    BAD(proxy, "ftp://localhost", "proxy ");
    BAD(ca_file, "/does/not/exist", "ca_file ");
    BAD(ca_file, "/not/utf-8/\xff", "ca_file ");
#undef BAD
}

/* What a struct of a later release may look like to this one. */
struct later_options { ims_jwt_options known; uint64_t unknown[3]; };
struct later_grant { ims_grant known; uint64_t unknown[3]; };
struct later_transport { ims_transport known; uint64_t unknown[3]; };
union largest { ims_grant grant; ims_jwt_options options; ims_transport transport; char bytes[5000]; };

static void a_size_that_cannot_be_is_refused(void)
{
    ims_key *key = load_key();
    char *jwt;
    ims_token *token;
    ims_grant good = grant_to("/token", "e30.e30.c2ln");
    union largest any;
    size_t place;
    size_t sizes[] = {0, 1, 7, 0, 4097, SIZE_MAX};

    for (place = 0; place < sizeof sizes / sizeof *sizes; place++) {
        memset(&any, 0, sizeof any);
        any.options.size = sizes[place] ? sizes[place] : offsetof(ims_jwt_options, alg) - 1;
        CHECK_REFUSED(ims_generate_jwt(key, &any.options, &jwt, &error), IMS_ERR_ARGUMENT, "size ");
        /* The first release's grant ended before grant_type. */
        any.grant.size = sizes[place] ? sizes[place] : offsetof(ims_grant, grant_type) - 1;
        CHECK_REFUSED(ims_exchange(&any.grant, NULL, &token, &error), IMS_ERR_ARGUMENT, "size ");
        any.transport.size = sizes[place] ? sizes[place] : sizeof any.transport - 1;
        CHECK_REFUSED(ims_exchange(&good, &any.transport, &token, &error), IMS_ERR_ARGUMENT, "size ");
    }
    ims_key_free(key);
}

static void fields_of_a_later_release_are_refused_where_they_are_set(void)
{
    ims_key *key = load_key();
    char *jwt;
    ims_token *token;
    ims_grant good = grant_to("/token", "e30.e30.c2ln");
    size_t place;

    for (place = 0; place < 3; place++) {
        struct later_options options = {IMS_JWT_OPTIONS_INIT, {0, 0, 0}};
        struct later_grant grant = {IMS_GRANT_INIT, {0, 0, 0}};
        struct later_transport transport = {IMS_TRANSPORT_INIT, {0, 0, 0}};
        options.known.size = sizeof options;
        grant.known.size = sizeof grant;
        transport.known.size = sizeof transport;
        options.unknown[place] = grant.unknown[place] = transport.unknown[place] = (uint64_t)1 << 40;
        CHECK_REFUSED(ims_generate_jwt(key, &options.known, &jwt, &error), IMS_ERR_ARGUMENT, "size ");
        CHECK_REFUSED(ims_exchange(&grant.known, NULL, &token, &error), IMS_ERR_ARGUMENT, "size ");
        CHECK_REFUSED(ims_exchange(&good, &transport.known, &token, &error), IMS_ERR_ARGUMENT, "size ");
    }
    ims_key_free(key);
}

static void fields_of_a_later_release_do_no_harm_where_they_are_zero(void)
{
    ims_key *key = load_key();
    char *jwt;
    ims_token *token;
    struct later_options options = {IMS_JWT_OPTIONS_INIT, {0, 0, 0}};
    struct later_grant grant = {IMS_GRANT_INIT, {0, 0, 0}};
    struct later_transport transport = {IMS_TRANSPORT_INIT, {0, 0, 0}};

    options.known.iss = options.known.sub = options.known.aud = "x";
    options.known.size = sizeof options;
    CHECK_OK(ims_generate_jwt(key, &options.known, &jwt, &error));

    grant.known = grant_to("/token", jwt);
    grant.known.size = sizeof grant;
    transport.known.size = sizeof transport;
    CHECK_OK(ims_exchange(&grant.known, &transport.known, &token, &error));

    ims_token_free(token);
    ims_string_free(jwt);
    ims_key_free(key);
}

int main(void)
{
    every_null_is_answered();
    every_claim_left_out_or_malformed_is_named();
    every_setting_malformed_is_named();
    a_size_that_cannot_be_is_refused();
    fields_of_a_later_release_are_refused_where_they_are_set();
    fields_of_a_later_release_do_no_harm_where_they_are_zero();
    return 0;
}
