/* serve.h - the first process of a sandbox at work: starts processes, keeps those that have ended until they are released, reaps orphans. */

#ifndef OPENCICD_AGENT_SANDBOX_SERVE_H
#define OPENCICD_AGENT_SANDBOX_SERVE_H

#include <stdbool.h>
#include <stddef.h>

// Sends an answer (common/os/sandbox_call.h) with descriptors.
bool serve_answer (int socket, const void *answer, size_t size, const int *fds, size_t count);
// Returns when the other side has closed its end.
void serve (int socket);

#endif
