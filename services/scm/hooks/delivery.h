/* delivery.h - deliveries on their way from the webhook to a run: kept (receive.c, compare.c), worked off in order (work_off.c), shown (delivery.c).
 *
 *     received -> done | failed | approval        approval -> received | ignored        failed, done -> received (by hand)
 *     ignored: no workflow can be on it, or it is not for this project */

#ifndef OPENCICD_SCM_DELIVERY_H
#define OPENCICD_SCM_DELIVERY_H

#include "services/scm/forges/forge_store.h"
#include "services/scm/forges/hook_event.h"
#include "services/scm/hooks/delivery_store.h"
#include "services/scm/scm.h"

#define DELIVERY_ID      'd'
#define DELIVERY_KEEP_US SECONDS (14 * 86400) // Deliveries are kept so long
#define DELIVERY_ASK_US \
    SECONDS (100) // One that was begun and not ended is begun again: more than FORGE_TURN_US
#define DELIVERY_MOST_US SECONDS (86400) // After so long one that cannot be worked off has failed
#define DELIVERY_TRIES   300             // So often it is tried: with their pauses they take as long

void delivery_count (const char *verdict); // In opencicd_deliveries_total
// For a column: at most so many bytes of it, as whole characters. A database refuses what is not UTF-8, and a row that cannot be
// stored is never dealt with.
const char *delivery_text (arena_t *arena, const char *text, size_t most);
// The row of an event; the delivery's key and name are still to be set. What has a reason is ignored.
delivery_row_t delivery_of_event (arena_t *arena, const forge_link_t *link, const hook_event_t *event,
                                  int64_t now_us);
const char *delivery_payload (arena_t *arena,
                              const value_t *payload); // As JSON, within the scheduler's bound
// It is worked off once more, from its beginning.
void delivery_repeat (delivery_row_t *row, int64_t now_us);
// Stores it, unless one of that key is there; has it worked off. In a unit of work. *verdict is a state, or "duplicate".
MUST_USE fault_t delivery_keep (scm_t *self, turn_t *turn, delivery_row_t *row, const char **verdict);

#endif
