/* What libims adds to a fork: `make bench` runs this.
 *
 *     fork KEY    median microseconds of a fork() before the library is used, and afterwards; the same while two
 *                 threads compute something, and while two threads sign without an end
 */
#include <ims.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FORKS = 501 };

static ims_key *key;
static volatile int over;

static double microseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static double median_fork(void)
{
    static double took[FORKS];
    int i;
    for (i = 0; i < FORKS; i++) {
        double begun = microseconds();
        pid_t child = fork();
        if (child == 0) _exit(0);
        took[i] = microseconds() - begun;
        if (child < 0 || waitpid(child, NULL, 0) != child) exit(1);
    }
    qsort(took, FORKS, sizeof *took, compare);
    return took[FORKS / 2];
}

static void sign(void)
{
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    char *jwt;
    claims.iss = claims.sub = claims.aud = "me";
    if (ims_generate_jwt(key, &claims, &jwt, NULL) != IMS_OK) exit(1);
    ims_string_free(jwt);
}

static void *compute_always(void *nothing)
{
    while (!over) continue;
    return nothing;
}

static void *sign_always(void *nothing)
{
    while (!over) sign();
    return nothing;
}

static double median_fork_while(void *(*work)(void *))
{
    pthread_t threads[2];
    double median;
    int i;
    over = 0;
    for (i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0) exit(1);
    median = median_fork();
    over = 1;
    for (i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return median;
}

int main(int count, char **arguments)
{
    double before, after, computing;

    if (count != 2) return 2;
    before = median_fork();
    computing = median_fork_while(compute_always);
    if (ims_key_from_file(arguments[1], NULL, &key, NULL) != IMS_OK) return 1;
    sign();
    after = median_fork();
    printf("fork: %.0f us, in a process that has signed %.0f us", before, after);
    printf("; while two threads compute %.0f us, while two sign %.0f us\n", computing, median_fork_while(sign_always));
    return 0;
}
