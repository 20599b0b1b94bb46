/* fields_audit.h - what people did (docs/audit.md): who did what to what, from where, with which credential, and how that ended.
 *
 * No entry holds a value of a secret, or anything that was typed into a field other than those that name what it was done to. */

#ifndef OPENCICD_FIELDS_AUDIT_H
#define OPENCICD_FIELDS_AUDIT_H

#include "proto/fields_hold.h"
#include "proto/fields_retention.h"
#include "proto/limits.h"

#define MAX_AUDIT_ROWS 100 // Entries that one message carries

#define AUDIT_ENTRY(F, T)                                                                                    \
    F (T, KEY, id, MAX_ID, "opaque; what is exported twice has the same")                                    \
    F (T, I64, number, INT64_MAX, "in the order in which entries were kept; 0 until then")                   \
    F (T, TIME, at, 0, "when it was done")                                                                   \
    F (T, STR, actor, MAX_ID, "who; empty where that is not known: a sign-in that was refused")              \
    F (T, STR, role, 32, "what they may do everywhere")                                                      \
    F (T, STR, credential, MAX_ID,                                                                           \
       "id of the token, or of the session, by which they are known; empty if not")                          \
    F (T, STR, action, MAX_ID, "what: `secret_set`, `run_cancel`, `session_begin`")                          \
    F (T, STR, object, MAX_NAME, "to what: an id, or a name")                                                \
    F (T, STR, project, MAX_NAME, "the project that it belongs to, id or name; empty for none")              \
    F (T, STR, detail, MAX_TEXT, "what else names it: `environment=production role=ADMIN`")                  \
    F (T, STR, result, 32, "OK, or the fault for which it was refused: FORBIDDEN, CONFLICT")                 \
    F (T, STR, address, MAX_ID, "of the client, as the server sees it")                                      \
    F (T, STR, forwarded_for, MAX_NAME, "X-Forwarded-For as it came: true only behind a proxy that sets it") \
    F (T, STR, client, MAX_NAME, "what it calls itself (User-Agent)")                                        \
    F (T, STR, request_id, MAX_NAME, "of the request, as its answer and the logs have it")

#define AUDIT_PUT(F, T) F (T, LIST (audit_entry), items, MAX_AUDIT_ROWS, "known ones are ignored")

#define AUDIT_FILTERS(F, T)                                                          \
    F (T, STR, actor, MAX_ID, "only by this person")                                 \
    F (T, STR, action, MAX_ID, "only this action")                                   \
    F (T, STR, object, MAX_NAME, "only to what has this id or name")                 \
    F (T, STR, project, MAX_NAME, "only of this project, id or name")                \
    F (T, STR, result, 32, "only with this result: OK, or `refused` for all others") \
    F (T, TIME, since, 0, "not before")                                              \
    F (T, TIME, until, 0, "before")
#define AUDIT_LIST(F, T) \
    PAGE (F, T)          \
    AUDIT_FILTERS (F, T)
#define AUDIT_PAGE(F, T) PAGE_OF (F, T, audit_entry)

// In the order in which they were kept, for an export.
#define AUDIT_READ(F, T)                                                   \
    F (T, I64, after, INT64_MAX, "`number` of the last one that is known") \
    F (T, U32, limit, MAX_PAGE, "most of one answer; default: 200")        \
    F (T, U32, wait, 60, "seconds to wait for the first one")              \
    AUDIT_FILTERS (F, T)
#define AUDIT_ENTRIES(F, T)                        \
    F (T, ROWS (audit_entry), items, MAX_PAGE, "") \
    F (T, I64, cursor, INT64_MAX, "the next `after`")

// Rows of MESSAGES (messages.h), with those of retention and of holds.
#define AUDIT_MESSAGES(M)                                            \
    RETENTION_MESSAGES (M)                                           \
    HOLD_MESSAGES (M)                                                \
    M (570, audit_entry, AUDIT_ENTRY, "what somebody did")           \
    M (571, audit_put, AUDIT_PUT, "keep these entries")              \
    M (572, audit_list, AUDIT_LIST, "what people did, latest first") \
    M (573, audit_page, AUDIT_PAGE, "entries of the audit")          \
    M (574, audit_read, AUDIT_READ, "what people did, oldest first") \
    M (575, audit_entries, AUDIT_ENTRIES, "entries of the audit")

#define AUDIT_CALLS(C)                          \
    RETENTION_CALLS (C)                         \
    HOLD_CALLS (C)                              \
    C (audit_put, identity, done, AGAIN)        \
    C (audit_list, identity, audit_page, AGAIN) \
    C (audit_read, identity, audit_entries, AGAIN)

#endif
