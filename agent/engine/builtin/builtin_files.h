/* builtin_files.h - writes the files of an artifact into a folder: from their concatenated bytes, or from the archive that holds them.
 *
 * Paths come from the server and are checked again: nothing is written outside the folder or through a link. Every file's checksum
 * is verified before the file gets its name. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_FILES_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_FILES_H

#include "agent/engine/builtin/builtin.h"
#include "common/base/turn.h"

struct artifact;

// False, and builtin_fail was called, if not all were written. `bytes` is a buffer of MAX_CHUNK.
bool builtin_write_files (const builtin_call_t *call, turn_t *turn, const struct artifact *artifact,
                          const char *folder, char *bytes);

#endif
