/* Children of a process whose threads are at work. */
#ifndef CHILDREN_H
#define CHILDREN_H
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_int over;

static inline double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Ends a child that has done its work; what its parent's threads held would be a leak for a checker to find at an exit. */
static inline void end_child(void)
{
    execl("/bin/true", "true", (char *)NULL);
    _exit(1);
}

/* When the last fork began, for its child. */
static _Thread_local double fork_began;

/* Starts a child that does `work`. */
static inline pid_t start_child(void (*work)(void))
{
    pid_t child;
    fork_began = now();
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        work();
        end_child();
    }
    return child;
}

/* Waits for a child and returns how it ended. One that hangs is killed: an alarm of its own would wait for the call that it
 * hangs in. Safe in a signal handler. */
static inline int end_of(pid_t child)
{
    struct timespec pause = {0, 10 * 1000 * 1000};
    int status, looks;
    for (looks = 0; looks < 12000; looks++) {
        if (waitpid(child, &status, WNOHANG) == child) return status;
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    return waitpid(child, &status, 0) == child ? status : -1;
}

/* Checks that it neither failed nor hung. */
static inline void check_child(pid_t child)
{
    int status = end_of(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static inline void check_in_child(void (*work)(void))
{
    check_child(start_child(work));
}

/* Has each of many children do `work` while threads do `busy` until `over`. */
static inline void check_in_children(void *(*busy)(void *), void (*work)(void))
{
    enum { THREADS = 4, CHILDREN = 64 };
    pthread_t threads[THREADS];
    pid_t children[CHILDREN];
    int i;

    for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, busy, NULL) == 0);
    for (i = 0; i < CHILDREN; i++) children[i] = start_child(work);
    for (i = 0; i < CHILDREN; i++) check_child(children[i]);
    atomic_store(&over, 1);
    for (i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}
#endif
