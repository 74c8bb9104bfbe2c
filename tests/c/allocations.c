/* allocations STEP: every STEP-th allocation of a warm call fails, each in a child of its own: the call succeeds, or says what
 * went wrong, or the process is aborted, as ims.h says; it neither hangs nor crashes otherwise. */
#include "children.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>

static atomic_long until_failure = -1;
static void *(*real_malloc)(size_t), *(*real_calloc)(size_t, size_t), *(*real_realloc)(void *, size_t);

static int fails(void)
{
    return atomic_load(&until_failure) >= 0 && atomic_fetch_sub(&until_failure, 1) == 0;
}

/* The C library's, for the library too. */
void *malloc(size_t size)
{
    if (!real_malloc) *(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
    return fails() ? NULL : real_malloc(size);
}

void *realloc(void *block, size_t size)
{
    if (!real_realloc) *(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
    return fails() ? NULL : real_realloc(block, size);
}

void *calloc(size_t number, size_t size)
{
    if (!real_calloc) {
        /* dlsym itself asks for zeroed memory, and can do without. */
        static int is_looking;
        if (is_looking) return NULL;
        is_looking = 1;
        *(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
    }
    return fails() ? NULL : real_calloc(number, size);
}

static ims_key *key;

/* Whether all of it succeeded; what fails frees what it had. */
static int sign_and_exchange(void)
{
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    ims_error *error = NULL;
    ims_token *token = NULL;
    char *jwt;
    int is_good = 0;

    claims.iss = "org@AdobeOrg";
    claims.sub = "account@techacct.adobe.com";
    claims.aud = "https://ims-na1.adobelogin.com/c/client";
    if (ims_generate_jwt(key, &claims, &jwt, &error) == IMS_OK) {
        ims_grant grant = grant_to("/token", jwt);
        is_good = ims_exchange(&grant, NULL, &token, &error) == IMS_OK;
    }
    CHECK(is_good == (error == NULL));
    ims_error_free(error);
    ims_token_free(token);
    ims_string_free(jwt);
    return is_good;
}

int main(int count, char **arguments)
{
    long allocations, number, step, succeeded = 0, refused = 0, aborted = 0;

    CHECK(count == 2);
    step = atol(arguments[1]);
    key = load_key();
    CHECK(sign_and_exchange());
    atomic_store(&until_failure, 1000000);
    CHECK(sign_and_exchange());
    allocations = 1000000 - atomic_exchange(&until_failure, -1);
    CHECK(allocations > 100);

    for (number = 0; number < allocations; number += step) {
        int status;
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            int is_good;
            alarm(60);
            CHECK(dup2(open("/dev/null", O_WRONLY), 2) == 2);
            atomic_store(&until_failure, number);
            is_good = sign_and_exchange();
            atomic_store(&until_failure, -1);
            /* One that failed leaves nothing broken. */
            CHECK(sign_and_exchange());
            _exit(is_good ? 0 : 2);
        }
        CHECK(waitpid(child, &status, 0) == child);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
            aborted++;
        else {
            CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2));
            if (WEXITSTATUS(status) == 0) succeeded++;
            else refused++;
        }
    }
    ims_key_free(key);
    printf("%ld allocations: %ld calls succeeded, %ld were refused, %ld aborted\n", allocations, succeeded, refused, aborted);
    return 0;
}
