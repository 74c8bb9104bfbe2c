/* From a credentials file to an access token that is always fresh.
 *
 *     cc example.c $(pkg-config --cflags --libs ims) -o example
 *     ./example service_token.json
 */
#include <ims.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CREDENTIALS_FILE\n", argv[0]);
        return 2;
    }

    ims_transport transport = IMS_TRANSPORT_INIT;
    transport.ca_file = getenv("IMS_CA_FILE"); /* not set: the system's */

    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    options.cache = "file:"; /* shared by all processes of this user */
    options.passphrase = getenv("IMS_PASSPHRASE");
    options.transport = &transport;

    ims_client *client = NULL;
    ims_token *token = NULL;
    ims_error *error = NULL;

    ims_status status = ims_client_from_file(argv[1], &options, &client, &error);
    if (status == IMS_OK)
        status = ims_client_token(client, &token, &error); /* as often as you like, from any thread */

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
    ims_client_free(client);
    return status == IMS_OK ? 0 : 1;
}
