/* What the programs of this folder check with. */
#ifndef CHECK_H
#define CHECK_H
#include <ims.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls that shall succeed have time enough also under valgrind, which is thirty times slower, on a busy machine. */
static const ims_transport patient = {.size = sizeof(ims_transport), .timeout_ms = 300 * 1000};
static const ims_client_options patiently = {.size = sizeof(ims_client_options), .transport = &patient};

/* Ends the program where a promise is not kept. */
#define CHECK(promise) \
    ((promise) ? (void)0 : (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #promise), exit(1)))

/* Checks that a call, which passes `&error`, was refused with a status and a text that begins with `name`. */
#define CHECK_REFUSED(call, expected, name)                                                      \
    do {                                                                                         \
        ims_error *error = NULL;                                                                 \
        ims_status refused = (call);                                                             \
        if (refused != (expected) || strncmp(ims_error_message(error), name, strlen(name)) != 0) \
            printf("%d: %s\n", (int)refused, ims_error_message(error));                          \
        CHECK(refused == (expected));                                                            \
        CHECK(ims_error_status(error) == (expected));                                            \
        CHECK(strncmp(ims_error_message(error), name, strlen(name)) == 0);                       \
        ims_error_free(error);                                                                   \
    } while (0)

/* Checks that a call, which passes `&error`, succeeded, and else shows why not. */
#define CHECK_OK(call)                                                         \
    do {                                                                       \
        ims_error *error = NULL;                                               \
        if ((call) != IMS_OK) fprintf(stderr, "%s\n", ims_error_message(error)); \
        CHECK(error == NULL);                                                  \
    } while (0)

/* The environment of the tests: the program is told where its key and its server are. */
static inline const char *setting(const char *name)
{
    const char *value = getenv(name);
    CHECK(value != NULL);
    return value;
}

static inline ims_key *load_key(void)
{
    ims_key *key;
    CHECK_OK(ims_key_from_file(setting("KEY"), NULL, &key, &error));
    return key;
}

/* Signs a JWT for the tests' account. */
static inline ims_status try_to_sign(const ims_key *key, char **jwt, ims_error **error)
{
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    claims.iss = "org@AdobeOrg";
    claims.sub = "account@techacct.adobe.com";
    claims.aud = "https://ims-na1.adobelogin.com/c/client";
    return ims_generate_jwt(key, &claims, jwt, error);
}

/* A JWT for the tests' account. */
static inline char *sign(const ims_key *key)
{
    char *jwt;
    CHECK_OK(try_to_sign(key, &jwt, &error));
    return jwt;
}

/* A grant of it, to the path of the tests' server. */
static inline ims_grant grant_to(const char *path, const char *jwt)
{
    static char url[256];
    ims_grant grant = IMS_GRANT_INIT;
    snprintf(url, sizeof url, "%s%s", setting("SERVER"), path);
    grant.token_url = url;
    grant.client_id = "client";
    grant.client_secret = "s3cret";
    grant.jwt = jwt;
    return grant;
}
#endif
