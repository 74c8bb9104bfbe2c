/* ims.h: sign service-account JWTs and exchange them for access tokens.
 *
 * Ownership   Arguments are only read, and only during the call. What a function stores through `out` is yours: free it
 *             once, with its own *_free. *_free(NULL) does nothing. A `const char *` result is valid as long as the
 *             object that it came from.
 * Errors      0 is success. On failure *out is NULL and, if `error` is not NULL, *error is an ims_error, which you free.
 *             No text that the library makes holds a key, a passphrase, a client secret, a JWT or a token.
 * Threads     Threads may share every object. Free it once, when no thread uses it any more. There is no function to
 *             call at the start. The library starts no thread but a short one for a DNS lookup. It changes neither the
 *             environment, the locale nor signal handlers, and leaves the calling thread's OpenSSL error queue as it
 *             was. If no thread can be started, a call that needs one fails at once (CONNECT). A stack of 64 KiB is
 *             enough for every call.
 * Fork        fork() is allowed at any time and anywhere: in any thread, at its end, in signal handlers, in exit
 *             handlers, and in fork hooks, which may themselves call the library. If a thread is loading a key, the fork
 *             waits for it, at most 50 ms. Objects made before the fork work in the child; its first signature takes
 *             about a third of a millisecond longer. A call in another thread goes on in the parent only. A call that a
 *             signal handler interrupted goes on in both processes, and may fail in the child if it was waiting for a
 *             server. No connection is kept between calls.
 *             If another thread was signing at the fork, or was loading a key for longer than the fork waits, that
 *             thread may have held locks of OpenSSL. The child then uses OpenSSL no more, and signs in another way. In
 *             such a child, RSA keys of over 4096 bits, EC keys on P-521, encrypted keys that are loaded after the fork,
 *             and certificates are an error (KEY) that says so. To make this rare, a fork also waits for signatures in a
 *             process that has decrypted a key or signs with one of those keys. The library cannot see what your program
 *             itself does with OpenSSL in other threads at a fork. A child of vfork(), _Fork() or clone(), which run no
 *             fork hooks, may only exec.
 * Signals     No signal handler of yours runs on a thread of the library, and no call ends because of EINTR. While a
 *             call is in OpenSSL, signals to its thread wait, except faults such as SIGSEGV: for about a millisecond, or
 *             for as long as it takes to derive a key by scrypt or PBES1. Call no function of the library in a
 *             signal handler; a child that was forked in a handler must return from the handler first. Do not leave a
 *             handler by longjmp or pthread_exit if it may have interrupted a call.
 * Cancelling  pthread_cancel takes effect after a call, never during it, in threads of the type PTHREAD_CANCEL_DEFERRED,
 *             which is the default. With PTHREAD_CANCEL_ASYNCHRONOUS, no call is allowed.
 * Memory      If an allocation fails, the process may abort, as Rust programs do. After OPENSSL_cleanup(), no call that
 *             signs or loads a key is allowed. The library stays loaded after dlclose().
 * Strings     UTF-8, ending in NUL; paths and passphrases are bytes. NULL and "" both mean 'not given'.
 * NULL        Functions that read from an object accept NULL for it: they return 0, "" or NULL; ims_error_retry_after
 *             returns -1.
 * Growth      Later versions only add codes, functions, and fields at the end of a struct. `size` tells the library
 *             which fields the caller knows. It is an error (ARGUMENT) if `size` is less than the first release's or
 *             over 4096, or if a field that the library does not know is not zero. A field of zeros always means the
 *             default.
 */

#ifndef IMS_H
#define IMS_H

/* Made by cbindgen from src/capi: change it there, then run `make header`. */

#include <stddef.h>
#include <stdint.h>

#define IMS_VERSION_MAJOR 0
#define IMS_VERSION_MINOR 1
#define IMS_VERSION_PATCH 0

/* What every struct of options begins with: its size, and the default for every field. */
#define IMS_JWT_OPTIONS_INIT { sizeof(ims_jwt_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
#define IMS_GRANT_INIT { sizeof(ims_grant), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
#define IMS_TRANSPORT_INIT { sizeof(ims_transport), 0, 0, 0, 0 }
#define IMS_CLIENT_OPTIONS_INIT { sizeof(ims_client_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/// Success.
#define IMS_OK 0

/// A parameter is missing, malformed or contradicts another; the message names it.
#define IMS_ERR_ARGUMENT 1

/// The private key cannot be read, is of a kind that is not supported, or is too weak.
#define IMS_ERR_KEY 2

/// The key is encrypted, and the passphrase is missing or wrong.
#define IMS_ERR_PASSPHRASE 3

/// The credentials cannot be read, are of no known format or incomplete, or their parts do not
/// belong together or have expired.
#define IMS_ERR_CREDENTIALS 4

/// No connection: the DNS lookup failed, the connection was refused, or the proxy failed.
#define IMS_ERR_CONNECT 5

/// The server's certificate or the TLS handshake failed.
#define IMS_ERR_TLS 6

/// The deadline of the whole call passed.
#define IMS_ERR_TIMEOUT 7

/// The server refused: with any 4xx but 408 and 429, or in a response with 2xx.
#define IMS_ERR_REJECTED 8

/// The server asks to slow down: 429.
#define IMS_ERR_RATE_LIMITED 9

/// The server responded with 5xx or 408, or the connection was lost before the response was
/// complete.
#define IMS_ERR_UNAVAILABLE 10

/// The response is not a token response: HTML, a redirect, not JSON, or too large.
#define IMS_ERR_RESPONSE 11

/// The token cache is misconfigured; one that fails at run time fails no call.
#define IMS_ERR_CACHE 12

/// A bug in libims.
#define IMS_ERR_INTERNAL 13

/// Adobe IMS exchanges a JWT: sends client_id, client_secret and jwt_token.
#define IMS_GRANT_JWT_EXCHANGE 0

/// RFC 7523 section 2.1: sends grant_type and assertion.
#define IMS_GRANT_JWT_BEARER 1

/// OAuth Server-to-Server, RFC 6749 section 4.4: sends grant_type and scope. client_auth says how the client
/// authenticates.
#define IMS_GRANT_CLIENT_CREDENTIALS 2

/// Token exchange, RFC 8693: sends grant_type, subject_token and subject_token_type.
#define IMS_GRANT_TOKEN_EXCHANGE 3

/// Any other grant: sends ims_grant.grant_type and the parameters.
#define IMS_GRANT_OTHER 4

/// client_id and client_secret as form fields, as Adobe IMS requires.
#define IMS_CLIENT_AUTH_BODY 0

/// client_id and client_secret in an Authorization: Basic header (RFC 6749 section 2.3.1).
#define IMS_CLIENT_AUTH_BASIC 1

/// A JWT that the client's private key signs (RFC 7523 section 2.2): client_id, client_assertion_type
/// and client_assertion.
#define IMS_CLIENT_AUTH_PRIVATE_KEY_JWT 2

/// The same, where the client secret signs.
#define IMS_CLIENT_AUTH_CLIENT_SECRET_JWT 3

/// client_id alone.
#define IMS_CLIENT_AUTH_NONE 4

/// The maximum of ims_transport.timeout_ms: 1 hour.
#define IMS_MAX_TIMEOUT_MS 3600000

/// There is nothing to do.
#define IMS_OUTCOME_OK 0

/// A token can be had, but something is to be done.
#define IMS_OUTCOME_WARNING 1

/// The program cannot get a token.
#define IMS_OUTCOME_ERROR 2

/// Credentials and their cached token.
typedef struct ims_client ims_client;

/// An error: texts for people, numbers for programs.
typedef struct ims_error ims_error;

/// A parsed private key: RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, or Ed25519.
typedef struct ims_key ims_key;

/// The findings of ims_doctor, one for each check; immutable.
typedef struct ims_report ims_report;

/// An access token; immutable.
typedef struct ims_token ims_token;

/// IMS_OK or one of IMS_ERR_...; treat any other code as a failure.
typedef int32_t ims_status;

/// The claims of a JWT, and its header.
typedef struct ims_jwt_options {
    /// sizeof(ims_jwt_options): IMS_JWT_OPTIONS_INIT sets it.
    size_t size;
    /// Required. IMS: the organization, ORG@AdobeOrg.
    const char *iss;
    /// The subject; NULL: no such claim. IMS: the technical account, ID@techacct.adobe.com.
    const char *sub;
    /// The audience; NULL: no such claim. IMS: https://HOST/c/CLIENT_ID. A list goes into claims_json.
    const char *aud;
    /// Seconds from iat to exp, 1 to 86 400; 0: 300; not together with exp.
    int64_t lifetime;
    /// Expiry, in Unix seconds, after iat; 0: iat + lifetime.
    int64_t exp;
    /// Not valid before, in Unix seconds; 0: no such claim.
    int64_t nbf;
    /// Issued at, in Unix seconds; 0: now.
    int64_t iat;
    /// The JWT's id as a string; NULL: no such claim. An integer, which IMS asks for, goes into
    /// claims_json.
    const char *jti;
    /// "kid" of the header; NULL: that of a JWK, or none.
    const char *kid;
    /// Names of claims that are set to true, such as https://HOST/s/ent_x; their order is kept.
    const char *const *metascopes;
    size_t metascopes_len;
    /// Further claims, as a JSON object; not iss, exp or iat, and no claim that a field above sets.
    const char *claims_json;
    /// RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA or Ed25519; NULL: that
    /// of a JWK, else RS256 with an RSA key, PS256 with an RSA-PSS key, the algorithm of an EC key's curve, or EdDSA.
    const char *alg;
    /// "typ" of the header; NULL: JWT.
    const char *typ;
    /// Further members of the header, as a JSON object; not alg and typ, and none that a field sets.
    const char *header_json;
    /// The key's certificate, alone or with those above it: PEM, or the path of its file. For x5t.
    const char *certificate;
    /// S256 or S1: the thumbprint of the certificate goes into the header, as "x5t#S256" or "x5t"; NULL:
    /// none.
    const char *x5t;
} ims_jwt_options;

/// A further field of a request.
typedef struct ims_parameter {
    /// Such as resource or audience; no name that a field of ims_grant is for.
    const char *name;
    const char *value;
} ims_parameter;

/// A request for an access token: which grant, from which server, with which credentials.
typedef struct ims_grant {
    /// sizeof(ims_grant): IMS_GRANT_INIT sets it.
    size_t size;
    /// One of IMS_GRANT_...
    int32_t type;
    /// One of IMS_CLIENT_AUTH_...
    int32_t client_auth;
    /// NULL: the token endpoint that the issuer's metadata names (RFC 8414) or, without issuer, Adobe's
    /// production URL of this grant. IMS_GRANT_JWT_BEARER and those after it require one of the two.
    const char *token_url;
    const char *client_id;
    const char *client_secret;
    /// The signed JWT, or the subject token of a token exchange; not given with client credentials and
    /// other grants.
    const char *jwt;
    /// Optional; sent as given.
    const char *scope;
    /// Optional; only with client credentials.
    const char *org_id;
    /// The grant_type of IMS_GRANT_OTHER, in full; or the name of a grant above, such as jwt_bearer.
    const char *grant_type;
    /// The signed JWT that authenticates the client, for ims_exchange, which then makes one attempt: servers
    /// accept each such JWT once. A client signs a new one for each attempt.
    const char *client_assertion;
    /// Further fields of the request, in their order. A name may be repeated.
    const struct ims_parameter *parameters;
    size_t parameters_len;
    /// The server's issuer identifier, which a JWT that a client signs names as aud; NULL: it names the
    /// token URL. Without token_url, the server's metadata is read within the deadline of the call.
    const char *issuer;
    /// The type of a token exchange's subject token: jwt (NULL too), id_token, access_token,
    /// refresh_token, saml1, saml2 or a URI.
    const char *subject_token_type;
    /// Optional, in the same form; only with a token exchange.
    const char *requested_token_type;
    /// The format of the request: form (NULL too) or json, where a repeated parameter is a list.
    const char *body;
} ims_grant;

/// How to reach the server. A NULL pointer to it means the default for every field.
typedef struct ims_transport {
    /// sizeof(ims_transport): IMS_TRANSPORT_INIT sets it.
    size_t size;
    /// The deadline of a call in milliseconds, for DNS lookup, TLS, retries and response together.
    /// 0: 10 000; at most IMS_MAX_TIMEOUT_MS.
    uint32_t timeout_ms;
    /// 0: the default, 3; 1: no retry; at most 10. A retry of ims_exchange sends the same JWT again:
    /// if the server accepts each jti only once, set 1, or use a client, which signs a new JWT.
    uint32_t max_attempts;
    /// PEM file of CA certificates to trust instead of the system's.
    const char *ca_file;
    /// SCHEME://[user:pass@]host[:port], where SCHEME is http, https, socks5 or socks5h. The default
    /// port is 1080, with https 443. "none": no proxy. NULL: what the variables HTTPS_PROXY and
    /// NO_PROXY say, read as curl reads them; a set-user-ID program ignores them.
    const char *proxy;
} ims_transport;

/// How a client is made, and where its token is cached. A NULL pointer to it means the default for
/// every field.
typedef struct ims_client_options {
    /// sizeof(ims_client_options): IMS_CLIENT_OPTIONS_INIT sets it.
    size_t size;
    /// Which credential, if the file has several: its name, id or client id.
    const char *name;
    /// The passphrase of the credentials' private key.
    const char *passphrase;
    /// The key, if the credentials have none.
    const struct ims_key *key;
    /// Where the token is cached: "memory", the default, in this client only; "none"; "file:" or
    /// "file:/DIR"; "redis://...", "redis+sentinel://..." or "redis+cluster://...", and with "rediss"
    /// over TLS. Anything else is IMS_ERR_CACHE.
    const char *cache;
    /// How to reach the server. Its CA file and proxy are checked when the client is made.
    const struct ims_transport *transport;
    /// Decides what may be read. It is called with the absolute path of the credentials file, and of
    /// the key, the certificate and the file with a JWT that the credentials name, and with the URL
    /// that a JWT comes from, without its query, before each is read. If it returns 0, that is not
    /// read, and the error is IMS_ERR_CREDENTIALS. It runs in the calling thread, only while the client
    /// is made or ims_doctor runs, and must return. The client may read its files again later, but only
    /// those that were allowed. NULL: anything may be read.
    int32_t (*may_read)(const char *path, void *context);
    /// Passed to may_read.
    void *may_read_context;
    /// How many shared clients the process keeps after a call of ims_client_shared_*, those used last.
    /// 0: 32. Other functions ignore it.
    size_t max_shared_clients;
    /// The scope to ask for instead of the one of the credentials; sent as given. NULL: theirs.
    const char *scope;
    /// The user to act for, the claim sub, instead of the one of the credentials. NULL: theirs.
    const char *subject;
    /// The service that the token is for, instead of the one of the credentials. NULL: theirs.
    const char *audience;
    /// Not 0: the credentials may name a command, which is run for a JWT (assertion_command). Allow it only for
    /// credentials whose author you trust. 0: credentials that name one are IMS_ERR_CREDENTIALS.
    int32_t allow_command;
} ims_client_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// Returns the kind of error.
ims_status ims_error_status(const struct ims_error *error);

/// Returns the message: one line, fit for a log; never NULL.
const char *ims_error_message(const struct ims_error *error);

/// Returns the name of the parameter or setting at fault, as this header calls it, such as
/// "client_secret" or "ca_file", or as libims's own credentials file does, such as "private_key";
/// NULL if no parameter or setting is at fault. The error owns the text.
const char *ims_error_field(const struct ims_error *error);

/// Returns the message without the field and the place that it begins with, such as "is over
/// 64 KiB", so that a program can name the parameter in its own words. Returns the whole message if
/// ims_error_field returns NULL; never NULL. The error owns the text.
const char *ims_error_problem(const struct ims_error *error);

/// Returns what the user can do about the error; NULL if that is not known.
const char *ims_error_hint(const struct ims_error *error);

/// Returns the "error" of the server's response, such as invalid_token, or its own code for it; NULL if
/// it has none.
const char *ims_error_oauth_error(const struct ims_error *error);

/// Returns the "error_description" of the server's response, or its other words such as a "message" or
/// plain text: at most 1,000 characters, without secrets and control characters; NULL if it has none.
const char *ims_error_oauth_description(const struct ims_error *error);

/// Returns the "error_uri" of the server's response, the address of a page about the error, without
/// secrets; NULL if it has none.
const char *ims_error_uri(const struct ims_error *error);

/// Returns the server's name for the request, which its support asks for: the header x-debug-id at
/// Adobe, else x-ms-request-id, x-okta-request-id, x-request-id or the like; NULL if it has none.
const char *ims_error_debug_id(const struct ims_error *error);

/// Returns the HTTP status; 0 if there was no HTTP response.
int32_t ims_error_http_status(const struct ims_error *error);

/// Returns 1 if the same call may succeed later: for CONNECT, TIMEOUT, RATE_LIMITED and
/// UNAVAILABLE, and if no file descriptor was left; otherwise 0.
int32_t ims_error_retryable(const struct ims_error *error);

/// Returns how many seconds the server asks to wait before the next call; -1 if it does not say.
int64_t ims_error_retry_after(const struct ims_error *error);

/// Frees the error and its texts.
void ims_error_free(struct ims_error *error);

/// Reads a private key: PEM or DER, PKCS#8, PKCS#1 or SEC 1, encrypted or not; a PKCS#12 store; a JWK, or a
/// JWK set with one private key; at most 64 KiB. A path may begin with "~/" or "file:///".
ims_status ims_key_from_file(const char *path, const char *passphrase, struct ims_key **out, struct ims_error **error);

/// Reads a private key from memory, as ims_key_from_file does from a file. The bytes need not end in
/// NUL.
ims_status ims_key_from_bytes(const void *bytes,
                              size_t len,
                              const char *passphrase,
                              struct ims_key **out,
                              struct ims_error **error);

/// Reads the key as ims_key_from_file does, the first time and again whenever the file has changed;
/// otherwise returns the key that an earlier call read with the same passphrase. So a program can name
/// its key's file in every call. The process keeps the 64 keys used last, even after ims_key_free. A
/// forked child reads its keys again.
ims_status ims_key_shared_from_file(const char *path,
                                    const char *passphrase,
                                    struct ims_key **out,
                                    struct ims_error **error);

/// Does the same for a key in memory, as ims_key_from_bytes takes it. The process keeps the key and a
/// digest of the bytes.
ims_status ims_key_shared_from_bytes(const void *bytes,
                                     size_t len,
                                     const char *passphrase,
                                     struct ims_key **out,
                                     struct ims_error **error);

/// Returns 1 if what a user gives as a key, or as the path of its file, is a path; 0 if it looks like
/// PEM, DER or base64 of one, or has several lines. The file need not exist. So a program can take both
/// in one parameter.
int32_t ims_key_is_path(const void *path_or_key, size_t len);

/// Frees the key; overwrites it if it is not shared.
void ims_key_free(struct ims_key *key);

/// Signs the claims. *out is the JWT; free it with ims_string_free.
ims_status ims_generate_jwt(const struct ims_key *key,
                            const struct ims_jwt_options *options,
                            char **out,
                            struct ims_error **error);

/// Overwrites and frees a string from ims_generate_jwt; do not shorten it before.
void ims_string_free(char *string);

/// Sends the grant and reads the token, with retries, within the transport's deadline.
ims_status ims_exchange(const struct ims_grant *grant,
                        const struct ims_transport *transport,
                        struct ims_token **out,
                        struct ims_error **error);

/// Returns the access token, for an Authorization: Bearer header.
const char *ims_token_access_token(const struct ims_token *token);

/// Returns "bearer", or "N_A" if the server says that the token is no access token (RFC 8693).
const char *ims_token_type(const struct ims_token *token);

/// Returns what the server issued (RFC 8693), such as
/// "urn:ietf:params:oauth:token-type:access_token"; NULL if its response does not say it.
const char *ims_token_issued_token_type(const struct ims_token *token);

/// Returns a further member of the server's response, such as "instance_url" or "id_token": its text,
/// or its JSON if it is no text; NULL if the response has no such member, or it did not fit: at most 64
/// members of 16 KiB in all are kept. It may be a secret. The token owns the text.
const char *ims_token_member(const struct ims_token *token, const char *name);

/// Returns the scope that the server granted; NULL if its response has none.
const char *ims_token_scope(const struct ims_token *token);

/// Returns when the token expires, in Unix seconds, whatever unit the server used.
int64_t ims_token_expires_at(const struct ims_token *token);

/// Returns the seconds until the token expires; 0 once it has.
int64_t ims_token_expires_in(const struct ims_token *token);

/// Overwrites and frees the token.
void ims_token_free(struct ims_token *token);

/// Makes a client from values, and copies them all. Do not set grant->jwt, claims->exp, claims->iat
/// and claims->jti, because the client signs a new JWT for each exchange. With client credentials,
/// claims and key are NULL, unless the key authenticates the client: then claims may say more of its JWT.
ims_status ims_client_new(const struct ims_grant *grant,
                          const struct ims_jwt_options *claims,
                          const struct ims_key *key,
                          const struct ims_client_options *options,
                          struct ims_client **out,
                          struct ims_error **error);

/// Makes a client from a credentials file of any known format (see the manual's list).
ims_status ims_client_from_file(const char *path,
                                const struct ims_client_options *options,
                                struct ims_client **out,
                                struct ims_error **error);

/// Makes a client from the text of a credentials file in JSON. It need not end in NUL. Relative paths
/// in it start at the process's current directory.
ims_status ims_client_from_json(const char *json,
                                size_t json_len,
                                const struct ims_client_options *options,
                                struct ims_client **out,
                                struct ims_error **error);

/// Makes a client from environment variables (see the manual's list).
ims_status ims_client_from_env(const struct ims_client_options *options,
                               struct ims_client **out,
                               struct ims_error **error);

/// Makes the client as ims_client_from_file does, the first time and again whenever something that it
/// depends on has changed: the credentials file, the key or certificate that it names, the CA file, or
/// a variable for the proxy, the CA certificates or the cache directory. Otherwise returns the client,
/// with its token, that an earlier call made from the same file and options. So a program can name its
/// credentials in every call. Every call asks may_read about all that the client was made from, even
/// if the client exists. The process keeps the max_shared_clients used last, even after
/// ims_client_free. A forked child makes its own.
ims_status ims_client_shared_from_file(const char *path,
                                       const struct ims_client_options *options,
                                       struct ims_client **out,
                                       struct ims_error **error);

/// Does the same for JSON text, as ims_client_from_json takes it. A change of the current directory
/// makes another client.
ims_status ims_client_shared_from_json(const char *json,
                                       size_t json_len,
                                       const struct ims_client_options *options,
                                       struct ims_client **out,
                                       struct ims_error **error);

/// Does the same for the environment, as ims_client_from_env reads it: also makes a new client when one
/// of its variables has changed.
ims_status ims_client_shared_from_env(const struct ims_client_options *options,
                                      struct ims_client **out,
                                      struct ims_error **error);

/// Gets a token that is valid for at least 60 s more or, if its lifetime is short, for a quarter of it:
/// from the cache or by an exchange. Calls at the same time share one exchange.
ims_status ims_client_token(struct ims_client *client, struct ims_token **out, struct ims_error **error);

/// Removes the token from every cache that holds it; call this when an API has responded 401 to the
/// token. Ignored within 10 s of the last such call.
void ims_client_forget(struct ims_client *client, const struct ims_token *token);

/// Returns the value for the header x-api-key; or NULL.
const char *ims_client_client_id(const struct ims_client *client);

/// Returns the value for the header x-gw-ims-org-id; or NULL.
const char *ims_client_org_id(const struct ims_client *client);

/// Returns the value for the header x-sandbox-name; or NULL.
const char *ims_client_sandbox_name(const struct ims_client *client);

/// Frees the client; overwrites its secrets if it is not shared. Its tokens stay valid.
void ims_client_free(struct ims_client *client);

/// Finds out why there is no token: checks the credentials part by part, the key, the certificate, this
/// machine and the cache, with the options that a client is made with. path is a credentials file; NULL:
/// the environment. certificate is the path of the certificate that is registered for the account, PEM
/// or DER; NULL: the doctor checks only one that the credentials hold or name. Sends nothing, unless
/// online is not 0: then it also asks the server, with a real exchange whose token it validates and
/// does not keep. Takes at most as long as the exchange, the validation and the cache may take together.
/// Whatever is wrong with the credentials, the certificate, the cache or the server is a finding of the
/// report, and no error. may_read is called for the certificate, too, and may be called several times
/// for a file.
ims_status ims_doctor(const char *path,
                      const char *certificate,
                      const struct ims_client_options *options,
                      int32_t online,
                      struct ims_report **out,
                      struct ims_error **error);

/// Returns the number of checks.
size_t ims_report_len(const struct ims_report *report);

/// Returns the name of the part that was checked, such as "certificate"; several checks may have the
/// same. NULL if index is not less than ims_report_len; so do the functions below, or they return 0.
const char *ims_report_name(const struct ims_report *report, size_t index);

/// Returns one of IMS_OUTCOME_...
int32_t ims_report_outcome(const struct ims_report *report, size_t index);

/// Returns the message: one line, without secrets.
const char *ims_report_message(const struct ims_report *report, size_t index);

/// Returns what the user can do; NULL if nothing is to be done, or it is not known.
const char *ims_report_hint(const struct ims_report *report, size_t index);

/// Returns the cause, such as "expired-certificate", if it is one of the manual's page Troubleshooting;
/// otherwise NULL.
const char *ims_report_cause(const struct ims_report *report, size_t index);

/// Returns the kind of error; IMS_OK if the outcome is no error.
ims_status ims_report_status(const struct ims_report *report, size_t index);

/// Frees the report and its texts.
void ims_report_free(struct ims_report *report);

/// Returns the version of the library in use, such as "0.1.0". IMS_VERSION_MAJOR, IMS_VERSION_MINOR and
/// IMS_VERSION_PATCH are the header's.
const char *ims_version(void);

/// Returns the version of the OpenSSL in use, as it says it: such as "OpenSSL 3.0.19 27 Jan 2026".
const char *ims_openssl_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* IMS_H */
