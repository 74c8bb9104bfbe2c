/* fork_threads SECONDS: threads sign, load keys of all costs and come and go; other threads fork all the while. Every
 * child signs and gets a token. Prints how many children there were, and the loads that several forks fell into. */
#include "children.h"

static ims_key *key;
static ims_client *client;
static atomic_int forks, loads_with_forks;

static void sign_once(void)
{
    ims_string_free(sign(key));
}

static void sign_and_get_token(void)
{
    ims_token *token;
    sign_once();
    CHECK_OK(ims_client_token(client, &token, &error));
    ims_token_free(token);
}

static void *sign_always(void *nothing)
{
    while (!atomic_load(&over)) sign_once();
    return nothing;
}

static void *load_always(void *nothing)
{
    while (!atomic_load(&over)) ims_key_free(load_key());
    return nothing;
}

/* Of a key whose passphrase takes long to become a key. */
static void *load_costly(void *nothing)
{
    while (!atomic_load(&over)) {
        ims_key *costly;
        int before = atomic_load(&forks);
        CHECK_OK(ims_key_from_file(setting("COSTLY_KEY"), "passphrase", &costly, &error));
        ims_key_free(costly);
        if (atomic_load(&forks) > before + 2) atomic_fetch_add(&loads_with_forks, 1);
    }
    return nothing;
}

static void *sign_and_end(void *nothing)
{
    sign_once();
    return nothing;
}

static void *come_and_go(void *nothing)
{
    while (!atomic_load(&over)) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, sign_and_end, NULL) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    return nothing;
}

static void *fork_always(void *nothing)
{
    while (!atomic_load(&over)) {
        check_in_child(sign_and_get_token);
        atomic_fetch_add(&forks, 1);
    }
    return nothing;
}

int main(int count, char **arguments)
{
    void *(*const work[])(void *) = {sign_always, sign_always, load_always, load_costly, come_and_go, fork_always, fork_always};
    enum { THREADS = sizeof work / sizeof *work };
    pthread_t threads[THREADS];
    ims_grant grant = grant_to("/token", NULL);
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    double end;
    int i;

    CHECK(count == 2);
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.scope = "openid";
    options.cache = "none";
    key = load_key();
    CHECK_OK(ims_client_new(&grant, NULL, NULL, &options, &client, &error));
    for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work[i], NULL) == 0);
    /* Until the time is over, and at least once with forks in the middle of a costly load. */
    for (end = now() + atof(arguments[1]); now() < end || !atomic_load(&loads_with_forks);) usleep(10000);
    atomic_store(&over, 1);
    for (i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    ims_client_free(client);
    ims_key_free(key);
    printf("%d children, forks in the middle of %d costly loads\n", atomic_load(&forks), atomic_load(&loads_with_forks));
    return 0;
}
