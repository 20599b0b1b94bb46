/* hook_event.h - a webhook's delivery as it came, and what it says in the words of GitHub's events. Plain values. */

#ifndef OPENCICD_SCM_HOOK_EVENT_H
#define OPENCICD_SCM_HOOK_EVENT_H

#include "common/base/turn.h"
#include "workflow/expression/value.h"

#include <stdint.h>

#define HOOK_VALUES 400000        // Values of one body: a push of 2,048 commits has 60,000
#define HOOK_MEMORY (96 << 20)    // Bytes that they may take
#define HOOK_DEPTH  26            // Nesting: MAX_NESTING of a payload
#define HOOK_EVENTS 2             // That one delivery can be: a pushed new branch is a push and a create
#define HOOK_OLD_US SECONDS (300) // A signed time may be this far from ours

// Headers that some forge's delivery has; "" where it has none.
typedef struct {
    const char *event;      // X-GitHub-Event, X-Gitlab-Event, X-Gitea-Event
    const char *event_type; // X-Gitea-Event-Type
    const char *delivery;   // X-GitHub-Delivery, webhook-id, X-Gitea-Delivery
    const char *hub;        // X-Hub-Signature-256
    const char *gitea;      // X-Gitea-Signature, X-Forgejo-Signature
    const char *signature;  // webhook-signature
    const char *timestamp;  // webhook-timestamp
    const char *token;      // X-Gitlab-Token
    const char *body;       // The bytes; a NUL follows
    size_t size;
    int64_t now_us;
} hook_request_t;

typedef struct {
    const char *event;      // push, create, delete, pull_request, ...; "" for one that no workflow can be on
    const char *action;     // "" where the event has none
    const char *reason;     // Why it is ignored; "" where it is not
    const char *ref;        // Full; "" where the event is of none
    const char *sha;        // What it is about: the head; "" where the default branch's head is
    const char *before;     // Of a push; "" where it is not known or there was none
    const char *lane;       // What it must stay in order with: the ref, or "pull/7"; "" for nothing
    const char *actor;      // Who did it, by login
    const char *author;     // Of the pull request: its id at the forge, else the login
    int64_t pull;           // Number of a pull request; 0: of none
    bool untrusted;         // What would run is code of whoever may not write to the repository
    bool head_moved;        // Of a pull request: it may bring a head that did not run yet
    const value_t *payload; // In GitHub's shape; NULL where it is ignored
} hook_event_t;

typedef struct {
    hook_event_t items[HOOK_EVENTS];
    size_t count;
    const char *repository; // Its id at the forge; "" where the body does not say
    const char *full_name;  // owner/repo at this time, likewise
} hook_events_t;

#endif
