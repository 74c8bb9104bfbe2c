/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 729b7e7eb62da0be3547ded66d877b722b4c9854 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_ims_generate_jwt, 0, 2, IS_STRING, 0)
	ZEND_ARG_OBJ_TYPE_MASK(0, key, Ims\\Key, MAY_BE_STRING, NULL)
	ZEND_ARG_TYPE_INFO(0, iss, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, sub, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, aud, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, exp, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, nbf, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_MASK(0, jti, MAY_BE_LONG|MAY_BE_STRING|MAY_BE_NULL, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lifetime, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, iat, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, kid, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, metascopes, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, claims, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, passphrase, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, alg, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, typ, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, header, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, certificate, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, x5t, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_ims_exchange, 0, 0, Ims\\Token, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, jwt, IS_STRING, 1, "null")
	ZEND_ARG_OBJ_TYPE_MASK(0, grant, Ims\\Grant, MAY_BE_STRING, "Ims\\Grant::JwtExchange")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, clientId, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, clientSecret, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tokenUrl, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, scope, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, orgId, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, clientAuth, IS_STRING, 0, "\"body\"")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, maxAttempts, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, caFile, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, proxy, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, clientAssertion, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, issuer, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, parameters, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subjectTokenType, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, requestedTokenType, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, body, IS_STRING, 0, "\"form\"")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_ims_doctor, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, file, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, online, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, certificate, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, name, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, passphrase, IS_STRING, 1, "null")
	ZEND_ARG_OBJ_TYPE_MASK(0, key, Ims\\Key, MAY_BE_STRING|MAY_BE_NULL, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, cache, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, maxAttempts, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, caFile, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, proxy, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, scope, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subject, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, audience, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, allowCommand, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_ims_version, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_Ims_Key_fromFile, 0, 1, Ims\\Key, 0)
	ZEND_ARG_TYPE_INFO(0, path, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, passphrase, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_Ims_Key_fromString, 0, 1, Ims\\Key, 0)
	ZEND_ARG_TYPE_INFO(0, text, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, passphrase, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_Ims_Client_fromFile, 0, 1, Ims\\Client, 0)
	ZEND_ARG_TYPE_INFO(0, path, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, name, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, passphrase, IS_STRING, 1, "null")
	ZEND_ARG_OBJ_TYPE_MASK(0, key, Ims\\Key, MAY_BE_STRING|MAY_BE_NULL, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, cache, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, maxAttempts, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, caFile, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, proxy, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, scope, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subject, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, audience, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, allowCommand, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_Ims_Client_fromArray, 0, 1, Ims\\Client, 0)
	ZEND_ARG_TYPE_INFO(0, credentials, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, name, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, passphrase, IS_STRING, 1, "null")
	ZEND_ARG_OBJ_TYPE_MASK(0, key, Ims\\Key, MAY_BE_STRING|MAY_BE_NULL, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, cache, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, maxAttempts, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, caFile, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, proxy, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, scope, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subject, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, audience, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, allowCommand, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_Ims_Client_fromEnv, 0, 0, Ims\\Client, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, name, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, passphrase, IS_STRING, 1, "null")
	ZEND_ARG_OBJ_TYPE_MASK(0, key, Ims\\Key, MAY_BE_STRING|MAY_BE_NULL, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, cache, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, maxAttempts, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, caFile, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, proxy, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, scope, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subject, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, audience, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, allowCommand, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_Ims_Client_token, 0, 0, Ims\\Token, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Ims_Client_forget, 0, 1, IS_VOID, 0)
	ZEND_ARG_OBJ_INFO(0, token, Ims\\Token, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Ims_Token_expiresIn, 0, 0, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Ims_Token_get, 0, 1, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_Ims_Check___construct, 0, 0, 0)
ZEND_END_ARG_INFO()


ZEND_FUNCTION(ims_generate_jwt);
ZEND_FUNCTION(ims_exchange);
ZEND_FUNCTION(ims_doctor);
ZEND_FUNCTION(ims_version);
ZEND_METHOD(Ims_Key, fromFile);
ZEND_METHOD(Ims_Key, fromString);
ZEND_METHOD(Ims_Client, fromFile);
ZEND_METHOD(Ims_Client, fromArray);
ZEND_METHOD(Ims_Client, fromEnv);
ZEND_METHOD(Ims_Client, token);
ZEND_METHOD(Ims_Client, forget);
ZEND_METHOD(Ims_Token, expiresIn);
ZEND_METHOD(Ims_Token, get);
ZEND_METHOD(Ims_Check, __construct);


static const zend_function_entry ext_functions[] = {
	ZEND_FE(ims_generate_jwt, arginfo_ims_generate_jwt)
	ZEND_FE(ims_exchange, arginfo_ims_exchange)
	ZEND_FE(ims_doctor, arginfo_ims_doctor)
	ZEND_FE(ims_version, arginfo_ims_version)
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Grant_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Key_methods[] = {
	ZEND_ME(Ims_Key, fromFile, arginfo_class_Ims_Key_fromFile, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(Ims_Key, fromString, arginfo_class_Ims_Key_fromString, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Client_methods[] = {
	ZEND_ME(Ims_Client, fromFile, arginfo_class_Ims_Client_fromFile, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(Ims_Client, fromArray, arginfo_class_Ims_Client_fromArray, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(Ims_Client, fromEnv, arginfo_class_Ims_Client_fromEnv, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(Ims_Client, token, arginfo_class_Ims_Client_token, ZEND_ACC_PUBLIC)
	ZEND_ME(Ims_Client, forget, arginfo_class_Ims_Client_forget, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Token_methods[] = {
	ZEND_ME(Ims_Token, expiresIn, arginfo_class_Ims_Token_expiresIn, ZEND_ACC_PUBLIC)
	ZEND_ME(Ims_Token, get, arginfo_class_Ims_Token_get, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Outcome_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Check_methods[] = {
	ZEND_ME(Ims_Check, __construct, arginfo_class_Ims_Check___construct, ZEND_ACC_PRIVATE)
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Throwable_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_Exception_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_ArgumentError_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_KeyException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_PassphraseException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_CredentialsException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_ConnectException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_TlsException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_TimeoutException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_RejectedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_RateLimitedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_UnavailableException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_ResponseException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_CacheException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Ims_InternalException_methods[] = {
	ZEND_FE_END
};

static void register_ims_symbols(int module_number)
{

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_generate_jwt", sizeof("ims_generate_jwt") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_generate_jwt", sizeof("ims_generate_jwt") - 1), 12, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_generate_jwt", sizeof("ims_generate_jwt") - 1), 16, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_exchange", sizeof("ims_exchange") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_exchange", sizeof("ims_exchange") - 1), 3, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_exchange", sizeof("ims_exchange") - 1), 4, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_exchange", sizeof("ims_exchange") - 1), 10, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_exchange", sizeof("ims_exchange") - 1), 11, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_exchange", sizeof("ims_exchange") - 1), 12, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_exchange", sizeof("ims_exchange") - 1), 14, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_doctor", sizeof("ims_doctor") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_doctor", sizeof("ims_doctor") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_doctor", sizeof("ims_doctor") - 1), 4, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_doctor", sizeof("ims_doctor") - 1), 5, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_doctor", sizeof("ims_doctor") - 1), 6, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_doctor", sizeof("ims_doctor") - 1), 9, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(CG(function_table), "ims_doctor", sizeof("ims_doctor") - 1), 10, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);
}

static zend_class_entry *register_class_Ims_Grant(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("Ims\\Grant", IS_STRING, class_Ims_Grant_methods);

	zval enum_case_JwtExchange_value;
	zend_string *enum_case_JwtExchange_value_str = zend_string_init("jwt_exchange", strlen("jwt_exchange"), 1);
	ZVAL_STR(&enum_case_JwtExchange_value, enum_case_JwtExchange_value_str);
	zend_enum_add_case_cstr(class_entry, "JwtExchange", &enum_case_JwtExchange_value);

	zval enum_case_JwtBearer_value;
	zend_string *enum_case_JwtBearer_value_str = zend_string_init("jwt_bearer", strlen("jwt_bearer"), 1);
	ZVAL_STR(&enum_case_JwtBearer_value, enum_case_JwtBearer_value_str);
	zend_enum_add_case_cstr(class_entry, "JwtBearer", &enum_case_JwtBearer_value);

	zval enum_case_ClientCredentials_value;
	zend_string *enum_case_ClientCredentials_value_str = zend_string_init("client_credentials", strlen("client_credentials"), 1);
	ZVAL_STR(&enum_case_ClientCredentials_value, enum_case_ClientCredentials_value_str);
	zend_enum_add_case_cstr(class_entry, "ClientCredentials", &enum_case_ClientCredentials_value);

	zval enum_case_TokenExchange_value;
	zend_string *enum_case_TokenExchange_value_str = zend_string_init("token_exchange", strlen("token_exchange"), 1);
	ZVAL_STR(&enum_case_TokenExchange_value, enum_case_TokenExchange_value_str);
	zend_enum_add_case_cstr(class_entry, "TokenExchange", &enum_case_TokenExchange_value);

	return class_entry;
}

static zend_class_entry *register_class_Ims_Key(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "Key", class_Ims_Key_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;


	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromstring", sizeof("fromstring") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromstring", sizeof("fromstring") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	return class_entry;
}

static zend_class_entry *register_class_Ims_Client(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "Client", class_Ims_Client_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_clientId_default_value;
	ZVAL_UNDEF(&property_clientId_default_value);
	zend_string *property_clientId_name = zend_string_init("clientId", sizeof("clientId") - 1, 1);
	zend_declare_typed_property(class_entry, property_clientId_name, &property_clientId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_clientId_name);

	zval property_orgId_default_value;
	ZVAL_UNDEF(&property_orgId_default_value);
	zend_string *property_orgId_name = zend_string_init("orgId", sizeof("orgId") - 1, 1);
	zend_declare_typed_property(class_entry, property_orgId_name, &property_orgId_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_orgId_name);

	zval property_sandboxName_default_value;
	ZVAL_UNDEF(&property_sandboxName_default_value);
	zend_string *property_sandboxName_name = zend_string_init("sandboxName", sizeof("sandboxName") - 1, 1);
	zend_declare_typed_property(class_entry, property_sandboxName_name, &property_sandboxName_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_sandboxName_name);


	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 3, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 4, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 7, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromfile", sizeof("fromfile") - 1), 8, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromarray", sizeof("fromarray") - 1), 0, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromarray", sizeof("fromarray") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromarray", sizeof("fromarray") - 1), 3, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromarray", sizeof("fromarray") - 1), 4, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromarray", sizeof("fromarray") - 1), 7, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromarray", sizeof("fromarray") - 1), 8, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromenv", sizeof("fromenv") - 1), 1, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromenv", sizeof("fromenv") - 1), 2, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromenv", sizeof("fromenv") - 1), 3, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromenv", sizeof("fromenv") - 1), 6, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	zend_add_parameter_attribute(zend_hash_str_find_ptr(&class_entry->function_table, "fromenv", sizeof("fromenv") - 1), 7, ZSTR_KNOWN(ZEND_STR_SENSITIVEPARAMETER), 0);

	return class_entry;
}

static zend_class_entry *register_class_Ims_Token(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "Token", class_Ims_Token_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_accessToken_default_value;
	ZVAL_UNDEF(&property_accessToken_default_value);
	zend_string *property_accessToken_name = zend_string_init("accessToken", sizeof("accessToken") - 1, 1);
	zend_declare_typed_property(class_entry, property_accessToken_name, &property_accessToken_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_accessToken_name);

	zval property_tokenType_default_value;
	ZVAL_UNDEF(&property_tokenType_default_value);
	zend_string *property_tokenType_name = zend_string_init("tokenType", sizeof("tokenType") - 1, 1);
	zend_declare_typed_property(class_entry, property_tokenType_name, &property_tokenType_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_tokenType_name);

	zval property_scope_default_value;
	ZVAL_UNDEF(&property_scope_default_value);
	zend_string *property_scope_name = zend_string_init("scope", sizeof("scope") - 1, 1);
	zend_declare_typed_property(class_entry, property_scope_name, &property_scope_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_scope_name);

	zend_string *property_expiresAt_class_DateTimeImmutable = zend_string_init("DateTimeImmutable", sizeof("DateTimeImmutable")-1, 1);
	zval property_expiresAt_default_value;
	ZVAL_UNDEF(&property_expiresAt_default_value);
	zend_string *property_expiresAt_name = zend_string_init("expiresAt", sizeof("expiresAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_expiresAt_name, &property_expiresAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_expiresAt_class_DateTimeImmutable, 0, 0));
	zend_string_release(property_expiresAt_name);

	zval property_issuedTokenType_default_value;
	ZVAL_UNDEF(&property_issuedTokenType_default_value);
	zend_string *property_issuedTokenType_name = zend_string_init("issuedTokenType", sizeof("issuedTokenType") - 1, 1);
	zend_declare_typed_property(class_entry, property_issuedTokenType_name, &property_issuedTokenType_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_issuedTokenType_name);

	return class_entry;
}

static zend_class_entry *register_class_Ims_Outcome(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("Ims\\Outcome", IS_STRING, class_Ims_Outcome_methods);

	zval enum_case_Ok_value;
	zend_string *enum_case_Ok_value_str = zend_string_init("ok", strlen("ok"), 1);
	ZVAL_STR(&enum_case_Ok_value, enum_case_Ok_value_str);
	zend_enum_add_case_cstr(class_entry, "Ok", &enum_case_Ok_value);

	zval enum_case_Warning_value;
	zend_string *enum_case_Warning_value_str = zend_string_init("warning", strlen("warning"), 1);
	ZVAL_STR(&enum_case_Warning_value, enum_case_Warning_value_str);
	zend_enum_add_case_cstr(class_entry, "Warning", &enum_case_Warning_value);

	zval enum_case_Error_value;
	zend_string *enum_case_Error_value_str = zend_string_init("error", strlen("error"), 1);
	ZVAL_STR(&enum_case_Error_value, enum_case_Error_value_str);
	zend_enum_add_case_cstr(class_entry, "Error", &enum_case_Error_value);

	return class_entry;
}

static zend_class_entry *register_class_Ims_Check(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "Check", class_Ims_Check_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES;

	zval property_name_default_value;
	ZVAL_UNDEF(&property_name_default_value);
	zend_string *property_name_name = zend_string_init("name", sizeof("name") - 1, 1);
	zend_declare_typed_property(class_entry, property_name_name, &property_name_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_name_name);

	zend_string *property_outcome_class_Ims_Outcome = zend_string_init("Ims\\Outcome", sizeof("Ims\\Outcome")-1, 1);
	zval property_outcome_default_value;
	ZVAL_UNDEF(&property_outcome_default_value);
	zend_string *property_outcome_name = zend_string_init("outcome", sizeof("outcome") - 1, 1);
	zend_declare_typed_property(class_entry, property_outcome_name, &property_outcome_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_CLASS(property_outcome_class_Ims_Outcome, 0, 0));
	zend_string_release(property_outcome_name);

	zval property_message_default_value;
	ZVAL_UNDEF(&property_message_default_value);
	zend_string *property_message_name = zend_string_init("message", sizeof("message") - 1, 1);
	zend_declare_typed_property(class_entry, property_message_name, &property_message_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_message_name);

	zval property_hint_default_value;
	ZVAL_UNDEF(&property_hint_default_value);
	zend_string *property_hint_name = zend_string_init("hint", sizeof("hint") - 1, 1);
	zend_declare_typed_property(class_entry, property_hint_name, &property_hint_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_hint_name);

	zval property_cause_default_value;
	ZVAL_UNDEF(&property_cause_default_value);
	zend_string *property_cause_name = zend_string_init("cause", sizeof("cause") - 1, 1);
	zend_declare_typed_property(class_entry, property_cause_name, &property_cause_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_cause_name);

	return class_entry;
}

static zend_class_entry *register_class_Ims_Throwable(zend_class_entry *class_entry_Throwable)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "Throwable", class_Ims_Throwable_methods);
	class_entry = zend_register_internal_interface(&ce);
	zend_class_implements(class_entry, 1, class_entry_Throwable);

	return class_entry;
}

static zend_class_entry *register_class_Ims_Exception(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_Ims_Throwable)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "Exception", class_Ims_Exception_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_Ims_Throwable);

	zval property_status_default_value;
	ZVAL_LONG(&property_status_default_value, 0);
	zend_string *property_status_name = zend_string_init("status", sizeof("status") - 1, 1);
	zend_declare_typed_property(class_entry, property_status_name, &property_status_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_status_name);

	zval property_field_default_value;
	ZVAL_NULL(&property_field_default_value);
	zend_string *property_field_name = zend_string_init("field", sizeof("field") - 1, 1);
	zend_declare_typed_property(class_entry, property_field_name, &property_field_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_field_name);

	zval property_hint_default_value;
	ZVAL_NULL(&property_hint_default_value);
	zend_string *property_hint_name = zend_string_init("hint", sizeof("hint") - 1, 1);
	zend_declare_typed_property(class_entry, property_hint_name, &property_hint_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_hint_name);

	zval property_oauthError_default_value;
	ZVAL_NULL(&property_oauthError_default_value);
	zend_string *property_oauthError_name = zend_string_init("oauthError", sizeof("oauthError") - 1, 1);
	zend_declare_typed_property(class_entry, property_oauthError_name, &property_oauthError_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_oauthError_name);

	zval property_oauthDescription_default_value;
	ZVAL_NULL(&property_oauthDescription_default_value);
	zend_string *property_oauthDescription_name = zend_string_init("oauthDescription", sizeof("oauthDescription") - 1, 1);
	zend_declare_typed_property(class_entry, property_oauthDescription_name, &property_oauthDescription_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_oauthDescription_name);

	zval property_uri_default_value;
	ZVAL_NULL(&property_uri_default_value);
	zend_string *property_uri_name = zend_string_init("uri", sizeof("uri") - 1, 1);
	zend_declare_typed_property(class_entry, property_uri_name, &property_uri_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_uri_name);

	zval property_debugId_default_value;
	ZVAL_NULL(&property_debugId_default_value);
	zend_string *property_debugId_name = zend_string_init("debugId", sizeof("debugId") - 1, 1);
	zend_declare_typed_property(class_entry, property_debugId_name, &property_debugId_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_debugId_name);

	zval property_httpStatus_default_value;
	ZVAL_LONG(&property_httpStatus_default_value, 0);
	zend_string *property_httpStatus_name = zend_string_init("httpStatus", sizeof("httpStatus") - 1, 1);
	zend_declare_typed_property(class_entry, property_httpStatus_name, &property_httpStatus_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_httpStatus_name);

	zval property_retryable_default_value;
	ZVAL_FALSE(&property_retryable_default_value);
	zend_string *property_retryable_name = zend_string_init("retryable", sizeof("retryable") - 1, 1);
	zend_declare_typed_property(class_entry, property_retryable_name, &property_retryable_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_retryable_name);

	zval property_retryAfter_default_value;
	ZVAL_NULL(&property_retryAfter_default_value);
	zend_string *property_retryAfter_name = zend_string_init("retryAfter", sizeof("retryAfter") - 1, 1);
	zend_declare_typed_property(class_entry, property_retryAfter_name, &property_retryAfter_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_retryAfter_name);

	return class_entry;
}

static zend_class_entry *register_class_Ims_ArgumentError(zend_class_entry *class_entry_ValueError, zend_class_entry *class_entry_Ims_Throwable)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "ArgumentError", class_Ims_ArgumentError_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_ValueError);
	zend_class_implements(class_entry, 1, class_entry_Ims_Throwable);

	zval property_field_default_value;
	ZVAL_NULL(&property_field_default_value);
	zend_string *property_field_name = zend_string_init("field", sizeof("field") - 1, 1);
	zend_declare_typed_property(class_entry, property_field_name, &property_field_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_field_name);

	zval property_hint_default_value;
	ZVAL_NULL(&property_hint_default_value);
	zend_string *property_hint_name = zend_string_init("hint", sizeof("hint") - 1, 1);
	zend_declare_typed_property(class_entry, property_hint_name, &property_hint_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_hint_name);

	zval property_status_default_value;
	ZVAL_LONG(&property_status_default_value, 1);
	zend_string *property_status_name = zend_string_init("status", sizeof("status") - 1, 1);
	zend_declare_typed_property(class_entry, property_status_name, &property_status_default_value, ZEND_ACC_PUBLIC, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_status_name);

	return class_entry;
}

static zend_class_entry *register_class_Ims_KeyException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "KeyException", class_Ims_KeyException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_PassphraseException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "PassphraseException", class_Ims_PassphraseException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_CredentialsException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "CredentialsException", class_Ims_CredentialsException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_ConnectException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "ConnectException", class_Ims_ConnectException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_TlsException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "TlsException", class_Ims_TlsException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_TimeoutException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "TimeoutException", class_Ims_TimeoutException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_RejectedException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "RejectedException", class_Ims_RejectedException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_RateLimitedException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "RateLimitedException", class_Ims_RateLimitedException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_UnavailableException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "UnavailableException", class_Ims_UnavailableException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_ResponseException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "ResponseException", class_Ims_ResponseException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_CacheException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "CacheException", class_Ims_CacheException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Ims_InternalException(zend_class_entry *class_entry_Ims_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Ims", "InternalException", class_Ims_InternalException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Ims_Exception);

	return class_entry;
}
