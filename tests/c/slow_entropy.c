/* slow_entropy: forks while another thread waits, in its first signature, for random bytes: with a lock of OpenSSL's that a
 * child would wait for. The child signs without OpenSSL, with keys that it had and ones that it loads, and is told what
 * takes OpenSSL. Once where signatures are all that the process did with OpenSSL, once where it decrypted a key. */
#include "children.h"

static ims_key *key;
static atomic_int is_asked_for;

/* Instead of the C library's, for OpenSSL. */
int getentropy(void *buffer, size_t length)
{
    FILE *random = fopen("/dev/urandom", "r");
    size_t had = random == NULL ? 0 : fread(buffer, 1, length, random);
    if (random != NULL) fclose(random);
    atomic_store(&is_asked_for, 1);
    usleep(600000);
    return had == length ? 0 : -1;
}

static void *sign_once(void *nothing)
{
    ims_string_free(sign(key));
    return nothing;
}

static void use_keys(void)
{
    ims_key *loaded = load_key(), *encrypted = NULL;
    char *jwt = sign(key), *same = sign(loaded);
    CHECK(strlen(jwt) == strlen(same));
    ims_string_free(jwt);
    ims_string_free(same);
    ims_key_free(loaded);
    CHECK_REFUSED(ims_key_from_file(setting("ENCRYPTED_KEY"), "passphrase", &encrypted, &error), IMS_ERR_KEY, "key file ");
    CHECK(encrypted == NULL);
    ims_key_free(key);
}

static void load_encrypted(void)
{
    ims_key *encrypted;
    CHECK_OK(ims_key_from_file(setting("ENCRYPTED_KEY"), "passphrase", &encrypted, &error));
    ims_key_free(encrypted);
}

int main(int count, char **arguments)
{
    pthread_t signer;
    CHECK(count == 2);
    key = load_key();
    if (strcmp(arguments[1], "decrypted") == 0) load_encrypted();
    CHECK(pthread_create(&signer, NULL, sign_once, NULL) == 0);
    while (!atomic_load(&is_asked_for)) usleep(1000);
    check_in_child(use_keys);
    CHECK(pthread_join(signer, NULL) == 0);
    /* No other thread is in OpenSSL now. */
    check_in_child(load_encrypted);
    ims_key_free(key);
    return 0;
}
