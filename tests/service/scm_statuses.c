/* Statuses on their way from a pretended scheduler's events to a played forge, by the clock of the test. On each engine. */

#include "common/base/secret_box.h"
#include "db/open.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/scm/forges/forge_store.h"
#include "services/scm/hooks/delivery_store.h"
#include "services/scm/scm.h"
#include "services/scm/status/status_store.h"
#include "tests/database/fresh.h"
#include "tests/service/on_engines.h"
#include "tests/service/scm/stage.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define BEGINS   SECONDS (1900000000)
#define STEP_US  MILLISECONDS (200)
#define REPLICAS 2

typedef struct {
    bus_t *bus;
    db_t *db;
    scm_t *scm;
    actor_t *actor, *scheduler;
    bus_client_t *client;
} replica_t;

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
    const char *url;
    db_t *db;
    secret_key_t key;
    wall_clock_t *clock;
    peer_t *forge;
    stage_t stage;
    replica_t replicas[REPLICAS];
} world_t;

static void plan (world_t *world, int status, const char *headers, const char *body)
{
    pthread_mutex_lock (&world->stage.lock);
    world->stage.planned[world->stage.plans++] = (planned_t){status, headers, body};
    pthread_mutex_unlock (&world->stage.lock);
}

static const char *posts (world_t *world)
{
    pthread_mutex_lock (&world->stage.lock);
    const char *text = arena_strdup (world->arena, world->stage.posts);
    pthread_mutex_unlock (&world->stage.lock);
    return text;
}

// ---- the world ----

static void add_rows (world_t *world)
{
    secret_box_t box;
    secret_box_init (&box, &world->key);
    const forge_stored_t forge = {.forge = {.id = "f1",
                                            .name = "hub",
                                            .kind = "github",
                                            .url = peer_url (world->forge),
                                            .api_url = peer_url (world->forge),
                                            .private_networks = true,
                                            .created_by = ""},
                                  .credential =
                                      secret_box_seal (&box, world->arena, "scm credential f1", "t"),
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
                               .hook = "h1",
                               .secret = {"", 0},
                               .key_name = box.names[0],
                               .check_at = NEVER};
    CHECK_INT (forge_store_add (world->db, &world->turn, &forge), OK);
    CHECK_INT (forge_store_add_project (world->db, &world->turn, &link), OK);
}

static void begin_replica (world_t *world, replica_t *self)
{
    CHECK_INT (db_open (&self->db, world->url, &world->turn), OK);
    self->bus = bus_new (&proto_codec, world->clock);
    self->scheduler = actor_new (&stage_scheduler, &world->stage, self->bus, NULL);
    self->scm = scm_new (&(scm_options_t){.folder = arena_printf (world->arena, "%s/mirrors", world->folder),
                                          .folders = "",
                                          .git_config = "",
                                          .sources = "",
                                          .db = self->db,
                                          .key = &world->key,
                                          .url = "https://ci.invalid/"});
    self->actor = actor_new (&scm_class, self->scm, self->bus, NULL);
    self->client = bus_client_new (self->bus);
}

static void end_replica (replica_t *self)
{
    if (!self->bus)
        return;
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    scm_destroy (&self->scm);
    actor_destroy (&self->scheduler);
    db_close (&self->db);
    bus_destroy (&self->bus);
    *self = (replica_t){.bus = NULL};
}

static void begin (world_t *self, const char *url)
{
    *self = (world_t){.arena = arena_new (), .key = {.bytes = "the key of the test"}};
    self->stage = (stage_t){.run_number = 1, .run_state = run_running};
    pthread_mutex_init (&self->stage.lock, NULL);
    self->clock = clock_by_hand (BEGINS);
    turn_init (&self->turn, self->arena, "test", BEGINS);
    test_folder (self->folder, sizeof self->folder);
    self->url = url ? url : arena_printf (self->arena, "sqlite:%s/db", self->folder);
    fresh_database (self->url, "scm");
    CHECK_INT (db_open (&self->db, self->url, &self->turn), OK);
    CHECK_INT (database_migrate (self->db, &self->turn, "audit"), OK);
    self->forge = peer_new (&(peer_options_t){.serve = stage_serve, .self = &self->stage});
    add_rows (self);
    begin_replica (self, &self->replicas[0]);
}

static void release (world_t *self)
{
    pthread_mutex_lock (&self->stage.lock);
    self->stage.released = true;
    pthread_mutex_unlock (&self->stage.lock);
}

static int answered (world_t *world)
{
    pthread_mutex_lock (&world->stage.lock);
    int count = world->stage.answered;
    pthread_mutex_unlock (&world->stage.lock);
    return count;
}

static void end (world_t *self)
{
    release (self);
    for (int i = 0; i < REPLICAS; i++)
        end_replica (&self->replicas[i]);
    peer_destroy (&self->forge);
    db_close (&self->db);
    test_folder_remove (self->folder);
    clock_destroy (&self->clock);
    pthread_mutex_destroy (&self->stage.lock);
    arena_destroy (&self->arena);
}

ON_EACH_ENGINE (begin, end)

// The scheduler reports it.
static void run_is (world_t *world, uint32_t state, uint32_t result)
{
    pthread_mutex_lock (&world->stage.lock);
    world->stage.run_state = state;
    world->stage.run_result = result;
    world->stage.events++;
    pthread_mutex_unlock (&world->stage.lock);
}

static const forge_status_t *listed (world_t *world, const char *context)
{
    forge_status_items_t items;
    world->turn.now_us = clock_now_us (world->clock);
    CHECK_INT (status_store_page (world->db, &world->turn, SITE, "", "", "", 10, &items), OK);
    for (size_t i = 0; i < items.count; i++)
        if (strcmp (items.items[i].context, context) == 0)
            return &items.items[i];
    return NULL;
}

#define WORKFLOW "open-cicd/CI (push)"
#define BUILD    "open-cicd/CI / build (push)"

static bool is_in (world_t *world, const char *context, const char *delivery)
{
    const forge_status_t *status = listed (world, context);
    return status && strcmp (status->delivery, delivery) == 0;
}

static bool has_settled (world_t *world)
{
    const char *const last[] = {"sent", "refused", "undelivered"};
    bool workflow = false, build = false;
    for (int i = 0; i < 3; i++) {
        workflow = workflow || is_in (world, WORKFLOW, last[i]);
        build = build || is_in (world, BUILD, last[i]);
    }
    return workflow && build;
}

// Time passes until that is so; how much of it did.
#define PASS_UNTIL(world, condition)                                    \
    ({                                                                  \
        int64_t pass_until_us = test_until_us ();                       \
        int64_t passed_us = clock_now_us ((world)->clock);              \
        while (!(condition) && clock_monotonic_us () < pass_until_us) { \
            clock_turn ((world)->clock, STEP_US);                       \
            poll (NULL, 0, 10);                                         \
        }                                                               \
        CHECK (condition);                                              \
        clock_now_us ((world)->clock) - passed_us;                      \
    })

// The cursor is where the events end: all that follows is seen.
static void follow (world_t *world)
{
    int64_t cursor = -1, due_at;
    PASS_UNTIL (world, status_store_events (world->db, &world->turn, &cursor, &due_at) == OK && cursor >= 0);
}

static bool shows (world_t *world, const char *text)
{
    return strstr (posts (world), text) != NULL;
}

// ---- what is shown ----

TEST_ON_ENGINES (a_run_and_its_job_are_shown_and_of_many_changes_the_newest_state)
{
    follow (world);
    run_is (world, run_running, result_none);
    PASS_UNTIL (world, shows (world, "pending " WORKFLOW) && shows (world, "pending " BUILD));
    for (int i = 0; i < 300; i++)
        run_is (world, run_running, result_none);
    run_is (world, run_finished, result_success);
    PASS_UNTIL (world, shows (world, "success " WORKFLOW) && shows (world, "success " BUILD));
    PASS_UNTIL (world, has_settled (world));
    CHECK_STR (posts (world),
               "pending " WORKFLOW "|pending " BUILD "|success " WORKFLOW "|success " BUILD "|");
    CHECK_STR (listed (world, WORKFLOW)->url, "https://ci.invalid/runs/" RUN_ID);
    CHECK_STR (listed (world, BUILD)->sha, SHA);
    CHECK_STR (world->stage.others, "");
}

TEST_ON_ENGINES (what_an_older_run_of_a_commit_becomes_does_not_hide_the_newer_one)
{
    follow (world);
    world->stage.run_number = 7;
    run_is (world, run_finished, result_failure);
    PASS_UNTIL (world, shows (world, "failure " WORKFLOW) && has_settled (world));
    pthread_mutex_lock (&world->stage.lock);
    world->stage.run_number = 6;
    pthread_mutex_unlock (&world->stage.lock);
    run_is (world, run_finished, result_success);
    int64_t cursor = 0, due_at;
    PASS_UNTIL (world, status_store_events (world->db, &world->turn, &cursor, &due_at) == OK && cursor == 2);
    status_runs_t runs = {.count = 1};
    world->turn.now_us = NEVER - 1;
    PASS_UNTIL (world, status_store_runs_due (world->db, &world->turn, &runs) == OK && runs.count == 0);
    CHECK_STR (listed (world, WORKFLOW)->state, "failure");
    CHECK (!shows (world, "success"));
}

TEST_ON_ENGINES (a_run_that_cannot_be_read_now_is_looked_at_again)
{
    follow (world);
    world->stage.fault = UNAVAILABLE;
    run_is (world, run_finished, result_success);
    PASS_UNTIL (world, clock_now_us (world->clock) > BEGINS + SECONDS (8));
    CHECK_STR (posts (world), "");
    pthread_mutex_lock (&world->stage.lock);
    world->stage.fault = OK;
    pthread_mutex_unlock (&world->stage.lock);
    PASS_UNTIL (world, shows (world, "success " WORKFLOW));
}

TEST_ON_ENGINES (of_events_that_expired_unread_the_runs_of_deliveries_are_looked_at)
{
    bool is_new;
    delivery_row_t there;
    follow (world);
    delivery_row_t row = {.key = "x",
                          .delivery = {.id = "d1",
                                       .delivery = "x",
                                       .event = "push",
                                       .action = "",
                                       .ref = "",
                                       .sha = "",
                                       .actor = "",
                                       .state = "done",
                                       .reason = "",
                                       .payload = "{}",
                                       .approved_by = "",
                                       .runs = {(const char *[]){RUN_ID}, 1},
                                       .received_at = BEGINS},
                          .project_id = SITE,
                          .lane = "",
                          .before = "",
                          .author = "",
                          .packed = {"", 0}};
    CHECK_INT (delivery_store_add (world->db, &world->turn, &row, &is_new, &there), OK);
    CHECK_INT (delivery_store_put (world->db, &world->turn, &row), OK);
    pthread_mutex_lock (&world->stage.lock);
    world->stage.run_state = run_finished;
    world->stage.run_result = result_success;
    world->stage.gap = 5;
    pthread_mutex_unlock (&world->stage.lock);
    PASS_UNTIL (world, shows (world, "success " WORKFLOW));
}

// ---- what the forge answers ----

TEST_ON_ENGINES (a_limit_on_requests_is_waited_for_and_nothing_is_lost)
{
    static const planned_t limits[] = {
        {429, "Retry-After: 40\r\n", "{\"message\":\"slow down\"}"},
        {403, "Retry-After: 40\r\n", "{\"message\":\"You have exceeded a secondary rate limit\"}"}};
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            follow (world);
        plan (world, limits[i].status, limits[i].headers, limits[i].body);
        run_is (world, i == 0 ? run_running : run_finished, i == 0 ? result_none : result_success);
        int before = answered (world);
        PASS_UNTIL (world, answered (world) > before);
        size_t posted = strlen (posts (world));
        int64_t took_us = PASS_UNTIL (world, strlen (posts (world)) > posted);
        CHECK (took_us >= SECONDS (37));
        PASS_UNTIL (world, has_settled (world));
        CHECK_STR (listed (world, WORKFLOW)->delivery, "sent");
        CHECK_STR (listed (world, BUILD)->delivery, "sent");
    }
}

TEST_ON_ENGINES (what_a_forge_refuses_is_shown_with_its_words_and_not_sent_again)
{
    static const struct {
        int status;
        const char *words;
    } refusals[] = {{404, "Not Found"},
                    {422, "Validation Failed"},
                    {401, "Bad credentials"},
                    {403, "Resource not accessible"}};
    follow (world);
    for (int i = 0; i < 4; i++) {
        const char *body = arena_printf (world->arena, "{\"message\":\"%s\"}", refusals[i].words);
        plan (world, refusals[i].status, "", body);
        plan (world, refusals[i].status, "", body);
        run_is (world, i % 2 ? run_finished : run_running, i % 2 ? result_success : result_none);
        PASS_UNTIL (world, answered (world) == 2 * (i + 1) && has_settled (world));
        CHECK_STR (listed (world, BUILD)->delivery, "refused");
        CHECK (strstr (listed (world, BUILD)->reason, refusals[i].words) != NULL);
    }
    int64_t until_us = clock_now_us (world->clock) + SECONDS (60);
    PASS_UNTIL (world, clock_now_us (world->clock) > until_us);
    CHECK_INT (answered (world), 8);
}

TEST_ON_ENGINES (with_another_credential_what_was_refused_is_sent_once_more)
{
    forge_row_t forge = {0};
    follow (world);
    plan (world, 401, "", "{\"message\":\"Bad credentials\"}");
    plan (world, 401, "", "{\"message\":\"Bad credentials\"}");
    run_is (world, run_finished, result_success);
    PASS_UNTIL (world, is_in (world, WORKFLOW, "refused") && is_in (world, BUILD, "refused"));
    const forge_add_t ask = {.name = "hub",
                             .kind = "github",
                             .url = peer_url (world->forge),
                             .api_url = peer_url (world->forge),
                             .credential = "new",
                             .private_networks = true};
    world->turn.caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (30);
    CHECK_INT (bus_client_call (world->replicas[0].client, &world->turn, MSG_forge_add, &ask, &forge), OK);
    PASS_UNTIL (world, is_in (world, WORKFLOW, "sent") && is_in (world, BUILD, "sent"));
}

TEST_ON_ENGINES (a_forge_that_fails_or_hangs_up_is_asked_again_and_gets_the_newest_state)
{
    follow (world);
    for (int i = 0; i < 3; i++)
        plan (world, 500, "", "{\"message\":\"oops\"}");
    plan (world, HANGS_UP, "", "");
    plan (world, 502, "", "no JSON");
    run_is (world, run_running, result_none);
    PASS_UNTIL (world, answered (world) >= 1);
    run_is (world, run_finished, result_failure);
    PASS_UNTIL (world, is_in (world, WORKFLOW, "sent") && is_in (world, BUILD, "sent") &&
                           strcmp (listed (world, BUILD)->state, "failure") == 0);
    CHECK_INT (answered (world), 5);
    const char *text = posts (world), *last = strstr (text, "failure " BUILD);
    CHECK (last && !strstr (last, "pending"));
}

TEST_ON_ENGINES (what_cannot_be_sent_for_a_day_is_undelivered)
{
    follow (world);
    run_is (world, run_finished, result_success);
    for (int i = 0; i < PLANNED - 2; i++)
        plan (world, 503, "", "{\"message\":\"away\"}");
    PASS_UNTIL (world, answered (world) >= 2);
    PASS_UNTIL (world, is_in (world, BUILD, "waiting") && strstr (listed (world, BUILD)->reason, "away"));
    clock_turn (world->clock, SECONDS (86400));
    PASS_UNTIL (world, is_in (world, WORKFLOW, "undelivered") && is_in (world, BUILD, "undelivered"));
    CHECK (strstr (listed (world, BUILD)->reason, "away") != NULL);
}

TEST_ON_ENGINES (no_redirect_is_followed)
{
    follow (world);
    plan (world, 301, "Location: /elsewhere\r\n", "{\"message\":\"Moved\"}");
    plan (world, 307, "Location: /elsewhere\r\n", "{\"message\":\"Moved\"}");
    run_is (world, run_finished, result_success);
    PASS_UNTIL (world, has_settled (world));
    CHECK_STR (listed (world, WORKFLOW)->delivery, "refused");
    CHECK_STR (posts (world), "success " WORKFLOW "|success " BUILD "|");
    CHECK_STR (world->stage.others, "GET /repositories/7|GET /repositories/7|");
}

// ---- replicas ----

TEST_ON_ENGINES (two_replicas_send_each_state_once_and_one_at_a_time)
{
    begin_replica (world, &world->replicas[1]);
    follow (world);
    for (int i = 0; i < 10; i++) {
        run_is (world, i % 2 ? run_finished : run_running, i % 2 ? result_success : result_none);
        const char *state = i % 2 ? "success" : "running";
        PASS_UNTIL (world, has_settled (world) && strcmp (listed (world, BUILD)->state, state) == 0 &&
                               strcmp (listed (world, WORKFLOW)->state, state) == 0);
    }
    const char *text = posts (world), *want = "";
    for (int i = 0; i < 5; i++)
        want = arena_printf (
            world->arena, "%spending " WORKFLOW "|pending " BUILD "|success " WORKFLOW "|success " BUILD "|",
            want);
    CHECK_STR (text, want);
    CHECK_INT (world->stage.most_at_once, 1);
}

TEST_ON_ENGINES (what_a_process_that_ended_had_begun_to_send_is_sent_by_the_next_one)
{
    follow (world);
    end_replica (&world->replicas[0]);
    const status_row_t row = {.shown = {.id = "u1",
                                        .sha = SHA,
                                        .context = BUILD,
                                        .state = "success",
                                        .description = "",
                                        .url = "",
                                        .run_id = RUN_ID,
                                        .job_id = "j1"},
                              .project_id = SITE,
                              .ref = ""};
    world->turn.now_us = clock_now_us (world->clock);
    CHECK_INT (status_store_put (world->db, &world->turn, &row), OK);
    int64_t lease, until_us = world->turn.now_us + SECONDS (30);
    CHECK_INT (status_store_lease (world->db, &world->turn, "f1", until_us, &lease), OK);
    CHECK (lease);
    begin_replica (world, &world->replicas[0]);
    int64_t took_us = PASS_UNTIL (world, is_in (world, BUILD, "sent"));
    CHECK (took_us >= SECONDS (29)); // Perhaps it still lives
    CHECK_STR (posts (world), "success " BUILD "|");
}

TEST_ON_ENGINES (a_sending_that_took_too_long_is_followed_by_the_newest_state)
{
    follow (world);
    begin_replica (world, &world->replicas[1]);
    plan (world, HOLDS, "", ""); // Until another replica has sent
    run_is (world, run_running, result_none);
    PASS_UNTIL (world, answered (world) == 1);
    run_is (world, run_finished, result_success);
    PASS_UNTIL (world, shows (world, "success " WORKFLOW) && shows (world, "success " BUILD));
    size_t so_far = strlen (posts (world));
    release (world); // Whatever it did there, it did after the other
    PASS_UNTIL (world, strstr (posts (world) + so_far, "success " WORKFLOW) && has_settled (world));
}
