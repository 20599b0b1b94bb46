/* zone.h - what a timezone's offset from UTC is, from the machine's zone files (TZif, RFC 8536).
 *
 * A zone's name comes from a workflow file: only names like "Europe/Berlin" ever become a path. Transitions past those in the file (it
 * reaches to 2037) keep the last known offset. */

#ifndef OPENCICD_SCHEDULER_ZONE_H
#define OPENCICD_SCHEDULER_ZONE_H

#include "common/base/arena.h"

#define ZONE_BYTES (64 << 10) // Of a zone file

typedef struct zone zone_t;

const zone_t *zone_read (arena_t *arena, const char *name); // NULL for an unknown zone
const zone_t *zone_parse (arena_t *arena, const unsigned char *bytes,
                          size_t size);                // NULL if it is not TZif
int32_t zone_offset (void *zone, int64_t utc_seconds); // A cron_offset_fn

#endif
