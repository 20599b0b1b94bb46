/* builtin_uploaded.h - test reports in what a job has uploaded by GitHub's toolkit: its node talks to the server, past the agent, so what it uploaded is
 * asked of the server. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_UPLOADED_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_UPLOADED_H

#include "agent/engine/builtin/artifact_port.h"

#include <stdbool.h>

#define UPLOADED_MOST 64 // Artifacts of one job that are looked into

// Those that were looked into, by their ids; in the job's arena.
typedef struct {
    const char *ids[UPLOADED_MOST];
    size_t count;
} uploaded_seen_t;

typedef struct {
    const artifact_port_t *port;
    uploaded_seen_t *seen;
    arena_t *keep;                               // Lives as long as `seen`
    void *to;                                    // Of the functions below
    void (*begin) (void *to), (*end) (void *to); // Around each request
    bool (*wanted) (const char *path);
    // One file, as text; `shown` is ARTIFACT/PATH. False ends it.
    bool (*take) (void *to, arena_t *arena, const char *shown, const char *text, size_t size);
} uploaded_t;

// Of artifacts that are archives and were not seen: builtin actions upload none. Their files of at most TEST_REPORT_MAX bytes.
MUST_USE fault_t uploaded_read (const uploaded_t *self, turn_t *turn);

#endif
