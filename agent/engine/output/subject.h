/* subject.h - a line of GITHUB_ARTIFACTS: something that a step declares to have made, by which attestations name it later.
 *
 * Source: actions/runner, `CreateArtifactsFileCommand`. A path, `file://PATH`, `REFERENCE@sha256:HEX` (also sha384 and sha512) of an image
 * in a registry, or the same after `oci://`. What looks like neither is a path. Lines that have `=` are reserved. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_SUBJECT_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_SUBJECT_H

#include "common/base/arena.h"
#include "common/base/fault.h"

typedef struct {
    const char *path;          // Of a file; NULL: it is an image
    const char *name, *digest; // Of an image: "sha256:..." in lower case
} subject_line_t;

// `text` is one line without blanks around it and without NUL. INVALID with *error.
MUST_USE fault_t subject_line_parse (arena_t *arena, const char *text, subject_line_t *out,
                                     const char **error);

#endif
