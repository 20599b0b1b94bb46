/* vault.h - where secrets may be kept besides our own database: a row of a table each (vault.c).
 *
 * A vault has the same scopes: all projects, a project (by its name), an environment of it. What is asked of it is all of one scope, as names and
 * texts. It may take its time: it is read in a helper thread. To add one, write its `read` and add its row. */

#ifndef OPENCICD_IDENTITY_VAULT_H
#define OPENCICD_IDENTITY_VAULT_H

#include "common/base/turn.h"
#include "workflow/expression/value.h"

#include <stdbool.h>

#define VAULT_SECRETS  1000       // Of one scope
#define VAULT_BYTES    (48 << 10) // Of one secret
#define VAULT_ANSWER   (8 << 20)  // Of all that one scope has
#define VAULT_TOTAL_MS 10000      // For one scope

// From the settings of the same names; "" where one is not set.
typedef struct vault_settings {
    const char *secrets_folder;
    const char *vault_url, *vault_mount, *vault_path, *vault_namespace, *vault_token, *vault_token_file,
        *vault_ca_file;
} vault_settings_t;

typedef struct {
    const char *name;
    bool (*is_set) (const vault_settings_t *settings);
    // Adds the secrets of a scope to `out`: project and environment by name, "" for all projects and for none. A scope that it does not have is
    // empty. INVALID where trying again would not help; no detail holds a secret or the token.
    fault_t (*read) (turn_t *turn, const vault_settings_t *settings, const char *project,
                     const char *environment, value_t *out);
} vault_t;

extern const vault_t vaults[];
extern const size_t vaults_count;

bool vault_any (const vault_settings_t *settings); // Is any set?
// Of all that are set. Of two that have the same name, the first one of the table counts.
MUST_USE fault_t vault_read (turn_t *turn, const vault_settings_t *settings, const char *project,
                             const char *environment, value_t *out);

// One secret of a vault. What no workflow could name is left out; INVALID, naming it, where its value is too large.
MUST_USE fault_t vault_add (turn_t *turn, const char *name, const char *text, size_t size, value_t *out);
fault_t vault_folder_read (turn_t *turn, const vault_settings_t *settings, const char *project,
                           const char *environment, value_t *out);
fault_t vault_kv_read (turn_t *turn, const vault_settings_t *settings, const char *project,
                       const char *environment, value_t *out);
// The answer of a key-value store, version 2, to a read. INVALID where it is none.
MUST_USE fault_t vault_kv_parse (turn_t *turn, const char *text, size_t size, value_t *out);

#endif
