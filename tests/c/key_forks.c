/* Children sign with a key that their parent's threads are signing with at the fork. */
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 64

static ims_key *key;
static atomic_int over;

static void *use(void *nothing)
{
    while (!atomic_load(&over)) ims_string_free(sign(key));
    return nothing;
}

int main(void)
{
    pthread_t threads[4];
    pid_t children[CHILDREN];
    int i, status;

    key = load_key();
    for (i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, use, NULL) == 0);
    for (i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            alarm(30); /* a deadlock ends, and is seen */
            ims_string_free(sign(key));
            ims_string_free(sign(key));
            /* What the parent's threads held is nobody's here, and no leak for a checker to find at an exit. */
            execl("/bin/true", "true", (char *)NULL);
            _exit(1);
        }
    }
    for (i = 0; i < CHILDREN; i++) {
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&over, 1);
    for (i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    ims_key_free(key);
    return 0;
}
