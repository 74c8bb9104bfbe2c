/* A process whose threads ask one client for tokens: tests/shared starts many.
 *
 *     worker CREDENTIALS CACHE THREADS MILLISECONDS SLOW
 *
 * Reads a line, then each thread asks at once, and again every 50 ms until the time is up. Prints a line for each token
 * that a thread got and the last one had not, and in the end "calls N errors N expired N slow N": slow are the calls
 * of SLOW milliseconds or more after a thread's first token.
 */
#include "check.h"
#include <pthread.h>
#include <time.h>

static ims_client *client;
static int64_t lasts, slow_from;
static pthread_barrier_t start;

struct result {
    int64_t calls, errors, expired, slow;
};

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *ask(void *argument)
{
    struct result *result = argument;
    char *last = NULL;
    int64_t begun, before;

    pthread_barrier_wait(&start);
    begun = milliseconds();
    do {
        ims_token *token = NULL;
        ims_error *error = NULL;
        before = milliseconds();
        if (ims_client_token(client, &token, &error) != IMS_OK) {
            result->errors++;
            if (result->errors == 1) printf("error %s | %s\n", ims_error_message(error), ims_error_hint(error));
        } else {
            const char *text = ims_token_access_token(token);
            if (last != NULL && milliseconds() - before >= slow_from) result->slow++;
            if (ims_token_expires_in(token) <= 0) result->expired++;
            if (last == NULL || strcmp(text, last) != 0) {
                printf("token %s\n", text);
                free(last);
                last = strdup(text);
            }
        }
        result->calls++;
        ims_token_free(token);
        ims_error_free(error);
        if (milliseconds() - begun < lasts) {
            struct timespec pause = {0, 50 * 1000 * 1000};
            nanosleep(&pause, NULL);
        }
    } while (milliseconds() - begun < lasts);
    free(last);
    return NULL;
}

int main(int argc, char **argv)
{
    static pthread_t threads[256];
    static struct result results[256];
    struct result all = {0, 0, 0, 0};
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    char line[16];
    int i, count;

    CHECK(argc == 6);
    options.cache = argv[2];
    count = atoi(argv[3]);
    lasts = atoi(argv[4]);
    slow_from = atoi(argv[5]);
    CHECK(count > 0 && count <= 256);
    CHECK_OK(ims_client_from_file(argv[1], &options, &client, &error));
    CHECK(pthread_barrier_init(&start, NULL, (unsigned)count) == 0);

    CHECK(fgets(line, sizeof line, stdin) != NULL);
    for (i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, ask, &results[i]) == 0);
    for (i = 0; i < count; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        all.calls += results[i].calls;
        all.errors += results[i].errors;
        all.expired += results[i].expired;
        all.slow += results[i].slow;
    }
    printf("calls %lld errors %lld expired %lld slow %lld\n", (long long)all.calls, (long long)all.errors,
           (long long)all.expired, (long long)all.slow);
    ims_client_free(client);
    return 0;
}
