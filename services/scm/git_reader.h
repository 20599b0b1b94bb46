/* git_reader.h - one repository on disk, read through one long-lived `git cat-file --batch`.
 *
 * A question costs a write and a read on a pipe, some 50 us, where a git process costs milliseconds. git sees new refs and
 * objects by itself. A reader that does not answer in time or whose git has ended is broken for good: make a new one. */

#ifndef OPENCICD_GIT_READER_H
#define OPENCICD_GIT_READER_H

#include "common/turn.h"

#include <stdbool.h>

#define GIT_ANSWER_US  SECONDS (10) // Longer than any local read takes
#define GIT_OBJECT_MAX (1 << 20)    // Bytes of one object that is read

typedef struct git_reader git_reader_t;

// `path` is a repository: bare, or with a work tree. INVALID where it is none.
MUST_USE fault_t git_reader_new (git_reader_t **out, turn_t *turn, const char *path);
void git_reader_destroy (git_reader_t **self_p);
bool git_reader_broken (const git_reader_t *self);

typedef struct {
    const char *id;   // Hex
    const char *type; // "commit", "tree", "blob"
    const char *data; // In the turn's arena
    size_t size;
} git_object_t;

// What `name` stands for: "refs/heads/main^{commit}", "<id>:.github/workflows", "<id>". NOT_FOUND; TOO_LARGE.
MUST_USE fault_t git_reader_get (git_reader_t *self, turn_t *turn, const char *name, git_object_t *out);
// The full ref that HEAD names, now; "" for a detached one.
MUST_USE fault_t git_reader_head (git_reader_t *self, turn_t *turn, const char **out);

#endif
