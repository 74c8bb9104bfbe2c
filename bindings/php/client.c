/* Ims\Client. */

#include "php_ims.h"

zend_class_entry *php_ims_client_ce;
static zend_object_handlers handlers;

/* Where credentials come from. */
typedef enum { SOURCE_FILE, SOURCE_ARRAY, SOURCE_ENVIRONMENT } source;

typedef struct {
    source source;
    char path[MAXPATHLEN];
    zend_string *json;
} credentials;

static zend_object *create(zend_class_entry *ce)
{
    return php_ims_object_new(ce, &handlers);
}

static void free_client(zend_object *object)
{
    ims_client_free(php_ims_object_of(object)->owned);
    zend_object_std_dtor(object);
}

void php_ims_client_startup(void)
{
    php_ims_client_ce->create_object = create;
    php_ims_object_handlers(&handlers, free_client);
}

static ims_status make(
    const credentials *from, const ims_client_options *options, ims_client **client, ims_error **error)
{
    const bool is_shared = options->max_shared_clients > 0;
    switch (from->source) {
    case SOURCE_FILE:
        return (is_shared ? ims_client_shared_from_file : ims_client_from_file)(from->path, options, client, error);
    case SOURCE_ARRAY:
        return (is_shared ? ims_client_shared_from_json : ims_client_from_json)(
            ZSTR_VAL(from->json), ZSTR_LEN(from->json), options, client, error);
    case SOURCE_ENVIRONMENT:
        break;
    }
    return (is_shared ? ims_client_shared_from_env : ims_client_from_env)(options, client, error);
}

/* The client of these settings, which is the caller's, or NULL and why. */
static ims_client *client_of(
    const credentials *from, ims_client_options *options, php_ims_reading *reading, ims_error **error)
{
    ims_client *client = NULL;
    options->may_read = php_ims_may_read;
    options->may_read_context = reading;
    options->max_shared_clients = IMS_G(max_clients);
    /* The library looks at variables each time. */
    tsrm_env_lock();
    make(from, options, &client, error);
    tsrm_env_unlock();
    return client;
}

static void throw(ims_error *error, const php_ims_reading *reading)
{
    php_ims_throw(error);
    if (reading->is_refused)
        php_ims_set_hint("open_basedir of php.ini does not allow it");
}

/* What all three factories do; they differ in their first argument. */
static void construct(INTERNAL_FUNCTION_PARAMETERS, source source)
{
    const uint32_t before = source == SOURCE_ENVIRONMENT ? 0 : 1, allow_command_argument = before + 12;
    zend_string *path = NULL, *name = NULL, *passphrase = NULL, *key_text = NULL, *cache = NULL;
    zval *array = NULL;
    zend_string *scope = NULL, *subject = NULL, *audience = NULL;
    bool allow_command = false;
    zend_object *key_object = NULL;
    php_ims_transport given = {.timeout_is_null = true};

    ZEND_PARSE_PARAMETERS_START(before, before + 12)
        if (source == SOURCE_FILE) {
            Z_PARAM_PATH_STR(path)
        }
        if (source == SOURCE_ARRAY) {
            Z_PARAM_ARRAY(array)
        }
        Z_PARAM_OPTIONAL
        Z_PARAM_PATH_STR_OR_NULL(name)
        Z_PARAM_PATH_STR_OR_NULL(passphrase)
        Z_PARAM_OBJ_OF_CLASS_OR_STR_OR_NULL(key_object, php_ims_key_ce, key_text)
        Z_PARAM_PATH_STR_OR_NULL(cache)
        Z_PARAM_DOUBLE_OR_NULL(given.timeout, given.timeout_is_null)
        Z_PARAM_ZVAL(given.max_attempts)
        Z_PARAM_PATH_STR_OR_NULL(given.ca_file)
        Z_PARAM_PATH_STR_OR_NULL(given.proxy)
        Z_PARAM_PATH_STR_OR_NULL(scope)
        Z_PARAM_PATH_STR_OR_NULL(subject)
        Z_PARAM_PATH_STR_OR_NULL(audience)
        Z_PARAM_BOOL(allow_command)
    ZEND_PARSE_PARAMETERS_END();

    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    credentials from = {.source = source};
    char file_cache[PHP_IMS_MAX_CACHE];
    if (php_ims_read_cache(cache, before + 4, file_cache, &options.cache) == FAILURE ||
        php_ims_read_transport(&given, before + 5, &transport) == FAILURE ||
        php_ims_read_allow_command(allow_command, allow_command_argument, &options) == FAILURE ||
        (path && php_ims_read_path(ZSTR_VAL(path), 1, from.path) == FAILURE) ||
        (array && !(from.json = php_ims_read_json(array, 1))))
        return;

    /* First, for nothing may be lost where PHP runs out of memory; for the same reason, what fails is thrown last. */
    object_init_ex(return_value, php_ims_client_ce);
    zend_object *object = Z_OBJ_P(return_value);
    const ims_key *key = NULL;
    ims_key *shared_key = NULL;
    ims_client *client = NULL;
    ims_error *error = NULL;
    php_ims_reading reading = {0};
    if (key_object || key_text)
        key = php_ims_key_given(key_object, key_text, passphrase, before + 3, &shared_key);
    if (!EG(exception)) {
        options.name = name ? ZSTR_VAL(name) : NULL;
        options.passphrase = passphrase ? ZSTR_VAL(passphrase) : NULL;
        options.key = key;
        options.scope = scope ? ZSTR_VAL(scope) : NULL;
        options.subject = subject ? ZSTR_VAL(subject) : NULL;
        options.audience = audience ? ZSTR_VAL(audience) : NULL;
        options.transport = &transport;
        client = client_of(&from, &options, &reading, &error);
    }
    ims_key_free(shared_key);
    if (from.json) {
        php_ims_wipe(from.json);
        zend_string_release(from.json);
    }
    php_ims_object_of(object)->owned = client;
    if (reading.is_bailout) {
        ims_error_free(error);
        zend_bailout();
    }
    if (error)
        throw(error, &reading);
    if (client) {
        php_ims_set_text(object, "clientId", ims_client_client_id(client));
        php_ims_set_text(object, "orgId", ims_client_org_id(client));
        php_ims_set_text(object, "sandboxName", ims_client_sandbox_name(client));
    }
}

ZEND_METHOD(Ims_Client, fromFile)
{
    construct(INTERNAL_FUNCTION_PARAM_PASSTHRU, SOURCE_FILE);
}

ZEND_METHOD(Ims_Client, fromArray)
{
    construct(INTERNAL_FUNCTION_PARAM_PASSTHRU, SOURCE_ARRAY);
}

ZEND_METHOD(Ims_Client, fromEnv)
{
    construct(INTERNAL_FUNCTION_PARAM_PASSTHRU, SOURCE_ENVIRONMENT);
}

ZEND_METHOD(Ims_Client, token)
{
    ZEND_PARSE_PARAMETERS_NONE();

    ims_client *client = php_ims_object_owned(Z_OBJ_P(ZEND_THIS));
    if (!client)
        RETURN_THROWS();
    object_init_ex(return_value, php_ims_token_ce);
    php_ims_object *token = php_ims_object_of(Z_OBJ_P(return_value));
    ims_error *error = NULL;
    if (ims_client_token(client, (ims_token **)&token->owned, &error) != IMS_OK)
        php_ims_throw(error);
}

ZEND_METHOD(Ims_Client, forget)
{
    zval *token;

    ZEND_PARSE_PARAMETERS_START(1, 1)
        Z_PARAM_OBJECT_OF_CLASS(token, php_ims_token_ce)
    ZEND_PARSE_PARAMETERS_END();

    ims_client *client = php_ims_object_owned(Z_OBJ_P(ZEND_THIS));
    if (!client)
        RETURN_THROWS();
    ims_client_forget(client, php_ims_object_of(Z_OBJ_P(token))->owned);
}
