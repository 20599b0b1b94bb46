/* git.c - see git.h. */

#include "common/os/git.h"

#include "common/base/clock.h"
#include "common/base/line.h"
#include "common/base/url.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define REASON_MAX 1000 // Bytes of git's words that are passed on

static const char *const ours[] = {
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ASKPASS=true",
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_ATTR_NOSYSTEM=1",
    "GIT_NO_LAZY_FETCH=1",
    "GIT_NO_REPLACE_OBJECTS=1",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=15 -oServerAliveCountMax=3",
    "LC_ALL=C",
};
#define OURS      (sizeof ours / sizeof ours[0])
#define VARIABLES 4 // GIT_ALLOW_PROTOCOL, GIT_DIR, GIT_OBJECT_DIRECTORY, GIT_CONFIG_GLOBAL
#define SETTINGS  8 // Keys of a configuration that go by the environment

typedef struct {
    arena_t *arena;
    const char **list;
    size_t count, settings;
} git_environment_t;

static void add (git_environment_t *self, const char *name, const char *value)
{
    self->list[self->count++] = arena_printf (self->arena, "%s=%s", name, value);
}

static void add_setting (git_environment_t *self, const char *key, const char *value)
{
    add (self, arena_printf (self->arena, "GIT_CONFIG_KEY_%zu", self->settings), key);
    add (self, arena_printf (self->arena, "GIT_CONFIG_VALUE_%zu", self->settings++), value);
}

// The server's own environment, such as its database's password, is not for git's helpers.
static bool is_kept (const char *variable)
{
    return strncmp (variable, "GIT_", 4) != 0 && strncmp (variable, "LC_ALL=", 7) != 0 &&
           strncmp (variable, "OPENCICD_", 9) != 0;
}

const char *const *git_environment (arena_t *arena, const git_location_t *location)
{
    size_t count = 0;
    while (environ[count])
        count++;
    git_environment_t self = {
        .arena = arena,
        .list = arena_array (arena, count + OURS + VARIABLES + 2 * SETTINGS + 2, sizeof (char *)),
    };
    for (size_t i = 0; i < count; i++)
        if (is_kept (environ[i]))
            self.list[self.count++] = environ[i];
    for (size_t i = 0; i < OURS; i++)
        self.list[self.count++] = ours[i];
    add (&self, "GIT_ALLOW_PROTOCOL",
         location->local_folders ? "file:git:http:https:ssh" : "git:http:https:ssh");
    add (&self, "GIT_CONFIG_GLOBAL", location->config && *location->config ? location->config : "/dev/null");
    if (location->folder)
        add (&self, "GIT_DIR", location->folder);
    if (location->objects)
        add (&self, "GIT_OBJECT_DIRECTORY", location->objects);
    if (location->remote)
        add_setting (&self, "remote.origin.url", location->remote);
    if (location->address)
        add_setting (&self, "http.curloptResolve", location->address);
    if (location->no_redirects)
        add_setting (&self, "http.followRedirects", "false");
    if (location->header && *location->header)
        add_setting (&self, arena_printf (arena, "http.%s.extraHeader", location->header_url),
                     location->header);
    add_setting (&self, "core.hooksPath", "/dev/null");
    add (&self, "GIT_CONFIG_COUNT", arena_printf (arena, "%zu", self.settings));
    return self.list;
}

const char *git_reason (arena_t *arena, const char *err)
{
    const char *found = NULL, *last = err;
    for (line_t line = line_begin (err, strlen (err)); line_next (&line);) {
        if (line.size)
            last = line.text;
        if (line.size >= 7 &&
            (strncmp (line.text, "fatal: ", 7) == 0 || strncmp (line.text, "error: ", 7) == 0))
            found = line.text + 7;
    }
    if (!found)
        found = last;
    size_t size = strcspn (found, "\r\n");
    char *text = arena_strndup (arena, found, size < REASON_MAX ? size : REASON_MAX);
    for (char *at = text; *at; at++)
        if ((unsigned char) *at < ' ' || (unsigned char) *at >= 0x7F)
            *at = '?'; // It is shown, and what it repeats may be of the other side
    return *text ? url_redact (arena, text) : "it gave no reason";
}

fault_t git_run (turn_t *turn, const char *const *args, const git_location_t *location,
                 const git_bounds_t *bounds, const git_listener_t *listener, process_output_t *output)
{
    const char *argv[GIT_ARGS + 2] = {"git"};
    for (size_t i = 0; args[i] && i < GIT_ARGS; i++)
        argv[i + 1] = args[i];
    process_spec_t spec = {.argv = argv,
                           .environment = git_environment (turn->arena, location),
                           .folder = "/",
                           .stop = bounds->stop,
                           .silence_us = bounds->silence_us,
                           .on_stderr = listener ? listener->on_stderr : NULL,
                           .context = listener ? listener->context : NULL};
    int64_t left_us = bounds->until_us - clock_monotonic_us ();
    fault_t fault = process_run (turn, &spec, left_us > 0 ? left_us : 0, GIT_OUT_MAX, output);
    if (fault == TIMEOUT)
        return turn_fail (turn, TIMEOUT, "git: no answer in time");
    if (fault != OK || output->end.status == 0)
        return fault;
    bool locked = strstr (output->err, ".lock': File exists") != NULL;
    return turn_fail (turn, locked ? CONFLICT : UNAVAILABLE, "git: %s",
                      git_reason (turn->arena, output->err));
}
