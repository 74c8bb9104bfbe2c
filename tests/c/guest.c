/* The library is a guest: what belongs to the program is afterwards as it was before. */
#include "check.h"
#include <locale.h>
#include <openssl/err.h>
#include <signal.h>
#include <unistd.h>

extern char **environ;

static ims_status exchange(const char *token_url, const char *jwt)
{
    ims_grant grant = grant_to("", jwt);
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_token *token;
    ims_status status;

    grant.token_url = token_url;
    transport.max_attempts = 1;
    status = ims_exchange(&grant, &transport, &token, NULL);
    ims_token_free(token);
    return status;
}

/* A few calls that succeed and a few that fail, in every part of the library. */
static void use_the_library(void)
{
    static char url[256], long_jwt[60000];
    ims_key *key = load_key(), *none;
    char *jwt = sign(key);

    CHECK(ims_key_from_file(setting("ENCRYPTED_KEY"), "wrong", &none, NULL) == IMS_ERR_PASSPHRASE);
    CHECK(ims_key_from_bytes("-----BEGIN PRIVATE KEY-----", 27, NULL, &none, NULL) == IMS_ERR_KEY);

    snprintf(url, sizeof url, "%s/token", setting("SERVER"));
    CHECK(exchange(url, jwt) == IMS_OK);
    snprintf(url, sizeof url, "%s/html", setting("SERVER"));
    CHECK(exchange(url, jwt) == IMS_ERR_RESPONSE);
    /* More than one packet, to a server that hangs up at once: writing on is what raises SIGPIPE. */
    memset(long_jwt, 'e', sizeof long_jwt - 1);
    CHECK(exchange(setting("CLOSING_SERVER"), long_jwt) == IMS_ERR_UNAVAILABLE);

    ims_string_free(jwt);
    ims_key_free(key);
}

int main(void)
{
    int signal_number;
    struct sigaction before[NSIG], after;
    sigset_t mask_before, mask_after;
    char **variable;
    char variables_before[65536] = "", variables_after[65536] = "";

    /* Zeroed first, for some signals are the C library's own and not shown. */
    memset(before, 0, sizeof before);
    for (signal_number = 1; signal_number < NSIG; signal_number++)
        sigaction(signal_number, NULL, &before[signal_number]);
    CHECK(before[SIGPIPE].sa_handler == SIG_DFL);
    sigprocmask(SIG_SETMASK, NULL, &mask_before);
    for (variable = environ; *variable; variable++)
        strncat(variables_before, *variable, sizeof variables_before - strlen(variables_before) - 1);
    ERR_raise(ERR_LIB_USER, 7);
    ERR_raise(ERR_LIB_USER, 8);

    use_the_library();

    /* SIGPIPE would have ended the program by now. */
    sigprocmask(SIG_SETMASK, NULL, &mask_after);
    for (signal_number = 1; signal_number < NSIG; signal_number++) {
        memset(&after, 0, sizeof after);
        sigaction(signal_number, NULL, &after);
        CHECK(after.sa_handler == before[signal_number].sa_handler);
        CHECK(sigismember(&mask_after, signal_number) == sigismember(&mask_before, signal_number));
    }
    for (variable = environ; *variable; variable++)
        strncat(variables_after, *variable, sizeof variables_after - strlen(variables_after) - 1);
    CHECK(strcmp(variables_before, variables_after) == 0);
    CHECK(strcmp(setlocale(LC_ALL, NULL), "C") == 0);
    CHECK(ERR_GET_REASON(ERR_get_error()) == 7);
    CHECK(ERR_GET_REASON(ERR_get_error()) == 8);
    CHECK(ERR_get_error() == 0);
    return 0;
}
