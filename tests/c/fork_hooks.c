/* fork_hooks WHEN SECONDS: the program's own fork hooks, registered `before` the library's first call or `after` it, sign and
 * get tokens, while threads sign; forks are made by the main thread, at a thread's end, and at the exit. */
#include "children.h"

static ims_key *key;
static ims_client *client;
static pthread_key_t last_words;
static atomic_int in_hooks;

static void sign_and_get_token(void)
{
    ims_token *token;
    ims_string_free(sign(key));
    CHECK_OK(ims_client_token(client, &token, &error));
    ims_token_free(token);
}

static void hook(void)
{
    if (client == NULL) return;
    sign_and_get_token();
    atomic_fetch_add(&in_hooks, 1);
}

static void *sign_always(void *nothing)
{
    while (!atomic_load(&over)) ims_string_free(sign(key));
    return nothing;
}

static void fork_at_the_end_of_a_thread(void *anything)
{
    (void)anything;
    check_in_child(sign_and_get_token);
}

static void *sign_and_end(void *nothing)
{
    ims_string_free(sign(key));
    CHECK(pthread_setspecific(last_words, &last_words) == 0);
    return nothing;
}

static void *only_end(void *nothing)
{
    CHECK(pthread_setspecific(last_words, &last_words) == 0);
    return nothing;
}

static void fork_at_the_exit(void)
{
    check_in_child(sign_and_get_token);
}

static void use_the_library(void)
{
    ims_grant grant = grant_to("/token", NULL);
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.scope = "openid";
    options.cache = "none";
    key = load_key();
    CHECK_OK(ims_client_new(&grant, NULL, NULL, &options, &client, &error));
}

int main(int count, char **arguments)
{
    void *(*const ends[])(void *) = {sign_and_end, only_end};
    pthread_t signers[2], thread;
    double end;
    int i;

    CHECK(count == 3);
    if (strcmp(arguments[1], "after") == 0) use_the_library();
    CHECK(atexit(fork_at_the_exit) == 0);
    CHECK(pthread_key_create(&last_words, fork_at_the_end_of_a_thread) == 0);
    CHECK(pthread_atfork(hook, hook, hook) == 0);
    if (strcmp(arguments[1], "before") == 0) use_the_library();
    for (i = 0; i < 2; i++) CHECK(pthread_create(&signers[i], NULL, sign_always, NULL) == 0);
    end = now() + atof(arguments[2]);
    do {
        check_in_child(sign_and_get_token);
        for (i = 0; i < 2; i++) {
            CHECK(pthread_create(&thread, NULL, ends[i], NULL) == 0);
            CHECK(pthread_join(thread, NULL) == 0);
        }
    } while (now() < end);
    atomic_store(&over, 1);
    for (i = 0; i < 2; i++) CHECK(pthread_join(signers[i], NULL) == 0);
    CHECK(atomic_load(&in_hooks) >= 6); /* the parent's */
    printf("hooks ran %d times\n", atomic_load(&in_hooks));
    return 0;
}
