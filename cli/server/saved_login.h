/* saved_login.h - the tokens that `opencicd login` has kept: a file that only its owner may read, a line for each server.
 *
 *     https://ci.example.org oct_... t01k9qz6f3xm4t0v8w2ya
 *
 * A token is shown to the server that gave it, and to no other. */

#ifndef OPENCICD_CLI_SERVER_SAVED_LOGIN_H
#define OPENCICD_CLI_SERVER_SAVED_LOGIN_H

#include "common/base/turn.h"

#define SAVED_LOGINS 100 // Servers

typedef struct {
    const char *url;   // Without a / at its end
    const char *token; // NULL: there is none
    const char *id;    // Of the token, by which it is revoked
} saved_login_t;

// No file is no login. BAD_INPUT, naming the line, for one that is malformed.
MUST_USE fault_t saved_login_find (turn_t *turn, const char *path, const char *url, saved_login_t *out);
// In place of that server's former one; token NULL: only removes that. CONFLICT past SAVED_LOGINS.
MUST_USE fault_t saved_login_keep (turn_t *turn, const char *path, const saved_login_t *login);

#endif
