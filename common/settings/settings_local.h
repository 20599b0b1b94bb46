/* settings_local.h - the rows of settings_table.h that `opencicd run` needs: secrets and variables (docs/run.md), and how its agents end. */

#ifndef OPENCICD_SETTINGS_LOCAL_H
#define OPENCICD_SETTINGS_LOCAL_H

// clang-format off
#define LOCAL_SETTINGS(S)                                                                                            \
    S (PATH, variables_file, SERVER, "Variables (vars.*) of all projects, as NAME=VALUE lines; read at the start.",  \
       .metavar = "FILE")                                                                                            \
    S (ENUM, id_tokens, SERVER, "Whether jobs get identities to show to others (OpenID Connect).",                  \
       .choices = "on|off", .initial = "on")                                                                         \
    S (PATH, secrets_file, AGENT, "Secrets (secrets.*) of every job of this agent, as NAME=VALUE lines, read when one begins.", \
       .metavar = "FILE")                                                                                            \
    S (PATH, keep_failed, AGENT, "Keep the workspaces of jobs that do not succeed there, the last one of each job name.", \
       .metavar = "FOLDER", .flag_only = true)                                                                       \
    S (STR, resume_from, AGENT, "Continue jobs whose workspace was kept, at this step: its id, name or number.",  \
       .metavar = "STEP", .flag_only = true)                                                                         \
    S (PATH, caches, AGENT, "Keep what actions/cache saves there, for all jobs of all refs alike, instead of at the server.", \
       .metavar = "FOLDER", .flag_only = true)                                                                       \
    S (U32, caches_mib, AGENT, "Above this size the least recently used of them are removed.", .metavar = "MIB",     \
       .initial = "10240", .least = 1, .most = 1048576, .flag_only = true)                                           \
    S (ENUM, isolation, SERVER | AGENT, "Whether jobs run in a sandbox, apart from this machine and from each other; auto: where" \
       " the machine allows it.", .choices = "off|auto|on", .initial = "auto")                                       \
    S (STR, hide, AGENT, "Files and folders that isolated jobs do not see, besides the agent's own.",                \
       .metavar = "PATH:...")                                                                                        \
    S (STR, show, AGENT, "Folders below hidden ones that isolated jobs can read.", .metavar = "PATH:...")            \
    S (STR, limits, SERVER | AGENT, "What a job may use: memory=4G cpus=2 processes=512 disk=20G minutes=120; LABEL: memory=16G" \
       " (docs/security.md).", .metavar = "RULES")                                                                   \
    S (STR, docker_host, AGENT, "The container engine (Docker or Podman) for `container`, `services` and Docker actions:" \
       " a socket's path, unix:///path or tcp://host:port; none: such jobs fail.", .metavar = "ADDRESS",             \
       .initial = "/var/run/docker.sock")                                                                            \
    S (ENUM, container_pull, AGENT, "When images are pulled: always, or only those that the engine does not have.",  \
       .choices = "always|missing", .initial = "always")                                                             \
    S (BOOL, container_host_access, AGENT, "Containers of jobs may mount this machine's folders and the engine's socket," \
       " and be privileged: such a job can do what root can.")                                                       \
    S (BOOL, with_parent, AGENT, "Stop when the program that started the agent ends, even if it is killed.", .flag_only = true)
// clang-format on

#endif
