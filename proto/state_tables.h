/* state_tables.h - the states of things: their names, legal moves and meaning. Read through states.h, which says how tables may grow. */

#ifndef OPENCICD_STATE_TABLES_H
#define OPENCICD_STATE_TABLES_H

//     name        may become                                              meaning
#define JOB_STATES(X)                                                                                   \
    X (job, pending, TO (job, queued) | TO (job, running) | TO (job, finished),                         \
       "waits for the jobs it needs or for its concurrency group")                                      \
    X (job, queued, TO (job, assigned) | TO (job, finished), "waits for an agent")                      \
    X (job, assigned, TO (job, queued) | TO (job, running) | TO (job, cancelling) | TO (job, finished), \
       "leased to an agent that has not yet begun")                                                     \
    X (job, running, TO (job, queued) | TO (job, cancelling) | TO (job, finished),                      \
       "an agent runs it, or its called workflow runs")                                                 \
    X (job, cancelling, TO (job, finished), "asked to stop; steps with always() still run")             \
    X (job, finished, TO (job, pending), "ended; a rerun sends it back to pending")

#define RUN_STATES(X)                                                                           \
    X (run, pending, TO (run, running) | TO (run, finished), "waits for its concurrency group") \
    X (run, running, TO (run, cancelling) | TO (run, finished), "has jobs that have not ended") \
    X (run, cancelling, TO (run, finished), "asked to stop")                                    \
    X (run, finished, TO (run, pending) | TO (run, running), "all jobs have ended; a rerun starts it again")

#define STEP_STATES(X)                                                           \
    X (step, pending, TO (step, running) | TO (step, finished), "not yet begun") \
    X (step, running, TO (step, finished), "its process runs")                   \
    X (step, finished, 0, "ended or skipped")

#define RESULTS(X)                                                              \
    X (result, none, ~0u, "has not ended")                                      \
    X (result, success, 0, "all went well")                                     \
    X (result, failure, 0, "a step failed, time ran out or the agent was lost") \
    X (result, cancelled, 0, "a user or a concurrency group stopped it")        \
    X (result, skipped, 0, "its condition was false")

#define AGENT_STATES(X)                                                        \
    X (agent, idle, TO (agent, busy) | TO (agent, offline), "ready for a job") \
    X (agent, busy, TO (agent, idle) | TO (agent, offline), "has a job")       \
    X (agent, offline, TO (agent, idle) | TO (agent, busy), "silent for longer than a lease")

#define PROJECT_STATES(X)                                               \
    X (project, ready, TO (project, failed), "its repository was read") \
    X (project, cloning, TO (project, ready) | TO (project, failed),    \
       "its repository is being read for the first time")               \
    X (project, failed, TO (project, ready) | TO (project, cloning),    \
       "its repository cannot be read; this is retried")

// A server's answer to an agent's report about a job.
#define ORDERS(X)                                                                             \
    X (order, go_on, ~0u, "continue")                                                         \
    X (order, cancel, TO (order, kill),                                                       \
       "stop gracefully: SIGINT, later SIGTERM, then SIGKILL; steps with always() still run") \
    X (order, kill, 0, "stop at once")

// What locks a tag or branch of an action to a commit.
#define PIN_SOURCES(X)                                                                   \
    X (pin, none, ~0u, "nothing: it was never used")                                     \
    X (pin, record, ~0u, "the project's record, since its first use")                    \
    X (pin, file, 0, "the repository's lock file: that commit runs, wherever it is now") \
    X (pin, missing, 0, "the lock file covers the workflow, and lacks it: it must not run")

// Of what a step says about the code it looks at: GitHub's three, of which the last is "failure" in its API.
#define ANNOTATION_LEVELS(X)                            \
    X (annotation, notice, ~0u, "worth knowing")        \
    X (annotation, warning, ~0u, "should be looked at") \
    X (annotation, error, ~0u, "is wrong; fails nothing by itself")

// Which part of a job failed.
#define PHASES(X)                                                   \
    X (phase, none, ~0u, "none: it never began, or it was stopped") \
    X (phase, setup, 0, "the set-up of the job")                    \
    X (phase, pre, 0, "the pre step of an action")                  \
    X (phase, main, 0, "a step of the workflow")                    \
    X (phase, post, 0, "the post step of an action")                \
    X (phase, complete, 0, "its outputs, after its steps")

// What made a job fail, as far as its exit code and its lines tell (services/scheduler/failure/cause.c).
#define FAILURE_CAUSES(X)                                                                  \
    X (cause, none, ~0u, "not known yet")                                                  \
    X (cause, command, ~0u, "a command failed, for a reason that its lines do not reveal") \
    X (cause, compile, 0, "a compiler or linker refused the code")                         \
    X (cause, test, 0, "a test or an assertion failed")                                    \
    X (cause, lint, 0, "a linter or formatter objects")                                    \
    X (cause, dependency, 0, "a module, library or program is missing")                    \
    X (cause, memory, 0, "out of memory: its lines say so, or the kernel")                 \
    X (cause, crash, 0, "a signal ended the process")                                      \
    X (cause, disk, 0, "no space left on the disk")                                        \
    X (cause, permission, 0, "access denied")                                              \
    X (cause, network, 0, "a host could not be reached")                                   \
    X (cause, timeout, 0, "time ran out")                                                  \
    X (cause, agent, 0, "the agent was lost")                                              \
    X (cause, cancelled, 0, "a user or a concurrency group stopped it")                    \
    X (cause, secret, 0, "a secret or credential is missing or refused")                   \
    X (cause, workflow, 0, "the workflow, an action's file or an expression is wrong")     \
    X (cause, action, 0, "an action cannot be fetched or is refused")                      \
    X (cause, artifact, 0, "an artifact, or the files for one, are missing")               \
    X (cause, killed, 0, "SIGKILL ended the process, nobody says why: perhaps for lack of memory")

// Of a job that an environment holds back.
#define DEPLOYMENT_STATES(X)                                                             \
    X (deployment, asked, ~0u, "the rules of its environment are being read")            \
    X (deployment, waiting, ~0u, "waits for an approval, or until its time has come")    \
    X (deployment, open, 0, "its job may run")                                           \
    X (deployment, refused, 0, "rejected, or its environment does not allow its branch") \
    X (deployment, closed, 0, "its job was cancelled or skipped before")

#endif
