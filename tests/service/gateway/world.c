/* world.c - see world.h. */

#include "tests/service/gateway/world.h"

#include "common/base/id.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/logs/logs.h"
#include "tests/database/fresh.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- scheduler ----

// Once for a request, however often the bus repeats it.
static void count_slow (world_t *self, const char *request_id)
{
    pthread_mutex_lock (&self->lock);
    int known = 0;
    while (known < self->slow && strcmp (self->slow_ids[known], request_id) != 0)
        known++;
    if (known == self->slow && known < SLOW_MAX) {
        snprintf (self->slow_ids[known], sizeof (self->slow_ids[known]), "%s", request_id);
        self->slow++;
    }
    pthread_mutex_unlock (&self->lock);
}

// Until the test lets it go.
static fault_t wait_for_release (world_t *self, turn_t *turn, bool *waits)
{
    *waits = !self->released;
    if (!*waits)
        return OK;
    count_slow (self, turn->request_id);
    return actor_wait (turn, "release", turn->now_us + SECONDS (60));
}

static fault_t show_job (void *context, turn_t *turn, const void *message, void *into)
{
    const job_show_t *ask = message;
    world_t *self = context;
    bool waits = false;
    fault_t fault = strcmp (ask->job, "slow") == 0 ? wait_for_release (context, turn, &waits) : OK;
    if (waits)
        return fault;
    if (strcmp (ask->job, "broken") == 0)
        return turn_fail (turn, BROKEN, "relation \"secrets\" does not exist");
    static const char *const jobs[] = {"slow", "j1", "skipped", "quiet"};
    for (size_t i = 0; i < sizeof (jobs) / sizeof (jobs[0]); i++)
        if (strcmp (ask->job, jobs[i]) == 0) {
            *(job_t *) into = (job_t){.id = ask->job,
                                      .name = role_name (turn->caller.role),
                                      .reason = turn->caller.subject,
                                      .state = i >= 2 || self->finished ? job_finished : job_running,
                                      .attempt = i == 2 ? 0 : self->attempt};
            return OK;
        }
    return turn_fail (turn, NOT_FOUND, "there is no job %s", ask->job);
}

static fault_t trigger_run (void *context, turn_t *turn, const void *message, void *into)
{
    const run_trigger_t *ask = message;
    (void) context, (void) turn;
    *(run_t *) into =
        (run_t){.id = "r1", .project = ask->project, .workflow = ask->workflow, .inputs = ask->inputs};
    return OK;
}

static fault_t list_runs (void *context, turn_t *turn, const void *message, void *into)
{
    const run_list_t *ask = message;
    run_page_t *page = into;
    (void) context;
    page->items.items = arena_array (turn->arena, 1, sizeof (run_t));
    page->items.items[0] = (run_t){.id = "r1",
                                   .project = ask->project,
                                   .number = ask->limit,
                                   .name = "Tests & <more>",
                                   .title = ask->ref,
                                   .event = ask->state,
                                   .workflow = ask->workflow,
                                   .state = run_finished,
                                   .result = result_failure,
                                   .created_at = SECONDS (1),
                                   .finished_at = SECONDS (2)};
    page->items.count = strcmp (ask->ref, "empty") != 0;
    return OK;
}

static fault_t done (void *context, turn_t *turn, const void *message, void *into)
{
    (void) context, (void) turn, (void) message, (void) into;
    return OK;
}

static fault_t next_job (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const agent_next_t *ask = message;
    (void) into;
    if (ask->wait == 0 || actor_waited (turn))
        return OK;
    self->parked++;
    return actor_wait (turn, "offer", turn->now_us + SECONDS (ask->wait));
}

static fault_t show_project (void *context, turn_t *turn, const void *message, void *into)
{
    const project_show_t *ask = message;
    (void) context;
    if (strcmp (ask->project, "web") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no project %s", ask->project);
    *(project_t *) into = (project_t){.id = "p2", .name = "web", .default_branch = "main"};
    return OK;
}

// Job j1 is of project web, and of its branch main.
static fault_t show_scopes (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const cache_scope_t *ask = message;
    if (strcmp (ask->job, "j1") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no job %s", ask->job);
    cache_scopes_t *scopes = into;
    *scopes = (cache_scopes_t){.project = self->homeless ? "" : "p2",
                               .attempt = self->attempt,
                               .state = self->finished ? job_finished : job_running,
                               .write = "refs/heads/main"};
    scopes->read.items = arena_array (turn->arena, 1, sizeof (char *));
    scopes->read.items[scopes->read.count++] = scopes->write;
    return OK;
}

static bool is_asked_for (const events_read_t *ask, const world_event_t *event)
{
    return (!*ask->run || strcmp (ask->run, event->run) == 0) &&
           (!*ask->project || strcmp (event->project, "p2") == 0);
}

// As the real one does; both are held against tests/service/contract_events.h.
static fault_t read_events (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const events_read_t *ask = message;
    events_t *answer = into;
    self->event_reads++;
    self->viewer_reads += turn->caller.role != ROLE_SERVICE && *ask->run;
    if (*ask->project && strcmp (ask->project, "web") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no project %s", ask->project);
    if (self->feed_held && turn->caller.role == ROLE_SERVICE)
        return actor_wait (turn, "events", turn->now_us + SECONDS (60));
    pthread_mutex_lock (&self->lock);
    int64_t last = self->events, after = ask->after < 0 ? last : ask->after;
    answer->items.items = arena_array (turn->arena, MAX_PAGE, sizeof (event_t));
    answer->cursor = after;
    if (after < self->pruned) {
        answer->gap = self->pruned + 1;
        answer->cursor = self->pruned;
    }
    while (answer->cursor < last && answer->items.count < MAX_PAGE) {
        const world_event_t *event = &self->event[++answer->cursor % EVENTS_MAX];
        if (is_asked_for (ask, event))
            answer->items.items[answer->items.count++] = (event_t){.id = answer->cursor,
                                                                   .type = "job.state",
                                                                   .run_id = event->run,
                                                                   .project_id = event->project};
    }
    pthread_mutex_unlock (&self->lock);
    bool moved = answer->cursor != after;
    if (!moved && ask->wait && !actor_waited (turn))
        return actor_wait (turn, "events", turn->now_us + SECONDS (ask->wait));
    return OK;
}

static const handler_t scheduler_handlers[] = {
    {MSG_job_show, show_job},       {MSG_run_trigger, trigger_run}, {MSG_run_list, list_runs},
    {MSG_project_remove, done},     {MSG_agent_remove, done},       {MSG_agent_next, next_job},
    {MSG_events_read, read_events}, {MSG_project_list, done},       {MSG_agent_heartbeat, done},
    {MSG_job_status, done},         {MSG_agent_register, done},     {MSG_project_show, show_project},
    {MSG_cache_scope, show_scopes}};

// ---- logs ----

// The real collector on SQLite, but for searches of job "slow", which wait for the release, and the log of job "quiet".
static world_t *the_world; // One at a time
static const handler_t *real_search, *real_read;

static fault_t search_log (void *context, turn_t *turn, const void *message, void *into)
{
    const log_search_t *ask = message;
    bool waits = false;
    if (strcmp (ask->job, "slow") != 0)
        return real_search->handle (context, turn, message, into);
    return wait_for_release (the_world, turn, &waits);
}

// Of "quiet" four bytes came, no more will, and nobody seals it; who waits is told so at once.
static fault_t read_log (void *context, turn_t *turn, const void *message, void *into)
{
    const log_read_t *ask = message;
    if (strcmp (ask->job, "quiet") != 0)
        return real_read->handle (context, turn, message, into);
    *(log_window_t *) into =
        (log_window_t){.attempt = 1, .line = 2, .offset = 4, .next_offset = 4, .size = 4};
    return OK;
}

static void start_logs (world_t *self)
{
    static handler_t handlers[16];
    static actor_class_t class;
    test_folder (self->folder, sizeof (self->folder));
    const char *url = arena_printf (self->arena, "sqlite:%s/db", self->folder);
    const char *blobs = arena_printf (self->arena, "dir:%s/blobs", self->folder);
    fresh_database (url, "logs");
    CHECK_INT (db_open (&self->db, url, &self->turn), OK);
    CHECK_INT (blob_open (&self->blob, blobs, &self->turn), OK);
    self->collector = logs_new (&(logs_options_t){.db = self->db, .blob = self->blob});
    class = logs_class;
    for (size_t i = 0; i < class.count; i++) {
        handlers[i] = logs_class.handlers[i];
        if (handlers[i].ask == MSG_log_search) {
            real_search = &logs_class.handlers[i];
            handlers[i].handle = search_log;
        }
        if (handlers[i].ask == MSG_log_read) {
            real_read = &logs_class.handlers[i];
            handlers[i].handle = read_log;
        }
    }
    class.handlers = handlers;
    the_world = self;
    self->logs = actor_new (&class, self->collector, self->bus, NULL);
}

static void stop_logs (world_t *self)
{
    actor_destroy (&self->logs);
    logs_destroy (&self->collector);
    blob_close (&self->blob);
    db_close (&self->db);
    test_folder_remove (self->folder);
}

// ---- artifacts ----

char world_byte (size_t offset)
{
    return (char) (offset * 31 + (offset >> 8));
}

static fault_t show_artifact (void *context, turn_t *turn, const void *message, void *into)
{
    static artifact_file_t files[] = {
        {.path = "a.txt", .size = 5, .sha256 = "aa", .mode = 0644},
        {.path = "b/\xc3\xbc.bin", .size = BIG_FILE, .sha256 = "bb", .mode = 0755},
        {.path = "empty", .mode = 0600}};
    const artifact_show_t *ask = message;
    (void) context;
    if (strcmp (ask->artifact, "f1") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no artifact %s", ask->artifact);
    *(artifact_t *) into = (artifact_t){.id = "f1",
                                        .name = "build \"x\"",
                                        .size = 5 + BIG_FILE,
                                        .sha256 = "ab12",
                                        .complete = true,
                                        .created_at = SECONDS (1700000000),
                                        .files = {files, 3}};
    return OK;
}

// One of them by its path, as the gateway asks.
static fault_t show_files (void *context, turn_t *turn, const void *message, void *into)
{
    const artifact_files_t *ask = message;
    artifact_t shown;
    TRY (show_artifact (context, turn, &(artifact_show_t){.artifact = ask->artifact}, &shown));
    artifact_file_page_t *page = into;
    *page = (artifact_file_page_t){
        .id = shown.id, .name = shown.name, .size = shown.size, .complete = true, .next = ""};
    page->items.items = arena_alloc (turn->arena, sizeof (artifact_file_t));
    int64_t begin = 0;
    for (size_t i = 0; i < shown.files.count; begin += shown.files.items[i++].size) {
        if (strcmp (shown.files.items[i].path, ask->path) != 0)
            continue;
        page->items.items[page->items.count++] = shown.files.items[i];
        page->items.items[0].offset = begin;
    }
    return OK;
}

static fault_t make_view (void *context, turn_t *turn, const void *message, void *into)
{
    const view_make_t *ask = message;
    (void) context;
    if (strcmp (ask->artifact, "f1") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no artifact %s", ask->artifact);
    *(artifact_view_t *) into = (artifact_view_t){.id = "f1", .url = "", .scripts = ask->scripts};
    return OK;
}

static fault_t read_artifact (void *context, turn_t *turn, const void *message, void *into)
{
    const artifact_read_t *ask = message;
    const world_t *self = context;
    size_t from = (size_t) ask->offset, whole = self->there ? (size_t) self->there : 5 + BIG_FILE;
    size_t size = from >= whole ? 0 : whole - from < ask->size ? whole - from : ask->size;
    char *data = arena_alloc (turn->arena, size + 1);
    for (size_t i = 0; i < size; i++)
        data[i] = from + i < 5 ? "hello"[from + i] : world_byte (from + i - 5);
    *(artifact_bytes_t *) into = (artifact_bytes_t){.data = {data, size}};
    return OK;
}

static fault_t put_part (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const artifact_put_t *ask = message;
    (void) turn;
    self->parts = (int) ask->data.size;
    *(artifact_t *) into = (artifact_t){.id = ask->artifact, .parts = (int64_t) ask->part + 1};
    return OK;
}

static const handler_t artifacts_handlers[] = {
    {MSG_artifact_show, show_artifact}, {MSG_artifact_files, show_files}, {MSG_artifact_read, read_artifact},
    {MSG_view_make, make_view},         {MSG_artifact_put, put_part},     {MSG_artifact_list, done}};

// ---- identity ----

static fault_t check_token (void *context, turn_t *turn, const void *message, void *into)
{
    static const struct {
        const char *token, *role, *subject;
    } known[] = {{"admin", "ADMIN", "ann"},   {"developer", "DEVELOPER", "dan"},
                 {"viewer", "VIEWER", "vic"}, {"registrar", "REGISTRAR", ""},
                 {"admin2", "ADMIN", "amy"},  {"developer2", "DEVELOPER", "dora"},
                 {"a1", "AGENT", "a1"},       {"forged", "SERVICE", ""},
                 {"forged-job", "JOB", "j1"}};
    world_t *self = context;
    const token_check_t *ask = message;
    self->checks++;
    for (size_t i = 0; i < sizeof (known) / sizeof (known[0]); i++)
        if (strcmp (secret_hash (turn->arena, known[i].token), ask->hash) == 0)
            *(principal_t *) into = (principal_t){.role = known[i].role, .subject = known[i].subject};
    return OK;
}

static fault_t issue_token (void *context, turn_t *turn, const void *message, void *into)
{
    const token_issue_t *ask = message;
    (void) context, (void) turn;
    *(token_t *) into = (token_t){.id = "t1", .role = ask->role, .token = "oct_secret"};
    return OK;
}

static fault_t show_issuer (void *context, turn_t *turn, const void *message, void *into)
{
    (void) context, (void) turn, (void) message;
    *(oidc_discovery_t *) into = (oidc_discovery_t){.issuer = "https://ci.example.org"};
    return OK;
}

static fault_t show_public_keys (void *context, turn_t *turn, const void *message, void *into)
{
    static oidc_jwk_t key = {.kty = "RSA", .use = "sig", .alg = "RS256", .kid = "k1"};
    (void) context, (void) turn, (void) message;
    *(oidc_jwks_t *) into = (oidc_jwks_t){{&key, 1}};
    return OK;
}

static fault_t give_id_token (void *context, turn_t *turn, const void *message, void *into)
{
    const id_token_get_t *ask = message;
    (void) context;
    *(id_token_t *) into = (id_token_t){
        arena_printf (turn->arena, "%s %u %s", turn->caller.subject, turn->caller.attempt, ask->audience)};
    return OK;
}

static const handler_t identity_handlers[] = {{MSG_token_check, check_token},
                                              {MSG_token_issue, issue_token},
                                              {MSG_token_revoke, done},
                                              {MSG_oidc_discovery_show, show_issuer},
                                              {MSG_oidc_jwks_show, show_public_keys},
                                              {MSG_id_token_get, give_id_token}};

// ---- the world ----

#define CLASS(service)                                                                   \
    static const actor_class_t service##_class = {.name = #service,                      \
                                                  .handlers = service##_handlers,        \
                                                  .count = sizeof (service##_handlers) / \
                                                           sizeof (service##_handlers[0])};
CLASS (scheduler)
CLASS (artifacts)
CLASS (identity)

world_t *world_new_with (const gateway_config_t *config)
{
    world_t *self = calloc (1, sizeof (world_t));
    self->arena = arena_new ();
    pthread_mutex_init (&self->lock, NULL);
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    self->attempt = 1;
    self->bus = bus_new (&proto_codec, clock_system ());
    self->scheduler = actor_new (&scheduler_class, self, self->bus, NULL);
    start_logs (self);
    self->artifacts = actor_new (&artifacts_class, self, self->bus, NULL);
    self->client = bus_client_new (self->bus);
    self->identity = actor_new (&identity_class, self, self->bus, NULL);
    memset (self->key.bytes, 7, sizeof (self->key.bytes));
    if (gateway_new (&self->gateway, &self->turn, config, self->bus, &self->key) != OK)
        abort ();
    self->address = gateway_address (self->gateway);
    return self;
}

world_t *world_new (void)
{
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.threads = 8;
    config.streams = 8;
    return world_new_with (&config);
}

void world_destroy (world_t **self_p)
{
    world_t *self = *self_p;
    gateway_destroy (&self->gateway);
    actor_destroy (&self->scheduler);
    bus_client_destroy (&self->client);
    stop_logs (self);
    actor_destroy (&self->artifacts);
    actor_destroy (&self->identity);
    bus_destroy (&self->bus);
    pthread_mutex_destroy (&self->lock);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

static fault_t wake_events (void *context, turn_t *turn, void *data)
{
    (void) context, (void) data;
    actor_wake (turn, "events");
    return OK;
}

static fault_t wake_slow (void *context, turn_t *turn, void *data)
{
    (void) context, (void) data;
    actor_wake (turn, "release");
    return OK;
}

void world_release (world_t *self)
{
    self->released = true;
    actor_post (self->scheduler, wake_slow, NULL);
    actor_post (self->logs, wake_slow, NULL);
}

void world_event_of (world_t *self, const char *run, const char *project)
{
    pthread_mutex_lock (&self->lock);
    self->event[(self->events + 1) % EVENTS_MAX] = (world_event_t){run, project};
    self->events++;
    pthread_mutex_unlock (&self->lock);
    actor_post (self->scheduler, wake_events, NULL);
}

void world_event (world_t *self)
{
    world_event_of (self, "r1", "p1");
}

static void tell_logs (world_t *self, const message_t *message, const void *ask)
{
    turn_t turn;
    log_offset_t answer;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "test", clock_now_us (clock_system ()));
    turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "test"};
    turn.deadline_us = turn.now_us + SECONDS (10);
    CHECK_INT (bus_client_call (self->client, &turn, message->number, ask, &answer), OK);
    arena_destroy (&arena);
}

void world_log_of (world_t *self, uint32_t attempt, const char *data, size_t size, bool seal)
{
    int64_t *at = &self->log_sizes[attempt];
    while (size > 0) {
        bool first = *at < WORLD_STEP_3;
        size_t most = first ? (size_t) (WORLD_STEP_3 - *at) : MAX_CHUNK, piece = size < most ? size : most;
        const log_append_t ask = {
            .job = "j1", .attempt = attempt, .offset = *at, .step = first ? 1 : 3, .data = {data, piece}};
        tell_logs (self, MESSAGE (log_append), &ask);
        data += piece;
        size -= piece;
        *at += (int64_t) piece;
    }
    const log_seal_t end = {.job = "j1", .attempt = attempt, .size = *at, .sha256 = ""};
    if (seal)
        tell_logs (self, MESSAGE (log_seal), &end);
}

void world_log (world_t *self, const char *data, size_t size, bool seal)
{
    world_log_of (self, 1, data, size, seal);
}

const char *world_job_token (world_t *self, const char *job, uint32_t attempt)
{
    int64_t now_us = clock_now_us (clock_system ());
    return job_token_make (
        &self->key, self->arena,
        &(job_token_t){
            .job = job, .attempt = attempt, .issued_us = now_us, .expires_us = now_us + SECONDS (3600)});
}
