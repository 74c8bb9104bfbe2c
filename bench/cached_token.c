/* What a cached token costs a C program: `make bench` runs this.
 *
 *     cached_token CREDENTIALS CACHE                  microseconds from the start of main() to a token
 *     cached_token CREDENTIALS CACHE call             the same without what reads the credentials
 *     cached_token CREDENTIALS CACHE THREADS          nanoseconds of processor time a call, in a process that has it
 */
#include <ims.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALLS 2000000

static ims_client *client;

static double nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void get(void)
{
    ims_token *token;
    ims_error *error = NULL;
    if (ims_client_token(client, &token, &error) != IMS_OK) {
        fprintf(stderr, "%s\n", ims_error_message(error));
        exit(1);
    }
    ims_token_free(token);
}

static void *get_many(void *nothing)
{
    for (int i = 0; i < CALLS; i++) get();
    return nothing;
}

int main(int argc, char **argv)
{
    double begun = nanoseconds(CLOCK_MONOTONIC);
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_error *error = NULL;

    if (argc < 3) return 2;
    options.cache = argv[2];
    if (ims_client_from_file(argv[1], &options, &client, &error) != IMS_OK) {
        fprintf(stderr, "%s\n", ims_error_message(error));
        return 1;
    }
    int is_call = argc == 4 && strcmp(argv[3], "call") == 0;
    if (is_call) begun = nanoseconds(CLOCK_MONOTONIC);
    get();
    if (argc == 3 || is_call) {
        printf("%.1f\n", (nanoseconds(CLOCK_MONOTONIC) - begun) / 1000);
        return 0;
    }
    int count = atoi(argv[3]);
    pthread_t threads[256];
    begun = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, get_many, NULL);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    printf("%.1f\n", (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - begun) / CALLS / count);
    ims_client_free(client);
    return 0;
}
