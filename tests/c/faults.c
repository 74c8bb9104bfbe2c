/* faults: a cold call and warm ones, for tests/core/faults.rs, which makes system calls of theirs fail.
 *
 * Between two calls of getppid, which the library never makes, it prints a line for each: "token TOKEN", or "error" with
 * status and message; then how many descriptors are open that were not before. */
#include "check.h"
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* With SHORT, whatever is read or written, by the library too, is a byte at a time. */
static int is_short;

static size_t cut(size_t length) { return is_short && length > 1 ? 1 : length; }

ssize_t read(int descriptor, void *to, size_t length) { return syscall(SYS_read, descriptor, to, cut(length)); }
ssize_t write(int descriptor, const void *from, size_t length) { return syscall(SYS_write, descriptor, from, cut(length)); }
ssize_t recv(int descriptor, void *to, size_t length, int flags)
{
    return syscall(SYS_recvfrom, descriptor, to, cut(length), flags, NULL, NULL);
}
ssize_t send(int descriptor, const void *from, size_t length, int flags)
{
    return syscall(SYS_sendto, descriptor, from, cut(length), flags, NULL, 0);
}

static void token_of(ims_client *client)
{
    ims_token *token = NULL;
    ims_error *error = NULL;

    if (ims_client_token(client, &token, &error) == IMS_OK)
        printf("token %s\n", ims_token_access_token(token));
    else
        printf("error %d %s\n", (int)ims_error_status(error), ims_error_message(error));
    CHECK((token == NULL) != (error == NULL));
    ims_error_free(error);
    ims_token_free(token);
}

static void call(int tokens)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_client *client = NULL;
    ims_error *error = NULL;

    transport.timeout_ms = 10000;
    transport.ca_file = setting("CA_FILE"); /* one file; the system's store is some hundred */
    options.transport = &transport;
    options.cache = setting("CACHE");
    if (ims_client_from_file(setting("CREDENTIALS"), &options, &client, &error) == IMS_OK)
        while (tokens-- > 0) token_of(client);
    else
        printf("error %d %s\n", (int)ims_error_status(error), ims_error_message(error));
    CHECK((client == NULL) == (error != NULL));
    ims_error_free(error);
    ims_client_free(client);
}

static int open_descriptors(void)
{
    int descriptor, count = 0;
    for (descriptor = 0; descriptor < 256; descriptor++) count += dup2(descriptor, descriptor) >= 0;
    return count;
}

int main(void)
{
    int before = open_descriptors();

    is_short = getenv("SHORT") != NULL;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    getppid();
    call(2); /* cold, and by the client's own memory */
    call(1); /* by the cache */
    getppid();
    printf("left %d\n", open_descriptors() - before);
    return 0;
}
