/* Ims\Token. Its properties are read from what it owns when they are asked for, so that no dump, cast or export of the
 * object holds the token. */

#include "php_ims.h"
#include <ext/date/php_date.h>
#include <time.h>

zend_class_entry *php_ims_token_ce;
static zend_object_handlers handlers;

static zend_object *create(zend_class_entry *ce)
{
    return php_ims_object_new(ce, &handlers);
}

static void free_token(zend_object *object)
{
    ims_token_free(php_ims_object_of(object)->owned);
    zend_object_std_dtor(object);
}

static void set_text(zval *value, const char *text)
{
    if (text)
        ZVAL_STRING(value, text);
    else
        ZVAL_NULL(value);
}

static void set_time(zval *value, int64_t unix_seconds)
{
    char text[sizeof("+9999-12-31 23:59:59 UTC")];
    time_t seconds = (time_t)unix_seconds;
    struct tm utc;
    size_t length = strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &utc));
    php_date_instantiate(php_date_get_immutable_ce(), value);
    php_date_initialize(Z_PHPDATE_P(value), text, length, NULL, NULL, 0);
}

/* Whether the token has such a property, and its value. */
static bool get(const ims_token *token, const zend_string *name, zval *value)
{
    if (zend_string_equals_literal(name, "accessToken"))
        set_text(value, ims_token_access_token(token));
    else if (zend_string_equals_literal(name, "tokenType"))
        set_text(value, ims_token_type(token));
    else if (zend_string_equals_literal(name, "scope"))
        set_text(value, ims_token_scope(token));
    else if (zend_string_equals_literal(name, "issuedTokenType"))
        set_text(value, ims_token_issued_token_type(token));
    else if (zend_string_equals_literal(name, "expiresAt"))
        set_time(value, ims_token_expires_at(token));
    else
        return false;
    return true;
}

static zval *read_property(zend_object *object, zend_string *name, int type, void **cache_slot, zval *value)
{
    const ims_token *token = php_ims_object_of(object)->owned;
    /* What would be written to, or does not exist, is refused as for any read-only property. */
    if (token && (type == BP_VAR_R || type == BP_VAR_IS) && get(token, name, value))
        return value;
    return zend_std_read_property(object, name, type, cache_slot, value);
}

static int has_property(zend_object *object, zend_string *name, int check, void **cache_slot)
{
    zval value;
    const ims_token *token = php_ims_object_of(object)->owned;
    if (!token || !get(token, name, &value))
        return zend_std_has_property(object, name, check, cache_slot);
    bool has = check == ZEND_PROPERTY_EXISTS || (check == ZEND_PROPERTY_NOT_EMPTY ? zend_is_true(&value)
                                                                                    : Z_TYPE(value) != IS_NULL);
    zval_ptr_dtor(&value);
    return has;
}

/* The engine takes the properties, which hold nothing, for ones that are not initialized yet. */
static zval *write_property(zend_object *object, zend_string *name, zval *value, void **cache_slot)
{
    if (!zend_hash_exists(&object->ce->properties_info, name))
        return zend_std_write_property(object, name, value, cache_slot);
    zend_throw_error(NULL, "Cannot modify readonly property %s::$%s", ZSTR_VAL(object->ce->name), ZSTR_VAL(name));
    return &EG(error_zval);
}

static void unset_property(zend_object *object, zend_string *name, void **cache_slot)
{
    if (zend_hash_exists(&object->ce->properties_info, name))
        zend_throw_error(NULL, "Cannot unset readonly property %s::$%s", ZSTR_VAL(object->ce->name), ZSTR_VAL(name));
    else
        zend_std_unset_property(object, name, cache_slot);
}

static zval *get_property_ptr_ptr(zend_object *object, zend_string *name, int type, void **cache_slot)
{
    /* To be read and written by the functions above. */
    return NULL;
}

/* var_dump and print_r show all but the token. */
static HashTable *get_debug_info(zend_object *object, int *is_temporary)
{
    const ims_token *token = php_ims_object_of(object)->owned;
    HashTable *shown = zend_new_array(5);
    zval value;
    *is_temporary = 1;
    if (!token)
        return shown;
    ZVAL_STRING(&value, "(not shown)");
    zend_hash_str_add(shown, ZEND_STRL("accessToken"), &value);
    set_text(&value, ims_token_type(token));
    zend_hash_str_add(shown, ZEND_STRL("tokenType"), &value);
    set_text(&value, ims_token_scope(token));
    zend_hash_str_add(shown, ZEND_STRL("scope"), &value);
    set_time(&value, ims_token_expires_at(token));
    zend_hash_str_add(shown, ZEND_STRL("expiresAt"), &value);
    set_text(&value, ims_token_issued_token_type(token));
    zend_hash_str_add(shown, ZEND_STRL("issuedTokenType"), &value);
    return shown;
}

void php_ims_token_startup(void)
{
    php_ims_token_ce->create_object = create;
    php_ims_object_handlers(&handlers, free_token);
    handlers.read_property = read_property;
    handlers.has_property = has_property;
    handlers.write_property = write_property;
    handlers.unset_property = unset_property;
    handlers.get_property_ptr_ptr = get_property_ptr_ptr;
    handlers.get_debug_info = get_debug_info;
}

ZEND_METHOD(Ims_Token, expiresIn)
{
    ZEND_PARSE_PARAMETERS_NONE();

    const ims_token *token = php_ims_object_owned(Z_OBJ_P(ZEND_THIS));
    if (!token)
        RETURN_THROWS();
    RETURN_LONG(ims_token_expires_in(token));
}

ZEND_METHOD(Ims_Token, get)
{
    char *name;
    size_t length;
    ZEND_PARSE_PARAMETERS_START(1, 1)
        Z_PARAM_PATH(name, length)
    ZEND_PARSE_PARAMETERS_END();

    const ims_token *token = php_ims_object_owned(Z_OBJ_P(ZEND_THIS));
    if (!token)
        RETURN_THROWS();
    set_text(return_value, ims_token_member(token, name));
}
