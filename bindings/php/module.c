/* The extension: its settings, what phpinfo shows, and its classes. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "php_ims.h"
#include <ext/spl/spl_exceptions.h>
#include <ext/standard/info.h>
#include <php_ini.h>
#include <zend_attributes.h>
#include <zend_enum.h>
#include <zend_exceptions.h>

#if PHP_VERSION_ID < 80200
/* Traces hide no arguments yet. */
#define zend_add_parameter_attribute(function, parameter, name, arguments)
#endif
#include "ims_arginfo.h"

ZEND_DECLARE_MODULE_GLOBALS(ims)

#ifdef COMPILE_DL_IMS
#ifdef ZTS
ZEND_TSRMLS_CACHE_DEFINE()
#endif
ZEND_GET_MODULE(ims)
#endif

zend_class_entry *php_ims_grant_ce;

/* Shows a URL without its user, password and query, either of which may hold the other's mark. */
static ZEND_INI_DISP(display_url)
{
    bool is_original = type == ZEND_INI_DISPLAY_ORIG && ini_entry->modified;
    const zend_string *value = is_original ? ini_entry->orig_value : ini_entry->value;
    if (!value || ZSTR_LEN(value) == 0) {
        PUTS("no value");
        return;
    }
    const char *start = ZSTR_VAL(value);
    const char *query = start + strcspn(start, "?");
    const char *at = strrchr(start, '@');
    if (at) {
        const char *scheme = strstr(start, "://");
        if (scheme)
            PHPWRITE(start, scheme + strlen("://") - start);
        PUTS("(not shown)");
        start = MIN(at, query);
    }
    PHPWRITE(start, query - start);
    if (*query)
        PUTS("?(not shown)");
}

static ZEND_INI_MH(update_timeout)
{
    zend_long whole;
    double seconds = -1;
    if (is_numeric_string(ZSTR_VAL(new_value), ZSTR_LEN(new_value), &whole, &seconds, false) == IS_LONG)
        seconds = (double)whole;
    if (!(seconds > 0 && seconds <= 3600)) {
        zend_error(E_WARNING, "ims.timeout must be more than 0 and at most 3600 seconds");
        return FAILURE;
    }
    return OnUpdateReal(entry, new_value, mh_arg1, mh_arg2, mh_arg3, stage);
}

static ZEND_INI_MH(update_max_clients)
{
    zend_long count;
    double fraction;
    if (is_numeric_string(ZSTR_VAL(new_value), ZSTR_LEN(new_value), &count, &fraction, false) != IS_LONG || count < 0) {
        zend_error(E_WARNING, "ims.max_clients must be a whole number from 0 on");
        return FAILURE;
    }
    return OnUpdateLong(entry, new_value, mh_arg1, mh_arg2, mh_arg3, stage);
}

PHP_INI_BEGIN()
    STD_PHP_INI_ENTRY_EX(
        "ims.cache", "memory", PHP_INI_SYSTEM, OnUpdateString, cache, zend_ims_globals, ims_globals, display_url)
    STD_PHP_INI_ENTRY("ims.ca_file", "", PHP_INI_SYSTEM, OnUpdateString, ca_file, zend_ims_globals, ims_globals)
    STD_PHP_INI_ENTRY_EX(
        "ims.proxy", "", PHP_INI_SYSTEM, OnUpdateString, proxy, zend_ims_globals, ims_globals, display_url)
    STD_PHP_INI_ENTRY("ims.timeout", "10", PHP_INI_ALL, update_timeout, timeout, zend_ims_globals, ims_globals)
    STD_PHP_INI_ENTRY(
        "ims.max_clients", "32", PHP_INI_SYSTEM, update_max_clients, max_clients, zend_ims_globals, ims_globals)
PHP_INI_END()

static ZEND_GINIT_FUNCTION(ims)
{
#if defined(COMPILE_DL_IMS) && defined(ZTS)
    ZEND_TSRMLS_CACHE_UPDATE();
#endif
    memset(ims_globals, 0, sizeof(*ims_globals));
    php_ims_kept_startup(ims_globals);
}

static ZEND_GSHUTDOWN_FUNCTION(ims)
{
    php_ims_kept_shutdown(ims_globals);
}

static void register_exceptions(void)
{
    zend_class_entry *base = register_class_Ims_Exception(spl_ce_RuntimeException);
    php_ims_exception_startup(IMS_OK, base);
    php_ims_exception_startup(IMS_ERR_ARGUMENT, register_class_Ims_ArgumentError(zend_ce_value_error));
    php_ims_exception_startup(IMS_ERR_KEY, register_class_Ims_KeyException(base));
    php_ims_exception_startup(IMS_ERR_PASSPHRASE, register_class_Ims_PassphraseException(base));
    php_ims_exception_startup(IMS_ERR_CREDENTIALS, register_class_Ims_CredentialsException(base));
    php_ims_exception_startup(IMS_ERR_CONNECT, register_class_Ims_ConnectException(base));
    php_ims_exception_startup(IMS_ERR_TLS, register_class_Ims_TlsException(base));
    php_ims_exception_startup(IMS_ERR_TIMEOUT, register_class_Ims_TimeoutException(base));
    php_ims_exception_startup(IMS_ERR_REJECTED, register_class_Ims_RejectedException(base));
    php_ims_exception_startup(IMS_ERR_RATE_LIMITED, register_class_Ims_RateLimitedException(base));
    php_ims_exception_startup(IMS_ERR_UNAVAILABLE, register_class_Ims_UnavailableException(base));
    php_ims_exception_startup(IMS_ERR_RESPONSE, register_class_Ims_ResponseException(base));
    php_ims_exception_startup(IMS_ERR_CACHE, register_class_Ims_CacheException(base));
    php_ims_exception_startup(IMS_ERR_INTERNAL, register_class_Ims_InternalException(base));
}

static PHP_MINIT_FUNCTION(ims)
{
    REGISTER_INI_ENTRIES();
    php_ims_key_ce = register_class_Ims_Key();
    php_ims_client_ce = register_class_Ims_Client();
    php_ims_token_ce = register_class_Ims_Token();
    php_ims_grant_ce = register_class_Ims_Grant();
    php_ims_key_startup();
    php_ims_client_startup();
    php_ims_token_startup();
    register_exceptions();
    register_ims_symbols(module_number);
    return SUCCESS;
}

static PHP_MSHUTDOWN_FUNCTION(ims)
{
    UNREGISTER_INI_ENTRIES();
    return SUCCESS;
}

static PHP_RINIT_FUNCTION(ims)
{
#if defined(COMPILE_DL_IMS) && defined(ZTS)
    ZEND_TSRMLS_CACHE_UPDATE();
#endif
    php_ims_key_begin_request();
    return SUCCESS;
}

static PHP_RSHUTDOWN_FUNCTION(ims)
{
    php_ims_key_end_request();
    return SUCCESS;
}

static PHP_MINFO_FUNCTION(ims)
{
    char header[sizeof("255.255.255")];
    snprintf(header, sizeof(header), "%d.%d.%d", IMS_VERSION_MAJOR, IMS_VERSION_MINOR, IMS_VERSION_PATCH);
    php_info_print_table_start();
    php_info_print_table_row(2, "libims support", "enabled");
    php_info_print_table_row(2, "Extension version", PHP_IMS_VERSION);
    php_info_print_table_row(2, "Library version", ims_version());
    php_info_print_table_row(2, "Header version", header);
    php_info_print_table_end();
    DISPLAY_INI_ENTRIES();
}

static const zend_module_dep dependencies[] = {
    ZEND_MOD_REQUIRED("date")
    ZEND_MOD_REQUIRED("hash")
    ZEND_MOD_REQUIRED("json")
    ZEND_MOD_REQUIRED("spl")
    ZEND_MOD_END
};

zend_module_entry ims_module_entry = {
    STANDARD_MODULE_HEADER_EX,
    NULL,
    dependencies,
    "ims",
    ext_functions,
    PHP_MINIT(ims),
    PHP_MSHUTDOWN(ims),
    PHP_RINIT(ims),
    PHP_RSHUTDOWN(ims),
    PHP_MINFO(ims),
    PHP_IMS_VERSION,
    PHP_MODULE_GLOBALS(ims),
    PHP_GINIT(ims),
    PHP_GSHUTDOWN(ims),
    NULL,
    STANDARD_MODULE_PROPERTIES_EX
};
