/* ims.h: sign service-account JWTs and exchange them for access tokens.
 *
 * Ownership   Inputs are borrowed for the call. What a function stores through `out` is yours: free it once with its own
 *             *_free; *_free(NULL) does nothing. A `const char *` result lives as long as the object it came from.
 * Errors      0 is success. On failure *out is NULL and, where `error` is not NULL, *error holds an ims_error to free.
 *             No text that the library makes ever holds a key, a passphrase, a client secret, a JWT or a token.
 * Threads     Every object is immutable or locked inside: share it freely, free it once, last. There is no init call, no
 *             thread but a short one for a DNS lookup, no change to the environment, the locale or signal handlers, and
 *             the calling thread's OpenSSL error queue is left as it was found. Where no thread can be started, a call
 *             that needs one fails at once (CONNECT). A stack of 64 KiB is enough for every call.
 * Fork        fork() is allowed at any time and anywhere: in any thread, at its end, in signal handlers, exit handlers and
 *             fork hooks, which may themselves call the library. It waits for a thread that loads a key, and at most 50 ms.
 *             Objects made before it work in the child, whose first signature takes about a third of a millisecond more. A
 *             call in another thread stays in the parent; one that a signal handler interrupted goes on in both processes,
 *             and may fail in the child if it was waiting for a server. No connection is kept between calls.
 *             A child that was forked while another thread signed, or loaded a key for longer than the fork waits, uses
 *             OpenSSL no more, whose locks that thread may have held: it signs in another way. There, keys of over 4096
 *             bits, encrypted keys that are loaded after the fork, and certificates are an error (KEY) that says so. In a
 *             process that has decrypted a key, or signs with one of over 4096 bits, a fork waits for signatures, too, so
 *             that this is rare. What the host itself does with OpenSSL in other threads at a fork is not seen. A child of
 *             vfork(), _Fork() or clone(), which run no hooks, may only exec.
 * Signals     No handler of yours runs on a thread of the library's, and EINTR ends no call. While a call is in OpenSSL, the
 *             signals of its thread wait, except faults such as SIGSEGV: for about a millisecond, or as long as it takes
 *             to derive a key by scrypt, PBES1 or PKCS#12. Call no function in a signal handler; a child that was forked in one
 *             returns from it first. Do not leave a handler by longjmp or pthread_exit if it may have interrupted a call.
 * Cancelling  pthread_cancel takes effect after the call, never in it: in threads of the type PTHREAD_CANCEL_DEFERRED, which
 *             is the default. With PTHREAD_CANCEL_ASYNCHRONOUS no call is allowed.
 * Memory      A failing allocation may abort the process, as Rust programs do. After OPENSSL_cleanup() no call that signs
 *             or loads a key is allowed. The library stays loaded after dlclose().
 * Strings     UTF-8, NUL-terminated; paths and passphrases are bytes. NULL and "" both mean 'not given'.
 * NULL        Accessors take NULL: they answer 0, "" or NULL, and ims_error_retry_after -1.
 * Growth      Codes, functions and fields are only added, fields at the end of a struct. `size` tells the library which
 *             fields the caller knows (a size below the first release's, over 4096, or unknown fields not zero: ARGUMENT);
 *             all-zero fields mean the default, for ever.
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
#define IMS_JWT_OPTIONS_INIT { sizeof(ims_jwt_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
#define IMS_GRANT_INIT { sizeof(ims_grant), 0, 0, 0, 0, 0, 0, 0, 0 }
#define IMS_TRANSPORT_INIT { sizeof(ims_transport), 0, 0, 0, 0 }
#define IMS_CLIENT_OPTIONS_INIT { sizeof(ims_client_options), 0, 0, 0, 0, 0, 0, 0, 0 }

/// Success.
#define IMS_OK 0

/// A parameter is missing, malformed or contradicts another; the text names it.
#define IMS_ERR_ARGUMENT 1

/// The private key cannot be read, is not RSA, or is too weak.
#define IMS_ERR_KEY 2

/// The key is encrypted and the passphrase is missing or wrong; never a prompt.
#define IMS_ERR_PASSPHRASE 3

/// A credentials file is unreadable, of no known format, or incomplete.
#define IMS_ERR_CREDENTIALS 4

/// No connection: DNS lookup, refused, proxy.
#define IMS_ERR_CONNECT 5

/// The server's certificate or the TLS handshake failed.
#define IMS_ERR_TLS 6

/// The deadline of the whole call passed.
#define IMS_ERR_TIMEOUT 7

/// The server refused: any 4xx but 408 and 429, whatever its body; see the hint.
#define IMS_ERR_REJECTED 8

/// 429; see ims_error_retry_after.
#define IMS_ERR_RATE_LIMITED 9

/// 5xx, 408, or the connection was lost (in TLS too) before the response was complete.
#define IMS_ERR_UNAVAILABLE 10

/// The response is not a token response (HTML, redirect, not JSON, too large, ...).
#define IMS_ERR_RESPONSE 11

/// The token cache is misconfigured; a cache that fails at run time fails no call.
#define IMS_ERR_CACHE 12

/// A bug in libims (a caught panic).
#define IMS_ERR_INTERNAL 13

/// Adobe IMS: client_id, client_secret, jwt_token.
#define IMS_GRANT_JWT_EXCHANGE 0

/// RFC 7523 section 2.1: grant_type, assertion.
#define IMS_GRANT_JWT_BEARER 1

/// OAuth Server-to-Server: client_id, client_secret, scope; no JWT.
#define IMS_GRANT_CLIENT_CREDENTIALS 2

/// client_id and client_secret as form fields: what Adobe IMS takes.
#define IMS_CLIENT_AUTH_BODY 0

/// As an Authorization: Basic header (RFC 6749 section 2.3.1).
#define IMS_CLIENT_AUTH_BASIC 1

/// The longest ims_transport.timeout_ms.
#define IMS_MAX_TIMEOUT_MS 3600000

/// Credentials and cached token.
typedef struct ims_client ims_client;

/// A failure, in texts for people and numbers for programs.
typedef struct ims_error ims_error;

/// A parsed RSA private key, 2048 to 8192 bits.
typedef struct ims_key ims_key;

/// An access token; immutable.
typedef struct ims_token ims_token;

/// IMS_OK or one of IMS_ERR_...; treat a code you do not know as failure.
typedef int32_t ims_status;

/// The claims of a JWT, and its "kid".
typedef struct ims_jwt_options {
    /// sizeof(ims_jwt_options): IMS_JWT_OPTIONS_INIT sets it.
    size_t size;
    /// Required. IMS: the organization, ORG@AdobeOrg.
    const char *iss;
    /// Required. IMS: the technical account, ID@techacct.adobe.com.
    const char *sub;
    /// Required. IMS: https://HOST/c/CLIENT_ID.
    const char *aud;
    /// Seconds, 1 to 86 400; 0: 300; not together with exp.
    int64_t lifetime;
    /// Unix seconds, after iat; 0: iat + lifetime.
    int64_t exp;
    /// Unix seconds; 0: absent.
    int64_t nbf;
    /// Unix seconds; 0: now; always sent.
    int64_t iat;
    /// A string; NULL: absent; an integer jti, as IMS wants, goes into claims_json.
    const char *jti;
    /// Header "kid"; NULL: absent.
    const char *kid;
    /// Full claim names, each set to true, in this order.
    const char *const *metascopes;
    size_t metascopes_len;
    /// A JSON object of further claims; not iss, sub, aud, exp, iat, nor one that a field above
    /// sets.
    const char *claims_json;
} ims_jwt_options;

/// What to ask a token server for, and as whom.
typedef struct ims_grant {
    /// sizeof(ims_grant): IMS_GRANT_INIT sets it.
    size_t size;
    /// IMS_GRANT_...
    int32_t type;
    /// IMS_CLIENT_AUTH_...
    int32_t client_auth;
    /// NULL: Adobe's production URL of this grant; required by IMS_GRANT_JWT_BEARER.
    const char *token_url;
    const char *client_id;
    const char *client_secret;
    /// The signed JWT; not given with client credentials.
    const char *jwt;
    /// Optional, sent as given.
    const char *scope;
    /// Optional, client credentials only.
    const char *org_id;
} ims_grant;

/// How to reach the server; NULL in place of one means every default.
typedef struct ims_transport {
    /// sizeof(ims_transport): IMS_TRANSPORT_INIT sets it.
    size_t size;
    /// 0: 10 000; at most 1 hour; one deadline for name look-up, TLS, retries and answer.
    uint32_t timeout_ms;
    /// 0: the default, 3; 1: no retry; at most 10. ims_exchange sends the same JWT again: where the
    /// server remembers jti, set 1 or use a client, which re-signs.
    uint32_t max_attempts;
    /// PEM bundle to trust in place of the system's.
    const char *ca_file;
    /// SCHEME://[user:pass@]host[:port], where SCHEME is http, https, socks5 or socks5h, and the port
    /// 1080 unless given (443 with https); NULL: HTTPS_PROXY and NO_PROXY, as curl reads them; "none":
    /// no proxy. A set-user-ID program obeys no variable.
    const char *proxy;
} ims_transport;

/// How a client is made and where it keeps its token; NULL in place of one means every default.
typedef struct ims_client_options {
    /// sizeof(ims_client_options): IMS_CLIENT_OPTIONS_INIT sets it.
    size_t size;
    /// Which credential, where a file holds several.
    const char *name;
    /// Of the key that the credentials hold or name.
    const char *passphrase;
    /// Where the credentials hold none.
    const struct ims_key *key;
    /// NULL: "memory", this client's own; "none"; "file:" or "file:/DIR"; "redis://...",
    /// "redis+sentinel://..." or "redis+cluster://...", over TLS "rediss..."; another scheme is
    /// IMS_ERR_CACHE.
    const char *cache;
    /// Its CA file and proxy are checked when the client is made.
    const struct ims_transport *transport;
    /// Asked before each file is read, by its absolute path: the credentials file, and the key and
    /// certificate that credentials name. 0 refuses it: IMS_ERR_CREDENTIALS. Called by the calling
    /// thread while it makes the client, to which it must return, and never afterwards: a client
    /// reads its files again where a server refuses them, but none that was not allowed then. NULL:
    /// any may be read.
    int32_t (*may_read)(const char *path, void *context);
    /// What `may_read` is called with.
    void *may_read_context;
    /// How many clients the process keeps after a call of ims_client_shared_*, those that were used last;
    /// 0: 32. The other functions ignore it.
    size_t max_shared_clients;
} ims_client_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// Returns the kind of error.
ims_status ims_error_status(const struct ims_error *error);

/// Returns one line, for a log; never NULL.
const char *ims_error_message(const struct ims_error *error);

/// Returns the name of the parameter or setting at fault, as this header calls it, such as
/// "client_secret" or "ca_file", or as libims's own credentials file does, such as "private_key";
/// NULL where it is none. The error owns the text.
const char *ims_error_field(const struct ims_error *error);

/// Returns the message without the place and the field that it begins with, such as "is over
/// 64 KiB": for a program that names the parameter in its own words. The whole message where
/// ims_error_field returns NULL; never NULL. The error owns the text.
const char *ims_error_problem(const struct ims_error *error);

/// Returns what the user can do about it; NULL where unknown.
const char *ims_error_hint(const struct ims_error *error);

/// Returns the server's "error", such as invalid_token; or NULL.
const char *ims_error_oauth_error(const struct ims_error *error);

/// Returns the server's description: printable, cut, no secret; or NULL.
const char *ims_error_oauth_description(const struct ims_error *error);

/// Returns x-debug-id, which Adobe's support asks for; or NULL.
const char *ims_error_debug_id(const struct ims_error *error);

/// Returns the HTTP status; 0 where no HTTP response came.
int32_t ims_error_http_status(const struct ims_error *error);

/// Returns 1 for CONNECT, TIMEOUT, RATE_LIMITED and UNAVAILABLE, and where there was no file
/// descriptor left.
int32_t ims_error_retryable(const struct ims_error *error);

/// Returns the seconds to wait; -1 where the server did not say.
int64_t ims_error_retry_after(const struct ims_error *error);

/// Frees the error and its texts.
void ims_error_free(struct ims_error *error);

/// PEM or DER, PKCS#8 or PKCS#1, encrypted or not; at most 64 KiB.
ims_status ims_key_from_file(const char *path, const char *passphrase, struct ims_key **out, struct ims_error **error);

/// The same from memory; the bytes need no NUL at their end.
ims_status ims_key_from_bytes(const void *bytes,
                              size_t len,
                              const char *passphrase,
                              struct ims_key **out,
                              struct ims_error **error);

/// Returns the key that an earlier call read from the same file with the same passphrase, so that a program
/// may name its key in every call. Reads it, as ims_key_from_file does, the first time, and again once the
/// file has changed. The process keeps the 64 keys that were used last, though they were freed; a forked
/// child reads its own.
ims_status ims_key_shared_from_file(const char *path,
                                    const char *passphrase,
                                    struct ims_key **out,
                                    struct ims_error **error);

/// The same from memory, as ims_key_from_bytes takes it. The process keeps the key and a digest of the bytes.
ims_status ims_key_shared_from_bytes(const void *bytes,
                                     size_t len,
                                     const char *passphrase,
                                     struct ims_key **out,
                                     struct ims_error **error);

/// Frees the key, and wipes it where it is not shared.
void ims_key_free(struct ims_key *key);

/// Signs the claims; *out is the JWT's text.
ims_status ims_generate_jwt(const struct ims_key *key,
                            const struct ims_jwt_options *options,
                            char **out,
                            struct ims_error **error);

/// Wipes it first; it must be as long as it was made.
void ims_string_free(char *string);

/// Sends the grant and reads the token, with retries, within the transport's deadline.
ims_status ims_exchange(const struct ims_grant *grant,
                        const struct ims_transport *transport,
                        struct ims_token **out,
                        struct ims_error **error);

/// For an Authorization: Bearer header.
const char *ims_token_access_token(const struct ims_token *token);

/// "bearer".
const char *ims_token_type(const struct ims_token *token);

/// NULL where the server named none.
const char *ims_token_scope(const struct ims_token *token);

/// Unix seconds, whatever unit the server used.
int64_t ims_token_expires_at(const struct ims_token *token);

/// Seconds left now; 0 once expired.
int64_t ims_token_expires_in(const struct ims_token *token);

/// Wipes and frees the token.
void ims_token_free(struct ims_token *token);

/// From values. All is copied; grant->jwt, claims->exp, iat and jti are not given, for the client
/// signs anew each time; claims and key are NULL with client credentials.
ims_status ims_client_new(const struct ims_grant *grant,
                          const struct ims_jwt_options *claims,
                          const struct ims_key *key,
                          const struct ims_client_options *options,
                          struct ims_client **out,
                          struct ims_error **error);

/// From a credentials file of any known form (see the manual's list).
ims_status ims_client_from_file(const char *path,
                                const struct ims_client_options *options,
                                struct ims_client **out,
                                struct ims_error **error);

/// The same as JSON text, which needs no NUL at its end; paths in it count from where the process
/// runs.
ims_status ims_client_from_json(const char *json,
                                size_t json_len,
                                const struct ims_client_options *options,
                                struct ims_client **out,
                                struct ims_error **error);

/// From the environment (see the manual's list of variables).
ims_status ims_client_from_env(const struct ims_client_options *options,
                               struct ims_client **out,
                               struct ims_error **error);

/// Returns the client that an earlier call made from the same file and options, with its token, so that a
/// program may name its credentials in every call. Makes it, as ims_client_from_file does, the first time, and
/// again once something has changed that it was made from: the credentials file, the key or certificate that
/// it names, the CA file, a variable that says which proxy, CA certificates or cache directory to use. Calls
/// may_read for each credentials file, key and certificate every time, also where the client exists. The
/// process keeps the max_shared_clients that were used last, though they were freed; a forked child makes its own.
ims_status ims_client_shared_from_file(const char *path,
                                       const struct ims_client_options *options,
                                       struct ims_client **out,
                                       struct ims_error **error);

/// The same for JSON text, as ims_client_from_json takes it, and the directory where the process runs.
ims_status ims_client_shared_from_json(const char *json,
                                       size_t json_len,
                                       const struct ims_client_options *options,
                                       struct ims_client **out,
                                       struct ims_error **error);

/// The same for the environment, as ims_client_from_env reads it, whose variables may change, too.
ims_status ims_client_shared_from_env(const struct ims_client_options *options,
                                      struct ims_client **out,
                                      struct ims_error **error);

/// A fresh token, with 60 s left or, of a short-lived one, a quarter: from the cache, or by one
/// exchange that callers share.
ims_status ims_client_token(struct ims_client *client, struct ims_token **out, struct ims_error **error);

/// An API answered 401 to this token: drop it from every cache that still holds it. Ignored within
/// 10 s of the last.
void ims_client_forget(struct ims_client *client, const struct ims_token *token);

/// x-api-key; or NULL.
const char *ims_client_client_id(const struct ims_client *client);

/// x-gw-ims-org-id; or NULL.
const char *ims_client_org_id(const struct ims_client *client);

/// x-sandbox-name; or NULL.
const char *ims_client_sandbox_name(const struct ims_client *client);

/// Frees the client, and wipes it where it is not shared; its tokens live on.
void ims_client_free(struct ims_client *client);

/// Of the library in use, such as "0.1.0"; IMS_VERSION_MAJOR, _MINOR, _PATCH are those of the
/// header, written from Cargo.toml.
const char *ims_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* IMS_H */
