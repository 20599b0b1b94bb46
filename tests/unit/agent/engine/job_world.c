/* job_world.c - see job_world.h. */

#include "tests/unit/agent/engine/job_world.h"

#include "common/os/process_tree.h"

static fault_t take_log (void *self_, uint32_t step, const void *data, size_t size)
{
    world_t *self = self_;
    (void) step;
    if (buffer_size (self->log) + size > self->room)
        return NO_SPACE;
    buffer_add (self->log, data, size);
    const char *text = buffer_text (self->log);
    if (self->cancels && strstr (text, "\nready\n")) {
        self->cancels = false;
        cancel_ask (self->cancel, self->hard);
    }
    return OK;
}

static void take_step (void *self_, const engine_step_t *step)
{
    world_t *self = self_;
    if (step->number <= STEPS_MAX)
        self->steps[step->number] = *step;
    if (step->number > self->step_count)
        self->step_count = step->number;
}

static void take_annotation (void *self_, const engine_annotation_t *annotation)
{
    world_t *self = self_;
    buffer_printf (self->said, "%u %s %s:%u:%u [%s] %s\n", annotation->step,
                   state_name (&states_annotation, annotation->level), annotation->file, annotation->line,
                   annotation->column, annotation->title, annotation->message);
}

static const char *put_hook (world_t *self, const char *name, const char *text)
{
    if (!text)
        return NULL;
    folder_put (self->root, name, text);
    return arena_printf (self->arena, "%s/%s", self->root, name);
}

static void begin (world_t *self, const char *started, const char *completed, const char *host)
{
    const char *error = "";
    *self = (world_t){.arena = arena_new (),
                      .log = buffer_new (200 << 20),
                      .said = buffer_new (1 << 20),
                      .summaries = buffer_new (4 << 20),
                      .room = 200 << 20};
    self->root = folder_new (self->arena);
    const engine_options_t options = {
        .work_dir = self->root,
        .name = "ada",
        .server = "http://server",
        .hook_job_started = put_hook (self, "started.sh", started),
        .hook_job_completed = put_hook (self, "completed.sh", completed),
        .containers = {.host = host},
        .node_folders = arena_printf (self->arena, "%s/node", self->root),
        .actions = {.sources = arena_printf (self->arena, "%s/forge", self->root)}};
    CHECK_INT (engine_new (&self->engine, self->arena, &options, &error), OK);
}

void world_begin (world_t *self)
{
    begin (self, NULL, NULL, NULL);
}

void world_begin_with_hooks (world_t *self, const char *started, const char *completed)
{
    begin (self, started, completed, NULL);
}

void world_begin_with_containers (world_t *self, const char *host)
{
    begin (self, NULL, NULL, host);
}

void world_end (world_t *self)
{
    const char *error;
    CHECK_INT (engine_clean (self->engine, &error), OK);
    CHECK (!process_tree_left ());
    engine_destroy (&self->engine);
    folder_remove (self->root);
    buffer_destroy (&self->log);
    buffer_destroy (&self->said);
    buffer_destroy (&self->summaries);
    arena_destroy (&self->arena);
}

// "3: the text", and a line end for each.
static fault_t take_summary (void *self_, turn_t *turn, uint32_t step, const void *text, size_t size)
{
    world_t *self = self_;
    if (self->no_summaries)
        return turn_fail (turn, OVERLOADED, "there are too many");
    buffer_printf (self->summaries, "%u: ", step);
    buffer_add (self->summaries, text, size);
    buffer_putc (self->summaries, '\n');
    return OK;
}

void run_with (world_t *self, const char *definition, const char *contexts)
{
    CHECK_INT (cancel_new (&self->cancel), OK);
    const engine_job_t job = {.id = "j1",
                              .definition = arena_printf (self->arena, "{\"key\":\"k\",%s}", definition),
                              .contexts = contexts,
                              .services = self->services,
                              .token = self->token,
                              .cancel = self->cancel};
    const artifact_port_t port = {.self = self, .url = "", .summary = take_summary};
    const engine_sink_t sink = {.self = self,
                                .log = take_log,
                                .step = take_step,
                                .annotation = take_annotation,
                                .artifacts = &port,
                                .caches = self->caches};
    engine_run (self->engine, self->arena, &job, &sink, &self->result);
    cancel_destroy (&self->cancel);
}

void run (world_t *self, const char *definition)
{
    run_with (self, definition, "{\"github\":{\"ref\":\"refs/heads/main\",\"event\":{\"a\":1}}}");
}

const char *printed (const world_t *self)
{
    static const char mark[] = "##[endgroup]\n";
    const char *found = strstr (buffer_text (self->log), mark);
    return found ? found + strlen (mark) : "";
}

const char *outcome (const world_t *self, uint32_t step)
{
    return state_name (&states_result, self->steps[step].outcome);
}

bool logged (const world_t *self, const char *text)
{
    return strstr (buffer_text (self->log), text) != NULL;
}
