/* Gets a token by each credentials file, or signs with each key file:
 *
 *     files (credentials|keys) PROXY CA_FILE
 *
 * A line of the input is a file and its options, such as name=B, with tabs between them. */
#include "check.h"

static const char *or_empty(const char *text) { return text ? text : ""; }

static void print_error(ims_error *error)
{
    printf("error\t%d\t%s\t%s\t%s\n", (int)ims_error_status(error), or_empty(ims_error_field(error)),
           ims_error_message(error), or_empty(ims_error_hint(error)));
    ims_error_free(error);
}

static void print_token(const char *file, const ims_client_options *options)
{
    ims_client *client = NULL;
    ims_token *token = NULL;
    ims_error *error = NULL;

    if (ims_client_from_file(file, options, &client, &error) == IMS_OK &&
        ims_client_token(client, &token, &error) == IMS_OK)
        printf("token\t%s\n", ims_token_access_token(token));
    else
        print_error(error);
    ims_token_free(token);
    ims_client_free(client);
}

static void print_jwt(const char *file, const char *passphrase)
{
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    ims_key *key = NULL;
    ims_error *error = NULL;
    char *jwt = NULL;

    claims.iss = "iss";
    claims.sub = "sub";
    claims.aud = "aud";
    if (ims_key_from_file(file, passphrase, &key, &error) == IMS_OK &&
        ims_generate_jwt(key, &claims, &jwt, &error) == IMS_OK)
        printf("jwt\t%s\n", jwt);
    else
        print_error(error);
    ims_string_free(jwt);
    ims_key_free(key);
}

static void set(ims_client_options *options, const char *name, const char *value)
{
    if (strcmp(name, "name") == 0) options->name = value;
    else if (strcmp(name, "passphrase") == 0) options->passphrase = value;
    else if (strcmp(name, "scope") == 0) options->scope = value;
    else if (strcmp(name, "subject") == 0) options->subject = value;
    else if (strcmp(name, "audience") == 0) options->audience = value;
    else CHECK(!"a known option");
}

int main(int argc, char **argv)
{
    char line[4096];

    CHECK(argc == 4);
    while (fgets(line, sizeof line, stdin) != NULL) {
        ims_transport transport = IMS_TRANSPORT_INIT;
        ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
        char *file = strtok(line, "\t\n");
        char *option;

        transport.proxy = argv[2];
        transport.ca_file = argv[3];
        options.cache = "none";
        options.transport = &transport;
        while ((option = strtok(NULL, "\t\n")) != NULL) {
            char *value = strchr(option, '=');

            CHECK(value != NULL);
            *value = '\0';
            set(&options, option, value + 1);
        }
        if (strcmp(argv[1], "keys") == 0) print_jwt(file, options.passphrase);
        else print_token(file, &options);
    }
    return 0;
}
