/* Children share keys and clients while threads of their parent find, make, replace and free shared ones. */
#include "children.h"

/* More than are kept, so that another one goes for each one that is made. */
enum { CLIENTS = 4, KEPT = 2 };

static char key_text[8192];
static size_t key_length;

static void share(int number)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_client *client;
    ims_key *key;
    char json[1024];

    snprintf(json, sizeof json,
             "{\"grant\":\"client_credentials\",\"token_url\":\"%s/seconds\",\"client_id\":\"client\",\"client_secret\":\"s%d\","
             "\"scope\":\"openid\"}",
             setting("SERVER"), number);
    options.max_shared_clients = KEPT;
    CHECK_OK(ims_client_shared_from_json(json, strlen(json), &options, &client, &error));
    CHECK(strcmp(ims_client_client_id(client), "client") == 0);
    ims_client_free(client);
    CHECK_OK(ims_key_shared_from_bytes(key_text, key_length, NULL, &key, &error));
    ims_string_free(sign(key));
    ims_key_free(key);
}

static void *share_all(void *nothing)
{
    int number;
    for (number = 0; !atomic_load(&over); number++) share(number % CLIENTS);
    return nothing;
}

static void share_each(void)
{
    int number;
    for (number = 0; number < CLIENTS; number++) share(number);
}

int main(void)
{
    FILE *file = fopen(setting("KEY"), "r");
    CHECK(file != NULL);
    key_length = fread(key_text, 1, sizeof key_text, file);
    fclose(file);
    check_in_children(share_all, share_each);
    share_each();
    return 0;
}
