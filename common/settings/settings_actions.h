/* settings_actions.h - the rows of settings_table.h about actions of other repositories (docs/actions.md), and an agent's own scripts around jobs. */

#ifndef OPENCICD_SETTINGS_ACTIONS_H
#define OPENCICD_SETTINGS_ACTIONS_H

// clang-format off
#define ACTION_SETTINGS(S)                                                                                                \
    S (STR, action_sources, SERVER | AGENT, "Where actions (agents) and called workflows (server) of other repositories come from,"  \
       " in this order: URLs and folders, to which /owner/repo is added, or which hold {repository}; `forge` is where the"        \
       " project's own repository is.",                                                                                      \
       .metavar = "URL,...", .initial = "forge,https://github.com")                                                  \
    S (STR, action_originals, AGENT, "Builtin actions (actions/checkout, ...) to fetch from their sources instead, like all others; or: all.", \
       .metavar = "NAME,...")                                                                                             \
    S (PATH, action_cache, AGENT, "Where actions are kept between jobs; agents may share it. Empty: in the work folder.",   \
       .metavar = "FOLDER")                                                        \
    S (U32, action_cache_mib, AGENT, "Above this size the least recently used actions are removed; 0: no limit.",              \
       .metavar = "MIB", .initial = "2048", .least = 0, .most = 1048576)                                                  \
    S (U32, action_cache_count, AGENT, "Above this number of actions the least recently used are removed; 0: no limit.",       \
       .metavar = "NUMBER", .initial = "500", .least = 0, .most = 100000)                                                 \
    S (U32, action_cache_days, AGENT, "Actions not used for this many days are removed; 0: never.",               \
       .metavar = "DAYS", .initial = "30", .least = 0, .most = 36500)                                                     \
    S (U32, action_ref_seconds, AGENT, "How long the commit of an action's tag or branch is remembered before it is looked up again.",                  \
       .metavar = "SECONDS", .initial = "60", .least = 0, .most = 86400)                                                  \
    S (PATH, hook_job_started, AGENT, "A script (.sh, .js, .ps1) that runs before the steps of each job, as the agent and outside of"        \
       " its sandbox and container; empty: what ACTIONS_RUNNER_HOOK_JOB_STARTED names.", .metavar = "FILE")                                  \
    S (PATH, hook_job_completed, AGENT, "Likewise after the last step (ACTIONS_RUNNER_HOOK_JOB_COMPLETED).", .metavar = "FILE")            \
    S (PATH, action_git_config, AGENT, "A git configuration for fetching actions (credential helpers, proxies); git reads no other.", \
       .metavar = "FILE")
// clang-format on

#endif
