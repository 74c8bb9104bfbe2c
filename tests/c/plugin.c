/* A host that loads the library late and unloads it early. Its code must stay, for a DNS lookup that timed out may
 * still run in it. */
#include "check.h"
#include <dlfcn.h>
#include <pthread.h>

/* In a thread of its own: a thread that used the library and lives would keep it loaded anyway. */
static void *use(void *library)
{
    __typeof__(&ims_key_from_file) key_from_file;
    ims_key *key;

    /* dlsym answers a pointer to data; this is how POSIX makes it one to a function. */
    *(void **)&key_from_file = dlsym(library, "ims_key_from_file");
    CHECK(key_from_file(NULL, NULL, &key, NULL) == IMS_ERR_ARGUMENT);
    return NULL;
}

int main(void)
{
    void *library = dlopen("libims.so.0", RTLD_NOW | RTLD_LOCAL);
    pthread_t thread;

    CHECK(library != NULL);
    CHECK(pthread_create(&thread, NULL, use, library) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(dlclose(library) == 0);
    CHECK(dlopen("libims.so.0", RTLD_NOW | RTLD_NOLOAD) != NULL);
    return 0;
}
