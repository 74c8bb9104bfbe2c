/* The PHP extension `ims`, over <ims.h>: one C file a class. */

#ifndef PHP_IMS_H
#define PHP_IMS_H

#include <php.h>
#include <ims.h>

#define PHP_IMS_VERSION "0.1.0"
/* In seconds. */
#define PHP_IMS_MAX_TIMEOUT (IMS_MAX_TIMEOUT_MS / 1000.0)

extern zend_module_entry ims_module_entry;
#define phpext_ims_ptr &ims_module_entry

ZEND_BEGIN_MODULE_GLOBALS(ims)
    /* php.ini's. */
    char *cache;
    char *ca_file;
    char *proxy;
    double timeout;
    zend_long max_clients;
    bool allow_command;
ZEND_END_MODULE_GLOBALS(ims)

ZEND_EXTERN_MODULE_GLOBALS(ims)
#define IMS_G(value) ZEND_MODULE_GLOBALS_ACCESSOR(ims, value)

#if defined(ZTS) && defined(COMPILE_DL_IMS)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

/* ---- parameters.c: what scripts pass; each function throws where it fails ------------------------ */

/* How to reach the server, as several functions take it. */
typedef struct {
    double timeout;
    bool timeout_is_null;
    zval *max_attempts;
    zend_string *ca_file;
    zend_string *proxy;
    char ca_path[MAXPATHLEN];
} php_ims_transport;

#define PHP_IMS_FILE_CACHE "file:"
#define PHP_IMS_MAX_CACHE (sizeof(PHP_IMS_FILE_CACHE) + MAXPATHLEN)

/* How the library's questions about files were answered during a call. */
typedef struct {
    bool is_refused;
    bool is_bailout;
} php_ims_reading;

/* Allows the library a file within open_basedir; `context` is a php_ims_reading. After the call, the caller makes up for
 * a bailout. */
int32_t php_ims_may_read(const char *path, void *context);
/* The four stand next to each other, `timeout` as this argument. */
zend_result php_ims_read_transport(php_ims_transport *given, uint32_t timeout_argument, ims_transport *transport);
/* null and what is not given leave `number` as it is. */
zend_result php_ims_read_integer(zval *given, uint32_t argument, int64_t *number);
/* Of a file: absolute, and within open_basedir. */
zend_result php_ims_read_path(const char *given, uint32_t argument, char path[MAXPATHLEN]);
/* Of a directory that the library makes, so that what is checked has no ".." any more. */
zend_result php_ims_read_directory(const char *given, uint32_t argument, char path[MAXPATHLEN]);
/* The script's cache or else php.ini's. A directory is within open_basedir, and becomes part of `file_cache`. */
zend_result php_ims_read_cache(
    const zend_string *given, uint32_t argument, char file_cache[PHP_IMS_MAX_CACHE], const char **cache);
/* Sets whether credentials may name a command, which only php.ini can allow. */
zend_result php_ims_read_allow_command(bool given, uint32_t argument, ims_client_options *options);
/* The array's JSON, to be wiped. */
zend_string *php_ims_read_json(zval *array, uint32_t argument);
void php_ims_wipe(zend_string *text);

/* ---- object.c: what only factories make --------------------------------------------------------- */

typedef struct {
    void *owned;
    zend_object std;
} php_ims_object;

static inline php_ims_object *php_ims_object_of(zend_object *object)
{
    return (php_ims_object *)((char *)object - XtOffsetOf(php_ims_object, std));
}

/* Neither cloned nor compared nor constructed. */
void php_ims_object_handlers(zend_object_handlers *handlers, zend_object_free_obj_t free_object);
zend_object *php_ims_object_new(zend_class_entry *ce, const zend_object_handlers *handlers);
/* Throws where no one made it whole. */
void *php_ims_object_owned(zend_object *object);
/* NULL becomes null. */
void php_ims_set_text(zend_object *object, const char *property, const char *text);

/* ---- the classes -------------------------------------------------------------------------------- */

extern zend_class_entry *php_ims_key_ce;
extern zend_class_entry *php_ims_client_ce;
extern zend_class_entry *php_ims_token_ce;
extern zend_class_entry *php_ims_grant_ce;
extern zend_class_entry *php_ims_check_ce;
extern zend_class_entry *php_ims_outcome_ce;

void php_ims_key_startup(void);
void php_ims_client_startup(void);
void php_ims_token_startup(void);

/* The key that a script passes, as an object or else as a path or text; NULL with an exception. One that no object owns
 * is stored through `shared`, too, which the caller frees. */
const ims_key *php_ims_key_given(
    zend_object *object, zend_string *path_or_text, zend_string *passphrase, uint32_t argument, ims_key **shared);

void php_ims_exception_startup(ims_status status, zend_class_entry *ce);
/* Throws the error, and frees it. */
void php_ims_throw(ims_error *error);
/* Throws an Ims\ArgumentError about an argument, which ims.h calls `field`. */
void php_ims_throw_argument_error(uint32_t argument, const char *field, const char *problem, const char *hint);
/* Of the exception just thrown. */
void php_ims_set_hint(const char *hint);

#endif
