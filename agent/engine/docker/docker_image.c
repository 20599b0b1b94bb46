/* docker_image.c - see docker_image.h. What the engine answers to a pull or a build is progress, and only in that it says that it failed. */

#include "agent/engine/docker/docker_image.h"

#include "agent/engine/docker/docker_frames.h"
#include "common/base/bytes.h"
#include "common/base/url.h"

#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY_MS    2000
#define LINE_VALUE  (4 << 20) // Bytes that a line of progress may take once it is read
#define DEFAULT_TAG "latest"

static const char *escape (arena_t *arena, const char *image)
{
    return url_escape (arena, image, "/:@");
}

// A name's first part is a host where it looks like one, as docker has it.
const char *docker_image_server (arena_t *arena, const char *image)
{
    size_t size = strcspn (image, "/");
    const char *first = arena_strndup (arena, image, size);
    if (!image[size] || (!strchr (first, '.') && !strchr (first, ':') && strcmp (first, "localhost") != 0))
        return "";
    return first;
}

fault_t docker_image_inspect (docker_t *self, turn_t *turn, const char *image, docker_image_t *out)
{
    const value_t *found;
    const docker_request_t request = {
        .path = arena_printf (turn->arena, "/images/%s/json", escape (turn->arena, image))};
    TRY (docker_call (self, turn, &request, &found));
    const value_t *config = docker_get (found, "Config"), *test = docker_get (config, "Healthcheck.Test");
    *out = (docker_image_t){.id = value_get_text (found, "Id"),
                            .user = value_get_text (config, "User"),
                            .environment = docker_get (config, "Env"),
                            .entrypoint = docker_get (config, "Entrypoint"),
                            .command = docker_get (config, "Cmd"),
                            .folder = value_get_text (config, "WorkingDir"),
                            .has_health = test->kind == VALUE_ARRAY && test->list.count > 0};
    return *out->id ? OK
                    : turn_fail (turn, BROKEN, "the container engine says nothing of the image %s", image);
}

// ---- progress

typedef struct {
    const docker_log_t *log;
    arena_t *arena; // For one line
    turn_t *turn;
    bool failed;
    bool refused; // To try again would not help
    docker_lines_t lines;
} progress_t;

static bool is_refusal (const char *text)
{
    static const char *const words[] = {"denied",           "unauthorized",     "not found",
                                        "authentication",   "manifest unknown", "does not exist",
                                        "invalid reference"};
    for (size_t i = 0; i < sizeof (words) / sizeof (words[0]); i++)
        if (strcasestr (text, words[i]))
            return true;
    return false;
}

// A layer's bar would be hundreds of lines: what is shown is what has ended, and what a build prints.
static const char *shown (arena_t *arena, const value_t *line)
{
    static const char *const quiet[] = {"Downloading", "Extracting", "Waiting", "Pulling fs layer",
                                        "Verifying Checksum"};
    const char *status = value_get_text (line, "status"), *stream = value_get_text (line, "stream");
    const char *id = value_get_text (line, "id");
    for (size_t i = 0; i < sizeof (quiet) / sizeof (quiet[0]); i++)
        if (strcmp (status, quiet[i]) == 0)
            return "";
    if (*status)
        return *id ? arena_printf (arena, "%s: %s", id, status) : status;
    size_t size = strlen (stream);
    while (size > 0 && strchr ("\r\n", stream[size - 1]))
        size--;
    return arena_strndup (arena, stream, size);
}

static void on_line (void *self_, const char *text, size_t size)
{
    progress_t *self = self_;
    const value_t *line;
    const char *error;
    arena_reset (self->arena);
    if (value_from_json_within (self->arena, text, size, LINE_VALUE, &line, &error) != OK)
        return;
    const char *failure = value_get_text (line, "error"), *show = shown (self->arena, line);
    if (*failure && !self->failed) {
        self->failed = true;
        self->refused = is_refusal (failure);
        self->turn->detail = arena_strndup (self->turn->arena, failure, 2000);
    } else if (*show && self->log) {
        self->log->log (self->log->self, show);
    }
}

static bool take_progress (void *self_, const char *bytes, size_t size)
{
    progress_t *self = self_;
    docker_lines_add (&self->lines, bytes, size);
    return true;
}

static fault_t run (docker_t *self, turn_t *turn, docker_request_t *request, progress_t *progress)
{
    progress->arena = arena_new ();
    progress->turn = turn;
    progress->lines = (docker_lines_t){.emit = on_line, .self = progress};
    if (!request->stream)
        request->stream = progress;
    fault_t fault = docker_call (self, turn, request, NULL);
    docker_lines_end (&progress->lines);
    arena_destroy (&progress->arena);
    if (fault == UNAUTHORIZED || fault == NOT_FOUND || fault == INVALID)
        progress->refused = true;
    else if (fault && turn->detail && is_refusal (turn->detail))
        progress->refused = true;
    return !fault && progress->failed ? BROKEN : fault;
}

// ---- pull

static const char *auth_header (arena_t *arena, const docker_auth_t *auth)
{
    value_t *object = value_object (arena);
    if (!auth || !auth->user)
        return NULL;
    value_set (arena, object, "username", value_string (arena, auth->user));
    value_set (arena, object, "password", value_string (arena, auth->password));
    value_set (arena, object, "serveraddress",
               value_string (arena, *auth->server ? auth->server : "https://index.docker.io/v1/"));
    const char *json = value_to_json (arena, object, 0);
    char *text = arena_strdup (arena, bytes_base64 (arena, json, strlen (json)));
    for (char *at = text; *at; at++) // For URLs, as the API wants it
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    return text;
}

// "name:tag", "name@digest"; a port is before a slash.
static const char *tag_of (const char *image)
{
    const char *slash = strrchr (image, '/'), *name = slash ? slash + 1 : image;
    return strchr (name, ':') || strchr (name, '@') ? "" : DEFAULT_TAG;
}

fault_t docker_image_pull (docker_t *self, turn_t *turn, const char *image, const char *platform,
                           const docker_auth_t *auth, const docker_log_t *log)
{
    arena_t *arena = turn->arena;
    const char *path = arena_printf (
        arena, "/images/create?fromImage=%s&tag=%s%s%s", url_escape (arena, image, ""), tag_of (image),
        platform ? "&platform=" : "", platform ? url_escape (arena, platform, "") : "");
    fault_t fault = UNAVAILABLE;
    for (int i = 0; i < DOCKER_PULL_TRIES && fault; i++) {
        progress_t progress = {.log = log};
        docker_request_t request = {.method = "POST",
                                    .path = path,
                                    .registry_auth = auth_header (arena, auth),
                                    .take = take_progress,
                                    .total_ms = DOCKER_PULL_MS};
        if (i > 0)
            poll (NULL, 0, RETRY_MS);
        request.stream = &progress;
        fault = run (self, turn, &request, &progress);
        if (progress.refused || (fault && turn->detail && strcmp (turn->detail, "stopped") == 0))
            break;
    }
    if (!fault)
        return OK;
    return turn_fail (turn, fault, "the image %s cannot be pulled: %s", image,
                      turn->detail ? turn->detail : fault_own_text (fault));
}

// ---- build

typedef struct {
    progress_t progress; // First: `take` gets this too
    int context;
} building_t;

static int64_t read_context (void *self_, int64_t offset, void *into, size_t size)
{
    const building_t *self = self_;
    return pread (self->context, into, size, offset);
}

fault_t docker_image_build (docker_t *self, turn_t *turn, const docker_build_t *build,
                            const docker_log_t *log)
{
    arena_t *arena = turn->arena;
    building_t building = {.progress = {.log = log}, .context = build->context};
    struct stat status;
    if (fstat (build->context, &status) != 0)
        return turn_fail (turn, BROKEN, "the build's files cannot be read");
    docker_request_t request = {
        .method = "POST",
        .path = arena_printf (arena, "/build?t=%s&dockerfile=%s&rm=1&forcerm=1&labels=%s",
                              url_escape (arena, build->tag, ""), url_escape (arena, build->dockerfile, ""),
                              url_escape (arena, value_to_json (arena, build->labels, 0), "")),
        .type = "application/x-tar",
        .read = read_context,
        .read_size = status.st_size,
        .take = take_progress,
        .stream = &building,
        .total_ms = DOCKER_BUILD_MS};
    fault_t fault = run (self, turn, &request, &building.progress);
    if (!fault)
        return OK;
    return turn_fail (turn, fault, "%s cannot be built: %s", build->dockerfile,
                      turn->detail ? turn->detail : fault_own_text (fault));
}

fault_t docker_image_remove (docker_t *self, turn_t *turn, const char *image)
{
    const docker_request_t request = {
        .method = "DELETE",
        .path = arena_printf (turn->arena, "/images/%s?force=1", escape (turn->arena, image))};
    return docker_call (self, turn, &request, NULL);
}
