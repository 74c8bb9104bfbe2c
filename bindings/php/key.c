/* Ims\Key, and keys that scripts pass as a path or text: the library shares them between the requests of a process. */

#include "php_ims.h"

zend_class_entry *php_ims_key_ce;
static zend_object_handlers handlers;

static zend_object *create(zend_class_entry *ce)
{
    return php_ims_object_new(ce, &handlers);
}

static void free_key(zend_object *object)
{
    ims_key_free(php_ims_object_of(object)->owned);
    zend_object_std_dtor(object);
}

void php_ims_key_startup(void)
{
    php_ims_key_ce->create_object = create;
    php_ims_object_handlers(&handlers, free_key);
}

static const char *passphrase_of(const zend_string *passphrase)
{
    return passphrase ? ZSTR_VAL(passphrase) : NULL;
}

static ims_key *from_text(const zend_string *text, const zend_string *passphrase)
{
    ims_key *key = NULL;
    ims_error *error = NULL;
    if (ims_key_shared_from_bytes(ZSTR_VAL(text), ZSTR_LEN(text), passphrase_of(passphrase), &key, &error) != IMS_OK)
        php_ims_throw(error);
    return key;
}

static ims_key *from_file(const zend_string *given, const zend_string *passphrase, uint32_t argument)
{
    char path[MAXPATHLEN];
    if (php_ims_read_path(ZSTR_VAL(given), argument, path) == FAILURE)
        return NULL;
    ims_key *key = NULL;
    ims_error *error = NULL;
    if (ims_key_shared_from_file(path, passphrase_of(passphrase), &key, &error) != IMS_OK)
        php_ims_throw(error);
    return key;
}

const ims_key *php_ims_key_given(
    zend_object *object, zend_string *path_or_text, zend_string *passphrase, uint32_t argument, ims_key **shared)
{
    if (object)
        return php_ims_object_owned(object);
    if (!ims_key_is_path(ZSTR_VAL(path_or_text), ZSTR_LEN(path_or_text)))
        return *shared = from_text(path_or_text, passphrase);
    if (strlen(ZSTR_VAL(path_or_text)) != ZSTR_LEN(path_or_text)) {
        zend_argument_value_error(argument, "must not contain any null bytes");
        return NULL;
    }
    return *shared = from_file(path_or_text, passphrase, argument);
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
