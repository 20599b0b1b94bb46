/* limits.h - what a job may use at most: the operator's rules for an agent, and for labels that jobs ask for.
 *
 *     memory=4G cpus=1.5 processes=512 disk=20G minutes=120; big: memory=16G minutes=none
 *
 * Rules are separated by semicolons. One with labels (separated by commas, before a colon) is for jobs that ask for one of them, one without
 * is for all jobs; where several are for a job, a later one overrides each limit that it names. Sizes are in bytes, or with K, M, G or T
 * in powers of 1,024. A pure function over plain values. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_LIMITS_H
#define OPENCICD_AGENT_ENGINE_FOLDER_LIMITS_H

#include "common/os/cgroup.h"

#include <stdbool.h>
#include <stddef.h>

#define LIMIT_RULES  64
#define LIMIT_LABELS 64 // Of a rule

typedef struct {
    cgroup_limits_t group;
    int64_t disk_bytes; // 0: no limit
    int64_t seconds;    // 0: no limit but the job's own
} limits_t;

typedef struct limit_rules limit_rules_t;

// "" and NULL: no rules. BAD_INPUT: *error, in the arena, quotes what is wrong.
MUST_USE fault_t limits_parse (arena_t *arena, const char *text, const limit_rules_t **out,
                               const char **error);
// For a job with these labels (case does not matter).
void limits_of (const limit_rules_t *self, const char *const *labels, size_t count, limits_t *out);
// What any rule limits is not 0.
void limits_needs (const limit_rules_t *self, limits_t *out);

#endif
