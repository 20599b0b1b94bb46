/* routes_shell.h - jobs that are held for debugging, and shells in them. Read with routes.h.
 *
 * What is typed and printed is not recorded in the audit; that a shell was opened is, and that it ended (services/scheduler/api/shell.c). */

#ifndef OPENCICD_GATEWAY_ROUTES_SHELL_H
#define OPENCICD_GATEWAY_ROUTES_SHELL_H

#include "proto/fields_hold.h"

#define SHELL_HANDLERS(H)                    \
    H (hold_wait, NULL, JSON_TYPE, NULL, 0)  \
    H (shell_get, NULL, BYTES_TYPE, NULL, 0) \
    H (shell_put, BYTES_TYPE, JSON_TYPE, NULL, 0)

#define SHELL_ROUTES(R)                                                                                         \
    R (POST, "/jobs/{job}/hold", hold_begin, MAY_JOB, 16 * KIB, 200, api_call,                                  \
       "its agent asks whether to hold it, because it failed")                                                  \
    R (GET, "/jobs/{job}/hold", hold_show, MAY_VIEW | MAY_JOB, 0, 200, hold_wait,                               \
       "is it held, until when, and is a shell open in it?")                                                    \
    R (DELETE, "/jobs/{job}/hold", hold_end, MAY_DEVELOP, 0, 200, api_call, "let it end now")                   \
    R (POST, "/jobs/{job}/shell", shell_open, MAY_DEVELOP, 4 * KIB, 201, api_call,                              \
       "open a shell in it: for whoever asked for the hold, and an ADMIN")                                      \
    R (GET, "/jobs/{job}/shell/{shell}", shell_read, MAY_DEVELOP | MAY_JOB, 0, 200, shell_get,                  \
       "what it printed; for its agent: what was typed. Waits for more. Shell-Next, Shell-Window, Shell-Ended") \
    R (POST, "/jobs/{job}/shell/{shell}", shell_write, MAY_DEVELOP | MAY_JOB | UNAUDITED, MAX_SHELL_PIECE,      \
       200, shell_put, "what was typed, or the window's size; by its agent: what it printed")

#endif
