/* A request by libcurl that bears the token: to one origin alone, and once more with a new token after a 401.
 *
 *     cc example_libcurl.c $(pkg-config --cflags --libs ims libcurl) -o example_libcurl
 *     ./example_libcurl service_token.json https://api.example.com https://api.example.com/v1/items
 */
#include <curl/curl.h>
#include <ims.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Returns whether scheme, host and port of both URLs are the same. */
static bool same_origin(const char *one, const char *other)
{
    const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    CURLU *urls[] = {curl_url(), curl_url()};
    bool same = curl_url_set(urls[0], CURLUPART_URL, one, 0) == CURLUE_OK &&
                curl_url_set(urls[1], CURLUPART_URL, other, 0) == CURLUE_OK;
    for (size_t i = 0; same && i < sizeof(parts) / sizeof(*parts); i++) {
        char *texts[2] = {NULL, NULL};
        for (size_t u = 0; u < 2; u++)
            curl_url_get(urls[u], parts[i], &texts[u], CURLU_DEFAULT_PORT);
        same = texts[0] && texts[1] && strcasecmp(texts[0], texts[1]) == 0;
        curl_free(texts[0]);
        curl_free(texts[1]);
    }
    curl_url_cleanup(urls[0]);
    curl_url_cleanup(urls[1]);
    return same;
}

/* Sends the request, with the token unless it is NULL. Returns the HTTP status, or 0 after a failure that it prints, and
 * stores the body of the response, which the caller frees. */
static long perform(CURL *curl, const ims_token *token, char **body)
{
    char reason[CURL_ERROR_SIZE] = "";
    size_t length = 0;
    long status = 0;

    free(*body);
    *body = NULL;
    FILE *stream = open_memstream(body, &length);
    if (!stream)
        return 0;
    /* Not as a header of CURLOPT_HTTPHEADER: libcurl keeps this from other origins when it follows a redirect. */
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, token ? CURLAUTH_BEARER : CURLAUTH_NONE);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token ? ims_token_access_token(token) : NULL);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, stream);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    fclose(stream);
    if (code != CURLE_OK) {
        fprintf(stderr, "error: %s\n", *reason ? reason : curl_easy_strerror(code));
        return 0;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* Returns whether `origin` refused the token, and not a server to which it redirected, which never got it. */
static bool is_refused(CURL *curl, long status, const char *origin)
{
    char *url = NULL;
    curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url);
    return status == 401 && url && same_origin(url, origin);
}

/* Does what perform does, with a token of the client if the URL is of `origin`. */
static long request(
    CURL *curl, ims_client *client, const char *origin, const char *url, char **body, ims_error **error)
{
    ims_token *token = NULL;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (!same_origin(url, origin))
        return perform(curl, NULL, body);
    if (ims_client_token(client, &token, error) != IMS_OK)
        return 0;
    long status = perform(curl, token, body);
    if (is_refused(curl, status, origin)) {
        ims_client_forget(client, token);
        ims_token_free(token);
        if (ims_client_token(client, &token, error) != IMS_OK)
            return 0;
        /* What CURLOPT_POSTFIELDS holds is sent again; do not do this for a body from CURLOPT_READFUNCTION. */
        status = perform(curl, token, body);
    }
    ims_token_free(token);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s CREDENTIALS_FILE ORIGIN URL\n", argv[0]);
        return 2;
    }

    ims_client *client = NULL;
    ims_error *error = NULL;
    char *body = NULL;
    long status = 0;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    if (ims_client_from_file(argv[1], NULL, &client, &error) == IMS_OK)
        status = request(curl, client, argv[2], argv[3], &body, &error);
    if (error)
        fprintf(stderr, "error: %s\n", ims_error_message(error));
    if (status != 0 && body)
        fputs(body, stdout);

    free(body);
    ims_error_free(error);
    ims_client_free(client);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return status >= 200 && status < 300 ? 0 : 1;
}
