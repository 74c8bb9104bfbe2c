/* Keys and clients that are shared: the same for the same arguments, and new once what they were made from has changed. */
#include "children.h"

/* Goes to a folder of this program's own. */
static void enter_folder(void)
{
    char folder[512];
    snprintf(folder, sizeof folder, "%s", setting("KEY"));
    *strrchr(folder, '/') = 0;
    CHECK(chdir(folder) == 0);
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fputs(content, file);
    fclose(file);
}

static void copy_file(const char *from, const char *to)
{
    char content[8192] = "";
    FILE *file = fopen(from, "r");
    CHECK(file != NULL);
    CHECK(fread(content, 1, sizeof content - 1, file) > 0);
    fclose(file);
    write_file(to, content);
}

/* Credentials of a server that gives another token each time. */
static const char *credentials(const char *secret)
{
    static _Thread_local char json[1024];
    snprintf(json, sizeof json,
             "{\"grant\":\"client_credentials\",\"token_url\":\"%s/numbered\",\"client_id\":\"client\",\"client_secret\":\"%s\","
             "\"scope\":\"openid\"}",
             setting("SERVER"), secret);
    return json;
}

/* The number of the client's token, which another client does not have; frees the client. */
static int number_of(ims_client *client)
{
    ims_token *token;
    int number;
    CHECK_OK(ims_client_token(client, &token, &error));
    CHECK(sscanf(ims_token_access_token(token), "token-%d", &number) == 1);
    ims_token_free(token);
    ims_client_free(client);
    return number;
}

static int of_file(const char *path)
{
    ims_client_options options = patiently;
    ims_client *client;
    CHECK_OK(ims_client_shared_from_file(path, &options, &client, &error));
    return number_of(client);
}

static int of_json(const char *secret, size_t max_shared_clients)
{
    const char *json = credentials(secret);
    ims_client_options options = patiently;
    ims_client *client;
    options.max_shared_clients = max_shared_clients;
    CHECK_OK(ims_client_shared_from_json(json, strlen(json), &options, &client, &error));
    return number_of(client);
}

static void a_client_keeps_its_token_until_its_file_is_replaced(void)
{
    int first;
    ims_client_options options = patiently;
    ims_client *client;

    write_file("credentials.json", credentials("one"));
    first = of_file("credentials.json");
    CHECK(of_file("./credentials.json") == first);
    CHECK_OK(ims_client_from_file("credentials.json", &options, &client, &error));
    CHECK(number_of(client) != first);

    write_file("new.json", credentials("two"));
    CHECK(rename("new.json", "credentials.json") == 0);
    CHECK(of_file("credentials.json") > first);
    CHECK(of_file("credentials.json") == of_file("credentials.json"));

    CHECK(unlink("credentials.json") == 0);
    CHECK_REFUSED(ims_client_shared_from_file("credentials.json", NULL, &client, &error), IMS_ERR_CREDENTIALS,
                  "credentials file credentials.json cannot be read: ");
    CHECK(client == NULL);
}

static void a_client_is_another_in_another_environment(void)
{
    int first;
    ims_client *one, *other;

    unsetenv("NO_PROXY");
    first = of_json("one", 0);
    CHECK(of_json("one", 0) == first);
    setenv("NO_PROXY", "example.com", 1);
    CHECK(of_json("one", 0) != first);
    unsetenv("NO_PROXY");
    CHECK(of_json("one", 0) == first);

    setenv("IMS_CLIENT_ID", "one", 1);
    setenv("IMS_CLIENT_SECRETS", "[\"s3cret\"]", 1);
    setenv("IMS_ORG_ID", "org@AdobeOrg", 1);
    setenv("IMS_SCOPES", "openid", 1);
    CHECK_OK(ims_client_shared_from_env(NULL, &one, &error));
    setenv("IMS_CLIENT_ID", "other", 1);
    CHECK_OK(ims_client_shared_from_env(NULL, &other, &error));
    CHECK(strcmp(ims_client_client_id(one), "one") == 0);
    CHECK(strcmp(ims_client_client_id(other), "other") == 0);
    ims_client_free(one);
    ims_client_free(other);
}

static int may_read(const char *path, void *refused)
{
    return strstr(path, refused) == NULL;
}

static void every_caller_is_asked_which_files_may_be_read(void)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_client *client;

    write_file("asked.json",
               "{\"grant\":\"jwt_exchange\",\"client_id\":\"client\",\"client_secret\":\"s3cret\",\"org_id\":\"org@AdobeOrg\","
               "\"technical_account_id\":\"account@techacct.adobe.com\",\"metascopes\":\"ent_x\",\"private_key\":\"private.key\"}");
    options.may_read = may_read;
    options.may_read_context = "no such name";
    CHECK_OK(ims_client_shared_from_file("asked.json", &options, &client, &error));
    ims_client_free(client);
    options.may_read_context = "private.key";
    CHECK_REFUSED(ims_client_shared_from_file("asked.json", &options, &client, &error), IMS_ERR_CREDENTIALS,
                  "credentials file asked.json: private_key private.key is refused: ");
    options.may_read_context = "asked.json";
    CHECK_REFUSED(ims_client_shared_from_file("asked.json", &options, &client, &error), IMS_ERR_CREDENTIALS,
                  "credentials file asked.json is refused");
}

static void the_clients_that_were_used_last_are_kept(void)
{
    int one, two;

    one = of_json("1", 2);
    two = of_json("2", 2);
    CHECK(of_json("1", 2) == one);
    of_json("3", 2);
    CHECK(of_json("1", 2) == one);
    CHECK(of_json("2", 2) != two);
}

static void a_key_is_read_again_once_its_file_is_replaced(void)
{
    ims_key *first, *key;
    char *jwt;

    copy_file(setting("KEY"), "in_use.key");
    CHECK_OK(ims_key_shared_from_file("in_use.key", NULL, &first, &error));
    CHECK_OK(ims_key_shared_from_file("in_use.key", NULL, &key, &error));
    ims_key_free(key);
    copy_file(setting("ENCRYPTED_KEY"), "new.key");
    CHECK(rename("new.key", "in_use.key") == 0);
    CHECK_REFUSED(ims_key_shared_from_file("in_use.key", NULL, &key, &error), IMS_ERR_PASSPHRASE, "key file in_use.key ");
    CHECK_OK(ims_key_shared_from_file("in_use.key", "passphrase", &key, &error));
    ims_key_free(key);
    CHECK_REFUSED(ims_key_shared_from_file("in_use.key", "other", &key, &error), IMS_ERR_PASSPHRASE, "key file in_use.key ");
    CHECK_REFUSED(ims_key_shared_from_file(NULL, NULL, &key, &error), IMS_ERR_ARGUMENT, "path ");
    CHECK_REFUSED(ims_key_shared_from_bytes(NULL, 1, NULL, &key, &error), IMS_ERR_ARGUMENT, "bytes ");
    CHECK_REFUSED(ims_key_shared_from_bytes("", 0, NULL, &key, &error), IMS_ERR_KEY, "the private key is empty");
    /* What a caller holds goes on. */
    jwt = sign(first);
    ims_string_free(jwt);
    ims_key_free(first);
}

static void a_key_and_its_path_may_come_in_one_parameter(void)
{
    static const char pem[] = "-----BEGIN PRIVATE KEY-----\nMIIE";

    CHECK(ims_key_is_path("in_use.key", strlen("in_use.key")) == 1);
    CHECK(ims_key_is_path(pem, strlen(pem)) == 0);
    CHECK(ims_key_is_path(NULL, 0) == 0);
}

static void *ask(void *number)
{
    *(int *)number = of_json("of threads", 0);
    return NULL;
}

static void threads_that_ask_at_once_share_one_client(void)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    int numbers[THREADS], i;

    for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, ask, &numbers[i]) == 0);
    for (i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    for (i = 0; i < THREADS; i++) CHECK(numbers[i] == numbers[0]);
}

static int parents;

static void share_their_own(void)
{
    int first = of_json("of a parent", 0);
    CHECK(first != parents);
    CHECK(of_json("of a parent", 0) == first);
}

static void a_child_begins_without_what_its_parent_shares(void)
{
    parents = of_json("of a parent", 0);
    check_in_child(share_their_own);
    CHECK(of_json("of a parent", 0) == parents);
}

int main(void)
{
    enter_folder();
    a_client_keeps_its_token_until_its_file_is_replaced();
    a_client_is_another_in_another_environment();
    every_caller_is_asked_which_files_may_be_read();
    the_clients_that_were_used_last_are_kept();
    a_key_is_read_again_once_its_file_is_replaced();
    a_key_and_its_path_may_come_in_one_parameter();
    threads_that_ask_at_once_share_one_client();
    a_child_begins_without_what_its_parent_shares();
    return 0;
}
