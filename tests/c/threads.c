/* Many threads share a key, a token and an error, each in its own call; one of them frees what it made as it ends. */
#include "check.h"
#include <pthread.h>

enum { THREADS = 16, ROUNDS = 8 };

static ims_key *key;
static ims_token *token;
static ims_error *error;
static pthread_key_t last_words;

static void free_key(void *key_of_thread)
{
    ims_key_free(key_of_thread);
}

static void *work(void *unused)
{
    int round;
    for (round = 0; round < ROUNDS; round++) {
        char *jwt = sign(key);
        ims_grant grant = IMS_GRANT_INIT;
        ims_token *own;
        char url[256];
        snprintf(url, sizeof url, "%s/token", setting("SERVER"));
        grant.token_url = url;
        grant.client_id = "client";
        grant.client_secret = "s3cret";
        grant.jwt = jwt;
        CHECK_OK(ims_exchange(&grant, &patient, &own, &error));
        CHECK(strcmp(ims_token_access_token(own), ims_token_access_token(token)) == 0);
        CHECK(ims_token_expires_in(token) > 3000);
        CHECK(strcmp(ims_error_message(error), "path is missing or empty") == 0);
        ims_token_free(own);
        ims_string_free(jwt);
    }
    /* Freed when the thread's own data goes, the last thing that it does. */
    pthread_setspecific(last_words, load_key());
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    ims_grant grant;
    char *jwt;
    ims_key *none;
    int number;

    key = load_key();
    jwt = sign(key);
    grant = grant_to("/token", jwt);
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    CHECK(ims_key_from_file(NULL, NULL, &none, &error) == IMS_ERR_ARGUMENT);
    CHECK(pthread_key_create(&last_words, free_key) == 0);

    for (number = 0; number < THREADS; number++) CHECK(pthread_create(&threads[number], NULL, work, NULL) == 0);
    for (number = 0; number < THREADS; number++) CHECK(pthread_join(threads[number], NULL) == 0);

    ims_error_free(error);
    ims_token_free(token);
    ims_string_free(jwt);
    ims_key_free(key);
    return 0;
}
