/* builtin_cache.h - what saving and restoring a cache have in common: the inputs, and how the archive is made.
 *
 * Builtin and original read each other's caches: the archive is tar's, packed by zstd where the job's steps find one and by gzip where not,
 * and the version is the hash that the original makes. Source: @actions/cache 4.0 to 6.3, their archives and what they send. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_CACHE_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_CACHE_H

#include "agent/engine/builtin/builtin.h"
#include "agent/engine/builtin/cache_port.h"
#include "common/base/turn.h"

#define CACHE_LINES      256 // Of one input
#define CACHE_KEYS       10  // That one look-up may name
#define CACHE_CHARACTERS 512 // Of a key
#define CACHE_AWAY_SECONDS \
    60 // A server that does not answer is waited for; after that the job goes on without
#define CACHE_KEY_STATE "CACHE_KEY"    // What actions/cache keeps for its post: the key,
#define CACHE_HIT_STATE "CACHE_RESULT" // and which one was found

typedef struct {
    const builtin_call_t *call;
    turn_t turn;
    const char *const *paths; // As they were given: patterns
    size_t path_count;
    const char *tar;     // The program, where the job's steps run; NULL: there is none
    const char *packer;  // zstd; NULL: tar's own gzip
    const char *version; // Of paths and packer: others are not found
    const char *archive; // In RUNNER_TEMP, as the steps see it; its name is nobody else's
    const char *error;   // Of the last false below: what is wrong with an input
} caching_t;

// Reads `path` and looks for the programs.
bool caching_open (caching_t *self, const builtin_call_t *call);
void caching_close (const caching_t *self); // Removes the archive
bool caching_flag (const builtin_call_t *call, const char *name);
bool caching_check_key (caching_t *self, const char *key);
// The lines of an input, without empty ones; *count of them.
bool caching_lines (caching_t *self, const char *name, const char *const **lines, size_t *count);
// May the request succeed later? Waits; not for ever, because a cache is not worth it.
bool caching_retry (const caching_t *self, fault_t fault, builtin_retry_t *retry);
bool caching_same_key (const char *key, const char *other); // As the original compares them
void caching_warn (const caching_t *self, const char *what, fault_t fault);

// `method` is "zstd-without-long" or "gzip".
const char *cache_version (arena_t *arena, const char *const *paths, size_t count, const char *method);
// "/a/b/c" from "/a/x" is "../b/c"; from itself ".". Both are absolute, without . and .. in them.
const char *cache_relative (arena_t *arena, const char *from, const char *path);

#endif
