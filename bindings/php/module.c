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
#endif

zend_class_entry *php_ims_grant_ce;

/* A setting that may hold a password. Scripts see what is shown of it, whichever way they ask: ini_get, ini_get_all,
 * get_cfg_var and phpinfo. */
typedef struct {
    const char *name;
    /* As php.ini has it: once, when PHP starts. A new thread, and the end of a request that had a value of its own, begin
     * with what is shown. */
    zend_string *url;
    zend_string *shown;
} secret_url;

static secret_url cache_url = {.name = "ims.cache"};
static secret_url proxy_url = {.name = "ims.proxy"};

/* A URL without its user, password and query, either of which may hold the other's mark; NULL where it has none. */
static zend_string *without_secrets(const zend_string *url)
{
    const char *start = ZSTR_VAL(url), *host = start;
    const char *query = start + strcspn(start, "?");
    const char *at = strrchr(start, '@');
    const char *scheme = strstr(start, "://");
    size_t before = at && scheme ? scheme + strlen("://") - start : 0;
    if (at)
        host = MIN(at, query);
    else if (!*query)
        return NULL;
    char *shown;
    size_t length = spprintf(&shown, 0, "%.*s%s%.*s%s", (int)before, start, at ? "(not shown)" : "", (int)(query - host),
        host, *query ? "?(not shown)" : "");
    zend_string *text = length == ZSTR_LEN(url) && memcmp(shown, start, length) == 0 ? NULL : zend_string_init(shown, length, true);
    efree(shown);
    return text;
}

static ZEND_INI_MH(update_url)
{
    const secret_url *known = mh_arg1;
    char **url = known == &cache_url ? &IMS_G(cache) : &IMS_G(proxy);
    if (new_value && known->shown && zend_string_equals(new_value, known->shown))
        new_value = known->url;
    free(*url);
    *url = new_value ? pestrdup(ZSTR_VAL(new_value), true) : NULL;
    return SUCCESS;
}

/* Has the setting hold what may be shown of it; returns what it held where that was more, which is the caller's. */
static zend_string *hide(const secret_url *setting)
{
    zend_ini_entry *entry = zend_hash_str_find_ptr(EG(ini_directives), setting->name, strlen(setting->name));
    zend_string *shown = entry && entry->value ? without_secrets(entry->value) : NULL;
    if (!shown)
        return NULL;
    zend_string *url = entry->value;
    entry->value = shown;
    return url;
}

/* What php.ini says is kept here alone. */
static void hide_for_good(secret_url *setting)
{
    zend_string *url = hide(setting);
    if (!url)
        return;
    setting->url = zend_string_init(ZSTR_VAL(url), ZSTR_LEN(url), true);
    setting->shown = without_secrets(url);
    zval *configured = cfg_get_entry(setting->name, strlen(setting->name));
    if (configured && Z_TYPE_P(configured) == IS_STRING) {
        zend_string_release(Z_STR_P(configured));
        ZVAL_NEW_STR(configured, without_secrets(url));
    }
    zend_string_release(url);
}

/* A web server may have values of its own for a pool, a host or a directory. */
static void hide_for_request(const secret_url *setting)
{
    zend_string *url = hide(setting);
    if (url)
        zend_string_release(url);
}

static void forget(secret_url *setting)
{
    if (setting->url) {
        php_ims_wipe(setting->url);
        zend_string_release(setting->url);
        zend_string_release(setting->shown);
        setting->url = setting->shown = NULL;
    }
}

static ZEND_INI_MH(update_timeout)
{
    zend_long whole;
    double seconds = -1;
    if (is_numeric_string(ZSTR_VAL(new_value), ZSTR_LEN(new_value), &whole, &seconds, false) == IS_LONG)
        seconds = (double)whole;
    if (!(seconds > 0 && seconds <= PHP_IMS_MAX_TIMEOUT)) {
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
        zend_error(E_WARNING, "ims.max_clients must be an integer of 0 or more");
        return FAILURE;
    }
    return OnUpdateLong(entry, new_value, mh_arg1, mh_arg2, mh_arg3, stage);
}

PHP_INI_BEGIN()
    PHP_INI_ENTRY1("ims.cache", "memory", PHP_INI_SYSTEM, update_url, &cache_url)
    STD_PHP_INI_ENTRY("ims.ca_file", "", PHP_INI_SYSTEM, OnUpdateString, ca_file, zend_ims_globals, ims_globals)
    PHP_INI_ENTRY1("ims.proxy", "", PHP_INI_SYSTEM, update_url, &proxy_url)
    STD_PHP_INI_ENTRY("ims.timeout", "10", PHP_INI_ALL, update_timeout, timeout, zend_ims_globals, ims_globals)
    STD_PHP_INI_ENTRY(
        "ims.max_clients", "32", PHP_INI_SYSTEM, update_max_clients, max_clients, zend_ims_globals, ims_globals)
    STD_PHP_INI_BOOLEAN(
        "ims.allow_command", "0", PHP_INI_SYSTEM, OnUpdateBool, allow_command, zend_ims_globals, ims_globals)
PHP_INI_END()

static ZEND_GINIT_FUNCTION(ims)
{
#if defined(COMPILE_DL_IMS) && defined(ZTS)
    ZEND_TSRMLS_CACHE_UPDATE();
#endif
    memset(ims_globals, 0, sizeof(*ims_globals));
}

static ZEND_GSHUTDOWN_FUNCTION(ims)
{
    free(ims_globals->cache);
    free(ims_globals->proxy);
}

static void register_exceptions(void)
{
    zend_class_entry *throwable = register_class_Ims_Throwable(zend_ce_throwable);
    zend_class_entry *base = register_class_Ims_Exception(spl_ce_RuntimeException, throwable);
    php_ims_exception_startup(IMS_OK, base);
    php_ims_exception_startup(IMS_ERR_ARGUMENT, register_class_Ims_ArgumentError(zend_ce_value_error, throwable));
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
    hide_for_good(&cache_url);
    hide_for_good(&proxy_url);
    php_ims_key_ce = register_class_Ims_Key();
    php_ims_client_ce = register_class_Ims_Client();
    php_ims_token_ce = register_class_Ims_Token();
    php_ims_grant_ce = register_class_Ims_Grant();
    php_ims_outcome_ce = register_class_Ims_Outcome();
    php_ims_check_ce = register_class_Ims_Check();
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
    forget(&cache_url);
    forget(&proxy_url);
    return SUCCESS;
}

static PHP_RINIT_FUNCTION(ims)
{
#if defined(COMPILE_DL_IMS) && defined(ZTS)
    ZEND_TSRMLS_CACHE_UPDATE();
#endif
    hide_for_request(&cache_url);
    hide_for_request(&proxy_url);
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
    php_info_print_table_row(2, "OpenSSL version", ims_openssl_version());
    php_info_print_table_end();
    DISPLAY_INI_ENTRIES();
}

static const zend_module_dep dependencies[] = {
    ZEND_MOD_REQUIRED("date")
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
    NULL,
    PHP_MINFO(ims),
    PHP_IMS_VERSION,
    PHP_MODULE_GLOBALS(ims),
    PHP_GINIT(ims),
    PHP_GSHUTDOWN(ims),
    NULL,
    STANDARD_MODULE_PROPERTIES_EX
};

#ifdef COMPILE_DL_IMS
/* An extension whose start fails ends PHP: this one starts, says what is wrong, and has no classes. */
static PHP_MINIT_FUNCTION(old_library)
{
    zend_error(E_CORE_WARNING,
        "ims: the extension was built with libims %d.%d.%d and cannot work with libims %s, which is older: upgrade libims.so.0",
        IMS_VERSION_MAJOR, IMS_VERSION_MINOR, IMS_VERSION_PATCH, ims_version());
    return SUCCESS;
}

static zend_module_entry old_library_module_entry = {
    STANDARD_MODULE_HEADER,
    "ims",
    NULL,
    PHP_MINIT(old_library),
    NULL,
    NULL,
    NULL,
    NULL,
    PHP_IMS_VERSION,
    STANDARD_MODULE_PROPERTIES
};

/* Functions and fields are only added, and with a new minor version only. */
static bool is_library_older(void)
{
    int major = 0, minor = 0;
    sscanf(ims_version(), "%d.%d", &major, &minor);
    return major < IMS_VERSION_MAJOR || (major == IMS_VERSION_MAJOR && minor < IMS_VERSION_MINOR);
}

ZEND_DLEXPORT zend_module_entry *get_module(void)
{
    return is_library_older() ? &old_library_module_entry : &ims_module_entry;
}
#endif
