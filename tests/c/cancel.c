/* cancel SECONDS: threads are cancelled in the middle of calls: the call ends as ever, then the thread. */
#include "children.h"

static ims_key *key;

static void *call_always(void *nothing)
{
    char *jwt = sign(key);
    ims_grant grant = grant_to("/slow", jwt);
    (void)nothing;
    for (;;) {
        ims_token *token;
        ims_string_free(sign(key));
        CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
        ims_token_free(token);
        /* The thread's own setting is as it was: here it ends. */
        pthread_testcancel();
    }
}

int main(int count, char **arguments)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    double end;
    int i, cancel_state, round = 0;

    CHECK(count == 2);
    key = load_key();
    end = now() + atof(arguments[1]);
    do {
        for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, call_always, NULL) == 0);
        usleep((useconds_t)(round++ * 1237 % 20000));
        for (i = 0; i < THREADS; i++) CHECK(pthread_cancel(threads[i]) == 0);
        for (i = 0; i < THREADS; i++) {
            void *result;
            CHECK(pthread_join(threads[i], &result) == 0);
            CHECK(result == PTHREAD_CANCELED);
        }
    } while (now() < end);

    /* Who forbids it finds it forbidden after a call, too. */
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0);
    ims_string_free(sign(key));
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel_state) == 0);
    CHECK(cancel_state == PTHREAD_CANCEL_DISABLE);
    ims_key_free(key);
    printf("%d threads cancelled\n", round * THREADS);
    return 0;
}
