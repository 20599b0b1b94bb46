/* settings_table.h - every option, once.
 *
 * A row gives the flag (--database-url), the environment variable (OPENCICD_DATABASE_URL), the key in opencicd.yaml
 * (database_url), the field of settings_t, its check, the help text and the line in the docs. To add an option: add a row.
 *
 *     S (KIND, name, programs that take it, "doc sentence", designated initialisers)
 *
 *     .metavar  what help calls the value       .initial  default; {data_home} {config_home} {data_dir} {work_dir}
 *     .least .most  bounds of a U32                       {hostname} stand for what they say
 *     .choices  words of an ENUM, "a|b"; the field is the word's index
 *     .schemes  what a URL may begin with, "http|https"
 *     .flag_only  neither in the environment nor in the file          .letter  its short flag
 *     .not_in_file  flag and environment only                         .secret  never repeat its value */

#ifndef OPENCICD_SETTINGS_TABLE_H
#define OPENCICD_SETTINGS_TABLE_H

// clang-format off
#define SETTINGS(S)                                                                                                  \
    S (BOOL, help, EVERYBODY, "Print this and stop.", .flag_only = true, .letter = 'h')                              \
    S (BOOL, version, EVERYBODY, "Print the version and stop.", .flag_only = true)                                   \
    S (PATH, config, EVERYBODY, "The settings file; a missing one matters only where it was named.",                 \
       .metavar = "FILE", .initial = "{config_home}/opencicd/opencicd.yaml", .not_in_file = true)                    \
    S (ENUM, log_level, EVERYBODY, "The least important lines to log.",                                              \
       .choices = "debug|info|warn|error", .initial = "info")                                                        \
    S (ENUM, log_format, EVERYBODY, "Log lines for people or for machines.",                                         \
       .choices = "text|json", .initial = "text")                                                                    \
    /* The server */                                                                                                 \
    S (PATH, data_dir, SERVER | CLIENT, "Where the server keeps what it keeps; a client finds its address there.",   \
       .metavar = "FOLDER", .initial = "{data_home}/opencicd")                                                       \
    S (URL, database_url, SERVER, "The database; empty: one SQLite file a service in the data folder.",              \
       .schemes = "sqlite|postgres|postgresql", .secret = true)                                                      \
    S (URL, blob_url, SERVER, "Where logs and artifacts are stored.",                                                \
       .schemes = "dir", .initial = "dir:{data_dir}/blobs")                                                          \
    S (ADDRESS, listen, SERVER, "Where the HTTP API and the web pages are served.",                                  \
       .metavar = "HOST:PORT", .initial = "127.0.0.1:8080")                                                          \
    S (URL, public_url, SERVER, "What links to this server begin with; empty: http:// and the address.",             \
       .schemes = "http|https")                                                                                      \
    S (U32, http_threads, SERVER, "Requests that are served at once.",                                               \
       .initial = "64", .least = 8, .most = 1024)                                                                    \
    S (U32, http_streams, SERVER, "Live streams (events, logs) that are served at once.",                            \
       .initial = "64", .least = 1, .most = 2048)                                                                    \
    S (U32, agents, SERVER, "Local agents that `up` starts.", .initial = "2", .least = 0, .most = 256)               \
    S (PATH, secret_key_file, SERVER, "The key that encrypts secrets and signs job tokens; made at first start.",    \
       .metavar = "FILE", .initial = "{data_dir}/secret.key")                                                        \
    S (U32, lease_seconds, SERVER, "An agent that is silent for so long loses its job.",                             \
       .metavar = "SECONDS", .initial = "30", .least = 2, .most = 3600)                                              \
    S (U32, max_attempts, SERVER, "How often a job is started at most when its agents are lost.",                    \
       .initial = "3", .least = 1, .most = 100)                                                                      \
    S (U32, artifact_retention_days, SERVER, "Artifacts are removed after so many days; 0: never.",                  \
       .metavar = "DAYS", .initial = "90", .least = 0, .most = 36500)                                                \
    S (U32, log_retention_days, SERVER, "Logs are removed after so many days; 0: never.",                            \
       .metavar = "DAYS", .initial = "0", .least = 0, .most = 36500)                                                 \
    S (U32, shutdown_seconds, SERVER | AGENT, "How long a stop waits for what is under way.",                        \
       .metavar = "SECONDS", .initial = "20", .least = 0, .most = 3600)                                              \
    S (ADDRESS, bus_listen, SERVER, "Where a service in a process of its own listens for others; port 0: any free one."   \
       " Other hosts must be able to reach it.", .metavar = "HOST:PORT", .initial = "127.0.0.1:0")                   \
    S (ADDRESS, probe_listen, SERVER, "Where a service in a process of its own answers /healthz, /readyz and /metrics;"   \
       " port 0: any free one. The gateway does at its own address.", .metavar = "HOST:PORT",                        \
       .initial = "127.0.0.1:0")                                                                                     \
    /* Agents and clients */                                                                                         \
    S (URL, url, AGENT | CLIENT, "The server.", .schemes = "http|https", .initial = "http://127.0.0.1:8080")         \
    S (SECRET, token, CLIENT, "The token to speak to the server with; it is safer in token_file.",                   \
       .metavar = "TOKEN")                                                                                           \
    S (PATH, token_file, AGENT | CLIENT, "Holds the token; empty: an agent keeps its own in its work folder,"        \
       " a client reads the one that `up` left.", .metavar = "FILE")                                                 \
    S (SECRET, registration_token, AGENT, "Lets an agent register the first time.", .metavar = "TOKEN")              \
    S (STR, name, AGENT, "The agent's name.", .metavar = "NAME", .initial = "{hostname}")                            \
    S (STR, labels, AGENT, "What it offers to `runs-on`, beside its system and processor.", .metavar = "A,B,...")    \
    S (PATH, work_dir, AGENT, "Where jobs run.", .metavar = "FOLDER", .initial = "{data_home}/opencicd-agent")       \
    S (ADDRESS, agent_listen, AGENT, "Where the agent takes jobs; port 0: any free one.",                            \
       .metavar = "HOST:PORT", .initial = "127.0.0.1:0")                                                             \
    S (URL, advertise_url, AGENT, "How the server reaches the agent; empty: the address it listens on.",             \
       .schemes = "http|https")                                                                                      \
    S (BOOL, parked, AGENT, "Ask the server for jobs instead of being called: for agents behind a NAT.")             \
    S (BOOL, ephemeral, AGENT, "End after one job.")                                                                 \
    S (U32, lost_server_seconds, AGENT, "How long a job goes on without hearing from the server.",                   \
       .metavar = "SECONDS", .initial = "600", .least = 1, .most = 86400)
// clang-format on

#endif
