/* What a parent made, its children use; each child gets its own answer. */
#include "children.h"

enum { CHILDREN = 64 };

static void child(const ims_key *key, const ims_token *token, const ims_error *error_of_parent, const ims_grant *grant)
{
    char *jwt = sign(key);
    ims_token *own;
    CHECK(strcmp(ims_token_access_token(token), "the-access-token") == 0);
    CHECK(strcmp(ims_error_message(error_of_parent), "path is missing or empty") == 0);
    CHECK_OK(ims_exchange(grant, &patient, &own, &error));
    CHECK(strcmp(ims_token_access_token(own), "the-access-token") == 0);
    ims_token_free(own);
    ims_string_free(jwt);
}

int main(void)
{
    ims_key *key = load_key(), *none;
    char *jwt = sign(key);
    ims_grant grant = grant_to("/token", jwt);
    ims_token *token;
    ims_error *error_of_parent;
    int number, status;

    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    CHECK(ims_key_from_file(NULL, NULL, &none, &error_of_parent) == IMS_ERR_ARGUMENT);

    for (number = 0; number < CHILDREN; number++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            child(key, token, error_of_parent, &grant);
            end_child();
        }
    }
    for (number = 0; number < CHILDREN; number++) {
        CHECK(wait(&status) > 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }

    ims_error_free(error_of_parent);
    ims_token_free(token);
    ims_string_free(jwt);
    ims_key_free(key);
    return 0;
}
