/* Errors of the library as exceptions, a class for each status. */

#include "php_ims.h"
#include <zend_exceptions.h>
#include <ctype.h>

#define MAX_NAME 32

static zend_class_entry *classes[IMS_ERR_INTERNAL + 1];

void php_ims_exception_startup(ims_status status, zend_class_entry *ce)
{
    classes[status] = ce;
}

/* The function's argument of this name, from 1 on; or 0. */
static uint32_t argument_named(const zend_function *function, const char *name)
{
    for (uint32_t argument = 1; argument <= function->common.num_args; argument++) {
        if (strcmp(get_function_arg_name(function, argument), name) == 0)
            return argument;
    }
    return 0;
}

/* The function's argument that the library calls `field`, from 1 on; or 0. */
static uint32_t argument_of(const zend_function *function, const char *field)
{
    /* Scripts pass claims and header as arrays, and Ims\Key::fromString() takes a key as $text. */
    if (strcmp(field, "grant_type") == 0)
        field = "grant";
    if (strcmp(field, "claims_json") == 0)
        return argument_named(function, "claims");
    if (strcmp(field, "header_json") == 0)
        return argument_named(function, "header");
    char camel[MAX_NAME] = "";
    for (size_t from = 0, to = 0; field[from] && to + 1 < sizeof(camel); from++) {
        if (field[from] != '_')
            camel[to++] = from > 0 && field[from - 1] == '_' ? (char)toupper((unsigned char)field[from]) : field[from];
    }
    uint32_t argument = argument_named(function, camel);
    return argument == 0 && strcmp(field, "key") == 0 ? argument_named(function, "text") : argument;
}

static bool is_given(uint32_t argument)
{
    zend_execute_data *call = EG(current_execute_data);
    return argument <= ZEND_CALL_NUM_ARGS(call) && Z_TYPE_P(ZEND_CALL_ARG(call, argument)) > IS_NULL;
}

/* php.ini's value of what the library calls `field`; NULL where there is no such setting. */
static const char *setting_of(const char *field)
{
    char setting[MAX_NAME];
    bool exists;
    snprintf(setting, sizeof(setting), "ims.%s", field);
    const char *value = zend_ini_string_ex(setting, strlen(setting), false, &exists);
    return exists && !value ? "" : value;
}

/* Whose mistake it is, and what to say: the argument and the setting are named as scripts and php.ini name them. */
static zend_class_entry *blame(const ims_error *error, zend_string **text)
{
    const ims_status status = ims_error_status(error);
    const char *message = ims_error_message(error), *field = ims_error_field(error);
    const zend_function *function = EG(current_execute_data)->func;
    uint32_t argument = field ? argument_of(function, field) : 0;
    const char *setting = argument > 0 && !is_given(argument) ? setting_of(field) : NULL;
    if (setting) {
        /* Where php.ini says nothing, the environment does, which the message names. */
        *text = *setting ? zend_strpprintf(0, "php.ini: ims.%s %s", field, ims_error_problem(error)) :
                           zend_string_init(message, strlen(message), 0);
        return classes[status == IMS_ERR_ARGUMENT ? IMS_OK : status];
    }
    if (status != IMS_ERR_ARGUMENT || argument == 0) {
        *text = zend_string_init(message, strlen(message), 0);
        /* What takes no arguments speaks of what was set before. */
        return classes[status == IMS_ERR_ARGUMENT && function->common.num_args == 0 ? IMS_OK : status];
    }
    zend_string *called = get_active_function_or_method_name();
    *text = zend_strpprintf(
        0, "%s(): Argument #%u ($%s) %s", ZSTR_VAL(called), argument, get_function_arg_name(function, argument),
        ims_error_problem(error));
    zend_string_release(called);
    return classes[IMS_ERR_ARGUMENT];
}

static void set_text(zend_object *exception, const char *name, const char *text)
{
    if (text)
        zend_update_property_string(exception->ce, exception, name, strlen(name), text);
}

static void throw(const ims_error *error)
{
    ims_status status = ims_error_status(error);
    /* A newer library may have a status that only the base class stands for. */
    bool is_known = status > IMS_OK && status <= IMS_ERR_INTERNAL;
    zend_class_entry *ce = classes[is_known ? status : IMS_OK];
    zend_string *text = NULL;
    if (status == IMS_ERR_ARGUMENT || status == IMS_ERR_CACHE)
        ce = blame(error, &text);
    zend_object *exception = zend_throw_exception(ce, text ? ZSTR_VAL(text) : ims_error_message(error), status);
    if (text)
        zend_string_release(text);
    set_text(exception, "field", ims_error_field(error));
    set_text(exception, "hint", ims_error_hint(error));
    if (ce == classes[IMS_ERR_ARGUMENT])
        return;
    set_text(exception, "oauthError", ims_error_oauth_error(error));
    set_text(exception, "oauthDescription", ims_error_oauth_description(error));
    set_text(exception, "uri", ims_error_uri(error));
    set_text(exception, "debugId", ims_error_debug_id(error));
    zend_update_property_long(ce, exception, ZEND_STRL("status"), status);
    zend_update_property_long(ce, exception, ZEND_STRL("httpStatus"), ims_error_http_status(error));
    zend_update_property_bool(ce, exception, ZEND_STRL("retryable"), ims_error_retryable(error));
    int64_t retry_after = ims_error_retry_after(error);
    if (retry_after >= 0)
        zend_update_property_long(ce, exception, ZEND_STRL("retryAfter"), retry_after);
}

void php_ims_throw_argument_error(uint32_t argument, const char *field, const char *problem, const char *hint)
{
    zend_string *called = get_active_function_or_method_name();
    zend_object *exception = zend_throw_exception_ex(classes[IMS_ERR_ARGUMENT], IMS_ERR_ARGUMENT,
        "%s(): Argument #%u ($%s) %s", ZSTR_VAL(called), argument,
        get_function_arg_name(EG(current_execute_data)->func, argument), problem);
    zend_string_release(called);
    set_text(exception, "field", field);
    set_text(exception, "hint", hint);
}

void php_ims_set_hint(const char *hint)
{
    set_text(EG(exception), "hint", hint);
}

void php_ims_throw(ims_error *error)
{
    /* PHP may run out of memory on the way. */
    zend_try
    {
        throw(error);
    }
    zend_catch
    {
        ims_error_free(error);
        zend_bailout();
    }
    zend_end_try();
    ims_error_free(error);
}
