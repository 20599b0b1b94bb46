/* Webhooks of a forge at the scm service: what is proven, stored, and handed to a pretended scheduler, once and in order. On each engine. */

#include "common/base/id.h"
#include "common/base/pack.h"
#include "common/base/secret_box.h"
#include "db/open.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/scm/forges/forge_store.h"
#include "services/scm/hooks/delivery.h"
#include "services/scm/scm.h"
#include "tests/database/fresh.h"
#include "tests/service/on_engines.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SECRET "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define SITE   "p01k9qz6f3xm4t0v8w2ya"
#define HOOK   "h01k9qz6f3xm4t0v8w2ya"
#define C      "cccccccccccccccccccccccccccccccccccccccc"
#define B      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

typedef struct {
    pthread_mutex_t lock;
    fault_t fault; // Of what it answers
    int asked;
    const char *detail,
        *skipped;      // Of a fault; why a workflow does not run, in place of a run. NULL: "pretended"; a run
    char events[2000]; // "issue_comment by ada|"
} pretended_t;

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
    bus_t *bus;
    db_t *db, *actors_db;
    secret_key_t key;
    scm_t *scm;
    actor_t *actor, *scheduler_actor;
    pretended_t scheduler;
    bus_client_t *client;
} world_t;

static HANDLER (event_post)
{
    pretended_t *self = context;
    const event_post_t *ask = asked;
    event_runs_t *answer = answered;
    pthread_mutex_lock (&self->lock);
    size_t used = strlen (self->events);
    self->asked++;
    fault_t fault = turn->caller.role == ROLE_SERVICE ? self->fault : FORBIDDEN;
    if (fault == OK)
        snprintf (self->events + used, sizeof self->events - used, "%s by %s of %s|", ask->event, ask->actor,
                  strcmp (ask->project, SITE) == 0 ? "site" : ask->project);
    const char *detail = self->detail ? self->detail : "pretended", *skipped = self->skipped;
    pthread_mutex_unlock (&self->lock);
    if (fault != OK)
        return turn_fail (turn, fault, "%s", detail);
    if (skipped) {
        answer->skipped.items = arena_array (turn->arena, 1, sizeof answer->skipped.items[0]);
        answer->skipped.items[0].workflow = "ci.yml";
        answer->skipped.items[0].reason = skipped;
        answer->skipped.count = 1;
        return OK;
    }
    answer->items.items = arena_array (turn->arena, 1, sizeof (run_t));
    answer->items.items[0].id = "r01k9qz6f3xm4t0v8w2ya";
    answer->items.count = 1;
    return OK;
}

static const handler_t handlers[] = {HANDLER_ROW (event_post)};
static const actor_class_t pretended_class = {.name = "scheduler", .handlers = handlers, .count = 1};

// ---- the world ----

static void add_rows (world_t *world)
{
    secret_box_t box;
    secret_box_init (&box, &world->key);
    const forge_stored_t forge = {.forge = {.id = "f1",
                                            .name = "hub",
                                            .kind = "github",
                                            .url = "https://forge.invalid",
                                            .api_url = "https://forge.invalid/api/v3",
                                            .created_by = ""},
                                  .credential = {"", 0},
                                  .key_name = box.names[0]};
    const forge_link_t link = {.project = {.project_id = SITE,
                                           .project = "site",
                                           .repository = "7",
                                           .full_name = "ada/site",
                                           .url = "https://forge.invalid/ada/site.git",
                                           .default_branch = "main",
                                           .visibility = "private",
                                           .state = "active",
                                           .forks = "approved"},
                               .forge_id = "f1",
                               .hook = HOOK,
                               .secret = secret_box_seal (&box, world->arena, "scm secret " HOOK, SECRET),
                               .key_name = box.names[0],
                               .check_at = NEVER};
    CHECK_INT (forge_store_add (world->db, &world->turn, &forge), OK);
    CHECK_INT (forge_store_add_project (world->db, &world->turn, &link), OK);
}

static void start (world_t *self, private_networks_t who)
{
    self->scm = scm_new (&(scm_options_t){.folder = arena_printf (self->arena, "%s/mirrors", self->folder),
                                          .folders = "",
                                          .git_config = "",
                                          .sources = "",
                                          .db = self->actors_db,
                                          .key = &self->key,
                                          .url = "https://ci.invalid/",
                                          .private_networks = who});
    self->actor = actor_new (&scm_class, self->scm, self->bus, NULL);
}

static void stop (world_t *self)
{
    actor_destroy (&self->actor);
    scm_destroy (&self->scm);
}

static void begin (world_t *self, const char *url)
{
    *self = (world_t){.arena = arena_new (), .key = {.bytes = "the key of the test"}};
    pthread_mutex_init (&self->scheduler.lock, NULL);
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    test_folder (self->folder, sizeof self->folder);
    url = url ? url : arena_printf (self->arena, "sqlite:%s/db", self->folder);
    fresh_database (url, "scm");
    CHECK_INT (db_open (&self->db, url, &self->turn), OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "audit"), OK);
    CHECK_INT (db_open (&self->actors_db, url, &self->turn), OK);
    add_rows (self);
    self->bus = bus_new (&proto_codec, clock_system ());
    self->scheduler_actor = actor_new (&pretended_class, &self->scheduler, self->bus, NULL);
    start (self, PRIVATE_FOR_ADMINISTRATORS);
    self->client = bus_client_new (self->bus);
}

static void end (world_t *self)
{
    bus_client_destroy (&self->client);
    stop (self);
    actor_destroy (&self->scheduler_actor);
    db_close (&self->actors_db);
    db_close (&self->db);
    bus_destroy (&self->bus);
    test_folder_remove (self->folder);
    pthread_mutex_destroy (&self->scheduler.lock);
    arena_destroy (&self->arena);
}

ON_EACH_ENGINE (begin, end)

static fault_t ask_as (world_t *world, role_t role, uint16_t number, const void *ask, void *answer)
{
    world->turn.caller = (caller_t){.role = role, .subject = "eve"};
    world->turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (30);
    world->turn.detail = NULL;
    return bus_client_call (world->client, &world->turn, number, ask, answer);
}

static const char *signature (world_t *world, const char *secret, const char *body)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size;
    char hex[65];
    HMAC (EVP_sha256 (), secret, (int) strlen (secret), (const unsigned char *) body, strlen (body), sum,
          &size);
    return arena_printf (world->arena, "sha256=%s", sodium_bin2hex (hex, sizeof hex, sum, size));
}

static fault_t deliver_by (world_t *world, const char *secret, const char *event, const char *name,
                           const char *body, hook_taken_t *taken)
{
    size_t packed;
    hook_post_t ask = {.forge = "hub",
                       .hook = HOOK,
                       .event = event,
                       .delivery = name,
                       .hub = signature (world, secret, body),
                       .size = (uint32_t) strlen (body)};
    ask.body.data = pack (world->arena, body, strlen (body), &packed);
    ask.body.size = packed;
    *taken = (hook_taken_t){0};
    return ask_as (world, ROLE_NOBODY, MSG_hook_post, &ask, taken);
}

static hook_taken_t deliver (world_t *world, const char *event, const char *name, const char *body)
{
    hook_taken_t taken;
    CHECK_INT (deliver_by (world, SECRET, event, name, body, &taken), OK);
    return taken;
}

static delivery_t shown (world_t *world, const char *id)
{
    delivery_t delivery = {0};
    CHECK_INT (
        ask_as (world, ROLE_DEVELOPER, MSG_delivery_show, &(delivery_show_t){.delivery = id}, &delivery), OK);
    return delivery;
}

static void wait_for_state (world_t *world, const char *id, const char *state)
{
    int64_t until_us = test_until_us ();
    while (strcmp (shown (world, id).state, state) != 0)
        if (clock_monotonic_us () > until_us || poll (NULL, 0, 10) < 0) {
            CHECK_STR (shown (world, id).state, state);
            return;
        }
}

static void answer_with (world_t *world, fault_t fault)
{
    pthread_mutex_lock (&world->scheduler.lock);
    world->scheduler.fault = fault;
    pthread_mutex_unlock (&world->scheduler.lock);
}

static void answer_at_length (world_t *world, fault_t fault, const char *text)
{
    pthread_mutex_lock (&world->scheduler.lock);
    world->scheduler.fault = fault;
    world->scheduler.detail = world->scheduler.skipped = text;
    pthread_mutex_unlock (&world->scheduler.lock);
}

static const char *events_of (world_t *world)
{
    pthread_mutex_lock (&world->scheduler.lock);
    const char *events = arena_strdup (world->arena, world->scheduler.events);
    pthread_mutex_unlock (&world->scheduler.lock);
    return events;
}

#define COMMENT(more)                                                                                                  \
    "{\"action\":\"created\",\"repository\":{\"id\":7,\"full_name\":\"ada/site\"},\"sender\":{\"login\":\"ada\"}" more \
    "}"
#define LABELED(label) LABELED_AT (label, B)
#define LABELED_AT(label, head)                                                                     \
    "{\"action\":\"labeled\",\"label\":\"" label                                                    \
    "\",\"pull_request\":{\"number\":5,\"user\":{\"id\":9},\"head\":{\"ref\":\"t\",\"sha\":\"" head \
    "\",\"repo\":{\"id\":8}},\"base\":{\"repo\":{\"id\":7}}},\"repository\":{\"id\":7,\"full_name\":\"ada/site\"},\"sender\":{\"login\":\"eve\"}}"

TEST_ON_ENGINES (a_delivery_is_stored_and_reaches_the_scheduler_once)
{
    hook_taken_t first = deliver (world, "issue_comment", "d1", COMMENT (""));
    CHECK_STR (first.verdict, "received");
    wait_for_state (world, first.id, "done");
    hook_taken_t second = deliver (world, "issue_comment", "d1", COMMENT (""));
    CHECK_STR (second.verdict, "duplicate");
    CHECK_STR (second.id, first.id);
    delivery_t delivery = shown (world, first.id);
    CHECK_STR (delivery.runs.items[0], "r01k9qz6f3xm4t0v8w2ya");
    CHECK_STR (delivery.body, COMMENT (""));
    CHECK_STR (delivery.project, "site");
    CHECK_STR (events_of (world), "issue_comment by ada of site|");
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_delivery_resend, &(delivery_resend_t){.delivery = first.id},
                       &delivery),
               OK);
    wait_for_state (world, first.id, "done");
    CHECK_STR (events_of (world), "issue_comment by ada of site|issue_comment by ada of site|");
}

TEST_ON_ENGINES (a_delivery_is_known_by_what_is_signed_not_by_its_headers)
{
    hook_taken_t first = deliver (world, "issue_comment", "d1", COMMENT (""));
    wait_for_state (world, first.id, "done");
    const char *const others[][2] = {
        {"issue_comment", "d2"}, {"issues", "d1"}, {"issues", "d3"}, {"watch", ""}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        hook_taken_t replayed = deliver (world, others[i][0], others[i][1], COMMENT (""));
        CHECK_STR (replayed.verdict, "duplicate");
        CHECK_STR (replayed.id, first.id);
    }
    hook_taken_t real =
        deliver (world, "issue_comment", "d1", COMMENT (",\"x\":1")); // Its id was used before it came
    CHECK_STR (real.verdict, "received");
    wait_for_state (world, real.id, "done");
    CHECK_STR (shown (world, first.id).delivery, "d1"); // As its forge lists it
    CHECK_STR (events_of (world), "issue_comment by ada of site|issue_comment by ada of site|");
}

TEST_ON_ENGINES (what_is_not_proven_is_not_stored)
{
    hook_taken_t taken;
    delivery_page_t page = {0};
    CHECK_INT (deliver_by (world, "another", "issue_comment", "d1", COMMENT (""), &taken), FORBIDDEN);
    CHECK_INT (deliver_by (world, "", "issue_comment", "d1", COMMENT (""), &taken), FORBIDDEN);
    hook_post_t unknown = {.forge = "hub", .hook = "h0", .event = "push"},
                other = {.forge = "lab", .hook = HOOK};
    CHECK_INT (ask_as (world, ROLE_NOBODY, MSG_hook_post, &unknown, &taken), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_NOBODY, MSG_hook_post, &other, &taken), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_delivery_list, &(delivery_list_t){.project = ""}, &page),
               OK);
    CHECK_INT (page.items.count, 0);
    // Of a repository that took the name, and so has another id
    CHECK_STR (
        deliver (world, "issue_comment", "d2", "{\"repository\":{\"id\":70,\"full_name\":\"ada/site\"}}").id,
        "");
    CHECK_STR (events_of (world), "");
}

// "x" and then so many times "é", which is two bytes.
static const char *of_two_bytes (world_t *world, const char *start, int count)
{
    const char *text = start;
    for (int i = 0; i < count; i++)
        text = arena_printf (world->arena, "%s\xc3\xa9", text);
    return text;
}

TEST_ON_ENGINES (what_is_too_long_for_a_column_is_cut_at_a_whole_character_and_stored)
{
    const char *login = of_two_bytes (world, "xx", 127), *text = of_two_bytes (world, "x", 2100);
    const char *body = arena_printf (
        world->arena, "{\"repository\":{\"id\":7,\"full_name\":\"ada/site\"},\"sender\":{\"login\":\"%s\"}}",
        login);
    answer_at_length (world, OK, text);
    hook_taken_t skipped = deliver (world, "issue_comment", "d1", body);
    wait_for_state (world, skipped.id, "done");
    CHECK_INT (strlen (shown (world, skipped.id).actor), strlen (login) - 2);
    CHECK_STR (shown (world, skipped.id).reason, arena_printf (world->arena, "ci.yml: %.199s", text));
    answer_at_length (world, INVALID, text);
    hook_taken_t failed = deliver (world, "issue_comment", "d2", COMMENT (",\"x\":1"));
    wait_for_state (world, failed.id, "failed");
    CHECK_STR (shown (world, failed.id).reason, arena_printf (world->arena, "%.4095s", text));
}

TEST_ON_ENGINES (what_the_scheduler_cannot_take_now_is_tried_again_and_what_it_refuses_is_not)
{
    answer_with (world, UNAVAILABLE);
    hook_taken_t waits = deliver (world, "issue_comment", "d1", COMMENT (""));
    int64_t until_us = test_until_us ();
    while (!*shown (world, waits.id).reason && clock_monotonic_us () < until_us)
        poll (NULL, 0, 10);
    CHECK_STR (shown (world, waits.id).state, "received");
    answer_with (world, OK);
    wait_for_state (world, waits.id, "done");
    answer_with (world, INVALID);
    hook_taken_t bad = deliver (world, "issue_comment", "d2", COMMENT (",\"x\":1"));
    wait_for_state (world, bad.id, "failed");
    answer_with (world, OK);
    CHECK_STR (deliver (world, "issue_comment", "d2", COMMENT (",\"x\":1")).verdict,
               "duplicate"); // The forge sent it again: so do we
    wait_for_state (world, bad.id, "done");
}

// As if so many tries had failed before.
static void set_attempts (world_t *world, const char *id, int64_t attempts)
{
    delivery_row_t row;
    CHECK_INT (delivery_store_find (world->db, &world->turn, id, false, &row), OK);
    if (strcmp (row.delivery.state, "received") != 0 || row.attempts >= attempts)
        return;
    row.attempts = attempts;
    row.due_at = world->turn.now_us; // It may have been read while it was being tried
    CHECK_INT (delivery_store_put (world->db, &world->turn, &row), OK);
}

TEST_ON_ENGINES (what_is_worked_off_once_more_by_hand_fails_after_so_many_tries_and_says_why)
{
    delivery_t answer = {0};
    answer_with (world, INVALID);
    hook_taken_t taken = deliver (world, "issue_comment", "d1", COMMENT (""));
    wait_for_state (world, taken.id, "failed");
    answer_with (world, UNAVAILABLE);
    const delivery_resend_t ask = {.delivery = taken.id};
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_delivery_resend, &ask, &answer), OK);
    int64_t until_us = test_until_us ();
    while (strcmp (shown (world, taken.id).state, "failed") != 0 && clock_monotonic_us () < until_us) {
        set_attempts (world, taken.id, DELIVERY_TRIES - 1);
        poll (NULL, 0, 20);
    }
    CHECK_STR (shown (world, taken.id).state, "failed");
    CHECK_STR (shown (world, taken.id).reason, "given up after 300 tries: pretended");
}

static void wait_for_reason (world_t *world, const char *id, const char *part)
{
    int64_t until_us = test_until_us ();
    while (!strstr (shown (world, id).reason, part))
        if (clock_monotonic_us () > until_us || poll (NULL, 0, 10) < 0) {
            CHECK_STR (shown (world, id).reason, part);
            return;
        }
}

TEST_ON_ENGINES (why_a_delivery_waits_is_said_also_where_the_forges_credential_cannot_be_opened)
{
    answer_with (world, UNAVAILABLE);
    hook_taken_t taken = deliver (world, "issue_comment", "d1", COMMENT (""));
    CHECK_INT (forge_store_set_credential (world->db, &world->turn, "f1", (bytes_t){"sealed", 6}, "lost"),
               OK);
    wait_for_reason (world, taken.id, "the key file lacks key lost");
    CHECK_STR (shown (world, taken.id).state, "received");
    answer_with (world, OK);
    CHECK_INT (forge_store_set_credential (world->db, &world->turn, "f1", (bytes_t){"", 0}, "lost"), OK);
    wait_for_state (world, taken.id, "done");
}

TEST_ON_ENGINES (code_of_a_fork_waits_for_the_approval_of_its_head_and_keeps_its_order)
{
    delivery_t answer = {0};
    hook_taken_t first = deliver (world, "pull_request", "d1", LABELED ("a"));
    hook_taken_t second = deliver (world, "pull_request", "d2", LABELED ("b"));
    wait_for_state (world, first.id, "approval");
    wait_for_state (world, second.id, "approval");
    CHECK (shown (world, first.id).untrusted);
    delivery_approve_t ask = {.delivery = first.id, .sha = "aaaa"};
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_delivery_approve, &ask, &answer), CONFLICT);
    ask.sha = B;
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_delivery_approve, &ask, &answer), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_delivery_approve, &ask, &answer), OK);
    wait_for_state (world, first.id, "done");
    wait_for_state (world, second.id, "done"); // The same head
    CHECK_STR (shown (world, second.id).approved_by, "eve");
    hook_taken_t third = deliver (world, "pull_request", "d3", LABELED ("c"));
    wait_for_state (world, third.id, "done"); // And again
    const char *events = events_of (world), *at = events;
    for (int i = 0; i < 3; i++)
        CHECK ((at = strstr (at, "pull_request by eve")) && at++);
}

// Removes what is older than now, as after weeks.
static void tidy (world_t *world)
{
    world->turn.now_us = clock_now_us (clock_system ());
    CHECK_INT (delivery_store_tidy (world->db, &world->turn, world->turn.now_us + 1), OK);
}

TEST_ON_ENGINES (a_delivery_waits_for_its_approval_without_end_and_an_approved_author_stays_known)
{
    delivery_t answer = {0};
    forge_project_t project = {0};
    hook_taken_t taken = deliver (world, "pull_request", "d1", LABELED ("a"));
    wait_for_state (world, taken.id, "approval");
    tidy (world);
    const delivery_approve_t ask = {.delivery = taken.id, .sha = B};
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_delivery_approve, &ask, &answer), OK);
    wait_for_state (world, taken.id, "done");
    tidy (world);
    CHECK_INT (
        ask_as (world, ROLE_DEVELOPER, MSG_delivery_show, &(delivery_show_t){.delivery = taken.id}, &answer),
        NOT_FOUND);
    wait_for_state (world, deliver (world, "pull_request", "d2", LABELED ("b")).id, "done"); // The same head
    const forge_project_set_t set = {.project = SITE, .forks = "known"};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_forge_project_set, &set, &project), OK);
    wait_for_state (world, deliver (world, "pull_request", "d3", LABELED_AT ("c", C)).id, "done");
}

TEST_ON_ENGINES (of_too_many_that_wait_for_an_approval_the_oldest_are_ignored)
{
    arena_t *arena = world->arena;
    bool is_new;
    delivery_row_t there;
    CHECK_INT (db_begin (world->db, &world->turn), OK);
    for (int i = 0; i < APPROVALS_MAX + 2; i++) {
        delivery_row_t row = {.key = arena_printf (arena, "%d", i),
                              .delivery = {.id = arena_printf (arena, "d%020d", i),
                                           .delivery = "d",
                                           .event = "pull_request",
                                           .action = "opened",
                                           .ref = "",
                                           .sha = B,
                                           .actor = "eve",
                                           .state = "approval",
                                           .reason = "",
                                           .payload = "{}",
                                           .received_at = 1},
                              .project_id = i == 0 ? "another" : SITE,
                              .lane = "",
                              .before = "",
                              .author = "",
                              .packed = {"", 0}};
        CHECK_INT (delivery_store_add (world->db, &world->turn, &row, &is_new, &there), OK);
    }
    CHECK_INT (db_commit (world->db, &world->turn), OK);
    CHECK_INT (delivery_store_tidy (world->db, &world->turn, 1), OK);
    CHECK_STR (shown (world, "d00000000000000000000").state, "approval"); // Of another project
    CHECK_STR (shown (world, "d00000000000000000001").state, "ignored");
    CHECK_STR (shown (world, "d00000000000000000002").state, "approval");
}

TEST_ON_ENGINES (every_branch_and_tag_is_known_however_many_pull_requests_are)
{
    ref_rows_t refs;
    CHECK_INT (db_begin (world->db, &world->turn), OK);
    CHECK_INT (ref_store_put (world->db, &world->turn, SITE, "refs/tags/v1", B), OK);
    CHECK_INT (ref_store_put (world->db, &world->turn, SITE, "refs/heads/main", B), OK);
    for (int i = 1; i <= REFS_MAX; i++)
        CHECK_INT (ref_store_put (world->db, &world->turn, SITE,
                                  arena_printf (world->arena, "refs/pull/%d/head", i), C),
                   OK);
    CHECK_INT (db_commit (world->db, &world->turn), OK);
    CHECK_INT (ref_store_all (world->db, &world->turn, SITE, &refs), OK);
    CHECK_INT (refs.count, PULLS_KNOWN + 2);
    CHECK_STR (refs.items[0].ref, "refs/heads/main");
    CHECK_STR (refs.items[refs.count - 1].ref, "refs/tags/v1");
}

TEST_ON_ENGINES (a_forge_in_a_private_network_is_not_called_where_the_setting_lets_nobody)
{
    forge_row_t forge = {0};
    forge_repository_page_t page = {0};
    const forge_add_t ask = {
        .name = "lan", .kind = "gitea", .url = "http://127.0.0.1:1", .private_networks = true};
    const forge_repository_list_t list = {.forge = "lan"};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_forge_add, &ask, &forge), OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_forge_repository_list, &list, &page), UNAVAILABLE);
    stop (world);
    start (world, PRIVATE_FOR_NOBODY);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_forge_repository_list, &list, &page), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_forge_add, &ask, &forge), FORBIDDEN);
    CHECK (strstr (world->turn.detail, "scm_private_networks"));
}

TEST_ON_ENGINES (a_removed_project_takes_its_deliveries_with_it)
{
    done_t done;
    delivery_page_t page = {0};
    hook_taken_t taken = deliver (world, "issue_comment", "d1", COMMENT (""));
    wait_for_state (world, taken.id, "done");
    const scm_forget_t ask = {.url = "", .project = SITE, .trusted = true};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_scm_forget, &ask, &done), OK);
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_delivery_list, &(delivery_list_t){.project = ""}, &page),
               OK);
    CHECK_INT (page.items.count, 0);
    CHECK_INT (deliver_by (world, SECRET, "issue_comment", "d2", COMMENT (""), &taken), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_forge_remove, &(forge_remove_t){.forge = "hub"}, &done), OK);
}
