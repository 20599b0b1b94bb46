/* settings_table.h - every option, once.
 *
 * A row gives the flag (--database-url), the environment variable (OPENCICD_DATABASE_URL), the key in opencicd.yaml
 * (database_url), the field of settings_t, its check, the help text and the line in the docs. To add an option: add a row.
 *
 *     S (KIND, name, programs that take it, "doc sentence", designated initialisers)
 *
 *     .metavar  what help calls the value       .initial  default; {data_home} {config_home} {data_dir} {work_dir}
 *     .least .most  bounds of a U32                       {hostname} stand for what they say
 *     .choices  values of an ENUM, "a|b"; the field is the value's index
 *     .schemes  what a URL may begin with, "http|https"
 *     .flag_only  neither in the environment nor in the file          .letter  its short flag
 *     .not_in_file  flag and environment only                         .secret  never repeat its value */

#ifndef OPENCICD_SETTINGS_TABLE_H
#define OPENCICD_SETTINGS_TABLE_H

#include "common/settings/settings_actions.h"
#include "common/settings/settings_blob.h"
#include "common/settings/settings_http.h"
#include "common/settings/settings_local.h"
#include "common/settings/settings_stored.h"
#include "common/settings/settings_vault.h"

// clang-format off
#define SETTINGS(S)                                                                                                  \
    S (BOOL, help, EVERYBODY, "Print this help and exit.", .flag_only = true, .letter = 'h')                         \
    S (BOOL, version, EVERYBODY, "Print the version and exit.", .flag_only = true)                                   \
    S (PATH, config, EVERYBODY, "The settings file; it must exist only if it is named.",                             \
       .metavar = "FILE", .initial = "{config_home}/opencicd/opencicd.yaml", .not_in_file = true)                    \
    S (ENUM, log_level, EVERYBODY, "The lowest severity that is logged.",                                            \
       .choices = "debug|info|warn|error", .initial = "info")                                                        \
    S (ENUM, log_format, EVERYBODY, "Log lines for people or for machines.",                                         \
       .choices = "text|json", .initial = "text")                                                                    \
    /* The server */                                                                                                 \
    S (PATH, data_dir, SERVER | CLIENT, "The server's folder; clients find its address and token there.",            \
       .metavar = "FOLDER", .initial = "{data_home}/opencicd")                                                       \
    S (URL, database_url, SERVER, "The database; empty: one SQLite file per service, in the data folder.",           \
       .schemes = "sqlite|postgres|postgresql", .secret = true)                                                      \
    BLOB_SETTINGS (S)                                                                                                   \
    S (ADDRESS, listen, SERVER, "Where the HTTP API and the web pages are served.",                                  \
       .metavar = "HOST:PORT", .initial = "127.0.0.1:8080")                                                          \
    S (URL, public_url, SERVER, "How others reach this server, for links; empty: http:// and the listen address.",          \
       .schemes = "http|https")                                                                                      \
    HTTP_SETTINGS (S)                                                                                                \
    S (U32, agents, SERVER, "Local agents that `opencicd up` starts.", .initial = "2", .least = 0, .most = 256)      \
    S (PATH, secret_key_file, SERVER, "The key that encrypts secrets and signs job tokens; created at the first start.", \
       .metavar = "FILE", .initial = "{data_dir}/secret.key")                                                        \
    S (PATH, web_dir, SERVER, "The built web pages; empty: `web` beside the program, else ../share/opencicd/web.", .metavar = "FOLDER") \
    S (U32, lease_seconds, SERVER, "How long an agent may be silent before it loses its job.",                       \
       .metavar = "SECONDS", .initial = "30", .least = 2, .most = 3600)                                              \
    S (U32, max_attempts, SERVER, "How many attempts a job gets if its agents are lost.",                       \
       .initial = "3", .least = 1, .most = 100)                                                                      \
    S (U32, agent_retention_days, SERVER, "Agents not seen for this many days are removed; 0: never.",               \
       .metavar = "DAYS", .initial = "30", .least = 0, .most = 36500)                                                \
    STORED_SETTINGS (S)                                                                                          \
    S (U32, run_retention_days, SERVER, "Runs are removed this many days after their end, with logs and artifacts; 0: never.", \
       .metavar = "DAYS", .initial = "400", .least = 0, .most = 36500)                                               \
    S (U32, run_keep, SERVER, "Runs of each project that are kept, the latest; 0: all.",                   \
       .metavar = "NUMBER", .initial = "0", .least = 0, .most = 1000000000)                                          \
    S (U32, event_retention_days, SERVER, "Events (GET /events) are removed after this many days.",                  \
       .metavar = "DAYS", .initial = "7", .least = 1, .most = 36500)                                                 \
    S (U32, event_keep, SERVER, "Events that are kept, the latest.",                                       \
       .metavar = "NUMBER", .initial = "100000", .least = 1000, .most = 1000000000)                                  \
    S (U32, log_retention_days, SERVER, "Logs are removed after this many days; 0: never.",                          \
       .metavar = "DAYS", .initial = "90", .least = 0, .most = 36500)                                                \
    S (U32, log_max_gib, SERVER, "If all logs exceed this size, uncompressed, the oldest are removed; 0: no limit.",  \
       .metavar = "GIB", .initial = "100", .least = 0, .most = 1048576)                                              \
    S (U32, log_project_gib, SERVER, "The same for the logs of each project, so that one project cannot displace another.", \
       .metavar = "GIB", .initial = "50", .least = 0, .most = 1048576)                                               \
    S (STR, scm_folders, SERVER, "Folders, separated by colons, below which developers may register local"           \
       " repositories; an administrator may register any.", .metavar = "FOLDER:...")                                 \
    S (ENUM, scm_private_networks, SERVER, "Who may register repositories on loopback and private addresses.",       \
       .choices = "administrators|everybody|nobody", .initial = "administrators")                                    \
    S (PATH, scm_git_config, SERVER, "A git configuration for fetches (credential helpers, proxies); git reads no other.", \
       .metavar = "FILE")                                                                                            \
    S (U32, shutdown_seconds, SERVER | AGENT, "How long to wait for work in progress when stopping.",                      \
       .metavar = "SECONDS", .initial = "20", .least = 0, .most = 3600)                                              \
    S (ADDRESS, bus_listen, SERVER, "Where a separate service listens for the others; port 0: any free port."        \
       " Other hosts must be able to reach it.", .metavar = "HOST:PORT", .initial = "127.0.0.1:0")                   \
    S (ADDRESS, probe_listen, SERVER, "Where a separate service answers /healthz, /readyz and /metrics;"             \
       " port 0: any free port. The gateway answers at --listen.", .metavar = "HOST:PORT",                           \
       .initial = "127.0.0.1:0")                                                                                     \
    /* Agents and clients */                                                                                         \
    S (URL, url, AGENT | CLIENT, "The server.", .schemes = "http|https", .initial = "http://127.0.0.1:8080")         \
    S (SECRET, token, CLIENT, "The token for the server; safer in a file (--token-file).", .metavar = "TOKEN") \
    S (PATH, token_file, AGENT | CLIENT, "The file with the token; empty: an agent uses the one in its work folder," \
       " a client the one in the data folder.", .metavar = "FILE")                                                   \
    S (PATH, login_file, CLIENT, "Where `opencicd login` keeps its tokens, one for each server.",                    \
       .metavar = "FILE", .initial = "{config_home}/opencicd/logins")                                                \
    S (SECRET, registration_token, AGENT, "Registers the agent at its first start.", .metavar = "TOKEN")             \
    S (STR, name, AGENT, "The agent's name.", .metavar = "NAME", .initial = "{hostname}")                            \
    S (STR, labels, AGENT, "Labels for `runs-on`, besides system and processor. Jobs of LABEL=docker:IMAGE run in that image.", .metavar = "A,B,...") \
    S (PATH, work_dir, AGENT, "Where the agent keeps its state and runs jobs.", .metavar = "FOLDER", .initial = "{data_home}/opencicd-agent") \
    S (ADDRESS, agent_listen, AGENT, "Where the agent listens for jobs; port 0: any free port.",                     \
       .metavar = "HOST:PORT", .initial = "127.0.0.1:0")                                                             \
    S (URL, advertise_url, AGENT, "How the server reaches the agent; empty: the address it listens on.",             \
       .schemes = "http|https")                                                                                      \
    S (BOOL, parked, AGENT, "Ask the server for jobs instead of being called: for agents behind NAT.")               \
    S (BOOL, ephemeral, AGENT, "Exit after one job.")                                                                \
    S (STR, node_folders, AGENT, "Where node for JavaScript actions is looked for before PATH: FOLDER/node20/bin/node," \
       " FOLDER/bin/node, FOLDER/node.", .metavar = "FOLDER:...")                                                     \
    S (PATH, tool_cache, AGENT, "Where setup-node and the like store and find tools (RUNNER_TOOL_CACHE);" \
       " agents may share it. Empty: in the work folder.", .metavar = "FOLDER")                                       \
    LOCAL_SETTINGS (S) ACTION_SETTINGS (S) VAULT_SETTINGS (S)                                                                                              \
    S (U32, lost_server_seconds, AGENT, "How long a job is kept without contact to the server; after the end of"     \
       " its lease it is paused.", .metavar = "SECONDS", .initial = "600", .least = 1, .most = 86400)
// clang-format on

#endif
