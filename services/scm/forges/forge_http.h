/* forge_http.h - a call of a forge's API: JSON out, JSON in, with the credential as Bearer and bounds on everything. For a thread that may wait.
 *
 * Every address is the configured base and a path of ours, and no redirect is followed: it could lead anywhere, and a POST would arrive as an
 * empty GET. What was renamed is found by its id. 429, and a 403 that names a time or a limit, are waited for once if that is
 * short and the call is not hurried, else UNAVAILABLE with the time in the detail and in call->pause_s. Sources: the forges' REST documentation. */

#ifndef OPENCICD_SCM_FORGE_HTTP_H
#define OPENCICD_SCM_FORGE_HTTP_H

#include "services/scm/forges/forge.h"

#define FORGE_ANSWER     (8 << 20) // Bytes of an answer
#define FORGE_WAIT_S     10        // Longer than this no call waits for a limit to pass
#define FORGE_CALL_MS    15000
#define FORGE_HURRIED_MS 10000

typedef struct {
    int status;          // 200 to 299
    const value_t *json; // Null where the answer has no body
    bool more;           // `Link` names a next page
} forge_answer_t;

// `path` begins with a slash and is appended to the base. Faults: NOT_FOUND (404, 410, and 301, 307, 308: it moved), UNAUTHORIZED (401),
// FORBIDDEN (403), CONFLICT (409), INVALID (other 4xx), UNAVAILABLE (limits, 5xx, no answer); the detail says what the forge said. *out is set
// wherever an answer came that is not of a limit.
MUST_USE fault_t forge_ask (forge_call_t *call, const char *method, const char *path, const value_t *body,
                            forge_answer_t *out);
// A segment of a path, escaped whole: "%2F" for its slashes; and of "owner/repo" with the slash left.
const char *forge_segment (const forge_call_t *call, const char *text);
const char *forge_path (const forge_call_t *call, const char *full_name);

#endif
