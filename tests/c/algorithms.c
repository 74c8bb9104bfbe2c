/* Prints a JWT a line, for each algorithm and key file on the command line. */
#include "check.h"

int main(int argc, char **argv)
{
    for (int place = 1; place + 1 < argc; place += 2) {
        ims_key *key;
        ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
        char *jwt;
        claims.iss = "i";
        claims.alg = argv[place];
        CHECK_OK(ims_key_from_file(argv[place + 1], NULL, &key, &error));
        CHECK_OK(ims_generate_jwt(key, &claims, &jwt, &error));
        puts(jwt);
        ims_string_free(jwt);
        ims_key_free(key);
    }
    return 0;
}
