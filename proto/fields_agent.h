/* fields_agent.h - fields of agents, and of what they and the scheduler say to each other. */

#ifndef OPENCICD_FIELDS_AGENT_H
#define OPENCICD_FIELDS_AGENT_H

#include "proto/limits.h"

#define AGENT(F, T)                                                                \
    F (T, KEY, id, MAX_ID, "opaque")                                               \
    F (T, STR, name, MAX_NAME, "unique")                                           \
    F (T, STRS, labels, 64, "what it offers, lower case, sorted")                  \
    F (T, ENUM (agent), state, 0, "where it is")                                   \
    F (T, STR, url, MAX_URL, "where jobs are pushed to; empty for a parked agent") \
    F (T, STR, job_id, MAX_ID, "the job it has")                                   \
    F (T, STR, os, MAX_NAME, "Linux, macOS, Windows")                              \
    F (T, STR, arch, MAX_NAME, "X64, ARM64, ...")                                  \
    F (T, STR, version, MAX_NAME, "of the agent program")                          \
    F (T, BOOL, ephemeral, 1, "ends after one job")                                \
    F (T, TIME, registered_at, 0, "when it registered first")                      \
    F (T, TIME, seen_at, 0, "when it was heard of last")

#define AGENT_REGISTER(F, T)                                                       \
    F (T, KEY, name, MAX_NAME, "unique; letters, digits, . _ -")                   \
    F (T, STRS, labels, 64, "what it offers")                                      \
    F (T, STR, url, MAX_URL, "where jobs are pushed to; empty: it asks by itself") \
    F (T, STR, os, MAX_NAME, "Linux, macOS, Windows")                              \
    F (T, STR, arch, MAX_NAME, "X64, ARM64, ...")                                  \
    F (T, STR, version, MAX_NAME, "of the agent program")                          \
    F (T, BOOL, ephemeral, 1, "ends after one job")
#define AGENT_REGISTERED(F, T)                                                                              \
    F (T, KEY, id, MAX_ID, "the agent's id")                                                                \
    F (T, STR, name, MAX_NAME, "its name")                                                                  \
    F (T, STR, token, 128, "its own token, told once; empty where it registered again with the one it has") \
    F (T, U32, lease_seconds, 86400, "it must be heard of this often while it has a job")                   \
    F (T, U32, heartbeat_seconds, 86400, "it should be heard of this often while it has none")
#define AGENT_LIST(F, T)   PAGE (F, T)
#define AGENT_PAGE(F, T)   PAGE_OF (F, T, agent)
#define AGENT_SHOW(F, T)   F (T, KEY, agent, MAX_NAME, "id or name")
#define AGENT_REMOVE(F, T) F (T, KEY, agent, MAX_NAME, "id or name")
#define AGENT_BEAT(F, T)                                      \
    F (T, KEY, agent, MAX_ID, "")                             \
    F (T, STR, url, MAX_URL, "where it listens now")          \
    F (T, STR, job, MAX_ID, "the job it has; empty for none") \
    F (T, U32, attempt, UINT32_MAX, "the attempt it has")
#define AGENT_NEXT(F, T)          \
    F (T, KEY, agent, MAX_ID, "") \
    F (T, U32, wait, 60, "seconds to wait for a job")
#define JOB_OFFER(F, T)                                                                                 \
    F (T, STR, job, MAX_ID, "empty where no job came in time")                                          \
    F (T, U32, attempt, UINT32_MAX, "say it with every word about this job")                            \
    F (T, STR, run, MAX_ID, "")                                                                         \
    F (T, STR, project, MAX_NAME, "the project's name")                                                 \
    F (T, STR, key, MAX_TEXT, "its key under `jobs`")                                                   \
    F (T, STR, name, MAX_TEXT, "what is shown")                                                         \
    F (T, JSON, definition, MAX_DOC, "the job in the workflow language, expressions still in place")    \
    F (T, JSON, contexts, MAX_DOC, "an object: github, needs, matrix, strategy, inputs, vars, secrets") \
    F (T, STR, token, 512, "good for this job and attempt alone")                                       \
    F (T, U32, lease_seconds, 86400, "say something again before this has passed")                      \
    F (T, STR, repository, MAX_URL, "what `git clone` takes; empty for a job of no project")            \
    F (T, STR, ref, MAX_TEXT, "full ref")                                                               \
    F (T, STR, sha, MAX_ID, "commit")

#define JOB_STATUS(F, T)                                                                            \
    F (T, KEY, job, MAX_ID, "")                                                                     \
    F (T, U32, attempt, UINT32_MAX, "the attempt that speaks; an old one is refused with CONFLICT") \
    F (T, ENUM (job), state, 0, "running or finished")                                              \
    F (T, ENUM (result), result, 0, "with finished: success, failure, cancelled")                   \
    F (T, STR, reason, MAX_TEXT, "with finished: why")                                              \
    F (T, LIST (step_row), steps, 1000, "all steps, as far as they have come")                      \
    F (T, JSON, outputs, MAX_DOC, "with finished: an object of strings")                            \
    F (T, I64, log_size, INT64_MAX, "with finished: bytes of the whole log")                        \
    F (T, STR, log_sha256, 64, "with finished: checksum of the whole log, hex")                     \
    F (T, I64, log_offset, INT64_MAX, "with finished: where `log` begins in the whole log")         \
    F (T, LIST (log_rest), log, MAX_RESTS,                                                          \
       "with finished: the end of the log where it is short and text, instead of a PATCH")
#define JOB_ORDERS(F, T)                                   \
    F (T, ENUM (order), order, 0, "go_on, cancel or kill") \
    F (T, U32, lease_seconds, 86400, "say something again before this has passed")

#endif
