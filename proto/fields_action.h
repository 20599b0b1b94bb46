/* fields_action.h - fields of actions from other repositories, and what their tags and branches are locked to. */

#ifndef OPENCICD_FIELDS_ACTION_H
#define OPENCICD_FIELDS_ACTION_H

#include "proto/limits.h"

#define ACTION_PIN(F, T)                                                                     \
    F (T, KEY, reference, 1024, "owner/repo@ref, owner and repository in lower case")        \
    F (T, STR, commit, MAX_ID, "what it is locked to; empty where it is not")                \
    F (T, ENUM (pin), source, 0, "what locks it")                                            \
    F (T, STR, moved_to, MAX_ID, "where it was seen since; empty: it was seen nowhere else") \
    F (T, STR, job, MAX_ID,                                                                  \
       "the job that used it first; empty where a workflow called it, or somebody accepted") \
    F (T, TIME, locked_at, 0, "since when it is locked to this commit")                      \
    F (T, TIME, moved_at, 0, "when it was seen elsewhere last")

#define ACTION_LOOK(F, T)                                                                              \
    F (T, KEY, job, MAX_ID, "")                                                                        \
    F (T, U32, attempt, UINT32_MAX, "the attempt that speaks; an old one is refused with CONFLICT")    \
    F (T, STR, reference, 1024, "owner/repo@ref: a tag or branch that a step uses")                    \
    F (T, STR, commit, MAX_ID,                                                                         \
       "the commit it is at now: it is locked to it where it was not locked, else the answer says to " \
       "which it is. Empty: only ask")
#define ACTION_LIST(F, T)                       \
    F (T, KEY, project, MAX_NAME, "id or name") \
    PAGE (F, T)
#define ACTION_PAGE(F, T) PAGE_OF (F, T, action_pin)
#define ACTION_ACCEPT(F, T)                                       \
    F (T, KEY, project, MAX_NAME, "id or name")                   \
    F (T, STR, reference, 1024, "owner/repo@ref as it is locked") \
    F (T, STR, commit, MAX_ID, "lock it to this one; empty: to the commit where it was seen last")

// Rows of MESSAGES (messages.h).
#define ACTION_MESSAGES(M)                                                            \
    M (120, action_pin, ACTION_PIN, "what a tag or branch of an action is locked to") \
    M (121, action_look, ACTION_LOOK, "a job uses an action by tag or branch")        \
    M (122, action_list, ACTION_LIST, "the actions that a project uses, by name")     \
    M (123, action_page, ACTION_PAGE, "actions")                                      \
    M (124, action_accept, ACTION_ACCEPT, "an action that moved may be used")

#endif
