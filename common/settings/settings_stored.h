/* settings_stored.h - the rows of settings_table.h about what jobs and people leave: artifacts (docs/artifacts.md), caches (docs/caches.md), the
 * audit; and who may see it (docs/roles.md). */

#ifndef OPENCICD_SETTINGS_STORED_H
#define OPENCICD_SETTINGS_STORED_H

#include "common/settings/settings_audit.h"

// clang-format off
#define STORED_SETTINGS(S)                                                                                           \
    S (ENUM, public_projects, SERVER, "May who is not signed in see public projects? With `off`: only who is.",      \
       .choices = "off|on", .initial = "on")                                                                         \
    AUDIT_SETTINGS (S)                                                                                               \
    S (U32, artifact_retention_days, SERVER, "Artifacts are removed after this many days; 0: never.",                \
       .metavar = "DAYS", .initial = "90", .least = 0, .most = 36500)                                                \
    S (U32, cache_project_mib, SERVER, "If the caches of a project exceed this size, the least recently used are removed; 0: no limit.", \
       .metavar = "MIB", .initial = "10240", .least = 0, .most = 1073741824)                                         \
    S (U32, cache_unused_days, SERVER, "Caches that no job finds for this many days are removed; 0: never.",          \
       .metavar = "DAYS", .initial = "7", .least = 0, .most = 36500)                                                 \
    S (U32, cache_copies_mib, AGENT, "Bytes of caches that jobs restored are kept on the agent's machine up to this size; 0: none.", \
       .metavar = "MIB", .initial = "2048", .least = 0, .most = 1048576)                                             \
    S (PATH, cache_copies, AGENT, "Where; agents of one machine may share it. Empty: in the work folder.", .metavar = "FOLDER")
// clang-format on

#endif
