/* containers.h - the containers of a job: its own, in which its steps run, its services, and those of Docker actions.
 *
 *     WORK_DIR/containers/opencicd-inside    the first process of each container in which steps run (agent/inside)
 *     WORK_DIR/containers/left               there while the engine may still have something of this agent's
 *     WORK_DIR/containers/N/                 a container's /__i: that program, and the socket on which it meets the agent
 *
 * Everything that the engine makes for a job carries a label that names the agent's work folder. It is removed at the end of the job; what a
 * killed agent or an engine that was away left behind is removed before the next job's containers, and at the start of the agent.
 *
 * A container's processes end with the agent: their first process sees its socket close (agent/inside/main.c). */

#ifndef OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINERS_H
#define OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINERS_H

#include "agent/engine/container/container_settings.h"
#include "agent/engine/docker/docker_container.h"
#include "agent/engine/docker/docker_options.h"
#include "agent/engine/state/step_run.h"

#define CONTAINERS_READY_MS     30000 // For a started container to meet the agent
#define CONTAINERS_AWAY_SECONDS 30    // How long the end of a job waits for an engine that is being restarted

typedef struct {
    const char *name;
    container_settings_t settings;
    const char *id; // "" before it is made
} job_service_t;

struct containers {
    job_run_t *job;
    const char *label;  // "opencicd.agent=ID"
    const char *prefix; // Of names: "ID-PROCESS-N"
    const char *folder; // WORK_DIR/containers
    bool prepared;      // What an earlier job left is gone, and it is marked that this one has begun
    bool left;          // An earlier job had left something, or may have
    bool reached;       // The engine has answered: there may be something of this job's
    const char *network;
    container_settings_t own; // image "": the steps run on this machine
    const char *id;           // Of the job's own; "" before it is made
    workspace_t folders;      // As its steps see them
    job_service_t *services;
    size_t service_count;
    unsigned count; // Of containers, for their names
};

// Does the job have a container or services? Then job->containers is set, and job->folders are those of its container. Before the first
// step, when its contexts are there.
MUST_USE fault_t containers_plan (job_run_t *job, scope_t *scope);
// Makes them: the log says what, the scope what went wrong.
MUST_USE fault_t containers_start (step_run_t *by);
void containers_stop (step_run_t *by); // Whatever of them is there is gone, as far as the engine can be asked

// The way to the engine, for this step alone. For a job that has nothing but a Docker action, too. UNAVAILABLE, and the scope says why.
MUST_USE fault_t containers_connect (step_run_t *by, docker_t **docker);
void containers_forget (job_run_t *job); // Nothing is left
// Removes what this agent left at an engine that can be reached; nothing where nothing can be left.
void containers_sweep (const engine_options_t *options, const workspace_t *folders);

#endif
