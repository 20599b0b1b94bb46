/* fields_event.h - fields of events: what changed, and which changes to read. */

#ifndef OPENCICD_FIELDS_EVENT_H
#define OPENCICD_FIELDS_EVENT_H

#include "proto/limits.h"

#define EVENT(F, T)                                                                                  \
    F (T, I64, id, INT64_MAX, "the cursor: Last-Event-ID")                                           \
    F (T, STR, type, MAX_NAME, "one of #/components/schemas/event_type, or one of a newer server's") \
    F (T, STR, project_id, MAX_ID, "")                                                               \
    F (T, STR, run_id, MAX_ID, "")                                                                   \
    F (T, STR, job_id, MAX_ID, "")                                                                   \
    F (T, STR, agent_id, MAX_ID, "")                                                                 \
    F (T, STR, state, MAX_NAME, "the state it moved to")                                             \
    F (T, STR, result, MAX_NAME, "how it ended, if it has")                                          \
    F (T, TIME, at, 0, "when")                                                                       \
    F (T, BOOL, public, 1, "its project is public")

#define EVENT_POST(F, T)                                                                                  \
    F (T, KEY, project, MAX_NAME, "id or name")                                                           \
    F (T, KEY, event, MAX_NAME, "push, pull_request, ...")                                                \
    F (T, STR, ref, MAX_TEXT, "what was pushed to")                                                       \
    F (T, STR, sha, MAX_ID, "the commit, in ref; default: what ref points to")                            \
    F (T, STR, before, MAX_ID, "the commit before the push, for path filters")                            \
    F (T, STR, actor, MAX_NAME, "who did it: `sender.login` of the event. The caller is the run's actor") \
    F (T, JSON, payload, MAX_DOC, "github.event")                                                         \
    F (T, STR, workflow, MAX_TEXT, "only this one, by path or file name; default: all that react")        \
    SELECTION (F, T)
#define SKIPPED(F, T)                                             \
    F (T, STR, workflow, MAX_TEXT, "path")                        \
    F (T, STR, reason, MAX_TEXT, "why the event does not run it") \
    F (T, STR, name, MAX_TEXT, "of the workflow, where nothing but its path filters keeps it from running")
#define EVENT_RUNS(F, T)                                                         \
    F (T, ROWS (run), items, MAX_WORKFLOWS, "the runs that were created")        \
    F (T, ROWS (skipped), skipped, MAX_WORKFLOWS, "the workflows that were not") \
    F (T, STR, note, MAX_TEXT, "what the caller should know: why path filters were not applied")

#define EVENTS_READ(F, T)                                                        \
    F (T, I64, after, INT64_MAX, "cursor: only later events; -1: only new ones") \
    F (T, STR, project, MAX_NAME, "only of this project")                        \
    F (T, STR, run, MAX_ID, "only of this run")                                  \
    F (T, U32, wait, 60, "seconds to wait for the first one")
#define EVENTS(F, T)                                 \
    F (T, ROWS (event), items, MAX_PAGE, "in order") \
    F (T, I64, cursor, INT64_MAX, "where to go on")  \
    F (T, I64, gap, INT64_MAX,                       \
       "0, or: events after `after` have expired, and this is the oldest that is left")

#endif
