/* fields_agent.h - fields of the messages between agents and the scheduler. */

#ifndef OPENCICD_FIELDS_AGENT_H
#define OPENCICD_FIELDS_AGENT_H

#include "proto/limits.h"

#define AGENT_REGISTER(F, T)                                                                                         \
    F (T, KEY, name, MAX_NAME, "unique; letters, digits, . _ -")                                                     \
    F (T, STRS, labels, 64, "what it offers")                                                                        \
    F (T, STR, url, MAX_URL, "where jobs are pushed to; empty: it asks by itself")                                   \
    F (T, STR, os, MAX_NAME, "Linux, macOS, Windows")                                                                \
    F (T, STR, arch, MAX_NAME, "X64, ARM64, ...")                                                                    \
    F (T, STR, version, MAX_NAME, "of the agent program")                                                            \
    F (T, BOOL, ephemeral, 1, "ends after one job")                                                                  \
    F (T, STR, key, 128,                                                                                             \
       "a secret that the agent made, \"oca_\" and 32 to 124 of A-Z a-z 0-9 _ -: its token from now on. The same "   \
       "name with the same key is the same agent, so that a lost answer loses nothing. Empty: the server makes one") \
    F (T, STR, not_isolated, MAX_TEXT,                                                                               \
       "why its jobs do not run in a sandbox; empty: they do, or the agent does not say")
#define AGENT_REGISTERED(F, T)                                                                               \
    F (T, KEY, id, MAX_ID, "the agent's id")                                                                 \
    F (T, STR, name, MAX_NAME, "its name")                                                                   \
    F (T, STR, token, 128, "its own token, shown once; empty where it registered with its own key or token") \
    F (T, U32, lease_seconds, 86400, "it must report this often while it has a job")                         \
    F (T, U32, heartbeat_seconds, 86400, "it should send a heartbeat this often while it has none")          \
    F (T, TIME, server_time, 0, "now, by the server's clock, by which offers and signatures are dated")
// From a message that was long under way nothing is concluded about a job that the agent received since.
#define SENT_AT(F, T) \
    F (T, TIME, sent_at, 0, "when, by the server's clock as the agent knows it; empty: just now")
#define AGENT_HEARTBEAT(F, T)                                               \
    F (T, KEY, agent, MAX_ID, "")                                           \
    F (T, STR, url, MAX_URL, "where it listens now")                        \
    F (T, STR, job, MAX_ID, "the job it has; empty for none")               \
    F (T, U32, attempt, UINT32_MAX, "the attempt it has")                   \
    F (T, BOOL, draining, 1, "it is shutting down, and takes no other job") \
    SENT_AT (F, T)
#define AGENT_NEXT(F, T)                              \
    F (T, KEY, agent, MAX_ID, "")                     \
    F (T, U32, wait, 60, "seconds to wait for a job") \
    SENT_AT (F, T)
#define JOB_OFFER(F, T)                                                                                                             \
    F (T, STR, job, MAX_ID, "empty if no job came in time")                                                                         \
    F (T, U32, attempt, UINT32_MAX, "send it with every report about this job")                                                     \
    F (T, STR, run, MAX_ID, "")                                                                                                     \
    F (T, STR, project, MAX_NAME, "the project's name")                                                                             \
    F (T, STR, key, MAX_TEXT, "its key under `jobs`")                                                                               \
    F (T, STR, name, MAX_TEXT, "what is shown")                                                                                     \
    F (T, JSON, definition, MAX_DOC, "the job in the workflow language, expressions still in place")                                \
    F (T, JSON, contexts, MAX_DOC,                                                                                                  \
       "an object: github, needs, matrix, strategy, inputs, vars, secrets; runner.debug")                                           \
    F (T, STR, token, 512, "valid for this job and attempt only")                                                                   \
    F (T, U32, lease_seconds, 86400, "report again before this has passed")                                                         \
    F (T, STR, repository, MAX_URL, "what `git clone` takes; empty for a job of no project")                                        \
    F (T, STR, ref, MAX_TEXT, "full ref")                                                                                           \
    F (T, STR, sha, MAX_ID, "commit")                                                                                               \
    F (T, TIME, offered_at, 0, "by the server's clock; empty from an older server")                                                 \
    F (T, U32, valid_seconds, 3600, "an older offer must not be started: another agent may have the job")                           \
    F (T, BOOL, chained, 1,                                                                                                         \
       "the final status may be sent with the agent's own token, and ask for the next job")                                         \
    F (T, STR, workflow, MAX_TEXT,                                                                                                  \
       "the file that has the job: ./.github/workflows/ci.yml; of another repository owner/repo/PATH@ref")                          \
    F (T, STR, workflow_url, MAX_URL, "where that repository is, if it is another one: what $/path is of")                          \
    F (T, STR, workflow_sha, MAX_ID, "and its commit")                                                                              \
    F (T, STRS, labels, 64, "what it asked for, lower case; empty from an older server")                                            \
    F (T, STR, secrets_key, 128,                                                                                                    \
       "with it, and its token, the job is given its secrets: POST /jobs/{job}/secrets, before its first step. Empty: it has none") \
    F (T, BOOL, id_token, 1, "it may ask for an identity: GET /jobs/{job}/id-token with its token")                                 \
    F (T, U32, hold_minutes, 480, "if it fails, ask whether to hold it: POST /jobs/{job}/hold; 0: do not")

#define JOB_STATUS(F, T)                                                                               \
    F (T, KEY, job, MAX_ID, "")                                                                        \
    F (T, U32, attempt, UINT32_MAX, "the attempt that reports; an old one is refused with CONFLICT")   \
    F (T, ENUM (job), state, 0, "running or finished")                                                 \
    F (T, ENUM (result), result, 0, "with finished: success, failure, cancelled")                      \
    F (T, STR, reason, MAX_TEXT, "with finished: the reason")                                          \
    F (T, LIST (step_row), steps, 3002, "all steps and their current state")                           \
    F (T, JSON, outputs, MAX_DOC, "with finished: an object of strings")                               \
    F (T, I64, log_size, INT64_MAX, "with finished: bytes of the whole log")                           \
    F (T, STR, log_sha256, 64, "with finished: checksum of the whole log, hex")                        \
    F (T, I64, log_offset, INT64_MAX, "with finished: where `log` begins in the whole log")            \
    F (T, LIST (log_trailer), log, MAX_TRAILERS,                                                       \
       "with finished: the end of the log where it is short and text, instead of a PATCH")             \
    F (T, BOOL, next, 1, "with finished and the agent's own token: the answer may carry its next job") \
    F (T, LIST (annotation), annotations, MAX_ANNOTATIONS, "what its steps said of the code so far")   \
    F (T, BOOL, given_back, 1,                                                                         \
       "with finished: the agent shuts down, and stopped its job for that; another attempt follows")   \
    F (T, STR, environment_url, MAX_URL, "with finished: `environment.url`, evaluated; http or https")
#define JOB_ORDERS(F, T)                                                                             \
    F (T, ENUM (order), order, 0, "go_on, cancel or kill")                                           \
    F (T, U32, lease_seconds, 86400, "what is left of the lease: report again before it has passed") \
    F (T, TIME, server_time, 0, "now, by the server's clock")                                        \
    F (T, LIST (job_offer), next, 1, "the agent's next job, if it asked for one and one was waiting")

// From the scheduler to itself: a pending request to another service, so that a turn waits for its answer.
#define ATTEMPT_SEAL(F, T)      \
    F (T, KEY, job, MAX_ID, "") \
    F (T, U32, attempt, UINT32_MAX, "that ended without its agent's final status")
#define AGENT_REVOKE(F, T) F (T, KEY, agent, MAX_ID, "that was removed")

#endif
