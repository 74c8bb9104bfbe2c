/* Prints the JWT for the claims on the command line: iss, sub, aud, exp, iat. */
#include "check.h"

int main(int argc, char **argv)
{
    ims_key *key = load_key();
    ims_jwt_options claims = IMS_JWT_OPTIONS_INIT;
    char *jwt;

    CHECK(argc == 6);
    claims.iss = argv[1];
    claims.sub = argv[2];
    claims.aud = argv[3];
    claims.exp = atoll(argv[4]);
    claims.iat = atoll(argv[5]);
    CHECK_OK(ims_generate_jwt(key, &claims, &jwt, &error));
    puts(jwt);
    ims_string_free(jwt);
    ims_key_free(key);
    return 0;
}
