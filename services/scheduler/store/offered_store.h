/* offered_store.h - the sets of labels that agents offer, found by one of their labels. The only writer of `agent_labels`.
 *
 * A thousand sets that a job cannot use are not walked through to find the one that it can: of the labels that it asks for the one that
 * the fewest sets have comes first, and only those are compared. */

#ifndef OPENCICD_SCHEDULER_OFFERED_STORE_H
#define OPENCICD_SCHEDULER_OFFERED_STORE_H

#include "common/db/db.h"
#include "services/scheduler/base/labels.h"

#define ASKED_LABELS    8  // Of a job's labels, those that a statement compares
#define OFFERED_UNKNOWN 64 // Sets of one look

// What a job asks for, as parameters $1 to $9.
typedef struct {
    const char *labels[ASKED_LABELS]; // Each at least once; "" where it asks for none
    size_t count;                     // How many are different
    bool all;                         // It asks for no more than those
} asked_labels_t;

asked_labels_t asked_labels_of (arena_t *arena, const char *labels);

#define P_ASKED(of)                                                                                         \
    P_STR ((of)->labels[0]), P_STR ((of)->labels[1]), P_STR ((of)->labels[2]), P_STR ((of)->labels[3]),     \
        P_STR ((of)->labels[4]), P_STR ((of)->labels[5]), P_STR ((of)->labels[6]), P_STR ((of)->labels[7]), \
        P_I64 ((int64_t) (of)->count)

// A statement begins with it: `asked.label`, the label of $1 to $8 that the fewest sets have, as far as it is worth counting. Among equals
// `first` decides.
#define WITH_RAREST_LABEL(first)                                                                   \
    "with asked (label) as materialized (select case when $9 <= 1 then $1 else (select v.label"    \
    " from (select $1 as label union select $2 union select $3 union select $4 union select $5"    \
    " union select $6 union select $7 union select $8) v order by (select count(*) from (select 1" \
    " from agent_labels r where r.label = v.label limit 20) n), " first " v.label limit 1) end) "
// Then the agents that have all of the labels: `s` is their set.
#define OFFERED_BY                                                                                   \
    " from agent_labels s join agents on agents.labels = s.set_labels where s.label = (select label" \
    " from asked) and ($9 <= 1 or $9 = (select count(*) from agent_labels x"                         \
    " where x.set_labels = s.set_labels and x.label in ($1, $2, $3, $4, $5, $6, $7, $8)))"
// Most jobs ask for one label, $1, or for none: no other to compare. Of the general statement PostgreSQL makes a new plan each time, which
// took four times as long as what it plans.
#define OFFERED_BY_ONE " from agent_labels s join agents on agents.labels = s.set_labels where s.label = $1"

// A set that an agent offers from now on.
MUST_USE fault_t offered_store_add (db_t *db, turn_t *turn, const char *labels);
// Before an agent offers another set, or with NULL none: the one that it has goes, unless others offer it.
MUST_USE fault_t offered_store_leave (db_t *db, turn_t *turn, const char *agent, const char *next);
// Sets of agents that are to be added: in a rolling upgrade a scheduler of an older version does not.
MUST_USE fault_t offered_store_unknown (db_t *db, turn_t *turn, strs_t *sets);
// Is there any agent, and which label does none have? NULL where each of them is offered.
MUST_USE fault_t offered_store_missing (db_t *db, turn_t *turn, const char *labels, bool *any,
                                        const char **missing);

#endif
