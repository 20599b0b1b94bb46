/* docker_options.h - `options` of a container in a workflow: flags of `docker create`, as the body of the engine's request.
 *
 * Each flag that is known has a row; another one is an error that names it, as is one that this agent does not allow: what opens the
 * machine itself to the job (`--privileged`, a device, a folder of the machine) is allowed by the agent's operator alone.
 *
 * Words are split as a shell does: blanks separate, '...' and "..." group, a backslash takes the next character as it is.
 * Source: docs.docker.com, "docker container create"; API v1.41, "Create a container". */

#ifndef OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_OPTIONS_H
#define OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_OPTIONS_H

#include "common/base/fault.h"
#include "workflow/expression/value.h"

#define DOCKER_OPTION_WORDS 256

// What a container is made of. The objects are filled; those of the caller's are kept.
typedef struct {
    arena_t *arena;
    value_t *body;    // "Create a container": Image, Env, User, ...
    value_t *host;    // Its HostConfig
    value_t *aliases; // Names on the job's network
    value_t *named;   // Named volumes that are this job's own, each once for each time that it is named
    const char *platform;
    const char
        *volumes; // Named volumes are this job's own: their names begin with this. NULL: as they are written
    bool may_all; // The operator allows what opens the machine
    const char *error; // Of the last fault
} docker_spec_t;

void docker_spec_init (docker_spec_t *self, arena_t *arena);
// INVALID or FORBIDDEN, and self->error names the flag.
MUST_USE fault_t docker_spec_options (docker_spec_t *self, const char *options);
// Of `ports`: "[[address:]port:]port[/protocol]".
MUST_USE fault_t docker_spec_port (docker_spec_t *self, const char *text);
// Of `volumes`: "[source:]folder[:ro]"; a source that begins with / is a folder of this machine, which needs may_all.
MUST_USE fault_t docker_spec_volume (docker_spec_t *self, const char *text);
void docker_spec_mount (docker_spec_t *self, const char *source, const char *target,
                        bool writes); // Of the agent's own
void docker_spec_env (docker_spec_t *self, const char *name, const char *value);
void docker_spec_label (docker_spec_t *self, const char *name, const char *value);
// The arguments in a text, at most `most`; INVALID.
MUST_USE fault_t docker_words (arena_t *arena, const char *text, value_t *out, const char **error);

#endif
