/* A program with more rights than its caller: prints whether it is one, then how an exchange over
 * https, a client from the environment and a client with the file cache fare. */
#include "check.h"
#include <sys/auxv.h>

static void show(const char *what, ims_status status, ims_error *error)
{
    printf("%s: %d %s\n", what, (int)status, ims_error_message(error));
    ims_error_free(error);
}

int main(int argc, char **argv)
{
    ims_grant grant = IMS_GRANT_INIT;
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_token *token = NULL;
    ims_client *client = NULL;
    ims_error *error = NULL;
    ims_status status;

    CHECK(argc == 3);
    printf("privileged: %lu\n", getauxval(AT_SECURE));
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.client_id = "client";
    grant.client_secret = "secret";
    grant.scope = "openid";
    grant.token_url = argv[1];
    transport.max_attempts = 1;
    status = ims_exchange(&grant, &transport, &token, &error);
    show("exchange", status, error);
    ims_token_free(token);

    error = NULL;
    status = ims_client_from_env(NULL, &client, &error);
    show("environment", status, error);
    ims_client_free(client);

    error = NULL;
    status = ims_client_shared_from_env(NULL, &client, &error);
    show("environment, shared", status, error);
    ims_client_free(client);

    grant.token_url = argv[2];
    options.cache = "file:";
    CHECK_OK(ims_client_new(&grant, NULL, NULL, &options, &client, &error));
    CHECK_OK(ims_client_token(client, &token, &error));
    printf("cached: %s\n", ims_token_access_token(token));
    ims_token_free(token);
    ims_client_free(client);
    return 0;
}
