/* action_world.c - see action_world.h. */

#include "tests/unit/agent/engine/actions/action_world.h"

#include "common/base/clock.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static fault_t look (void *self_, turn_t *turn, const char *key, const char *commit, pin_t *out)
{
    action_world_t *self = self_;
    (void) turn;
    for (size_t i = 0; i < self->pin_count; i++)
        if (strcmp (self->pins[i].key, key) == 0) {
            if (*commit)
                self->moved_to = arena_strdup (self->arena, commit);
            *out = (pin_t){self->pins[i].source, self->pins[i].commit};
            return OK;
        }
    *out = (pin_t){PIN_NONE, ""};
    if (!*commit)
        return OK;
    CHECK (self->pin_count < PINS_MAX);
    self->pins[self->pin_count].key = arena_strdup (self->arena, key);
    self->pins[self->pin_count].commit = arena_strdup (self->arena, commit);
    self->pins[self->pin_count++].source = PIN_RECORD;
    *out = (pin_t){PIN_RECORD, commit};
    return OK;
}

static void log_line (void *self_, const char *line)
{
    action_world_t *self = self_;
    self->log = arena_printf (self->arena, "%s%s\n", self->log, line);
}

void action_world_begin (action_world_t *self)
{
    *self = (action_world_t){.arena = arena_new (), .log = "", .moved_to = ""};
    test_folder (self->root, sizeof (self->root));
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    self->port = (action_pins_t){.self = self, .look = look};
    self->settings = (action_settings_t){.cache = action_world_path (self, "cache"),
                                         .sources = action_world_path (self, "actions"),
                                         .git_config = ""};
    self->options = (action_store_options_t){.settings = &self->settings,
                                             .workspace = action_world_path (self, "workspace"),
                                             .repository = "",
                                             .name = "",
                                             .sha = "",
                                             .pins = &self->port,
                                             .accept_command = "opencicd actions accept site",
                                             .self = self,
                                             .log = log_line};
    action_world_sh (self, "mkdir actions workspace");
}

void action_world_end (action_world_t *self)
{
    test_folder_remove (self->root);
    arena_destroy (&self->arena);
}

const char *action_world_path (action_world_t *self, const char *name)
{
    return arena_printf (self->arena, "%s/%s", self->root, name);
}

const char *action_world_sh (action_world_t *self, const char *script)
{
    static const char before[] =
        "set -eu; export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b"
        " GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b; ";
    const char *argv[] = {"sh", "-c", arena_printf (self->arena, "%s%s", before, script), NULL};
    const process_spec_t spec = {.argv = argv, .folder = self->root};
    process_output_t output;
    CHECK_INT (process_run (&self->turn, &spec, SECONDS (100), 1 << 20, &output), OK);
    if (output.end.status != 0)
        test_fail (__FILE__, __LINE__, "%s: %s", script, output.err);
    size_t size = output.out_size;
    while (size > 0 && output.out[size - 1] == '\n')
        size--;
    return arena_strndup (self->arena, output.out, size);
}

const char *action_world_commit (action_world_t *self, const char *repository, const char *version)
{
    return action_world_sh (
        self, arena_printf (
                  self->arena,
                  "test -d actions/%s || git init -q -b main actions/%s; cd actions/%s; echo '%s' >version;"
                  " printf 'name: act\\nruns: {using: node20, main: index.js}\\n' >action.yml;"
                  " mkdir -p sub; cp action.yml sub/action.yaml; git add -A; git commit -qm '%s';"
                  " git rev-parse HEAD",
                  repository, repository, repository, version, version));
}

action_store_t *action_world_store (action_world_t *self, const char *job)
{
    self->options.folder = action_world_path (self, job);
    return action_store_new (&self->options);
}

const char *action_world_read (action_world_t *self, const char *folder, const char *file)
{
    const char *text = NULL;
    CHECK_INT (file_read (&self->turn, arena_printf (self->arena, "%s/%s", folder, file), 10000, &text), OK);
    return text;
}
