/* slots.h - how many long requests may be in progress at once: in all, and for one credential.
 *
 * Each kind has slots of its own, so that a thousand viewers leave the agents theirs. Also here: how fast one credential
 * may register agents, or ask for identities. Thread safe. */

#ifndef OPENCICD_GATEWAY_SLOTS_H
#define OPENCICD_GATEWAY_SLOTS_H

#include "common/base/turn.h"

//     kind      label        meaning
#define SLOTS(P)                                                     \
    P (LOG, "logs", "logs that are followed or waited for")          \
    P (EVENTS, "events", "streams of events")                        \
    P (DOWNLOAD, "downloads", "logs and artifacts being sent")       \
    P (UPLOAD, "uploads", "artifacts whose blocks are put together") \
    P (PARKED, "parked agents", "agents that wait for a job")        \
    P (SEARCH, "searches", "logs being searched")

#define SLOT_ENUM(kind, label, text) SLOT_##kind,
typedef enum { SLOTS (SLOT_ENUM) SLOT_KINDS } slot_kind_t;
#undef SLOT_ENUM

typedef struct {
    uint32_t all, each; // Slots in all; for one credential
} slot_limit_t;

typedef struct slots slots_t;

// What a credential may do only so often.
//     kind      a minute, unless it is configured   refusal
#define PACES(P)                                                                    \
    P (REGISTER, 1200, "this token has registered too many agents within a minute") \
    P (ID_TOKEN, 120, "this job has asked for too many identities within a minute") \
    P (SIGN_IN, 120, "too many sign-ins by providers come from this address within a minute")
#define PACE_ENUM(kind, minute, text) PACE_##kind,
typedef enum { PACES (PACE_ENUM) PACE_KINDS } asking_pace_t;
#undef PACE_ENUM

// `registrations` a minute and credential.
slots_t *slots_new (const slot_limit_t limits[SLOT_KINDS], uint32_t registrations);
void slots_destroy (slots_t **self_p); // When all are given back

// OVERLOADED: the detail says which kind. `credential` is the hash of a token, or the job of one.
MUST_USE fault_t slots_take (slots_t *self, turn_t *turn, slot_kind_t kind, const char *credential);
void slots_give (slots_t *self, slot_kind_t kind, const char *credential);
uint32_t slots_taken (slots_t *self, slot_kind_t kind);

// One more of these; `now_us` monotonic. OVERLOADED if that is too fast.
MUST_USE fault_t slots_pace (slots_t *self, turn_t *turn, asking_pace_t pace, const char *credential,
                             int64_t now_us);

const char *slot_label (slot_kind_t kind);
const char *slot_text (slot_kind_t kind);

#endif
