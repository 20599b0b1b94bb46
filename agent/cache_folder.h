/* cache_folder.h - caches in a folder of this machine, for `opencicd run`, whose server ends with the run.
 *
 *     FOLDER/VERSION/SHA256 OF THE KEY/key       the key; its time of change is the last use
 *     FOLDER/VERSION/SHA256 OF THE KEY/archive   the bytes; when they were saved
 *     FOLDER/VERSION/.new-XXXXXX                 what is being saved, or what a killed agent left of it
 *
 * One folder is one repository's. All its refs share it: whoever runs jobs here is the one who could change it anyway. Several agents may use
 * it at once: an entry appears whole, by a rename, and never changes. Past the limit of bytes the least recently used ones are removed. */

#ifndef OPENCICD_AGENT_CACHE_FOLDER_H
#define OPENCICD_AGENT_CACHE_FOLDER_H

#include "agent/engine/builtin/cache_port.h"

#define CACHE_FOLDER_ENTRIES 10000 // Of one version that a look-up goes through

typedef struct {
    const char *folder; // Made where it is missing
    int64_t most;       // Bytes
} cache_folder_t;

// Borrows it. Strings in what it returns live in the turn's arena.
cache_port_t cache_folder_port (cache_folder_t *self);

#endif
