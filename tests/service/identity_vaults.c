/* Secrets that are kept elsewhere: in a folder, and in a key-value store that a peer plays. */

#include "common/os/file.h"
#include "services/identity/vault.h"
#include "tests/http/peer.h"
#include "tests/service/identity/world.h"
#include "tests/unit/folder.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLANTED   "kestrel-plumage-7731"
#define OUR_TOKEN "hvs.of-the-test"

static vault_settings_t nothing (void)
{
    return (vault_settings_t){"", "", "secret", "opencicd", "", "", "", ""};
}

// Identity starts again with these vaults.
static void restart (world_t *world, const vault_settings_t *settings)
{
    actor_destroy (&world->actor);
    identity_destroy (&world->identity);
    world->identity = identity_new (world->actors_db, &world->key);
    identity_set_vaults (world->identity, settings);
    world->actor = actor_new (&identity_class, world->identity, world->bus, NULL);
}

static fault_t ask_attempt (world_t *world, job_values_t *values)
{
    const job_secrets_t ask = {.job = "j1", .attempt = 2, .key = "k"};
    world->turn.caller = (caller_t){.role = ROLE_JOB, .subject = "j1", .attempt = 2};
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (60);
    world->turn.detail = NULL;
    static int number;
    world->turn.request_id = arena_printf (world->arena, "request-%d", number++);
    return bus_client_call (world->client, &world->turn, MSG_job_secrets, &ask, values);
}

static const char *given (world_t *world, const char *environment, const char *name)
{
    job_values_t values = {0};
    static const char *names[1];
    names[0] = name;
    world->scheduler.grant = (grant_t){.project = SITE,
                                       .project_name = "site",
                                       .environment = environment,
                                       .shared = true,
                                       .all = !*name,
                                       .names = {names, *name != 0}};
    CHECK_INT (ask_attempt (world, &values), OK);
    return values.secrets;
}

static void set_secret (world_t *world, const char *project, const char *name, const char *value)
{
    secret_t secret;
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_secret_set,
                       &(secret_set_t){.project = project, .environment = "", .name = name, .value = value},
                       &secret),
               OK);
}

// ---- a folder ----

static void put_file (const char *folder, const char *name, const char *text)
{
    char path[400];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen (path, "we");
    CHECK (out);
    fputs (text, out);
    fclose (out);
}

static void make_folder (const char *folder, const char *name)
{
    char path[400];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    CHECK_INT (mkdir (path, 0700), 0);
}

TEST_ON_ENGINES (files_of_a_folder_are_secrets_of_their_scopes)
{
    char folder[200];
    vault_settings_t settings = nothing ();
    test_folder (folder, sizeof folder);
    settings.secrets_folder = folder;
    restart (world, &settings);
    put_file (folder, "a", "of all\n");
    put_file (folder, "B", "of all");
    put_file (folder, "not-a-name", "x");
    make_folder (folder, "site");
    put_file (folder, "site/B", "of site");
    make_folder (folder, "site/production");
    put_file (folder, "site/production/B", "of production");
    make_folder (folder, "site/.hidden");
    put_file (folder, "site/.hidden/B", "of nobody");
    // As a mounted Secret: the key is a link to a link
    make_folder (folder, "..data");
    put_file (folder, "..data/LINKED", PLANTED);
    char to[400];
    snprintf (to, sizeof to, "%s/LINKED", folder);
    CHECK_INT (symlink ("..data/LINKED", to), 0);
    CHECK_STR (given (world, "", "A"), "{\"A\":\"of all\"}");
    CHECK_STR (given (world, "", "B"), "{\"B\":\"of site\"}");
    CHECK_STR (given (world, "production", "B"), "{\"B\":\"of production\"}");
    CHECK_STR (given (world, "../..", "B"), "{\"B\":\"of site\"}");
    CHECK_STR (given (world, ".hidden", "B"), "{\"B\":\"of site\"}");
    CHECK_STR (given (world, "", "LINKED"), "{\"LINKED\":\"" PLANTED "\"}");
    CHECK_STR (given (world, "", "NOWHERE"), "{}");
    put_file (folder, "A", "renewed"); // Without a restart
    unlink (arena_printf (world->arena, "%s/a", folder));
    CHECK_STR (given (world, "", "A"), "{\"A\":\"renewed\"}");
    test_folder_remove (folder);
}

TEST_ON_ENGINES (a_stored_secret_comes_before_one_of_a_vault_of_its_scope)
{
    char folder[200];
    vault_settings_t settings = nothing ();
    test_folder (folder, sizeof folder);
    settings.secrets_folder = folder;
    restart (world, &settings);
    put_file (folder, "A", "of all, a file");
    make_folder (folder, "site");
    put_file (folder, "site/A", "of site, a file");
    set_secret (world, "", "A", "of all, stored");
    CHECK_STR (given (world, "", "A"), "{\"A\":\"of site, a file\"}");
    set_secret (world, "site", "A", "of site, stored");
    CHECK_STR (given (world, "", "A"), "{\"A\":\"of site, stored\"}");
    put_file (folder, "Z", "last");
    CHECK_STR (given (world, "", ""), "{\"A\":\"of site, stored\",\"Z\":\"last\"}");
    test_folder_remove (folder);
}

TEST_ON_ENGINES (a_file_that_is_no_secret_fails_the_job_by_its_name)
{
    char folder[200];
    vault_settings_t settings = nothing ();
    job_values_t values = {0};
    test_folder (folder, sizeof folder);
    settings.secrets_folder = folder;
    restart (world, &settings);
    put_file (folder, "BINARY", "\xff\xfe");
    static const char *names[] = {"A"};
    world->scheduler.grant =
        (grant_t){.project = SITE, .project_name = "site", .environment = "", .names = {names, 1}};
    CHECK_INT (ask_attempt (world, &values), INVALID);
    CHECK (strstr (world->turn.detail, "/BINARY: is not text"));
    world->scheduler.grant.names.count = 0; // A job that names none asks no vault
    CHECK_INT (ask_attempt (world, &values), OK);
    test_folder_remove (folder);
}

// ---- a key-value store ----

typedef struct {
    pthread_mutex_t lock;
    int status; // Instead of an answer
    const char *token;
    int requests;
    bool refused; // It came with another token
} fake_vault_t;

static void serve (void *self, const peer_request_t *request)
{
    fake_vault_t *fake = self;
    pthread_mutex_lock (&fake->lock);
    fake->requests++;
    bool ours = strstr (request->text, fake->token) && strstr (request->text, "X-Vault-Token: ");
    fake->refused |= !ours;
    int status = ours ? fake->status : 403;
    pthread_mutex_unlock (&fake->lock);
    if (status)
        peer_answer (request->conn, status, "", "{\"errors\":[\"permission denied\"]}");
    else if (strstr (request->text, "GET /v1/secret/data/opencicd HTTP"))
        peer_answer (
            request->conn, 200, "",
            "{\"data\":{\"data\":{\"A\":\"of all\",\"N\":42,\"M\":{\"x\":1}},\"metadata\":{\"version\":1}}}");
    else if (strstr (request->text, "GET /v1/secret/data/opencicd/site HTTP"))
        peer_answer (request->conn, 200, "",
                     "{\"data\":{\"data\":{\"KEY\":\"" PLANTED "\"},\"metadata\":{}}}");
    else if (strstr (request->text, "GET /v1/secret/data/opencicd/site/pre%20prod HTTP"))
        peer_answer (request->conn, 200, "",
                     "{\"data\":{\"data\":{\"KEY\":\"of pre prod\"},\"metadata\":{}}}");
    else
        peer_answer (request->conn, 404, "", "{\"errors\":[]}");
}

static fake_vault_t fake = {.lock = PTHREAD_MUTEX_INITIALIZER, .token = OUR_TOKEN};

static peer_t *begin (world_t *world, const char *token_file)
{
    fake.status = fake.requests = 0;
    fake.refused = false;
    peer_t *peer = peer_new (&(peer_options_t){.serve = serve, .self = &fake});
    vault_settings_t settings = nothing ();
    settings.vault_url = peer_url (peer);
    settings.vault_token = token_file ? "" : OUR_TOKEN;
    settings.vault_token_file = token_file ? token_file : "";
    restart (world, &settings);
    return peer;
}

TEST_ON_ENGINES (a_key_value_store_has_secrets_of_each_scope)
{
    peer_t *peer = begin (world, NULL);
    CHECK_STR (given (world, "", "A"), "{\"A\":\"of all\"}");
    CHECK_STR (given (world, "", "N"), "{\"N\":\"42\"}");
    CHECK_STR (given (world, "", "M"), "{}"); // No text
    CHECK_STR (given (world, "", "KEY"), "{\"KEY\":\"" PLANTED "\"}");
    CHECK_STR (given (world, "pre prod", "KEY"), "{\"KEY\":\"of pre prod\"}");
    CHECK_STR (given (world, "nowhere", "KEY"), "{\"KEY\":\"" PLANTED "\"}");
    CHECK (!fake.refused);
    peer_destroy (&peer);
}

TEST_ON_ENGINES (a_vault_that_refuses_or_is_away_is_named_and_its_token_is_not)
{
    job_values_t values = {0};
    peer_t *peer = begin (world, NULL);
    static const char *names[] = {"A"};
    world->scheduler.grant =
        (grant_t){.project = SITE, .project_name = "site", .environment = "", .names = {names, 1}};
    fake.status = 403;
    CHECK_INT (ask_attempt (world, &values), INVALID); // For good
    CHECK_STR (world->turn.detail, "vault: secret/data/opencicd/site: it answered 403: permission denied");
    fake.status = 503;
    CHECK_INT (ask_attempt (world, &values), UNAVAILABLE); // The agent asks again
    peer_destroy (&peer);
    vault_settings_t away = nothing ();
    away.vault_url = "http://127.0.0.1:1"; // Where nobody listens, whoever took the peer's port
    away.vault_token = OUR_TOKEN;
    restart (world, &away);
    CHECK_INT (ask_attempt (world, &values), UNAVAILABLE);
    CHECK (strstr (world->turn.detail, "vault: secret/data/opencicd/site: "));
    CHECK (!strstr (world->turn.detail, OUR_TOKEN));
}

TEST_ON_ENGINES (a_token_file_is_read_for_each_job)
{
    char folder[200], path[300];
    job_values_t values = {0};
    test_folder (folder, sizeof folder);
    snprintf (path, sizeof path, "%s/token", folder);
    peer_t *peer = begin (world, path);
    static const char *names[] = {"A"};
    world->scheduler.grant = (grant_t){
        .project = SITE, .project_name = "site", .environment = "", .shared = true, .names = {names, 1}};
    CHECK_INT (ask_attempt (world, &values), NOT_FOUND);
    CHECK (strstr (world->turn.detail, path));
    put_file (folder, "token", "hvs.old\n");
    CHECK_INT (ask_attempt (world, &values), INVALID);
    put_file (folder, "token", OUR_TOKEN "\n");
    CHECK_STR (given (world, "", "A"), "{\"A\":\"of all\"}");
    peer_destroy (&peer);
    test_folder_remove (folder);
}

static fault_t parse (arena_t *arena, turn_t *turn, const char *text, const char **out)
{
    value_t *found = value_object (arena);
    fault_t fault = vault_kv_parse (turn, text, strlen (text), found);
    *out = value_to_json (arena, found, 0);
    return fault;
}

TEST (an_answer_that_is_none_of_a_key_value_store_is_refused_by_its_fault)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    const char *out;
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (parse (arena, &turn, "<html>", &out), INVALID);
    CHECK_INT (parse (arena, &turn, "{\"data\":{\"KEY\":\"1\"}}", &out), INVALID); // Version 1
    CHECK (strstr (turn.detail, "is it a key-value store, version 2?"));
    CHECK_INT (parse (arena, &turn, "{\"data\":{\"data\":{\"A\":\"x\\u0000y\"}}}", &out), INVALID);
    CHECK_INT (parse (arena, &turn, "{\"data\":{\"data\":{\"A\":null,\"1\":\"x\",\"B\":true}}}", &out), OK);
    CHECK_STR (out, "{\"B\":\"true\"}");
    arena_destroy (&arena);
}
