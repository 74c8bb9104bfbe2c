/* stacks LIMIT: each kind of call in a thread of its own, on a stack that shows afterwards how much of it was used. Prints the
 * kinds and the bytes that they used. */
#include "children.h"
#include <sys/mman.h>

enum { STACK = 1024 * 1024, UNTOUCHED = 0xa5 };

static void check_sign(void)
{
    ims_key *key = load_key();
    ims_string_free(sign(key));
    ims_key_free(key);
}

static void check_shared(void)
{
    int i;
    for (i = 0; i < 2; i++) {
        ims_key *key;
        ims_client *client;
        CHECK_OK(ims_key_shared_from_file(setting("KEY"), NULL, &key, &error));
        ims_key_free(key);
        CHECK_OK(ims_client_shared_from_file(setting("CREDENTIALS"), NULL, &client, &error));
        ims_client_free(client);
    }
}

static void check_encrypted_key(void)
{
    ims_key *key;
    CHECK_OK(ims_key_from_file(setting("ENCRYPTED_KEY"), "passphrase", &key, &error));
    ims_key_free(key);
    CHECK(ims_key_from_file(setting("ENCRYPTED_KEY"), "wrong", &key, NULL) == IMS_ERR_PASSPHRASE);
}

static void exchange(const char *url, ims_status expected)
{
    ims_grant grant = grant_to("", "a.b.c");
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_token *token;
    ims_error *error;
    grant.token_url = url;
    transport.ca_file = setting("CA");
    transport.max_attempts = 1;
    CHECK(ims_exchange(&grant, &transport, &token, &error) == expected);
    ims_token_free(token);
    ims_error_free(error);
}

static void check_tls_exchange(void)
{
    exchange(setting("TLS_SERVER"), IMS_OK);
}

static void check_refusals(void)
{
    char url[256];
    snprintf(url, sizeof url, "%s/refused", setting("SERVER"));
    exchange(url, IMS_ERR_REJECTED);
    snprintf(url, sizeof url, "%s/html", setting("SERVER"));
    exchange(url, IMS_ERR_RESPONSE);
    exchange("http://localhost:1/", IMS_ERR_CONNECT);
}

static void check_client(void)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_client *client;
    ims_token *token;
    transport.ca_file = setting("CA");
    options.transport = &transport;
    options.cache = setting("CACHE");
    CHECK_OK(ims_client_from_file(setting("CREDENTIALS"), &options, &client, &error));
    CHECK_OK(ims_client_token(client, &token, &error));
    ims_client_forget(client, token);
    ims_token_free(token);
    ims_client_free(client);
}

static void check_doctor(void)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_report *report;
    transport.ca_file = setting("CA");
    options.transport = &transport;
    options.cache = setting("CACHE");
    CHECK_OK(ims_doctor(setting("CREDENTIALS"), NULL, &options, 1, &report, &error));
    ims_report_free(report);
}

static void *call(void *work)
{
    (*(void (**)(void))work)();
    return NULL;
}

int main(int count, char **arguments)
{
    struct { const char *name; void (*work)(void); } calls[] = {
        {"sign", check_sign}, {"encrypted key", check_encrypted_key}, {"exchange over TLS", check_tls_exchange},
        {"refused exchanges", check_refusals}, {"client with a file cache", check_client},
        {"shared key and client", check_shared}, {"doctor", check_doctor},
    };
    size_t i;

    CHECK(count == 2);
    for (i = 0; i < sizeof calls / sizeof *calls; i++) {
        unsigned char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        size_t untouched = 0;
        pthread_attr_t attributes;
        pthread_t thread;
        CHECK(stack != MAP_FAILED);
        memset(stack, UNTOUCHED, STACK);
        CHECK(pthread_attr_init(&attributes) == 0);
        CHECK(pthread_attr_setstack(&attributes, stack, STACK) == 0);
        CHECK(pthread_create(&thread, &attributes, call, &calls[i].work) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        while (untouched < STACK && stack[untouched] == UNTOUCHED) untouched++;
        printf("%s: %zu\n", calls[i].name, STACK - untouched);
        fflush(stdout);
        CHECK(STACK - untouched < (size_t)atol(arguments[1]));
        CHECK(munmap(stack, STACK) == 0);
    }
    return 0;
}
