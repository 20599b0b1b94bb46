/* container_settings.h - what a workflow wants of a container: `container`, or one of `services`, evaluated. */

#ifndef OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINER_SETTINGS_H
#define OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINER_SETTINGS_H

#include "agent/engine/state/scope.h"

typedef struct {
    const char *image;           // "": none
    value_t *env;                // An object
    const char *user, *password; // For the registry; user "": none
    value_t *ports, *volumes;    // Arrays of strings
    const char *options;         // "" where absent, as the two below
    const char *entrypoint, *command;
} container_settings_t;

// Strings live in the job's arena. A fault's sentence is the scope's.
MUST_USE fault_t container_settings_read (scope_t *scope, const container_t *container,
                                          container_settings_t *out);
// Of a value that an expression gave: a string, or an object with the keys of the language.
MUST_USE fault_t container_settings_of_value (scope_t *scope, const value_t *value,
                                              container_settings_t *out);

#endif
