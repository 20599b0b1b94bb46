/* forge.h - what differs between forges, as one table: a forge is a file that fills a forge_t, and its row in forges.c.
 *
 * Two kinds of functions. What reads webhooks is pure: bytes in, values out. What calls the forge runs in a thread that may wait, gets all that
 * it needs by value (forge_call_t), and goes to the configured base and nowhere else: no address is ever taken from a payload or an answer. To
 * add a forge: fill the table, add the row, and teach the fake of the tests its dialect. */

#ifndef OPENCICD_SCM_FORGE_H
#define OPENCICD_SCM_FORGE_H

#include "common/base/turn.h"
#include "common/http/http_client.h"
#include "services/scm/forges/hook_event.h"

#define FORGE_PAGE 100 // Repositories of one page that people pick from

// Of one forge and one repository at it, as a call needs them.
typedef struct {
    turn_t *turn;
    http_client_t *client;
    const struct forge *forge;
    const char *api;        // "https://api.github.com", without a slash at its end
    const char *url;        // "https://github.com"
    const char *credential; // In clear; "" for none
    bool must_be_public;    // Its host must be on the public internet
    const char *repository; // Its id at the forge; "" where none is meant
    const char *full_name;  // owner/repo; as it was last seen
    bool hurried;           // A limit on requests is not waited for:
    int64_t pause_s;        // it is left here how long it holds; 0: none does
} forge_call_t;

typedef struct {
    const char *id, *full_name, *clone_url, *default_branch, *visibility;
} forge_repository_t;

typedef struct {
    forge_repository_t items[FORGE_PAGE];
    size_t count;
    bool more; // Another page follows
} forge_repositories_t;

// The webhook that a project wants to have.
typedef struct {
    const char *url, *secret;
    const char *id; // At the forge, as it was last known; "" for none. Filled
} forge_hook_t;

// What a forge shows at a commit.
typedef enum {
    STATUS_PENDING,
    STATUS_RUNNING,
    STATUS_SUCCESS,
    STATUS_FAILURE,
    STATUS_CANCELLED,
    STATUS_SKIPPED,
    STATUS_STATES
} forge_state_t;

typedef struct {
    const char *sha, *ref; // The full ref that it is in; "" where none is known
    const char *context;   // What it is called: the forge shows the newest of each
    forge_state_t state;
    const char *description, *url;
} forge_shown_t;

typedef struct forge forge_t;
struct forge {
    const char *kind; // "github"
    const char *api;  // What is appended to the base URL for calls; NULL: it has none
    // ---- webhooks, pure ----
    // Is this delivery from whoever has the secret? Over the bytes as they came. An empty secret is never right.
    bool (*verify) (const hook_request_t *request, const char *secret);
    // Does that cover the delivery's name? Two of its bodies may then be the same.
    bool names_proven;
    // INVALID: it is not what this forge sends. What is of no interest has a reason.
    fault_t (*read) (turn_t *turn, const hook_request_t *request, hook_events_t *out);
    // ---- git ----
    // The user that its git takes beside a token; NULL: the credential is "user:password"
    const char *git_user;
    const char *pull_refs; // Where it keeps the heads of pull requests: "refs/pull/" in "refs/pull/7/head"
    // ---- calls; NULL where the forge has no API ----
    // By id where the call has one, else by name. NOT_FOUND.
    fault_t (*find) (forge_call_t *call, forge_repository_t *out);
    fault_t (*list) (forge_call_t *call, uint32_t page, forge_repositories_t *out); // Pages count from 1
    // Makes it, or changes what is there of that URL to what is wanted. Idempotent.
    fault_t (*hook) (forge_call_t *call, forge_hook_t *hook);
    fault_t (*unhook) (forge_call_t *call, const char *hook);
    // A pull request as its webhook would have it now: the payload's `pull_request`, in GitHub's shape.
    fault_t (*pull) (forge_call_t *call, int64_t number, const value_t **out);
    // Shows this at a commit. Idempotent: what is shown already is OK.
    fault_t (*status) (forge_call_t *call, const forge_shown_t *status);
};

extern const forge_t forge_github, forge_gitlab, forge_gitea, forge_git;

const forge_t *forge_of_kind (const char *kind); // NULL for an unknown one
const char *forge_kinds (arena_t *arena);        // "github, gitlab, gitea, git": for messages
// "Authorization: Basic ...", for git over http; "" where there is no credential.
const char *forge_git_header (arena_t *arena, const forge_t *forge, const char *credential);

#endif
