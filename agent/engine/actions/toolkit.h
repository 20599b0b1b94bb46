/* toolkit.h - what GitHub's toolkit in JavaScript actions needs in order to work here; docs/toolkit.md.
 *
 * The addresses of the services (ACTIONS_RESULTS_URL, ...) come with the job. What is left depends on the action: the toolkit
 * refuses an artifact service unless GITHUB_SERVER_URL looks like one of GitHub's hosts. So an action whose main
 * file uses that service gets a name that the toolkit accepts, and every other action the real one. Nothing is fetched from that name.
 *
 *     if (toolkit_speaks_artifacts (main_file))                     // for pre, main and post alike
 *         environ_set (out, "GITHUB_SERVER_URL", TOOLKIT_SERVER_URL);
 *     ...
 *     value = toolkit_output (arena, value, server);                // each output that such an action sets */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_TOOLKIT_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_TOOLKIT_H

#include "common/base/arena.h"

#include <stdbool.h>

#define TOOLKIT_SERVER_URL "http://opencicd.ghe.localhost" // All of @actions/artifact from 2.1.1 on take it
#define TOOLKIT_FILE_MAX   (256 << 20)                     // Bytes of a main file that are looked through

// Does the action's main file speak to the artifact service? False where it cannot be read.
bool toolkit_speaks_artifacts (const char *main_file);
// An address at TOOLKIT_SERVER_URL becomes one at the server that serves the toolkit; anything else stays.
const char *toolkit_output (arena_t *arena, const char *value, const char *server);

#endif
