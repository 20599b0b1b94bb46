/* git_reader.h - the objects of one repository, read through one long-lived `git cat-file --batch`.
 *
 * A request costs a write and a read on a pipe, some 50 us, where a git process costs milliseconds. git sees new objects by itself. A
 * reader that does not answer in time or whose git has ended is broken for good: make a new one. Not for an actor's thread:
 * the disk may not answer. */

#ifndef OPENCICD_GIT_READER_H
#define OPENCICD_GIT_READER_H

#include "common/base/turn.h"

#include <stdbool.h>

#define GIT_ANSWER_US  SECONDS (10) // Longer than any local read takes
#define GIT_OBJECT_MAX (1 << 20)    // Bytes of one object that is read

typedef struct git_reader git_reader_t;

// `view` is an empty repository of ours, `objects` a repository's folder of that name.
MUST_USE fault_t git_reader_new (git_reader_t **out, turn_t *turn, const char *view, const char *objects);
void git_reader_destroy (git_reader_t **self_p);
bool git_reader_broken (const git_reader_t *self);

typedef struct {
    const char *id;   // Hex
    const char *type; // "commit", "tree", "blob"
    const char *data; // In the turn's arena
    size_t size;
} git_object_t;

// The object named by `name`: "<id>^{commit}", "<id>:.github/workflows", "<id>". NOT_FOUND; TOO_LARGE.
MUST_USE fault_t git_reader_get (git_reader_t *self, turn_t *turn, const char *name, git_object_t *out);

#endif
