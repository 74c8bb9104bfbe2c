/* What a process keeps from request to request: a script that names the same key or credentials each time pays for
 * reading them once. */

#include "php_ims.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

/* The coarsest that file systems count time in. */
#define TICK_SECONDS 2
/* More than any file that the library reads. */
#define LONGEST_FILE (1024 * 1024)
#define CHUNK 4096

typedef struct {
    char *path;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
    /* No program can set this one back. */
    struct timespec changed;
    /* Changed so shortly before it was looked at that it may change again and look the same: its content tells. */
    bool is_fresh;
    unsigned char content[PHP_IMS_DIGEST_LENGTH];
} watched_file;

typedef struct {
    php_ims_kept public;
    void (*free_handle)(void *);
    uint32_t references;
    uint64_t used;
    uint32_t files;
    watched_file *file;
} kept_thing;

void php_ims_digest_bytes(PHP_SHA256_CTX *context, const void *bytes, size_t length)
{
    uint64_t prefix = length;
    PHP_SHA256Update(context, (const unsigned char *)&prefix, sizeof(prefix));
    PHP_SHA256Update(context, bytes, length);
}

void php_ims_digest_text(PHP_SHA256_CTX *context, const char *text)
{
    if (text) {
        php_ims_digest_bytes(context, text, strlen(text));
    } else {
        const uint64_t no_length = UINT64_MAX;
        PHP_SHA256Update(context, (const unsigned char *)&no_length, sizeof(no_length));
    }
}

php_ims_kept *php_ims_kept_new(void (*free_handle)(void *))
{
    kept_thing *thing = pecalloc(1, sizeof(*thing), 1);
    thing->free_handle = free_handle;
    thing->references = 1;
    thing->public.serial = ++IMS_G(serial);
    return &thing->public;
}

php_ims_kept *php_ims_kept_share(php_ims_kept *kept)
{
    ((kept_thing *)kept)->references++;
    return kept;
}

void php_ims_kept_release(php_ims_kept *kept)
{
    kept_thing *thing = (kept_thing *)kept;
    if (--thing->references > 0)
        return;
    thing->free_handle(kept->handle);
    while (thing->files > 0)
        pefree(thing->file[--thing->files].path, 1);
    if (thing->file)
        pefree(thing->file, 1);
    pefree(thing, 1);
}

static void digest_content(const char *path, unsigned char digest[PHP_IMS_DIGEST_LENGTH])
{
    PHP_SHA256_CTX context;
    PHP_SHA256Init(&context);
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0) {
        unsigned char chunk[CHUNK];
        ssize_t length;
        for (size_t total = 0; total <= LONGEST_FILE && (length = read(file, chunk, sizeof(chunk))) > 0; total += length)
            PHP_SHA256Update(&context, chunk, length);
        ZEND_SECURE_ZERO(chunk, sizeof(chunk));
        close(file);
    }
    PHP_SHA256Final(digest, &context);
}

/* What is no regular file looks the same at any time. */
static void look(watched_file *file)
{
    struct stat found;
    if (stat(file->path, &found) == 0 && S_ISREG(found.st_mode)) {
        file->device = found.st_dev;
        file->inode = found.st_ino;
        file->size = found.st_size;
        file->modified = found.st_mtim;
        file->changed = found.st_ctim;
        file->is_fresh = time(NULL) - found.st_ctim.tv_sec <= TICK_SECONDS;
    }
}

static bool is_same_time(struct timespec one, struct timespec other)
{
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

static bool is_unchanged(watched_file *file)
{
    watched_file now = {.path = file->path};
    look(&now);
    if (now.device != file->device || now.inode != file->inode || now.size != file->size ||
        !is_same_time(now.modified, file->modified) || !is_same_time(now.changed, file->changed))
        return false;
    if (file->is_fresh) {
        digest_content(file->path, now.content);
        file->is_fresh = now.is_fresh;
        return memcmp(now.content, file->content, sizeof(now.content)) == 0;
    }
    return true;
}

void php_ims_kept_watch(php_ims_kept *kept, const char *path)
{
    kept_thing *thing = (kept_thing *)kept;
    thing->file = perealloc(thing->file, (thing->files + 1) * sizeof(*thing->file), 1);
    watched_file *file = &thing->file[thing->files++];
    *file = (watched_file){.path = pestrdup(path, 1)};
    look(file);
    if (file->is_fresh)
        digest_content(path, file->content);
}

/* A child that was forked keeps what it makes itself. */
static void begin_process(void)
{
    pid_t process = getpid();
    if (IMS_G(process) != process) {
        zend_hash_clean(&IMS_G(keys));
        zend_hash_clean(&IMS_G(clients));
        IMS_G(process) = process;
    }
}

php_ims_kept *php_ims_kept_find(HashTable *table, const unsigned char digest[PHP_IMS_DIGEST_LENGTH])
{
    begin_process();
    kept_thing *thing = zend_hash_str_find_ptr(table, (const char *)digest, PHP_IMS_DIGEST_LENGTH);
    if (!thing)
        return NULL;
    for (uint32_t file = 0; file < thing->files; file++) {
        if (!is_unchanged(&thing->file[file])) {
            zend_hash_str_del(table, (const char *)digest, PHP_IMS_DIGEST_LENGTH);
            return NULL;
        }
    }
    thing->used = ++IMS_G(uses);
    return php_ims_kept_share(&thing->public);
}

static void remove_least_recently_used(HashTable *table)
{
    zend_string *digest, *oldest = NULL;
    uint64_t oldest_use = UINT64_MAX;
    kept_thing *thing;
    ZEND_HASH_FOREACH_STR_KEY_PTR(table, digest, thing)
    {
        if (thing->used < oldest_use) {
            oldest = digest;
            oldest_use = thing->used;
        }
    }
    ZEND_HASH_FOREACH_END();
    zend_hash_del(table, oldest);
}

void php_ims_kept_store(
    HashTable *table, const unsigned char digest[PHP_IMS_DIGEST_LENGTH], php_ims_kept *kept, zend_long limit)
{
    if (limit <= 0)
        return;
    begin_process();
    while (zend_hash_num_elements(table) >= limit)
        remove_least_recently_used(table);
    ((kept_thing *)kept)->used = ++IMS_G(uses);
    zend_hash_str_update_ptr(table, (const char *)digest, PHP_IMS_DIGEST_LENGTH, php_ims_kept_share(kept));
}

static void release_value(zval *value)
{
    php_ims_kept_release(Z_PTR_P(value));
}

void php_ims_kept_startup(zend_ims_globals *globals)
{
    zend_hash_init(&globals->keys, 0, NULL, release_value, 1);
    zend_hash_init(&globals->clients, 0, NULL, release_value, 1);
}

void php_ims_kept_shutdown(zend_ims_globals *globals)
{
    zend_hash_destroy(&globals->keys);
    zend_hash_destroy(&globals->clients);
}
