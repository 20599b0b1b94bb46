/* address.h - the address of a project's repository, and who may use which.
 *
 * Two kinds: a folder of this machine (a path, or file:), and what git fetches over a network (https:, http:, ssh:, git:, or
 * `user@host:path`). Nothing else: no relative path, no transport helper, no password.
 *
 * A folder is for an administrator's projects, or is below one that the operator lists. A host on this machine or in a private network
 * is for those whom the operator names. The refusal is the same whether anything is there or not. */

#ifndef OPENCICD_SCM_ADDRESS_H
#define OPENCICD_SCM_ADDRESS_H

#include "common/base/turn.h"
#include "common/os/git.h"

#include <stdbool.h>

typedef struct {
    const char *folder; // Absolute; NULL for one that is fetched
    const char *url;    // As git takes it
    const char *scheme; // "https", "http", "ssh", "git"
    const char *host;
    uint16_t port; // The scheme's own where none was given
} address_t;

// As in the table of settings (scm_private_networks).
typedef enum { PRIVATE_FOR_ADMINISTRATORS, PRIVATE_FOR_EVERYBODY, PRIVATE_FOR_NOBODY } private_networks_t;

typedef struct {
    const char *folders;      // "/srv/git:/srv/more"; "" for none
    const char *real_folders; // The same without links
    private_networks_t private_networks;
} address_policy_t;

// INVALID; the detail never repeats a password.
MUST_USE fault_t address_parse (turn_t *turn, const char *text, address_t *out);

// `trusted`: an administrator registered it. FORBIDDEN where it can be said without looking at a disk or asking a resolver.
MUST_USE fault_t address_may (turn_t *turn, const address_policy_t *policy, const address_t *address,
                              bool trusted);
// May repositories be read from this folder, which has no link in it any more?
MUST_USE fault_t address_may_read (turn_t *turn, const address_policy_t *policy, const char *real,
                                   bool trusted);
// Must the host's addresses be public?
bool address_must_be_public (const address_policy_t *policy, bool trusted);
// How git fetches from an address elsewhere, with this configuration. FORBIDDEN if its host may not be reached. Resolves names: call it in
// a worker thread.
MUST_USE fault_t address_reach (turn_t *turn, const address_policy_t *policy, const address_t *address,
                                bool trusted, const char *config, git_location_t *out);

#endif
