/* docker_container.c - see docker_container.h. */

#include "agent/engine/docker/docker_container.h"

#include "agent/engine/docker/docker_frames.h"
#include "common/base/url.h"

#include <string.h>

static fault_t act (docker_t *self, turn_t *turn, const char *method, const char *path)
{
    const docker_request_t request = {.method = method, .path = path};
    return docker_call (self, turn, &request, NULL);
}

// What is gone need not be removed.
static fault_t removed (fault_t fault)
{
    return fault == NOT_FOUND ? OK : fault;
}

// ---- containers

fault_t docker_container_create (docker_t *self, turn_t *turn, const char *name, const char *platform,
                                 const value_t *body, const char **id)
{
    arena_t *arena = turn->arena;
    const value_t *answer;
    const docker_request_t request = {
        .method = "POST",
        .path = arena_printf (arena, "/containers/create?name=%s%s%s", url_escape (arena, name, ""),
                              platform ? "&platform=" : "", platform ? url_escape (arena, platform, "") : ""),
        .body = body};
    TRY (docker_call (self, turn, &request, &answer));
    *id = value_get_text (answer, "Id");
    return **id ? OK : turn_fail (turn, BROKEN, "the container engine gave a container no id");
}

fault_t docker_container_start (docker_t *self, turn_t *turn, const char *id)
{
    return act (self, turn, "POST", arena_printf (turn->arena, "/containers/%s/start", id));
}

static docker_health_t health_of (const char *status)
{
    return strcmp (status, "healthy") == 0            ? HEALTH_GOOD
           : strcmp (status, "starting") == 0         ? HEALTH_STARTING
           : !*status || strcmp (status, "none") == 0 ? HEALTH_NONE
                                                      : HEALTH_BAD;
}

fault_t docker_container_inspect (docker_t *self, turn_t *turn, const char *id, docker_state_t *out)
{
    const value_t *found;
    const docker_request_t request = {.path = arena_printf (turn->arena, "/containers/%s/json", id)};
    TRY (docker_call (self, turn, &request, &found));
    const value_t *code = docker_get (found, "State.ExitCode");
    *out =
        (docker_state_t){.running = value_truthy (docker_get (found, "State.Running")),
                         .exit_code = code->kind == VALUE_NUMBER ? (int) code->number : 0,
                         .health = health_of (value_get_text (docker_get (found, "State.Health"), "Status")),
                         .error = value_get_text (docker_get (found, "State"), "Error"),
                         .environment = docker_get (found, "Config.Env"),
                         .ports = docker_get (found, "NetworkSettings.Ports")};
    return OK;
}

fault_t docker_container_kill (docker_t *self, turn_t *turn, const char *id, const char *signal)
{
    return act (self, turn, "POST", arena_printf (turn->arena, "/containers/%s/kill?signal=%s", id, signal));
}

fault_t docker_container_wait (docker_t *self, turn_t *turn, const char *id, uint32_t ms)
{
    const docker_request_t request = {
        .method = "POST", .path = arena_printf (turn->arena, "/containers/%s/wait", id), .total_ms = ms};
    return docker_call (self, turn, &request, NULL);
}

// v=1: with the volumes that have no name. CONFLICT: the engine is removing it already; a volume or a network that is still in use by it is one,
// too, and must be asked for again.
fault_t docker_container_remove (docker_t *self, turn_t *turn, const char *id)
{
    fault_t fault = act (self, turn, "DELETE", arena_printf (turn->arena, "/containers/%s?force=1&v=1", id));
    return fault == CONFLICT ? OK : removed (fault);
}

// ---- their logs

typedef struct {
    docker_frames_t frames;
    docker_lines_t lines;
    const docker_log_t *log;
    arena_t *arena;
    size_t size;
} reading_t;

static void on_output (void *self_, const char *bytes, size_t size)
{
    reading_t *self = self_;
    docker_lines_add (&self->lines, bytes, size);
}

static void on_line (void *self_, const char *line, size_t size)
{
    const reading_t *self = self_;
    arena_reset (self->arena);
    self->log->log (self->log->self, arena_strndup (self->arena, line, size));
}

static bool take_log (void *self_, const char *bytes, size_t size)
{
    reading_t *self = self_;
    self->size += size;
    return self->size <= DOCKER_LOG_BYTES && docker_frames_add (&self->frames, bytes, size);
}

fault_t docker_container_logs (docker_t *self, turn_t *turn, const char *id, const docker_log_t *log)
{
    reading_t reading = {.log = log, .arena = arena_new ()};
    reading.frames = (docker_frames_t){.emit = on_output, .self = &reading};
    reading.lines = (docker_lines_t){.emit = on_line, .self = &reading};
    const docker_request_t request = {
        .path =
            arena_printf (turn->arena, "/containers/%s/logs?stdout=1&stderr=1&tail=%d", id, DOCKER_LOG_LINES),
        .take = take_log,
        .stream = &reading};
    fault_t fault = docker_call (self, turn, &request, NULL);
    docker_lines_end (&reading.lines);
    arena_destroy (&reading.arena);
    return reading.size > DOCKER_LOG_BYTES ? OK : fault;
}

// ---- networks and volumes

fault_t docker_network_create (docker_t *self, turn_t *turn, const char *name, const value_t *labels,
                               const char **id)
{
    arena_t *arena = turn->arena;
    const value_t *answer;
    value_t *body = value_object (arena);
    value_set (arena, body, "Name", value_string (arena, name));
    value_set (arena, body, "Labels", labels);
    const docker_request_t request = {.method = "POST", .path = "/networks/create", .body = body};
    TRY (docker_call (self, turn, &request, &answer));
    *id = value_get_text (answer, "Id");
    return **id ? OK : turn_fail (turn, BROKEN, "the container engine gave a network no id");
}

fault_t docker_network_remove (docker_t *self, turn_t *turn, const char *id)
{
    return removed (act (self, turn, "DELETE", arena_printf (turn->arena, "/networks/%s", id)));
}

fault_t docker_volume_create (docker_t *self, turn_t *turn, const char *name, const value_t *labels)
{
    value_t *body = value_object (turn->arena);
    value_set (turn->arena, body, "Name", value_string (turn->arena, name));
    value_set (turn->arena, body, "Labels", labels);
    const docker_request_t request = {.method = "POST", .path = "/volumes/create", .body = body};
    return docker_call (self, turn, &request, NULL);
}

fault_t docker_volume_remove (docker_t *self, turn_t *turn, const char *name)
{
    const char *path = arena_printf (turn->arena, "/volumes/%s?force=1", url_escape (turn->arena, name, ""));
    return removed (act (self, turn, "DELETE", path));
}

// ---- what was left behind

// How each kind is listed and removed; containers first, which use the others.
static const struct {
    const char *list, *items, *id; // `items` "": the answer is the list
    fault_t (*remove) (docker_t *self, turn_t *turn, const char *id);
} kinds[] = {{"/containers/json?all=1&filters=", "", "Id", docker_container_remove},
             {"/networks?filters=", "", "Id", docker_network_remove},
             {"/volumes?filters=", "Volumes", "Name", docker_volume_remove}};

static fault_t remove_kind (docker_t *self, turn_t *turn, size_t kind, const char *filter, size_t *count)
{
    const value_t *found;
    const docker_request_t request = {.path = arena_printf (turn->arena, "%s%s", kinds[kind].list, filter)};
    TRY (docker_call (self, turn, &request, &found));
    const value_t *list = docker_get (found, kinds[kind].items);
    fault_t first = OK;
    for (size_t i = 0; list->kind == VALUE_ARRAY && i < list->list.count && i < DOCKER_LIST_MAX; i++) {
        fault_t fault =
            removed (kinds[kind].remove (self, turn, value_get_text (list->list.items[i], kinds[kind].id)));
        *count += fault == OK;
        first = first ? first : fault;
    }
    return first;
}

fault_t docker_remove_labelled (docker_t *self, turn_t *turn, const char *label, size_t *count)
{
    arena_t *arena = turn->arena;
    value_t *filters = value_object (arena), *labels = value_array (arena);
    value_push (arena, labels, value_string (arena, label));
    value_set (arena, filters, "label", labels);
    const char *filter = url_escape (arena, value_to_json (arena, filters, 0), "");
    fault_t first = OK;
    *count = 0;
    for (size_t i = 0; i < sizeof (kinds) / sizeof (kinds[0]); i++) {
        fault_t fault = remove_kind (self, turn, i, filter, count);
        first = first ? first : fault;
    }
    return first;
}
