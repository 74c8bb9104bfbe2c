/* Children use clients that their parent's threads are using at the fork. */
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 64

static ims_client *used, *never_used;
static atomic_int over;

static ims_client *client_of(const char *path)
{
    ims_grant grant = grant_to(path, NULL);
    ims_client *client;
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.scope = "openid";
    CHECK_OK(ims_client_new(&grant, NULL, NULL, NULL, &client, &error));
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

int main(void)
{
    pthread_t threads[4];
    pid_t children[CHILDREN];
    int i, status;

    used = client_of("/seconds");
    never_used = client_of("/seconds");
    check_token(used);
    for (i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, use, NULL) == 0);
    for (i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            alarm(30); /* a deadlock ends, and is seen */
            check_token(used);
            check_token(never_used);
            ims_client_free(never_used);
            /* What the parent's threads held is nobody's here, and no leak for a checker to find at an exit. */
            execl("/bin/true", "true", (char *)NULL);
            _exit(1);
        }
    }
    for (i = 0; i < CHILDREN; i++) {
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&over, 1);
    for (i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    check_token(used);
    ims_client_free(never_used);
    ims_client_free(used);
    return 0;
}
