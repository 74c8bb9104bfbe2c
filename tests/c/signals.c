/* A program that is interrupted a thousand times a second gets its tokens all the same. */
#include "check.h"
#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t signals;

static void count(int signal_number)
{
    (void)signal_number;
    signals++;
}

int main(void)
{
    struct itimerval every_millisecond = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action;
    int round;

    /* Without SA_RESTART: system calls end with EINTR. */
    memset(&action, 0, sizeof action);
    action.sa_handler = count;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &every_millisecond, NULL) == 0);
    for (round = 0; round < 10; round++) {
        ims_key *key = load_key();
        char *jwt = sign(key);
        ims_grant grant = grant_to("/slow", jwt);
        ims_transport transport = IMS_TRANSPORT_INIT;
        ims_token *token;
        transport.max_attempts = 1;
        CHECK_OK(ims_exchange(&grant, &transport, &token, &error));
        ims_token_free(token);
        ims_string_free(jwt);
        ims_key_free(key);
    }
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(signals > 50);
    return 0;
}
