/* key_forks [openssl]: children sign with a key that their parent's threads are signing with at the fork. With `openssl`, it
 * is a key that only OpenSSL signs with: a child is refused if its fork waited in vain for a thread that was in OpenSSL,
 * which on a busy machine may get no processor for so long. */
#include "children.h"

static ims_key *key;
static int needs_openssl;

static void *use(void *nothing)
{
    while (!atomic_load(&over)) ims_string_free(sign(key));
    return nothing;
}

static void sign_in_child(void)
{
    const double longest_wait = 0.05;
    int may_be_refused = needs_openssl && now() - fork_began >= longest_wait, is_expected, i;
    for (i = 0; i < 2; i++) {
        ims_error *error = NULL;
        char *jwt;
        if (try_to_sign(key, &jwt, &error) == IMS_OK) {
            ims_string_free(jwt);
            continue;
        }
        is_expected = may_be_refused && ims_error_status(error) == IMS_ERR_KEY &&
                      strstr(ims_error_message(error), "it was forked while another thread") != NULL;
        if (!is_expected) fprintf(stderr, "%s\n", ims_error_message(error));
        CHECK(is_expected);
        ims_error_free(error);
    }
}

int main(int count, char **arguments)
{
    needs_openssl = count == 2 && strcmp(arguments[1], "openssl") == 0;
    key = load_key();
    check_in_children(use, sign_in_child);
    ims_key_free(key);
    return 0;
}
