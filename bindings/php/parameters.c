/* What scripts pass, read strictly: nothing is cut or rounded. */

#include "php_ims.h"
#include <ext/json/php_json.h>
#include <main/fopen_wrappers.h>
#include <zend_smart_str.h>

#define MILLISECONDS 1000.0
#define MAX_ATTEMPTS 10
/* As deep as the library reads. */
#define MAX_DEPTH 128

zend_result php_ims_read_integer(zval *given, uint32_t argument, int64_t *number)
{
    if (!given || Z_TYPE_P(given) == IS_NULL)
        return SUCCESS;
    if (Z_TYPE_P(given) != IS_LONG) {
        zend_argument_type_error(argument, "must be of type ?int, %s given", zend_zval_type_name(given));
        return FAILURE;
    }
    if (Z_LVAL_P(given) == 0) {
        zend_argument_value_error(argument, "must not be 0; null stands for the default");
        return FAILURE;
    }
    *number = Z_LVAL_P(given);
    return SUCCESS;
}

static zend_result check_open_basedir(const char *path, uint32_t argument)
{
    if (php_check_open_basedir_ex(path, 0) == 0)
        return SUCCESS;
    zend_argument_value_error(argument, "must be within open_basedir");
    return FAILURE;
}

zend_result php_ims_read_path(const char *given, uint32_t argument, char path[MAXPATHLEN])
{
    static const char scheme[] = "file:";
    char directory[MAXPATHLEN] = "";
    if (strncasecmp(given, scheme, sizeof(scheme) - 1) == 0) {
        given += sizeof(scheme) - 1;
        given += strncmp(given, "//", 2) == 0 ? 2 : 0;
    }
    if (*given == '\0') {
        zend_argument_value_error(argument, "cannot be empty");
        return FAILURE;
    }
    /* Not resolved by PHP, which remembers for minutes where a link leads. */
    bool is_relative = *given != '/';
    if ((is_relative && !VCWD_GETCWD(directory, sizeof(directory))) ||
        snprintf(path, MAXPATHLEN, "%s%s%s", directory, is_relative ? "/" : "", given) >= MAXPATHLEN) {
        zend_argument_value_error(argument, "must be a path");
        return FAILURE;
    }
    return check_open_basedir(path, argument);
}

zend_result php_ims_read_directory(const char *given, uint32_t argument, char path[MAXPATHLEN])
{
    if (!expand_filepath_with_mode(given, path, NULL, 0, CWD_EXPAND)) {
        zend_argument_value_error(argument, "must be a path");
        return FAILURE;
    }
    return check_open_basedir(path, argument);
}

zend_result php_ims_read_cache(
    const zend_string *given, uint32_t argument, char file_cache[PHP_IMS_MAX_CACHE], const char **cache)
{
    static const char scheme[] = PHP_IMS_FILE_CACHE;
    const size_t after_scheme = sizeof(scheme) - 1;
    *cache = given ? ZSTR_VAL(given) : IMS_G(cache);
    if (!given)
        return SUCCESS;
    if (**cache == '\0') {
        zend_argument_value_error(argument, "cannot be empty");
        return FAILURE;
    }
    if (strncmp(*cache, scheme, after_scheme) != 0)
        return SUCCESS;
    const char *directory = *cache + after_scheme;
    if (*directory == '/') {
        *cache = memcpy(file_cache, scheme, after_scheme);
        return php_ims_read_directory(directory, argument, file_cache + after_scheme);
    }
    /* The user's own may be anywhere. */
    if (*directory == '\0' && PG(open_basedir) && *PG(open_basedir)) {
        zend_argument_value_error(argument, "must name a directory within open_basedir, as file:/DIRECTORY");
        return FAILURE;
    }
    return SUCCESS;
}

zend_result php_ims_read_allow_command(bool given, uint32_t argument, ims_client_options *options)
{
    if (given && !IMS_G(allow_command)) {
        php_ims_throw_argument_error(argument, "allow_command", "is not allowed: ims.allow_command of php.ini is off",
            "set ims.allow_command=On in php.ini, or in a pool of FPM: php_admin_flag[ims.allow_command] = on");
        return FAILURE;
    }
    options->allow_command = given;
    return SUCCESS;
}

/* Nothing may jump over the library: where PHP would end the request, that waits. */
int32_t php_ims_may_read(const char *path, void *context)
{
    php_ims_reading *reading = context;
    volatile bool may = false;
    /* A URL, which open_basedir is not about. */
    if (path[0] != '/')
        return true;
    zend_try
    {
        may = php_check_open_basedir_ex(path, 0) == 0;
        reading->is_refused = !may;
    }
    zend_catch
    {
        reading->is_bailout = true;
    }
    zend_end_try();
    return may;
}

zend_string *php_ims_read_json(zval *array, uint32_t argument)
{
    smart_str json = {0};
    int flags = PHP_JSON_UNESCAPED_SLASHES | PHP_JSON_UNESCAPED_UNICODE | PHP_JSON_PRESERVE_ZERO_FRACTION;
    /* An infinite number is an error that only the script's json_last_error() would tell: it stays the script's. */
    const php_json_error_code scripts_error = JSON_G(error_code);
    bool is_whole = php_json_encode_ex(&json, array, flags, MAX_DEPTH) == SUCCESS;
    const php_json_error_code error = JSON_G(error_code);
    JSON_G(error_code) = scripts_error;
    if (!is_whole || error != PHP_JSON_ERROR_NONE || EG(exception)) {
        if (json.s)
            php_ims_wipe(json.s);
        smart_str_free(&json);
        /* Some builds of PHP leave off where memory ends, and say so later. */
        if (error == PHP_JSON_ERROR_NONE && !EG(exception))
            zend_error_noreturn(E_ERROR, "Allowed memory size exhausted");
        if (!EG(exception))
            zend_argument_value_error(
                argument, "must hold UTF-8 texts, finite numbers, booleans, null, and arrays of at most %d levels",
                MAX_DEPTH);
        return NULL;
    }
    return smart_str_extract(&json);
}

void php_ims_wipe(zend_string *text)
{
    ZEND_SECURE_ZERO(ZSTR_VAL(text), ZSTR_LEN(text));
}

zend_result php_ims_read_transport(php_ims_transport *given, uint32_t timeout_argument, ims_transport *transport)
{
    const uint32_t max_attempts_argument = timeout_argument + 1, ca_file_argument = timeout_argument + 2,
                   proxy_argument = timeout_argument + 3;

    double timeout = given->timeout_is_null ? IMS_G(timeout) : given->timeout;
    if (!given->timeout_is_null && !(timeout > 0 && timeout <= PHP_IMS_MAX_TIMEOUT)) {
        zend_argument_value_error(timeout_argument, "must be more than 0 and at most 3600 seconds");
        return FAILURE;
    }
    transport->timeout_ms = (uint32_t)ceil(timeout * MILLISECONDS);

    int64_t max_attempts = 0;
    if (php_ims_read_integer(given->max_attempts, max_attempts_argument, &max_attempts) == FAILURE)
        return FAILURE;
    if (max_attempts < 0 || max_attempts > MAX_ATTEMPTS) {
        zend_argument_value_error(max_attempts_argument, "must be 1 to %d", MAX_ATTEMPTS);
        return FAILURE;
    }
    transport->max_attempts = (uint32_t)max_attempts;

    transport->ca_file = IMS_G(ca_file);
    if (given->ca_file) {
        if (php_ims_read_path(ZSTR_VAL(given->ca_file), ca_file_argument, given->ca_path) == FAILURE)
            return FAILURE;
        transport->ca_file = given->ca_path;
    }
    transport->proxy = IMS_G(proxy);
    if (given->proxy) {
        if (ZSTR_LEN(given->proxy) == 0) {
            zend_argument_value_error(proxy_argument, "cannot be empty");
            return FAILURE;
        }
        transport->proxy = ZSTR_VAL(given->proxy);
    }
    return SUCCESS;
}
