/* Children use clients that their parent's threads are using at the fork. */
#include "children.h"

static ims_client *used, *never_used;

static ims_client *client_of(const char *path)
{
    ims_grant grant = grant_to(path, NULL);
    ims_client *client;
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.scope = "openid";
    CHECK_OK(ims_client_new(&grant, NULL, NULL, &patiently, &client, &error));
    return client;
}

static void check_token(ims_client *client)
{
    ims_token *token;
    CHECK_OK(ims_client_token(client, &token, &error));
    CHECK(strcmp(ims_token_access_token(token), "t") == 0);
    ims_token_free(token);
}

static void *use(void *nothing)
{
    while (!atomic_load(&over)) check_token(used);
    return nothing;
}

static void use_both(void)
{
    check_token(used);
    check_token(never_used);
    ims_client_free(never_used);
}

int main(void)
{
    used = client_of("/seconds");
    never_used = client_of("/seconds");
    check_token(used);
    check_in_children(use, use_both);
    check_token(used);
    ims_client_free(never_used);
    ims_client_free(used);
    return 0;
}
