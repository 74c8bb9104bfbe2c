/* no_threads SECONDS: where no thread can be started, all who wait for a token are told so at once; once there are threads
 * again, they get it. */
#include "children.h"
#include <dlfcn.h>
#include <errno.h>

enum { THREADS = 4 };

static ims_client *client;
static atomic_int has_none;
static pthread_barrier_t round_begins, all_were_told;

/* The C library's, for the library too. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (atomic_load(&has_none)) return EAGAIN;
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real(thread, attributes, start, argument);
}

static void *ask(void *nothing)
{
    ims_token *token;
    ims_error *error;

    pthread_barrier_wait(&round_begins);
    CHECK(ims_client_token(client, &token, &error) == IMS_ERR_CONNECT);
    CHECK(strstr(ims_error_message(error), "no thread could be started") != NULL);
    CHECK(strstr(ims_error_hint(error), "limit of threads") != NULL);
    CHECK(ims_error_retryable(error));
    ims_error_free(error);
    pthread_barrier_wait(&all_were_told);
    /* The failure is remembered for a second. */
    while (ims_client_token(client, &token, NULL) != IMS_OK) usleep(20000);
    ims_token_free(token);
    return nothing;
}

int main(int count, char **arguments)
{
    pthread_t threads[THREADS];
    ims_grant grant = grant_to("", NULL);
    char url[256];
    double end;
    int i;

    CHECK(count == 2);
    alarm(120 + (unsigned)atoi(arguments[1]));
    CHECK(pthread_barrier_init(&round_begins, NULL, THREADS + 1) == 0);
    CHECK(pthread_barrier_init(&all_were_told, NULL, THREADS + 1) == 0);
    snprintf(url, sizeof url, "http://localhost:%s/token", strrchr(setting("SERVER"), ':') + 1);
    grant.type = IMS_GRANT_CLIENT_CREDENTIALS;
    grant.token_url = url;
    grant.scope = "openid";
    end = now() + atof(arguments[1]);
    do {
        CHECK_OK(ims_client_new(&grant, NULL, NULL, &patiently, &client, &error));
        for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, ask, NULL) == 0);
        atomic_store(&has_none, 1);
        pthread_barrier_wait(&round_begins);
        pthread_barrier_wait(&all_were_told);
        atomic_store(&has_none, 0);
        for (i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
        ims_client_free(client);
    } while (now() < end);
    return 0;
}
