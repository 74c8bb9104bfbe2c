/* memory: uses a key, credentials and tokens, frees all of it, and looks for what they held in its own memory.
 *
 * NEEDLES is a file of lines, each a name, a blank, and bytes in hexadecimal digits that are inverted: what is searched
 * must not be there because this program knows it. */
#include "check.h"
#include <ctype.h>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

struct needle {
    char name[64];
    unsigned char inverted[512];
    size_t length;
};

static struct needle needles[64];
static size_t count;

static void add(const char *name, const char *text, size_t length)
{
    size_t i;
    CHECK(count < sizeof needles / sizeof *needles && length >= 8 && length <= sizeof needles[0].inverted);
    snprintf(needles[count].name, sizeof needles[count].name, "%s", name);
    for (i = 0; i < length; i++) needles[count].inverted[i] = (unsigned char)~text[i];
    needles[count++].length = length;
}

static void read_needles(void)
{
    char line[2048];
    FILE *file = fopen(setting("NEEDLES"), "r");
    CHECK(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        struct needle *needle = &needles[count++];
        char *digits = strchr(line, ' ');
        unsigned byte;
        CHECK(digits != NULL && count <= sizeof needles / sizeof *needles);
        *digits++ = '\0';
        snprintf(needle->name, sizeof needle->name, "%.60s", line);
        while (isxdigit((unsigned char)digits[0]) && sscanf(digits, "%2x", &byte) == 1) {
            CHECK(needle->length < sizeof needle->inverted);
            needle->inverted[needle->length++] = (unsigned char)byte;
            digits += 2;
        }
        CHECK(needle->length >= 8);
    }
    fclose(file);
}

/* Remembers the signature of a JWT, and overwrites nothing else: the library does. */
static void remember_jwt(const char *name, const char *jwt) { add(name, strrchr(jwt, '.') + 1, 64); }

static void sign_and_exchange(void)
{
    char passphrase[64];
    ims_key *key;
    ims_token *token;
    ims_error *error = NULL;
    ims_grant grant;
    char *jwt;
    size_t length;
    FILE *file = fopen(setting("PASSPHRASE_FILE"), "r");

    CHECK(file != NULL);
    setvbuf(file, NULL, _IONBF, 0);
    length = fread(passphrase, 1, sizeof passphrase - 1, file);
    passphrase[length] = '\0';
    fclose(file);
    CHECK_OK(ims_key_from_file(setting("ENCRYPTED_KEY"), passphrase, &key, &error));
    explicit_bzero(passphrase, sizeof passphrase);
    jwt = sign(key);
    remember_jwt("jwt", jwt);
    grant = grant_to("/token", jwt);
    CHECK_OK(ims_exchange(&grant, &patient, &token, &error));
    ims_token_free(token);
    /* Refused by a server that repeats all of it. */
    grant = grant_to("/echo", jwt);
    CHECK(ims_exchange(&grant, &patient, &token, &error) == IMS_ERR_REJECTED);
    puts(ims_error_message(error));
    ims_error_free(error);
    ims_string_free(jwt);
    ims_key_free(key);
}

static void use_a_client(const char *cache)
{
    ims_client_options options = patiently;
    ims_client *client;
    ims_token *token;

    options.cache = cache;
    CHECK_OK(ims_client_from_file(setting("CREDENTIALS"), &options, &client, &error));
    CHECK_OK(ims_client_token(client, &token, &error));
    ims_token_free(token);
    CHECK_OK(ims_client_token(client, &token, &error));
    ims_client_forget(client, token);
    ims_token_free(token);
    CHECK_OK(ims_client_token(client, &token, &error));
    ims_token_free(token);
    ims_client_free(client);
}

/* Those that begin in the first `own` bytes: the rest is seen again with the next. */
static size_t found_in(const char *region, const unsigned char *bytes, size_t length, size_t own, size_t address)
{
    size_t i, j, at, found = 0;
    for (i = 0; i < count; i++)
        for (at = 0; at < own && at + needles[i].length <= length; at++) {
            for (j = 0; j < needles[i].length && bytes[at + j] == (unsigned char)~needles[i].inverted[j]; j++) {}
            if (j == needles[i].length) {
                printf("left: %s at %zx in %s\n", needles[i].name, address + at, region);
                found++;
            }
        }
    return found;
}

/* Reads the memory that the process may write, by regions that this program does not change meanwhile. */
static size_t left_in_memory(void)
{
    static unsigned char bytes[1 << 20];
    static char line[512];
    size_t found = 0;
    int memory = open("/proc/self/mem", O_RDONLY);
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(memory >= 0 && maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        size_t begin, end, at;
        char may[5], region[256] = "memory without a name";
        CHECK(sscanf(line, "%zx-%zx %4s %*s %*s %*s %255[^\n]", &begin, &end, may, region) >= 3);
        if (may[1] != 'w') continue;
        for (at = begin; at < end; at += sizeof bytes / 2) {
            ssize_t length = pread(memory, bytes, sizeof bytes < end - at ? sizeof bytes : end - at, (off_t)at);
            /* Not this buffer. */
            if (length <= 0 || (at < (size_t)(bytes + sizeof bytes) && at + (size_t)length > (size_t)bytes)) continue;
            found += found_in(region, bytes, (size_t)length, sizeof bytes / 2, at);
        }
    }
    memset(bytes, 0, sizeof bytes);
    fclose(maps);
    close(memory);
    return found;
}

int main(void)
{
    char file_cache[512];
    char *witness = malloc(64);

    read_needles();
    /* What is there is found. */
    CHECK(left_in_memory() == 0);
    CHECK(witness != NULL && count > 0);
    for (size_t i = 0; i < needles[0].length && i < 60; i++) witness[i + 2] = (char)~needles[0].inverted[i];
    CHECK(left_in_memory() == 1);
    explicit_bzero(witness, 64);
    free(witness);

    sign_and_exchange();
    snprintf(file_cache, sizeof file_cache, "file:%s", setting("CACHE"));
    use_a_client("memory");
    use_a_client(file_cache);
    printf("%zu places\n", left_in_memory());
    return 0;
}
