/* Ims\Key, and keys that scripts pass as a path or text. */

#include "php_ims.h"

/* More accounts than this one process hardly serves. */
#define KEPT_KEYS 64
/* A path's part has at most 255 bytes, and a key's text, even the shortest, more than a path ever needs. */
#define LONGEST_PATH 1024

zend_class_entry *php_ims_key_ce;
static zend_object_handlers handlers;

static zend_object *create(zend_class_entry *ce)
{
    return php_ims_object_new(ce, &handlers);
}

void php_ims_key_startup(void)
{
    php_ims_key_ce->create_object = create;
    php_ims_object_handlers(&handlers, php_ims_object_free_kept);
}

static void free_key(void *key)
{
    ims_key_free(key);
}

static const char *passphrase_of(zend_string *passphrase)
{
    return passphrase ? ZSTR_VAL(passphrase) : NULL;
}

static void digest_of(const char *kind, const char *bytes, size_t length, const char *passphrase, unsigned char *digest)
{
    PHP_SHA256_CTX context;
    PHP_SHA256Init(&context);
    php_ims_digest_text(&context, kind);
    php_ims_digest_bytes(&context, bytes, length);
    php_ims_digest_text(&context, passphrase);
    PHP_SHA256Final(digest, &context);
}

/* Keeps a key that was read, or throws. */
static php_ims_kept *keep(php_ims_kept *kept, ims_status status, ims_error *error, const unsigned char *digest)
{
    if (status != IMS_OK) {
        php_ims_kept_release(kept);
        php_ims_throw(error);
        return NULL;
    }
    php_ims_kept_store(&IMS_G(keys), digest, kept, KEPT_KEYS);
    return kept;
}

static void forget_last(void)
{
    if (IMS_G(last_key)) {
        zend_string_release(IMS_G(last_key_text));
        php_ims_kept_release(IMS_G(last_key));
        IMS_G(last_key) = NULL;
    }
}

/* A loop that passes the same string need not hash it each time: nobody can change one that is referred to. Other
 * modules call scripts when this one's request is over, such as sessions that are written: strings end with it. */
static void remember(zend_string *text, php_ims_kept *key)
{
    if (!IMS_G(is_in_request))
        return;
    forget_last();
    IMS_G(last_key_text) = zend_string_copy(text);
    IMS_G(last_key) = php_ims_kept_share(key);
}

void php_ims_key_begin_request(void)
{
    IMS_G(is_in_request) = true;
}

void php_ims_key_end_request(void)
{
    forget_last();
    IMS_G(is_in_request) = false;
}

static php_ims_kept *from_text(zend_string *text, zend_string *passphrase)
{
    if (IMS_G(last_key) && IMS_G(last_key_text) == text && !passphrase)
        return php_ims_kept_share(IMS_G(last_key));
    unsigned char digest[PHP_IMS_DIGEST_LENGTH];
    digest_of("text", ZSTR_VAL(text), ZSTR_LEN(text), passphrase_of(passphrase), digest);
    php_ims_kept *kept = php_ims_kept_find(&IMS_G(keys), digest);
    if (!kept) {
        kept = php_ims_kept_new(free_key);
        ims_error *error = NULL;
        ims_status status = ims_key_from_bytes(
            ZSTR_VAL(text), ZSTR_LEN(text), passphrase_of(passphrase), (ims_key **)&kept->handle, &error);
        kept = keep(kept, status, error, digest);
    }
    if (kept && !passphrase)
        remember(text, kept);
    return kept;
}

static php_ims_kept *from_file(zend_string *given, zend_string *passphrase, uint32_t argument)
{
    char path[MAXPATHLEN];
    if (php_ims_read_path(ZSTR_VAL(given), argument, path) == FAILURE)
        return NULL;
    unsigned char digest[PHP_IMS_DIGEST_LENGTH];
    digest_of("file", path, strlen(path), passphrase_of(passphrase), digest);
    php_ims_kept *kept = php_ims_kept_find(&IMS_G(keys), digest);
    if (kept)
        return kept;
    kept = php_ims_kept_new(free_key);
    php_ims_kept_watch(kept, path);
    ims_error *error = NULL;
    ims_status status = ims_key_from_file(path, passphrase_of(passphrase), (ims_key **)&kept->handle, &error);
    return keep(kept, status, error, digest);
}

/* PEM, base64 of DER, or DER, which is a SEQUENCE of more than 255 bytes. */
static bool is_text(const zend_string *path_or_text)
{
    const char *start = ZSTR_VAL(path_or_text);
    return ZSTR_LEN(path_or_text) > LONGEST_PATH || strstr(start, "-----BEGIN ") || strchr(start, '\n') ||
           strncmp(start, "\x30\x82", 2) == 0;
}

php_ims_kept *php_ims_key_given(
    zend_object *object, zend_string *path_or_text, zend_string *passphrase, uint32_t argument)
{
    if (object) {
        php_ims_kept *kept = php_ims_object_owned(object);
        return kept ? php_ims_kept_share(kept) : NULL;
    }
    if (is_text(path_or_text))
        return from_text(path_or_text, passphrase);
    if (strlen(ZSTR_VAL(path_or_text)) != ZSTR_LEN(path_or_text)) {
        zend_argument_value_error(argument, "must not contain any null bytes");
        return NULL;
    }
    return from_file(path_or_text, passphrase, argument);
}

ZEND_METHOD(Ims_Key, fromFile)
{
    zend_string *path, *passphrase = NULL;

    ZEND_PARSE_PARAMETERS_START(1, 2)
        Z_PARAM_PATH_STR(path)
        Z_PARAM_OPTIONAL
        Z_PARAM_PATH_STR_OR_NULL(passphrase)
    ZEND_PARSE_PARAMETERS_END();

    object_init_ex(return_value, php_ims_key_ce);
    php_ims_object_of(Z_OBJ_P(return_value))->owned = from_file(path, passphrase, 1);
}

ZEND_METHOD(Ims_Key, fromString)
{
    zend_string *text, *passphrase = NULL;

    ZEND_PARSE_PARAMETERS_START(1, 2)
        Z_PARAM_STR(text)
        Z_PARAM_OPTIONAL
        Z_PARAM_PATH_STR_OR_NULL(passphrase)
    ZEND_PARSE_PARAMETERS_END();

    object_init_ex(return_value, php_ims_key_ce);
    php_ims_object_of(Z_OBJ_P(return_value))->owned = from_text(text, passphrase);
}
