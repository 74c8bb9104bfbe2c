/* A process whose threads ask one client for tokens: tests/core/shared starts many.
 *
 *     worker CREDENTIALS CACHE THREADS MILLISECONDS
 *
 * Reads a line, then each thread asks at once, and again every 500 ms until the time is up; where that is negative,
 * until standard input ends. What differs from the defaults of its transport stands in the environment: WORKER_CA_FILE,
 * WORKER_PROXY, WORKER_TIMEOUT_MS.
 *
 * Prints a line for each token that a thread got and the last one had not, and in the end "calls N errors N expired N
 * waited N late N": waited are the calls after a thread's first token that brought another one and for which the thread had
 * to be put to sleep, as it is for an exchange, and not for a token in memory; late are those that took over seven
 * eighths of their time, after which a call makes an exchange of its own if it must.
 */
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>

static ims_client *client;
static int64_t lasts, late_after;
static atomic_int ended;
static pthread_barrier_t start;

#define PAUSE_NS (500 * 1000 * 1000L)

static struct result {
    int64_t calls, errors, expired, waited, late;
} results[256];

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How often this thread gave its processor up. */
static long sleeps(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

static int goes_on(int64_t begun)
{
    return lasts < 0 ? !atomic_load(&ended) : milliseconds() - begun < lasts;
}

static void *ask(void *argument)
{
    struct result *result = argument;
    char *last = NULL;
    int64_t begun;

    pthread_barrier_wait(&start);
    begun = milliseconds();
    do {
        ims_token *token = NULL;
        ims_error *error = NULL;
        long before = sleeps();
        int64_t asked = milliseconds();
        if (ims_client_token(client, &token, &error) != IMS_OK) {
            result->errors++;
            if (result->errors == 1) printf("error %s | %s\n", ims_error_message(error), ims_error_hint(error));
        } else {
            long after = sleeps();
            const char *text = ims_token_access_token(token);
            if (ims_token_expires_in(token) <= 0) result->expired++;
            if (last == NULL || strcmp(text, last) != 0) {
                if (last != NULL && after > before) result->waited++;
                printf("token %s\n", text);
                fflush(stdout);
                free(last);
                last = strdup(text);
            }
        }
        if (milliseconds() - asked > late_after) result->late++;
        result->calls++;
        ims_token_free(token);
        ims_error_free(error);
        if (goes_on(begun)) {
            /* Not all at once again. */
            long share = result->calls == 1 ? 1 + (result - results) % 16 : 16;
            struct timespec pause = {0, share * PAUSE_NS / 16};
            nanosleep(&pause, NULL);
        }
    } while (goes_on(begun));
    free(last);
    return NULL;
}

int main(int argc, char **argv)
{
    static pthread_t threads[256];
    struct result all = {0, 0, 0, 0, 0};
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_transport transport = IMS_TRANSPORT_INIT;
    const char *timeout = getenv("WORKER_TIMEOUT_MS");
    char line[16];
    int i, count;

    CHECK(argc == 5);
    options.cache = argv[2];
    options.transport = &transport;
    transport.ca_file = getenv("WORKER_CA_FILE");
    transport.proxy = getenv("WORKER_PROXY");
    transport.timeout_ms = timeout == NULL ? 10000 : (uint32_t)atoi(timeout);
    late_after = transport.timeout_ms * 7 / 8;
    count = atoi(argv[3]);
    lasts = atoi(argv[4]);
    CHECK(count > 0 && count <= 256);
    CHECK_OK(ims_client_from_file(argv[1], &options, &client, &error));
    CHECK(pthread_barrier_init(&start, NULL, (unsigned)count) == 0);

    CHECK(fgets(line, sizeof line, stdin) != NULL);
    for (i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, ask, &results[i]) == 0);
    while (lasts < 0 && fgets(line, sizeof line, stdin) != NULL) continue;
    atomic_store(&ended, 1);
    for (i = 0; i < count; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        all.calls += results[i].calls;
        all.errors += results[i].errors;
        all.expired += results[i].expired;
        all.waited += results[i].waited;
        all.late += results[i].late;
    }
    printf("calls %lld errors %lld expired %lld waited %lld late %lld\n", (long long)all.calls, (long long)all.errors,
           (long long)all.expired, (long long)all.waited, (long long)all.late);
    ims_client_free(client);
    return 0;
}
