/* The PHP extension `ims`, over <ims.h>: one C file a class, and kept.c for what a process keeps between requests. */

#ifndef PHP_IMS_H
#define PHP_IMS_H

#include <php.h>
#include <ext/hash/php_hash.h>
#include <ext/hash/php_hash_sha.h>
#include <ims.h>

#define PHP_IMS_VERSION "0.1.0"
/* In seconds. */
#define PHP_IMS_MAX_TIMEOUT (IMS_MAX_TIMEOUT_MS / 1000.0)

extern zend_module_entry ims_module_entry;
#define phpext_ims_ptr &ims_module_entry

/* A key or client, referred to by a table and by objects. */
typedef struct {
    void *handle;
    /* Never the same for two of a process. */
    uint64_t serial;
} php_ims_kept;

ZEND_BEGIN_MODULE_GLOBALS(ims)
    /* php.ini's. */
    char *cache;
    char *ca_file;
    char *proxy;
    double timeout;
    zend_long max_clients;
    /* Of this process or, where PHP is built for threads, of this thread. */
    HashTable keys;
    HashTable clients;
    pid_t process;
    uint64_t uses;
    uint64_t serial;
    /* Of this request. */
    bool is_in_request;
    zend_string *last_key_text;
    php_ims_kept *last_key;
ZEND_END_MODULE_GLOBALS(ims)

ZEND_EXTERN_MODULE_GLOBALS(ims)
#define IMS_G(value) ZEND_MODULE_GLOBALS_ACCESSOR(ims, value)

#if defined(ZTS) && defined(COMPILE_DL_IMS)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

/* ---- kept.c: parsed keys and clients, which outlive a request ---------------------------------- */

/* Of all that something is made from: a table is searched by it, and so holds no secret. */
#define PHP_IMS_DIGEST_LENGTH 32

/* Takes the length as well, so that two texts are never taken for two others; NULL differs from "". */
void php_ims_digest_text(PHP_SHA256_CTX *context, const char *text);
void php_ims_digest_bytes(PHP_SHA256_CTX *context, const void *bytes, size_t length);

php_ims_kept *php_ims_kept_new(void (*free_handle)(void *));
/* Once the file has changed, it is found no more. To be called before the file is read. */
void php_ims_kept_watch(php_ims_kept *kept, const char *path);
/* One reference more. */
php_ims_kept *php_ims_kept_share(php_ims_kept *kept);
void php_ims_kept_release(php_ims_kept *kept);

/* NULL, or a reference that is the caller's. */
php_ims_kept *php_ims_kept_find(HashTable *table, const unsigned char digest[PHP_IMS_DIGEST_LENGTH]);
/* The table takes a reference of its own; beyond the limit, it lets go of what was used longest ago. */
void php_ims_kept_store(
    HashTable *table, const unsigned char digest[PHP_IMS_DIGEST_LENGTH], php_ims_kept *kept, zend_long limit);

void php_ims_kept_startup(zend_ims_globals *globals);
void php_ims_kept_shutdown(zend_ims_globals *globals);

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

/* The four stand beside each other, `timeout` as this argument. */
zend_result php_ims_read_transport(php_ims_transport *given, uint32_t timeout_argument, ims_transport *transport);
/* null and what is not given leave `number` as it is. */
zend_result php_ims_read_whole_number(zval *given, uint32_t argument, int64_t *number);
/* Of a file: absolute, and within open_basedir. */
zend_result php_ims_read_path(const char *given, uint32_t argument, char path[MAXPATHLEN]);
/* Of a directory that the library makes, so that what is checked has no ".." any more. */
zend_result php_ims_read_directory(const char *given, uint32_t argument, char path[MAXPATHLEN]);
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
/* Throws where nobody made it whole. */
void *php_ims_object_owned(zend_object *object);
/* Of objects that own something kept. */
void php_ims_object_free_kept(zend_object *object);

/* ---- the classes -------------------------------------------------------------------------------- */

extern zend_class_entry *php_ims_key_ce;
extern zend_class_entry *php_ims_client_ce;
extern zend_class_entry *php_ims_token_ce;
extern zend_class_entry *php_ims_grant_ce;

void php_ims_key_startup(void);
void php_ims_key_begin_request(void);
void php_ims_key_end_request(void);
void php_ims_client_startup(void);
void php_ims_token_startup(void);

/* The key that a script passes, as an object or else as a path or text: a reference that is the caller's, or NULL and
 * an exception. */
php_ims_kept *php_ims_key_given(
    zend_object *object, zend_string *path_or_text, zend_string *passphrase, uint32_t argument);

void php_ims_exception_startup(ims_status status, zend_class_entry *ce);
/* Throws the error, and frees it. */
void php_ims_throw(ims_error *error);
/* Of the exception just thrown. */
void php_ims_set_hint(const char *hint);

#endif
