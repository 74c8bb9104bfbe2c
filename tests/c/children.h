/* Children of a process whose threads are at work: what these hold at the fork is nobody's in a child. */
#ifndef CHILDREN_H
#define CHILDREN_H
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define CHILDREN 64

static atomic_int over;

/* Has each child do `work` while threads do `busy` until `over`; no child may hang. */
static inline void check_in_children(void *(*busy)(void *), void (*work)(void))
{
    pthread_t threads[THREADS];
    pid_t children[CHILDREN];
    int i, status;

    for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, busy, NULL) == 0);
    for (i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            alarm(30); /* a deadlock ends, and is seen */
            work();
            /* What the parent's threads held would be a leak for a checker to find at an exit. */
            execl("/bin/true", "true", (char *)NULL);
            _exit(1);
        }
    }
    for (i = 0; i < CHILDREN; i++) {
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&over, 1);
    for (i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}
#endif
