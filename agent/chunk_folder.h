/* chunk_folder.h - this machine's copies of chunks of caches: what a job restored, the next one on this machine need not fetch.
 *
 *     FOLDER/AB/SHA256 OF THE BYTES      its time of change is its last use
 *     FOLDER/AB/.new-XXXXXX              being written, or what a killed agent left of it
 *
 * Only the agent reads and writes it: jobs get copies, in archives of their own. What is read is compared with its name each time, so whatever
 * happened to a file, a job gets the bytes that the server named, or none from here. Several agents may share a folder: files
 * appear whole, by a rename, and may go at any moment. Past its limit the least recently used are removed. */

#ifndef OPENCICD_AGENT_CHUNK_FOLDER_H
#define OPENCICD_AGENT_CHUNK_FOLDER_H

#include "common/base/sha256.h"
#include "common/base/turn.h"

#include <stdbool.h>

#define CHUNK_COPY_MOST  (8 << 20) // Bytes of a chunk of which a copy is kept
#define CHUNK_COPY_FILES 200000    // Of the folder, at most

typedef struct {
    const char *folder; // "": no copies are kept
    int64_t most;       // Bytes
} chunk_folder_t;

bool chunk_folder_has (const chunk_folder_t *self, const char *sha256, size_t size); // As it seems
// Its bytes into `into`. False: they are not there, or not these.
bool chunk_folder_take (const chunk_folder_t *self, const char *sha256, void *into, size_t size);
// Keeps a copy; that this fails is no harm to anybody.
void chunk_folder_put (const chunk_folder_t *self, const char *sha256, const void *data, size_t size);
// Removes what is over the limit, and what was left half.
void chunk_folder_trim (const chunk_folder_t *self, int64_t now_us);

#endif
