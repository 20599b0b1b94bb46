/* toolkit.h - what GitHub's toolkit in JavaScript actions needs in order to work here; docs/toolkit.md.
 *
 * The addresses of the services (ACTIONS_RESULTS_URL, ...) come with the job. What is left depends on the action: the toolkit
 * refuses an artifact service unless GITHUB_SERVER_URL looks like one of GitHub's hosts. So an action whose main
 * file uses that service gets a name that the toolkit accepts, and every other action the real one. Nothing is fetched from that name.
 *
 *     if (toolkit_uses (main_file).artifacts)                       // for pre, main and post alike
 *         environ_set (out, "GITHUB_SERVER_URL", TOOLKIT_SERVER_URL);
 *     ...
 *     value = toolkit_output (arena, value, server);                // each output that such an action sets */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_TOOLKIT_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_TOOLKIT_H

#include "common/base/arena.h"

#include <stdbool.h>

#define TOOLKIT_SERVER_URL "http://opencicd.ghe.localhost" // All of @actions/artifact from 2.1.1 on take it
#define TOOLKIT_FILE_MAX   (256 << 20)                     // Bytes of a main file that are looked through

typedef struct {
    bool artifacts; // It speaks to the artifact service
    bool
        strict_git; // Its git is simple-git, which refuses to run where the environment holds settings for git
} toolkit_uses_t;

// What the action's main file uses; nothing where it cannot be read.
toolkit_uses_t toolkit_uses (const char *main_file);
// An address at TOOLKIT_SERVER_URL becomes one at the server that serves the toolkit; anything else stays.
const char *toolkit_output (arena_t *arena, const char *value, const char *server);

#endif
