/* interrupted MODE: a child that a signal handler forks in the middle of a call gets a token of its own there, and its parent
 * the one that it waited for. In MODE `leads` the interrupted thread makes the exchange, in `waits` another thread does; in
 * `namespace` it waits as well, and parent and child both have the process ID 1. */
#include "children.h"
#include <sched.h>
#include <signal.h>

static ims_client *client;
static pthread_t main_thread;
static volatile sig_atomic_t child = -1, is_in_namespace;

static void fork_here(int signal_number)
{
    (void)signal_number;
    if (is_in_namespace && unshare(CLONE_NEWPID) != 0) abort();
    child = fork();
    if (child < 0) abort();
    if (child == 0) alarm(60);
}

/* The server makes this file when the exchange has reached it. */
static void wait_for_exchange(void)
{
    while (access(setting("BEGUN"), F_OK) != 0) usleep(1000);
}

static void *interrupt(void *nothing)
{
    wait_for_exchange();
    /* Later, so that the main thread waits too. */
    usleep(100000);
    CHECK(pthread_kill(main_thread, SIGUSR1) == 0);
    return nothing;
}

/* Checks which exchange, by the server's count, this process got its token from. */
static void check_token(void)
{
    ims_token *token;
    CHECK_OK(ims_client_token(client, &token, &error));
    CHECK(strcmp(ims_token_access_token(token), child == 0 ? "token-1" : "token-0") == 0);
    ims_token_free(token);
}

static void *lead(void *nothing)
{
    check_token();
    return nothing;
}

int main(int count, char **arguments)
{
    ims_grant grant = grant_to("/token", NULL);
    pthread_t threads[2];
    int leads;

    CHECK(count == 2);
    leads = strcmp(arguments[1], "leads") == 0;
    is_in_namespace = strcmp(arguments[1], "namespace") == 0;
    if (is_in_namespace) {
        pid_t first;
        if (unshare(CLONE_NEWPID) != 0) {
            printf("no namespaces\n");
            return 0;
        }
        first = fork();
        CHECK(first >= 0);
        if (first != 0) {
            check_child(first);
            return 0;
        }
        CHECK(getpid() == 1);
    }
    main_thread = pthread_self();
    signal(SIGUSR1, fork_here);
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.scope = "openid";
    CHECK_OK(ims_client_new(&grant, NULL, NULL, &patiently, &client, &error));
    if (!leads) {
        CHECK(pthread_create(&threads[1], NULL, lead, NULL) == 0);
        wait_for_exchange();
    }
    CHECK(pthread_create(&threads[0], NULL, interrupt, NULL) == 0);
    check_token();
    if (child == 0) {
        CHECK(!is_in_namespace || getpid() == 1);
        end_child();
    }
    CHECK(child > 0);
    CHECK(pthread_join(threads[0], NULL) == 0);
    if (!leads) CHECK(pthread_join(threads[1], NULL) == 0);
    check_child(child);
    check_token();
    ims_client_free(client);
    return 0;
}
