/* Clients: from values, JSON, a file and the environment; what they refuse; what they know. */
#include "check.h"
#include <unistd.h>

static ims_jwt_options claims_of_account(void)
{
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    claims.iss = "org@AdobeOrg";
    claims.sub = "account@techacct.adobe.com";
    claims.aud = "https://ims-na1.adobelogin.com/c/client";
    return claims;
}

static const char *token_of(ims_client *client)
{
    static char text[256];
    ims_token *token;
    CHECK_OK(ims_client_token(client, &token, &error));
    snprintf(text, sizeof text, "%s", ims_token_access_token(token));
    CHECK(ims_token_expires_in(token) > 3500);
    ims_token_free(token);
    return text;
}

static void a_client_of_values_signs_anew_by_itself(void)
{
    ims_key *key = load_key();
    ims_jwt_options claims = claims_of_account();
    ims_grant grant = grant_to("/token", NULL);
    ims_client *client;

    CHECK_OK(ims_client_new(&grant, &claims, key, &patiently, &client, &error));
    ims_key_free(key); /* all was copied */
    CHECK(strcmp(token_of(client), "the-access-token") == 0);
    CHECK(strcmp(ims_client_client_id(client), "client") == 0);
    CHECK(strcmp(ims_client_org_id(client), "org@AdobeOrg") == 0);
    CHECK(ims_client_sandbox_name(client) == NULL);
    ims_client_free(client);
}

static void what_a_client_cannot_use_is_refused_by_name(void)
{
    ims_key *key = load_key();
    ims_jwt_options claims = claims_of_account();
    ims_grant grant = grant_to("/token", NULL);
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_client *client;

    CHECK_REFUSED(ims_client_new(NULL, &claims, key, NULL, &client, &error), IMS_ERR_ARGUMENT, "grant ");
    CHECK_REFUSED(ims_client_new(&grant, NULL, key, NULL, &client, &error), IMS_ERR_ARGUMENT, "claims ");
    CHECK_REFUSED(ims_client_new(&grant, &claims, NULL, NULL, &client, &error), IMS_ERR_ARGUMENT, "key ");
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, NULL, NULL, &error), IMS_ERR_ARGUMENT, "out ");
    grant.jwt = "e30.e30.c2ln";
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, NULL, &client, &error), IMS_ERR_ARGUMENT, "jwt ");
    grant.jwt = NULL;
    claims.exp = 5;
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, NULL, &client, &error), IMS_ERR_ARGUMENT, "exp ");
    claims.exp = 0;
    options.cache = "memcached://localhost";
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, &options, &client, &error), IMS_ERR_CACHE, "");
    options.cache = NULL;
    options.size = 8;
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, &options, &client, &error), IMS_ERR_ARGUMENT, "size ");
    options.size = sizeof options;
    transport.timeout_ms = 3600001;
    options.transport = &transport;
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, &options, &client, &error), IMS_ERR_ARGUMENT, "timeout");
    transport.timeout_ms = 0;
    transport.proxy = "ftp://localhost";
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, &options, &client, &error), IMS_ERR_ARGUMENT, "proxy ");
    transport.proxy = NULL;
    transport.ca_file = "/does/not/exist";
    CHECK_REFUSED(ims_client_new(&grant, &claims, key, &options, &client, &error), IMS_ERR_ARGUMENT, "ca_file ");
    CHECK_REFUSED(ims_client_from_file("", NULL, &client, &error), IMS_ERR_ARGUMENT, "path ");
    CHECK_REFUSED(ims_client_from_file("/does/not/exist", NULL, &client, &error), IMS_ERR_CREDENTIALS, "");
    CHECK_REFUSED(ims_client_from_json(NULL, 5, NULL, &client, &error), IMS_ERR_ARGUMENT, "json ");
    CHECK_REFUSED(ims_client_from_json("{}", 2, NULL, &client, &error), IMS_ERR_CREDENTIALS, "");
    ims_key_free(key);
}

static void null_is_no_client(void)
{
    ims_token *token;
    CHECK_REFUSED(ims_client_token(NULL, &token, &error), IMS_ERR_ARGUMENT, "client ");
    ims_client_forget(NULL, NULL);
    CHECK(ims_client_client_id(NULL) == NULL);
    CHECK(ims_client_org_id(NULL) == NULL);
    CHECK(ims_client_sandbox_name(NULL) == NULL);
    ims_client_free(NULL);
}

static void json_and_environment_say_the_same(void)
{
    char json[1024];
    ims_key *key = load_key();
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_client *client;

    snprintf(json, sizeof json,
             "{\"grant\":\"jwt_exchange\",\"token_url\":\"%s/token\",\"client_id\":\"client\",\"client_secret\":\"s3cret\","
             "\"org_id\":\"org@AdobeOrg\",\"technical_account_id\":\"account@techacct.adobe.com\","
             "\"metascopes\":\"ent_x\",\"sandbox_name\":\"prod\"}",
             setting("SERVER"));
    options.key = key;
    options.transport = &patient;
    CHECK_OK(ims_client_from_json(json, strlen(json), &options, &client, &error));
    CHECK(strcmp(token_of(client), "the-access-token") == 0);
    CHECK(strcmp(ims_client_sandbox_name(client), "prod") == 0);
    ims_client_free(client);
    ims_key_free(key);

    setenv("API_KEY", "client", 1);
    setenv("CLIENT_SECRET", "s3cret", 1);
    setenv("SCOPES", "openid", 1);
    setenv("IMS_ORG", "org@AdobeOrg", 1);
    CHECK_OK(ims_client_from_env(NULL, &client, &error));
    CHECK(strcmp(ims_client_client_id(client), "client") == 0);
    CHECK(strcmp(ims_client_org_id(client), "org@AdobeOrg") == 0);
    ims_client_free(client);
}

/* What a program that watches or restricts files keeps: their paths, and how many more it allows. */
struct watched {
    char paths[1024];
    int allowed;
};

static int may_read(const char *path, void *context)
{
    struct watched *watched = context;
    snprintf(watched->paths + strlen(watched->paths), sizeof watched->paths - strlen(watched->paths), "%s\n", path);
    return watched->allowed-- > 0;
}

static void a_program_is_asked_before_a_file_is_read(void)
{
    struct watched watched = {"", 2};
    char expected[1024], folder[512];
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    FILE *file;
    ims_client *client;

    snprintf(folder, sizeof folder, "%s", setting("KEY"));
    *strrchr(folder, '/') = 0;
    CHECK(chdir(folder) == 0);
    file = fopen("watched.json", "w");
    CHECK(file != NULL);
    fprintf(file,
            "{\"grant\":\"jwt_exchange\",\"client_id\":\"client\",\"client_secret\":\"s3cret\",\"org_id\":\"org@AdobeOrg\","
            "\"technical_account_id\":\"account@techacct.adobe.com\",\"metascopes\":\"ent_x\",\"private_key\":\"%s\"}",
            setting("KEY"));
    fclose(file);
    options.may_read = may_read;
    options.may_read_context = &watched;

    CHECK_OK(ims_client_from_file("watched.json", &options, &client, &error));
    ims_client_free(client);
    snprintf(expected, sizeof expected, "%s/watched.json\n%s\n", folder, setting("KEY"));
    CHECK(strcmp(watched.paths, expected) == 0);

    watched.allowed = 1;
    CHECK_REFUSED(ims_client_from_file("watched.json", &options, &client, &error), IMS_ERR_CREDENTIALS,
                  "credentials file watched.json: private_key ");
    watched.allowed = 0;
    CHECK_REFUSED(ims_client_from_file("watched.json", &options, &client, &error), IMS_ERR_CREDENTIALS,
                  "credentials file watched.json is refused");
    CHECK(client == NULL);
    unlink("watched.json");
}

static void a_command_runs_only_where_the_program_allows_it(void)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    char json[512];
    ims_client *client;

    snprintf(json, sizeof json,
             "{\"grant\":\"token_exchange\",\"token_url\":\"%s/token\",\"client_id\":\"client\","
             "\"subject_token_type\":\"access_token\",\"assertion_command\":[\"echo\",\"token-of-the-platform\"]}",
             setting("SERVER"));
    CHECK_REFUSED(ims_client_from_json(json, strlen(json), &options, &client, &error), IMS_ERR_CREDENTIALS,
                  "assertion_command would run echo, but the program allows no command");
    options.allow_command = 1;
    CHECK_OK(ims_client_from_json(json, strlen(json), &options, &client, &error));
    CHECK(strcmp(token_of(client), "the-access-token") == 0);
    ims_client_free(client);
}

static void a_forgotten_token_is_not_given_again(void)
{
    ims_grant grant = grant_to("/numbered", NULL);
    ims_client *client;
    ims_token *first, *second, *third;

    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.scope = "openid";
    CHECK_OK(ims_client_new(&grant, NULL, NULL, &patiently, &client, &error));
    CHECK_OK(ims_client_token(client, &first, &error));
    ims_client_forget(client, NULL);
    ims_client_forget(client, first);
    CHECK_OK(ims_client_token(client, &second, &error));
    CHECK(strcmp(ims_token_access_token(first), ims_token_access_token(second)) != 0);
    /* An API that refuses every token costs no more than this. */
    ims_client_forget(client, second);
    CHECK_OK(ims_client_token(client, &third, &error));
    CHECK(strcmp(ims_token_access_token(second), ims_token_access_token(third)) == 0);
    ims_client_free(client); /* tokens live on */
    CHECK(ims_token_access_token(third)[0] != 0);
    ims_token_free(first);
    ims_token_free(second);
    ims_token_free(third);
}

int main(void)
{
    a_client_of_values_signs_anew_by_itself();
    what_a_client_cannot_use_is_refused_by_name();
    null_is_no_client();
    json_and_environment_say_the_same();
    a_program_is_asked_before_a_file_is_read();
    a_command_runs_only_where_the_program_allows_it();
    a_forgotten_token_is_not_given_again();
    return 0;
}
