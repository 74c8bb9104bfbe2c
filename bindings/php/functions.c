/* The functions: claims and a key -> JWT -> token. */

#include "php_ims.h"
#include <zend_enum.h>

/* The texts stay the array's. */
static zend_result read_metascopes(HashTable *array, uint32_t argument, const char **metascopes)
{
    zval *metascope;
    ZEND_HASH_FOREACH_VAL(array, metascope)
    {
        ZVAL_DEREF(metascope);
        if (Z_TYPE_P(metascope) != IS_STRING) {
            zend_argument_type_error(
                argument, "must be a list of strings, %s given in it", zend_zval_type_name(metascope));
            return FAILURE;
        }
        if (strlen(Z_STRVAL_P(metascope)) != Z_STRLEN_P(metascope)) {
            zend_argument_value_error(argument, "must not contain any null bytes");
            return FAILURE;
        }
        *metascopes++ = Z_STRVAL_P(metascope);
    }
    ZEND_HASH_FOREACH_END();
    return SUCCESS;
}

/* An array with names, as JSON; NULL where it is empty, or with an exception. */
static zend_string *object_json(zval *array, uint32_t argument)
{
    if (zend_hash_num_elements(Z_ARRVAL_P(array)) == 0)
        return NULL;
    if (zend_array_is_list(Z_ARRVAL_P(array))) {
        zend_argument_value_error(argument, "must have names as its keys");
        return NULL;
    }
    return php_ims_read_json(array, argument);
}

/* Further claims and a jti that is an integer, for which the library has no field, as JSON; NULL where there are none,
 * or with an exception. */
static zend_string *claims_json(zval *claims, uint32_t argument, bool has_jti, zend_long jti)
{
    if (!has_jti)
        return object_json(claims, argument);
    if (zend_hash_num_elements(Z_ARRVAL_P(claims)) > 0 && zend_array_is_list(Z_ARRVAL_P(claims))) {
        zend_argument_value_error(argument, "must have names as its keys");
        return NULL;
    }
    if (zend_hash_str_exists(Z_ARRVAL_P(claims), ZEND_STRL("jti"))) {
        zend_argument_value_error(argument, "must not repeat the claim jti");
        return NULL;
    }
    zval all;
    array_init(&all);
    add_assoc_long(&all, "jti", jti);
    zend_hash_copy(Z_ARRVAL(all), Z_ARRVAL_P(claims), zval_add_ref);
    zend_string *json = php_ims_read_json(&all, argument);
    zval_ptr_dtor(&all);
    return json;
}

/* The library's text as PHP's, wiped there even where PHP runs out of memory. */
static void return_secret(zval *return_value, char *secret)
{
    zend_try
    {
        RETVAL_STRING(secret);
    }
    zend_catch
    {
        ims_string_free(secret);
        zend_bailout();
    }
    zend_end_try();
    ims_string_free(secret);
}

static const char *text_of(const zend_string *text)
{
    return text ? ZSTR_VAL(text) : NULL;
}

ZEND_FUNCTION(ims_generate_jwt)
{
    enum { KEY = 1, SUB = 3, AUD, EXP, NBF, JTI, LIFETIME, IAT, METASCOPES = 11, CLAIMS, HEADER = 16, CERTIFICATE };
    zend_object *key_object;
    zend_string *key_text, *iss, *sub = NULL, *aud = NULL, *jti = NULL, *kid = NULL, *passphrase = NULL;
    zend_string *alg = NULL, *typ = NULL, *certificate = NULL, *x5t = NULL;
    zval *exp = NULL, *nbf = NULL, *lifetime = NULL, *iat = NULL, *jti_value = NULL, *claims = NULL, *header = NULL;
    HashTable *metascopes = NULL;

    ZEND_PARSE_PARAMETERS_START(2, 18)
        Z_PARAM_OBJ_OF_CLASS_OR_STR(key_object, php_ims_key_ce, key_text)
        Z_PARAM_PATH_STR(iss)
        Z_PARAM_OPTIONAL
        Z_PARAM_PATH_STR_OR_NULL(sub)
        Z_PARAM_PATH_STR_OR_NULL(aud)
        Z_PARAM_ZVAL(exp)
        Z_PARAM_ZVAL(nbf)
        Z_PARAM_ZVAL(jti_value)
        Z_PARAM_ZVAL(lifetime)
        Z_PARAM_ZVAL(iat)
        Z_PARAM_PATH_STR_OR_NULL(kid)
        Z_PARAM_ARRAY_HT(metascopes)
        Z_PARAM_ARRAY(claims)
        Z_PARAM_PATH_STR_OR_NULL(passphrase)
        Z_PARAM_PATH_STR_OR_NULL(alg)
        Z_PARAM_PATH_STR_OR_NULL(typ)
        Z_PARAM_ARRAY(header)
        Z_PARAM_PATH_STR_OR_NULL(certificate)
        Z_PARAM_PATH_STR_OR_NULL(x5t)
    ZEND_PARSE_PARAMETERS_END();

    /* To the library, an empty text is none: a claim that a script meant to give would be missing. */
    if ((sub && ZSTR_LEN(sub) == 0) || (aud && ZSTR_LEN(aud) == 0)) {
        zend_argument_value_error(sub && ZSTR_LEN(sub) == 0 ? SUB : AUD, "cannot be empty");
        RETURN_THROWS();
    }

    ims_jwt_options options = IMS_JWT_OPTIONS_INIT;
    if (php_ims_read_integer(exp, EXP, &options.exp) == FAILURE ||
        php_ims_read_integer(nbf, NBF, &options.nbf) == FAILURE ||
        php_ims_read_integer(lifetime, LIFETIME, &options.lifetime) == FAILURE ||
        php_ims_read_integer(iat, IAT, &options.iat) == FAILURE)
        RETURN_THROWS();

    bool jti_is_integer = jti_value && Z_TYPE_P(jti_value) == IS_LONG;
    if (jti_value && Z_TYPE_P(jti_value) == IS_STRING) {
        jti = Z_STR_P(jti_value);
        if (strlen(ZSTR_VAL(jti)) != ZSTR_LEN(jti)) {
            zend_argument_value_error(JTI, "must not contain any null bytes");
            RETURN_THROWS();
        }
    } else if (jti_value && !jti_is_integer && Z_TYPE_P(jti_value) != IS_NULL) {
        zend_argument_type_error(JTI, "must be of type string|int|null, %s given", zend_zval_type_name(jti_value));
        RETURN_THROWS();
    }

    options.iss = ZSTR_VAL(iss);
    options.sub = text_of(sub);
    options.aud = text_of(aud);
    options.jti = text_of(jti);
    options.kid = text_of(kid);
    options.alg = text_of(alg);
    options.typ = text_of(typ);
    options.x5t = text_of(x5t);
    options.certificate = text_of(certificate);
    char certificate_path[MAXPATHLEN];
    if (certificate && ims_key_is_path(ZSTR_VAL(certificate), ZSTR_LEN(certificate))) {
        if (php_ims_read_path(ZSTR_VAL(certificate), CERTIFICATE, certificate_path) == FAILURE)
            RETURN_THROWS();
        options.certificate = certificate_path;
    }

    zend_string *json = NULL, *header_json = NULL;
    const char **names = NULL;
    const ims_key *key = NULL;
    ims_key *shared_key = NULL;
    zval no_claims;
    ZVAL_EMPTY_ARRAY(&no_claims);
    json = claims_json(claims ? claims : &no_claims, CLAIMS, jti_is_integer, jti_is_integer ? Z_LVAL_P(jti_value) : 0);
    options.claims_json = text_of(json);
    if (header && !EG(exception))
        header_json = object_json(header, HEADER);
    options.header_json = text_of(header_json);
    if (metascopes && !EG(exception)) {
        options.metascopes_len = zend_hash_num_elements(metascopes);
        names = safe_emalloc(options.metascopes_len, sizeof(*names), 0);
        read_metascopes(metascopes, METASCOPES, names);
        options.metascopes = names;
    }
    if (!EG(exception))
        key = php_ims_key_given(key_object, key_text, passphrase, KEY, &shared_key);
    char *jwt = NULL;
    ims_error *error = NULL;
    if (key)
        ims_generate_jwt(key, &options, &jwt, &error);
    ims_key_free(shared_key);
    if (names)
        efree(names);
    if (json)
        zend_string_release(json);
    if (header_json)
        zend_string_release(header_json);
    if (jwt)
        return_secret(return_value, jwt);
    else if (error)
        php_ims_throw(error);
}

static zend_result read_client_auth(const zend_string *name, uint32_t argument, int32_t *client_auth)
{
    static const struct {
        const char *name;
        int32_t number;
    } methods[] = {
        {"body", IMS_CLIENT_AUTH_BODY},
        {"basic", IMS_CLIENT_AUTH_BASIC},
        {"private_key_jwt", IMS_CLIENT_AUTH_PRIVATE_KEY_JWT},
        {"client_secret_jwt", IMS_CLIENT_AUTH_CLIENT_SECRET_JWT},
        {"none", IMS_CLIENT_AUTH_NONE},
    };
    for (size_t place = 0; place < sizeof(methods) / sizeof(*methods); place++) {
        if (strcmp(methods[place].name, ZSTR_VAL(name)) == 0) {
            *client_auth = methods[place].number;
            return SUCCESS;
        }
    }
    zend_argument_value_error(
        argument, "must be \"body\", \"basic\", \"private_key_jwt\", \"client_secret_jwt\" or \"none\"");
    return FAILURE;
}

/* Stores one parameter; the texts stay the array's. */
static zend_result add_parameter(zend_string *name, zval *value, uint32_t argument, ims_parameter **parameters)
{
    ZVAL_DEREF(value);
    if (Z_TYPE_P(value) != IS_STRING) {
        zend_argument_type_error(
            argument, "must hold strings and lists of strings, %s given in it", zend_zval_type_name(value));
        return FAILURE;
    }
    if (strlen(ZSTR_VAL(name)) != ZSTR_LEN(name) || strlen(Z_STRVAL_P(value)) != Z_STRLEN_P(value)) {
        zend_argument_value_error(argument, "must not contain any null bytes");
        return FAILURE;
    }
    *(*parameters)++ = (ims_parameter){ZSTR_VAL(name), Z_STRVAL_P(value)};
    return SUCCESS;
}

/* A list stands for one parameter each. */
static size_t count_parameters(HashTable *array)
{
    size_t count = 0;
    zval *value;
    ZEND_HASH_FOREACH_VAL(array, value)
    {
        ZVAL_DEREF(value);
        count += Z_TYPE_P(value) == IS_ARRAY ? zend_hash_num_elements(Z_ARRVAL_P(value)) : 1;
    }
    ZEND_HASH_FOREACH_END();
    return count;
}

static zend_result read_parameters(HashTable *array, uint32_t argument, ims_parameter *parameters)
{
    zend_string *name;
    zval *value, *one;
    ZEND_HASH_FOREACH_STR_KEY_VAL(array, name, value)
    {
        if (!name) {
            zend_argument_value_error(argument, "must have names as its keys");
            return FAILURE;
        }
        ZVAL_DEREF(value);
        if (Z_TYPE_P(value) != IS_ARRAY) {
            if (add_parameter(name, value, argument, &parameters) == FAILURE)
                return FAILURE;
            continue;
        }
        ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(value), one)
        {
            if (add_parameter(name, one, argument, &parameters) == FAILURE)
                return FAILURE;
        }
        ZEND_HASH_FOREACH_END();
    }
    ZEND_HASH_FOREACH_END();
    return SUCCESS;
}

ZEND_FUNCTION(ims_exchange)
{
    enum { CLIENT_AUTH = 8, TIMEOUT, PARAMETERS = 15 };
    zend_string *jwt = NULL, *client_id = NULL, *client_secret = NULL, *token_url = NULL, *scope = NULL, *org_id = NULL;
    zend_string *client_auth = NULL, *client_assertion = NULL, *issuer = NULL, *body = NULL, *grant_name = NULL;
    zend_string *subject_token_type = NULL, *requested_token_type = NULL;
    HashTable *parameters = NULL;
    zend_object *grant_case = NULL;
    php_ims_transport given = {.timeout_is_null = true};

    ZEND_PARSE_PARAMETERS_START(0, 18)
        Z_PARAM_OPTIONAL
        Z_PARAM_PATH_STR_OR_NULL(jwt)
        Z_PARAM_OBJ_OF_CLASS_OR_STR(grant_case, php_ims_grant_ce, grant_name)
        Z_PARAM_PATH_STR_OR_NULL(client_id)
        Z_PARAM_PATH_STR_OR_NULL(client_secret)
        Z_PARAM_PATH_STR_OR_NULL(token_url)
        Z_PARAM_PATH_STR_OR_NULL(scope)
        Z_PARAM_PATH_STR_OR_NULL(org_id)
        Z_PARAM_PATH_STR(client_auth)
        Z_PARAM_DOUBLE_OR_NULL(given.timeout, given.timeout_is_null)
        Z_PARAM_ZVAL(given.max_attempts)
        Z_PARAM_PATH_STR_OR_NULL(given.ca_file)
        Z_PARAM_PATH_STR_OR_NULL(given.proxy)
        Z_PARAM_PATH_STR_OR_NULL(client_assertion)
        Z_PARAM_PATH_STR_OR_NULL(issuer)
        Z_PARAM_ARRAY_HT(parameters)
        Z_PARAM_PATH_STR_OR_NULL(subject_token_type)
        Z_PARAM_PATH_STR_OR_NULL(requested_token_type)
        Z_PARAM_PATH_STR(body)
    ZEND_PARSE_PARAMETERS_END();

    ims_grant grant = IMS_GRANT_INIT;
    if (grant_case)
        grant_name = Z_STR_P(zend_enum_fetch_case_value(grant_case));
    if (grant_name) {
        /* The library reads a name, short or in full. */
        grant.type = IMS_GRANT_OTHER;
        grant.grant_type = ZSTR_VAL(grant_name);
    }
    if (client_auth && read_client_auth(client_auth, CLIENT_AUTH, &grant.client_auth) == FAILURE)
        RETURN_THROWS();
    grant.token_url = text_of(token_url);
    grant.client_id = text_of(client_id);
    grant.client_secret = text_of(client_secret);
    grant.jwt = text_of(jwt);
    grant.scope = text_of(scope);
    grant.org_id = text_of(org_id);
    grant.client_assertion = text_of(client_assertion);
    grant.issuer = text_of(issuer);
    grant.subject_token_type = text_of(subject_token_type);
    grant.requested_token_type = text_of(requested_token_type);
    grant.body = text_of(body);

    ims_transport transport = IMS_TRANSPORT_INIT;
    if (php_ims_read_transport(&given, TIMEOUT, &transport) == FAILURE)
        RETURN_THROWS();

    object_init_ex(return_value, php_ims_token_ce);
    php_ims_object *token = php_ims_object_of(Z_OBJ_P(return_value));
    ims_parameter *further = NULL;
    ims_error *error = NULL;
    if (parameters) {
        grant.parameters_len = count_parameters(parameters);
        further = safe_emalloc(grant.parameters_len, sizeof(*further), 0);
        grant.parameters = further;
        if (read_parameters(parameters, PARAMETERS, further) == FAILURE) {
            efree(further);
            return;
        }
    }
    ims_status status = ims_exchange(&grant, &transport, (ims_token **)&token->owned, &error);
    if (further)
        efree(further);
    if (status != IMS_OK)
        php_ims_throw(error);
}

ZEND_FUNCTION(ims_version)
{
    ZEND_PARSE_PARAMETERS_NONE();

    RETURN_STRING(ims_version());
}
