/* A token over TLS, stored sealed in a file, and read from there, which valgrind watches. */
#include "check.h"

int main(void)
{
    ims_transport transport = IMS_TRANSPORT_INIT;
    transport.ca_file = setting("CA_FILE");
    transport.timeout_ms = 60000;
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    options.cache = setting("CACHE");
    options.transport = &transport;
    for (int client_number = 0; client_number < 2; client_number++) {
        ims_client *client;
        ims_token *token;
        CHECK_OK(ims_client_from_file(setting("CREDENTIALS"), &options, &client, &error));
        CHECK_OK(ims_client_token(client, &token, &error));
        CHECK(strcmp(ims_token_access_token(token), "the-access-token") == 0);
        ims_token_free(token);
        ims_client_free(client);
    }
    return 0;
}
