/* event_types.h - the types of events, once: what the scheduler emits, what the API's document lists, and what a page listens for. A reader
 * must expect others: a newer server may have more. */

#ifndef OPENCICD_EVENT_TYPES_H
#define OPENCICD_EVENT_TYPES_H

//     thing, change, meaning
#define EVENT_TYPES(X)                                                             \
    X (run, created, "a run was added")                                            \
    X (run, state, "a run changed its state, or a change of it can be shown")      \
    X (run, removed, "a run is gone, with all that belongs to it")                 \
    X (job, state, "a job changed its state")                                      \
    X (agent, registered, "an agent was added")                                    \
    X (agent, state, "an agent became idle, busy or offline")                      \
    X (agent, drained, "an agent takes no more jobs")                              \
    X (agent, resumed, "an agent takes jobs again")                                \
    X (agent, removed, "an agent is gone")                                         \
    X (project, added, "a project was added")                                      \
    X (project, state, "a project's repository is ready, or failed")               \
    X (project, removed, "a project is gone, with all that belongs to it")         \
    X (project, action_moved, "a tag or branch of an action names another commit") \
    X (project, action_accepted, "that other commit was accepted")                 \
    X (project, visibility, "a project became public or private")

#define EVENT_TYPE_ENUM(thing, change, meaning) EVENT_##thing##_##change,
typedef enum { EVENT_TYPES (EVENT_TYPE_ENUM) EVENT_TYPE_COUNT } event_type_t;
#undef EVENT_TYPE_ENUM

const char *event_type_name (event_type_t type); // "run.created"

#endif
