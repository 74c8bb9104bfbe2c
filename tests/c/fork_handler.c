/* fork_handler SECONDS: a signal handler forks while its thread signs, loads and shares keys, at any instruction. Child and parent
 * go on with the call that was interrupted; the child signs once more. */
#include "children.h"
#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t is_child;
static volatile unsigned forks;

static void fork_in_a_moment(void)
{
    struct itimerval once = {{0, 0}, {0, 0}};
    once.it_value.tv_usec = 200 + (suseconds_t)(forks * 7919 % 2500);
    CHECK(setitimer(ITIMER_REAL, &once, NULL) == 0);
}

static void fork_here(int signal_number)
{
    int status;
    pid_t child = fork();
    (void)signal_number;
    if (child == 0) {
        is_child = 1;
        signal(SIGALRM, SIG_DFL);
        return;
    }
    status = child < 0 ? -1 : end_of(child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) abort();
    forks++;
    fork_in_a_moment();
}

int main(int count, char **arguments)
{
    ims_key *key = load_key();
    double end;
    struct sigaction action;

    CHECK(count == 2);
    memset(&action, 0, sizeof action);
    action.sa_handler = fork_here;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    fork_in_a_moment();
    for (end = now() + atof(arguments[1]); now() < end || forks < 20;) {
        ims_key *encrypted, *shared;
        ims_string_free(sign(key));
        CHECK_OK(ims_key_shared_from_file(setting("KEY"), NULL, &shared, &error));
        ims_string_free(sign(shared));
        ims_key_free(shared);
        CHECK_OK(ims_key_from_file(setting("ENCRYPTED_KEY"), "passphrase", &encrypted, &error));
        ims_string_free(sign(encrypted));
        ims_key_free(encrypted);
        if (is_child) {
            ims_string_free(sign(key));
            end_child();
        }
    }
    signal(SIGALRM, SIG_IGN);
    ims_key_free(key);
    printf("%u children\n", forks);
    return 0;
}
