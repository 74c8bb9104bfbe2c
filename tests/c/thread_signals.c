/* thread_signals SECONDS: no thread of the library's runs a signal handler of the program, whatever is sent to it. */
#include "children.h"
#include <dlfcn.h>
#include <netdb.h>
#include <signal.h>

static pthread_t caller;
static atomic_int lookups, handled_elsewhere;

static void handle(int signal_number)
{
    (void)signal_number;
    if (!pthread_equal(pthread_self(), caller)) atomic_fetch_add(&handled_elsewhere, 1);
}

/* The C library's, for the library too, which calls it on a thread of its own. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!pthread_equal(pthread_self(), caller)) {
        int signal_number;
        atomic_fetch_add(&lookups, 1);
        for (signal_number = 1; signal_number < NSIG; signal_number++) {
            struct sigaction action;
            memset(&action, 0, sizeof action);
            if (sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == handle)
                CHECK(pthread_kill(pthread_self(), signal_number) == 0);
        }
    }
    return real(host, service, hints, found);
}

int main(int count, char **arguments)
{
    struct sigaction action;
    double end;
    int signal_number;
    char url[256];

    CHECK(count == 2);
    caller = pthread_self();
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    for (signal_number = 1; signal_number < NSIG; signal_number++) sigaction(signal_number, &action, NULL);

    snprintf(url, sizeof url, "http://localhost:%s/token", strrchr(setting("SERVER"), ':') + 1);
    end = now() + atof(arguments[1]);
    do {
        ims_grant grant = grant_to("", "a.b.c");
        ims_token *token;
        sigset_t before, after;
        CHECK(pthread_sigmask(SIG_SETMASK, NULL, &before) == 0);
        grant.token_url = url;
        CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
        ims_token_free(token);
        CHECK(pthread_sigmask(SIG_SETMASK, NULL, &after) == 0);
        for (signal_number = 1; signal_number < NSIG; signal_number++)
            CHECK(sigismember(&before, signal_number) == sigismember(&after, signal_number));
    } while (now() < end);
    CHECK(atomic_load(&lookups) > 0);
    CHECK(atomic_load(&handled_elsewhere) == 0);
    printf("%d lookups\n", atomic_load(&lookups));
    return 0;
}
