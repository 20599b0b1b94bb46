/* builtin_files.h - the files of an artifact, written into a folder: out of the bytes of all of them, or out of the archive that they are in.
 *
 * Paths come from the server and are checked again: nothing is written outside the folder, and through no link. Every file's checksum
 * is compared before it gets its name. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_FILES_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_FILES_H

#include "agent/engine/builtin.h"
#include "common/base/turn.h"

struct artifact;

// All of them, or failed by builtin_fail. `bytes` is room for MAX_CHUNK.
bool builtin_write_files (const builtin_call_t *call, turn_t *turn, const struct artifact *artifact,
                          const char *folder, char *bytes);

#endif
