/* counters.h - what an agent counts, for Prometheus (GET /metrics on the agent): each once, in a table.
 *
 * In the engine's lowest room, as what is counted happens in all of them. From any thread. */

#ifndef OPENCICD_AGENT_ENGINE_PROCESS_COUNTERS_H
#define OPENCICD_AGENT_ENGINE_PROCESS_COUNTERS_H

#include <stdint.h>

// clang-format off
#define AGENT_COUNTERS(C)                                                                                            \
    C (JOB_SUCCESS, counter, "opencicd_agent_jobs_total", "result", "success", "jobs that this agent ran to their end") \
    C (JOB_FAILURE, counter, "opencicd_agent_jobs_total", "result", "failure", "jobs that this agent ran to their end") \
    C (JOB_CANCELLED, counter, "opencicd_agent_jobs_total", "result", "cancelled", "jobs that this agent ran to their end") \
    C (JOB_GIVEN_BACK, counter, "opencicd_agent_jobs_total", "result", "given_back", "jobs that this agent ran to their end") \
    C (JOB_SECONDS, histogram, "opencicd_agent_job_seconds", 0, 0, "from a job's start to its end")                  \
    C (JOB_NOW, gauge, "opencicd_agent_busy", 0, 0, "1 while it has a job")                                          \
    C (JOB_ISOLATED, counter, "opencicd_agent_isolation_total", "sandbox", "yes", "jobs by whether they ran in a sandbox") \
    C (JOB_OPEN, counter, "opencicd_agent_isolation_total", "sandbox", "no", "jobs by whether they ran in a sandbox") \
    C (JOB_REFUSED, counter, "opencicd_agent_isolation_total", "sandbox", "failed", "jobs by whether they ran in a sandbox") \
    C (JOB_CONTAINERS, counter, "opencicd_agent_container_jobs_total", 0, 0, "jobs with a container or services")    \
    C (PULL_DONE, counter, "opencicd_agent_image_pulls_total", "result", "success", "images that were asked of a registry") \
    C (PULL_FAILED, counter, "opencicd_agent_image_pulls_total", "result", "failure", "images that were asked of a registry") \
    C (PULL_SECONDS, histogram, "opencicd_agent_image_pull_seconds", 0, 0, "from asking a registry for an image to its end") \
    C (CONTAINERS_SECONDS, histogram, "opencicd_agent_containers_seconds", 0, 0, "until a job's network, container and services were there") \
    C (STEP_SUCCESS, counter, "opencicd_agent_steps_total", "outcome", "success", "steps, those of composite actions too") \
    C (STEP_FAILURE, counter, "opencicd_agent_steps_total", "outcome", "failure", "steps, those of composite actions too") \
    C (STEP_CANCELLED, counter, "opencicd_agent_steps_total", "outcome", "cancelled", "steps, those of composite actions too") \
    C (STEP_SKIPPED, counter, "opencicd_agent_steps_total", "outcome", "skipped", "steps, those of composite actions too") \
    C (STEP_OUT_OF_MEMORY, counter, "opencicd_agent_out_of_memory_total", 0, 0, "steps in which the kernel killed a process for memory") \
    C (ACTION_KEPT, counter, "opencicd_agent_actions_total", "source", "cache", "copies of actions for jobs")        \
    C (ACTION_FETCHED, counter, "opencicd_agent_actions_total", "source", "fetch", "copies of actions for jobs")     \
    C (ACTION_FAILED, counter, "opencicd_agent_actions_total", "source", "failed", "copies of actions for jobs")     \
    C (CACHE_FETCHED, counter, "opencicd_agent_cache_chunk_bytes_total", "from", "server", "bytes of caches that jobs restored, by where they came from") \
    C (CACHE_COPIED, counter, "opencicd_agent_cache_chunk_bytes_total", "from", "copy", "bytes of caches that jobs restored, by where they came from") \
    C (LEASE_PAUSED, counter, "opencicd_agent_lease_pauses_total", 0, 0, "jobs paused because their lease ended while the server was silent") \
    C (LOG_BYTES, counter, "opencicd_agent_log_bytes_total", 0, 0, "bytes that jobs printed, as they are stored")      \
    C (SPOOL_BYTES, gauge, "opencicd_agent_spool_bytes", 0, 0, "bytes of the current job's log on this machine's disk") \
    C (SPOOL_UNSENT, gauge, "opencicd_agent_spool_unsent_bytes", 0, 0, "those of them that the server has not acknowledged")
// clang-format on

#define AGENT_COUNTER(name, kind, metric, label, value, help) COUNT_##name,
typedef enum { AGENT_COUNTERS (AGENT_COUNTER) COUNTERS } agent_counter_t;
#undef AGENT_COUNTER

void counters_open (void); // So that all are there, at 0
void count_add (agent_counter_t which, int64_t amount);
void count_set (agent_counter_t which, int64_t number);    // A gauge
void count_time (agent_counter_t which, int64_t taken_us); // A histogram

#endif
