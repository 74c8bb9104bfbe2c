/* Children sign with a key that their parent's threads are signing with at the fork. */
#include "children.h"

static ims_key *key;

static void *use(void *nothing)
{
    while (!atomic_load(&over)) ims_string_free(sign(key));
    return nothing;
}

static void sign_twice(void)
{
    ims_string_free(sign(key));
    ims_string_free(sign(key));
}

int main(void)
{
    key = load_key();
    check_in_children(use, sign_twice);
    ims_key_free(key);
    return 0;
}
