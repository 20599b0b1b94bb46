/* world.c - see world.h. */

#include "tests/service/gateway/world.h"

#include "common/id.h"
#include "proto/codec.h"
#include "proto/messages.h"

#include <stdlib.h>
#include <string.h>

// ---- scheduler ----

static fault_t show_job (void *context, turn_t *turn, const void *message, void *into)
{
    const job_show_t *ask = message;
    (void) context;
    if (strcmp (ask->job, "j1") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no job %s", ask->job);
    *(job_t *) into =
        (job_t){.id = ask->job, .name = role_name (turn->caller.role), .reason = turn->caller.subject};
    return OK;
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
    page->items.items[0] = (run_t){.id = "r1", .project = ask->project, .number = ask->limit};
    page->items.count = 1;
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

static fault_t read_events (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const events_read_t *ask = message;
    events_t *answer = into;
    int64_t last = self->events, after = ask->after < 0 ? last : ask->after;
    if (after >= last && ask->wait && !actor_waited (turn))
        return actor_wait (turn, "events", turn->now_us + SECONDS (ask->wait));
    answer->cursor = last;
    if (after >= last)
        return OK;
    answer->items.count = (size_t) (last - after);
    answer->items.items = arena_array (turn->arena, answer->items.count, sizeof (event_t));
    for (size_t i = 0; i < answer->items.count; i++)
        answer->items.items[i] =
            (event_t){.id = after + 1 + (int64_t) i, .type = "job.state", .run_id = "r1"};
    return OK;
}

static const handler_t scheduler_handlers[] = {
    {MSG_job_show, show_job},   {MSG_run_trigger, trigger_run}, {MSG_run_list, list_runs},
    {MSG_project_remove, done}, {MSG_agent_next, next_job},     {MSG_events_read, read_events},
    {MSG_project_list, done},   {MSG_agent_beat, done},         {MSG_job_status, done}};

// ---- logs ----

static fault_t append_log (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const log_append_t *ask = message;
    fault_t fault = OK;
    pthread_mutex_lock (&self->lock);
    if ((size_t) ask->offset != self->log_size)
        fault = turn_fail (turn, BAD_RANGE, "the log has %zu bytes", self->log_size);
    else {
        memcpy (self->log + self->log_size, ask->data.data, ask->data.size);
        self->log_size += ask->data.size;
        *(log_offset_t *) into = (log_offset_t){.offset = (int64_t) self->log_size};
    }
    pthread_mutex_unlock (&self->lock);
    if (fault == OK)
        actor_wake (turn, "log");
    return fault;
}

static int64_t lines_of (const world_t *self, size_t until)
{
    int64_t lines = 0;
    for (size_t i = 0; i < until; i++)
        lines += self->log[i] == '\n';
    return lines;
}

static fault_t show_log (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const log_show_t *ask = message;
    log_step_t *steps = arena_array (turn->arena, 2, sizeof (log_step_t));
    steps[0] = (log_step_t){.step = 1, .first_line = 1, .lines = 2};
    steps[1] = (log_step_t){.step = 3, .first_line = 3, .lines = 4, .offset = WORLD_STEP_3};
    pthread_mutex_lock (&self->lock);
    *(log_info_t *) into = (log_info_t){.job = "j1",
                                        .steps = {steps, 2},
                                        .attempt = 1,
                                        .size = (int64_t) self->log_size,
                                        .lines = lines_of (self, self->log_size),
                                        .sealed = self->sealed,
                                        .sha256 = self->sealed ? "5ea1" : ""};
    pthread_mutex_unlock (&self->lock);
    return strcmp (ask->job, "j1") == 0 ? OK : turn_fail (turn, NOT_FOUND, "no log");
}

static fault_t read_log (void *context, turn_t *turn, const void *message, void *into)
{
    world_t *self = context;
    const log_read_t *ask = message;
    if (strcmp (ask->job, "j1") != 0)
        return OK; // Like the real one: no log yet, and no idea of jobs
    pthread_mutex_lock (&self->lock);
    size_t from = (size_t) ask->offset < self->log_size ? (size_t) ask->offset : self->log_size;
    size_t size = self->log_size - from < 700000 ? self->log_size - from : 700000;
    fault_t fault = OK;
    if (size == 0 && !self->sealed && ask->wait && !actor_waited (turn))
        fault = actor_wait (turn, "log", turn->now_us + SECONDS (ask->wait));
    else
        *(log_window_t *) into =
            (log_window_t){.attempt = 1,
                           .line = 1 + lines_of (self, from),
                           .offset = (int64_t) from,
                           .next_line = 1 + lines_of (self, from + size),
                           .next_offset = (int64_t) (from + size),
                           .complete = self->sealed && from + size == self->log_size,
                           .data = {arena_copy (turn->arena, self->log + from, size), size},
                           .size = (int64_t) self->log_size,
                           .lines = lines_of (self, self->log_size)};
    pthread_mutex_unlock (&self->lock);
    return fault;
}

static const handler_t logs_handlers[] = {
    {MSG_log_append, append_log}, {MSG_log_show, show_log}, {MSG_log_read, read_log}};

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

static fault_t read_artifact (void *context, turn_t *turn, const void *message, void *into)
{
    const artifact_read_t *ask = message;
    size_t from = (size_t) ask->offset, whole = 5 + BIG_FILE;
    size_t size = from >= whole ? 0 : whole - from < ask->size ? whole - from : ask->size;
    char *data = arena_alloc (turn->arena, size + 1);
    (void) context;
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

static const handler_t artifacts_handlers[] = {{MSG_artifact_show, show_artifact},
                                               {MSG_artifact_read, read_artifact},
                                               {MSG_artifact_put, put_part},
                                               {MSG_artifact_list, done}};

// ---- identity ----

static fault_t check_token (void *context, turn_t *turn, const void *message, void *into)
{
    static const struct {
        const char *token, *role, *subject;
    } known[] = {{"admin", "ADMIN", "ann"},   {"developer", "DEVELOPER", "dan"},
                 {"viewer", "VIEWER", "vic"}, {"registrar", "REGISTRAR", ""},
                 {"a1", "AGENT", "a1"},       {"forged", "SERVICE", ""}};
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

static const handler_t identity_handlers[] = {
    {MSG_token_check, check_token}, {MSG_token_issue, issue_token}, {MSG_token_revoke, done}};

// ---- the world ----

#define CLASS(service)                                                                   \
    static const actor_class_t service##_class = {.name = #service,                      \
                                                  .handlers = service##_handlers,        \
                                                  .count = sizeof (service##_handlers) / \
                                                           sizeof (service##_handlers[0])};
CLASS (scheduler)
CLASS (logs)
CLASS (artifacts)
CLASS (identity)

world_t *world_new_with (const gateway_config_t *config)
{
    world_t *self = calloc (1, sizeof (world_t));
    self->arena = arena_new ();
    self->log = calloc (1, LOG_MAX);
    pthread_mutex_init (&self->lock, NULL);
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    self->bus = bus_new (&proto_codec, clock_system ());
    self->scheduler = actor_new (&scheduler_class, self, self->bus, NULL);
    self->logs = actor_new (&logs_class, self, self->bus, NULL);
    self->artifacts = actor_new (&artifacts_class, self, self->bus, NULL);
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
    actor_destroy (&self->logs);
    actor_destroy (&self->artifacts);
    actor_destroy (&self->identity);
    bus_destroy (&self->bus);
    pthread_mutex_destroy (&self->lock);
    arena_destroy (&self->arena);
    free (self->log);
    free (self);
    *self_p = NULL;
}

static void wake_events (void *context, turn_t *turn, void *data)
{
    (void) context, (void) data;
    actor_wake (turn, "events");
}

static void wake_log (void *context, turn_t *turn, void *data)
{
    (void) context, (void) data;
    actor_wake (turn, "log");
}

void world_event (world_t *self)
{
    self->events++;
    actor_post (self->scheduler, wake_events, NULL);
}

void world_log (world_t *self, const char *data, size_t size, bool seal)
{
    pthread_mutex_lock (&self->lock);
    memcpy (self->log + self->log_size, data, size);
    self->log_size += size;
    self->sealed = seal;
    pthread_mutex_unlock (&self->lock);
    actor_post (self->logs, wake_log, NULL);
}

const char *world_job_token (world_t *self, const char *job, uint32_t attempt)
{
    return job_token_make (&self->key, self->arena, job, attempt);
}
