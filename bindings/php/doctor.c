/* ims_doctor() and Ims\Check. */

#include "php_ims.h"
#include <zend_enum.h>

zend_class_entry *php_ims_check_ce;
zend_class_entry *php_ims_outcome_ce;

/* Only ims_doctor() makes one. */
ZEND_METHOD(Ims_Check, __construct)
{
    ZEND_PARSE_PARAMETERS_NONE();
}

static void set_outcome(zend_object *check, int32_t outcome)
{
    const char *name = outcome == IMS_OUTCOME_OK ? "Ok" : outcome == IMS_OUTCOME_WARNING ? "Warning" : "Error";
    zval value;
    ZVAL_OBJ(&value, zend_enum_get_case_cstr(php_ims_outcome_ce, name));
    zend_update_property(php_ims_check_ce, check, ZEND_STRL("outcome"), &value);
}

static void add_check(zval *list, const ims_report *report, size_t index)
{
    zval check;
    object_init_ex(&check, php_ims_check_ce);
    add_next_index_zval(list, &check);
    php_ims_set_text(Z_OBJ(check), "name", ims_report_name(report, index));
    set_outcome(Z_OBJ(check), ims_report_outcome(report, index));
    php_ims_set_text(Z_OBJ(check), "message", ims_report_message(report, index));
    php_ims_set_text(Z_OBJ(check), "hint", ims_report_hint(report, index));
    php_ims_set_text(Z_OBJ(check), "cause", ims_report_cause(report, index));
}

/* Frees the report, even where PHP runs out of memory. */
static void return_checks(zval *return_value, ims_report *report)
{
    zend_try
    {
        array_init(return_value);
        for (size_t index = 0; index < ims_report_len(report); index++)
            add_check(return_value, report, index);
    }
    zend_catch
    {
        ims_report_free(report);
        zend_bailout();
    }
    zend_end_try();
    ims_report_free(report);
}

ZEND_FUNCTION(ims_doctor)
{
    enum { FILE_PATH = 1, CERTIFICATE = 3, KEY = 6, CACHE, TIMEOUT, ALLOW_COMMAND = 15 };
    zend_string *file = NULL, *certificate = NULL, *name = NULL, *passphrase = NULL, *key_text = NULL, *cache = NULL;
    zend_string *scope = NULL, *subject = NULL, *audience = NULL;
    zend_object *key_object = NULL;
    bool online = false, allow_command = false;
    php_ims_transport given = {.timeout_is_null = true};

    ZEND_PARSE_PARAMETERS_START(0, 15)
        Z_PARAM_OPTIONAL
        Z_PARAM_PATH_STR_OR_NULL(file)
        Z_PARAM_BOOL(online)
        Z_PARAM_PATH_STR_OR_NULL(certificate)
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
    php_ims_reading reading = {0};
    char path[MAXPATHLEN], certificate_path[MAXPATHLEN], file_cache[PHP_IMS_MAX_CACHE];
    if ((file && php_ims_read_path(ZSTR_VAL(file), FILE_PATH, path) == FAILURE) ||
        (certificate && php_ims_read_path(ZSTR_VAL(certificate), CERTIFICATE, certificate_path) == FAILURE) ||
        php_ims_read_cache(cache, CACHE, file_cache, &options.cache) == FAILURE ||
        php_ims_read_transport(&given, TIMEOUT, &transport) == FAILURE ||
        php_ims_read_allow_command(allow_command, ALLOW_COMMAND, &options) == FAILURE)
        RETURN_THROWS();

    ims_key *shared_key = NULL;
    ims_report *report = NULL;
    ims_error *error = NULL;
    if (key_object || key_text)
        options.key = php_ims_key_given(key_object, key_text, passphrase, KEY, &shared_key);
    if (!EG(exception)) {
        options.name = name ? ZSTR_VAL(name) : NULL;
        options.passphrase = passphrase ? ZSTR_VAL(passphrase) : NULL;
        options.scope = scope ? ZSTR_VAL(scope) : NULL;
        options.subject = subject ? ZSTR_VAL(subject) : NULL;
        options.audience = audience ? ZSTR_VAL(audience) : NULL;
        options.transport = &transport;
        options.may_read = php_ims_may_read;
        options.may_read_context = &reading;
        /* The library looks at variables until the end. */
        tsrm_env_lock();
        ims_doctor(file ? path : NULL, certificate ? certificate_path : NULL, &options, online, &report, &error);
        tsrm_env_unlock();
    }
    ims_key_free(shared_key);
    if (reading.is_bailout) {
        ims_error_free(error);
        ims_report_free(report);
        zend_bailout();
    }
    if (error)
        php_ims_throw(error);
    if (report)
        return_checks(return_value, report);
}
