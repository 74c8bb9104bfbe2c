/* The doctor: its findings, offline and online, and what it may not read. Prints what it finds in the credentials EXPIRED. */
#include "check.h"

static const char *text(const char *text)
{
    return text ? text : "-";
}

/* The first check of this outcome; the number of checks if there is none. */
static size_t first(const ims_report *report, int32_t outcome)
{
    size_t i = 0;
    while (i < ims_report_len(report) && ims_report_outcome(report, i) != outcome) i++;
    return i;
}

static void the_cause_is_found_without_a_server(void)
{
    const char *outcomes[] = {"ok", "warning", "error"};
    ims_report *report;
    size_t i;

    CHECK_OK(ims_doctor(setting("EXPIRED"), NULL, NULL, 0, &report, &error));
    for (i = 0; i < ims_report_len(report); i++)
        printf("%s\t%s\t%s\t%s\t%s\n", outcomes[ims_report_outcome(report, i)], ims_report_name(report, i),
               ims_report_message(report, i), text(ims_report_hint(report, i)), text(ims_report_cause(report, i)));
    i = first(report, IMS_OUTCOME_ERROR);
    CHECK(strcmp(ims_report_name(report, i), "certificate") == 0);
    CHECK(strcmp(ims_report_cause(report, i), "expired-certificate") == 0);
    CHECK(ims_report_hint(report, i) != NULL);
    CHECK(ims_report_status(report, i) == IMS_ERR_CREDENTIALS);
    ims_report_free(report);
}

static void a_sound_account_gets_a_token_online(void)
{
    ims_report *report;
    size_t last;

    CHECK_OK(ims_doctor(setting("CREDENTIALS"), setting("CERTIFICATE"), &patiently, 1, &report, &error));
    CHECK(first(report, IMS_OUTCOME_ERROR) == ims_report_len(report));
    last = ims_report_len(report) - 1;
    CHECK(strcmp(ims_report_name(report, last), "validation") == 0);
    CHECK(ims_report_outcome(report, last) == IMS_OUTCOME_OK);
    CHECK(ims_report_status(report, last) == IMS_OK);
    CHECK(ims_report_cause(report, last) == NULL);
    ims_report_free(report);
}

static void the_environment_is_examined_without_a_file(void)
{
    ims_report *report;

    CHECK_OK(ims_doctor(NULL, NULL, NULL, 0, &report, &error));
    CHECK(strcmp(ims_report_name(report, 0), "environment") == 0);
    ims_report_free(report);
}

/* Refuses the key and the certificate. */
static int may_read(const char *path, void *asked)
{
    ++*(int *)asked;
    return strcmp(path, setting("CREDENTIALS")) == 0;
}

static void what_a_program_may_not_read_is_a_finding(void)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_report *report;
    int asked = 0;
    size_t i, refused = 0;

    options.may_read = may_read;
    options.may_read_context = &asked;
    CHECK_OK(ims_doctor(setting("CREDENTIALS"), setting("CERTIFICATE"), &options, 1, &report, &error));
    for (i = 0; i < ims_report_len(report); i++) {
        refused += strstr(ims_report_message(report, i), "is refused: this program may not read it") != NULL;
        CHECK(strcmp(ims_report_name(report, i), "key's permissions") != 0); /* nor look at it */
        CHECK(strcmp(ims_report_name(report, i), "exchange") != 0);
    }
    CHECK(refused == 2);
    CHECK(asked > 2);
    ims_report_free(report);
}

static void a_command_is_a_finding_unless_the_program_allows_it(void)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_report *report;
    char path[512];
    FILE *file;
    size_t i;

    snprintf(path, sizeof path, "%s.command", setting("CREDENTIALS"));
    file = fopen(path, "w");
    CHECK(file != NULL);
    fputs("{\"grant\":\"client_credentials\",\"client_auth\":\"private_key_jwt\",\"client_id\":\"client\","
          "\"token_url\":\"https://auth.example.com/token\",\"assertion_command\":[\"echo\",\"token-of-the-platform\"]}", file);
    fclose(file);
    CHECK_OK(ims_doctor(path, NULL, &options, 0, &report, &error));
    i = first(report, IMS_OUTCOME_ERROR);
    CHECK(strstr(ims_report_message(report, i), "the program allows no command") != NULL);
    ims_report_free(report);
    options.allow_command = 1;
    CHECK_OK(ims_doctor(path, NULL, &options, 0, &report, &error));
    CHECK(first(report, IMS_OUTCOME_ERROR) == ims_report_len(report));
    ims_report_free(report);
    remove(path);
}

static void a_setting_that_cannot_be_used_is_a_finding_or_refused_by_name(void)
{
    ims_client_options options = IMS_CLIENT_OPTIONS_INIT;
    ims_transport transport = IMS_TRANSPORT_INIT;
    ims_report *report;
    size_t i, errors = 0;

    options.cache = "memcached://localhost";
    options.transport = &transport;
    transport.timeout_ms = IMS_MAX_TIMEOUT_MS + 1;
    CHECK_OK(ims_doctor(setting("CREDENTIALS"), NULL, &options, 0, &report, &error));
    for (i = 0; i < ims_report_len(report); i++)
        errors += ims_report_outcome(report, i) == IMS_OUTCOME_ERROR;
    CHECK(errors == 2);
    ims_report_free(report);

    CHECK_OK(ims_doctor(setting("CREDENTIALS"), "/does/not/exist", NULL, 0, &report, &error));
    i = first(report, IMS_OUTCOME_ERROR);
    CHECK(strncmp(ims_report_message(report, i), "certificate /does/not/exist cannot be read", 42) == 0);
    ims_report_free(report);

    options.size = 8;
    CHECK_REFUSED(ims_doctor(NULL, NULL, &options, 0, &report, &error), IMS_ERR_ARGUMENT, "size ");
    CHECK(report == NULL);
    CHECK_REFUSED(ims_doctor(NULL, NULL, NULL, 0, NULL, &error), IMS_ERR_ARGUMENT, "out ");
}

static void null_is_no_report_and_no_check_follows_the_last(void)
{
    ims_report *report;
    size_t behind;

    CHECK_OK(ims_doctor("/does/not/exist", NULL, NULL, 0, &report, &error));
    behind = ims_report_len(report);
    CHECK(ims_report_name(report, behind) == NULL);
    CHECK(ims_report_message(report, SIZE_MAX) == NULL);
    CHECK(ims_report_outcome(report, behind) == IMS_OUTCOME_OK);
    ims_report_free(report);

    CHECK(ims_report_len(NULL) == 0);
    CHECK(ims_report_name(NULL, 0) == NULL);
    CHECK(ims_report_outcome(NULL, 0) == IMS_OUTCOME_OK);
    CHECK(ims_report_message(NULL, 0) == NULL);
    CHECK(ims_report_hint(NULL, 0) == NULL);
    CHECK(ims_report_cause(NULL, 0) == NULL);
    CHECK(ims_report_status(NULL, 0) == IMS_OK);
    ims_report_free(NULL);
}

int main(void)
{
    the_cause_is_found_without_a_server();
    a_sound_account_gets_a_token_online();
    the_environment_is_examined_without_a_file();
    what_a_program_may_not_read_is_a_finding();
    a_command_is_a_finding_unless_the_program_allows_it();
    a_setting_that_cannot_be_used_is_a_finding_or_refused_by_name();
    null_is_no_report_and_no_check_follows_the_last();
    return 0;
}
