/* known.c - see known.h. */

#include "services/identity/providers/known.h"

#include "common/actor/background.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_US     SECONDS (3600)
#define KEYS_US     SECONDS (60) // Between two looks for keys that are not there
#define FAILED_US   SECONDS (10) // Before the next try
#define ASK_MS      10000
#define FAILURE_MAX 256

typedef struct {
    arena_t *arena; // Of all that follows; NULL: there is nothing
    const char *issuer;
    bool private_networks;
    discovery_t discovery;
    const char *jwks;
    char failure[FAILURE_MAX];                   // Of the last try; "": it succeeded
    bool read;                                   // There are a discovery and keys
    int64_t read_at_us, keys_at_us, tried_at_us; // Steady
} entry_t;

struct known_providers {
    entry_t entries[MAX_PROVIDERS];
};

known_providers_t *known_new (void)
{
    known_providers_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    return self;
}

void known_destroy (known_providers_t **self_p)
{
    for (size_t i = 0; *self_p && i < MAX_PROVIDERS; i++)
        if ((*self_p)->entries[i].arena)
            arena_destroy (&(*self_p)->entries[i].arena);
    free (*self_p);
    *self_p = NULL;
}

// ---- in a helper thread ----

fault_t known_ask (turn_t *turn, const http_request_t *request, bool private_networks, http_answer_t *out)
{
    url_t url;
    http_request_t pinned = *request;
    const http_client_options_t options = {.transfers = 1};
    TRY (discovery_check_url (turn, "its address", request->url, private_networks));
    TRY (url_parse (turn, request->url, &url));
    if (!private_networks) // And connect to what was checked, whatever the resolver says by then
        TRY (host_find_public (turn, url.host, &pinned.address));
    pinned.total_ms = ASK_MS;
    http_client_t *client = http_client_new (&options);
    fault_t fault = http_client_send (client, turn, &pinned, out);
    http_client_destroy (&client);
    if (fault)
        return turn_fail (turn, UNAVAILABLE, "%s", turn->detail ? turn->detail : fault_text (fault));
    return out->status >= 200 && out->status < 300
               ? OK
               : turn_fail (turn, UNAVAILABLE, "it answered %d", out->status);
}

static fault_t get (turn_t *turn, const char *url, bool private_networks, size_t most, http_answer_t *out)
{
    static const char *const headers[] = {"Accept: application/json", "User-Agent: open-cicd", NULL};
    const http_request_t request = {.url = url, .headers = headers, .answer_max = most};
    return known_ask (turn, &request, private_networks, out);
}

fault_t known_read_keys (turn_t *turn, const discovery_t *discovery, bool private_networks, jwks_t *out,
                         const char **text)
{
    http_answer_t answer;
    fault_t fault = get (turn, discovery->jwks_uri, private_networks, JWKS_MAX, &answer);
    if (fault == OK)
        fault = jwks_parse (turn, answer.body, answer.size, out);
    *text = answer.body;
    return fault ? turn_fail (turn, UNAVAILABLE, "its keys cannot be read: %s", turn->detail) : OK;
}

typedef struct {
    arena_t *arena;
    const char *issuer;
    bool private_networks;
    fault_t fault;
    const char *detail;
    discovery_t discovery;
    const char *jwks;
} reading_t;

static fault_t read_discovery (turn_t *turn, reading_t *self)
{
    http_answer_t answer;
    fault_t fault =
        get (turn, discovery_url (turn->arena, self->issuer), self->private_networks, DISCOVERY_MAX, &answer);
    if (fault == OK)
        fault = discovery_parse (turn, self->issuer, self->private_networks, answer.body, answer.size,
                                 &self->discovery);
    return fault ? turn_fail (turn, UNAVAILABLE, "its discovery document cannot be read: %s", turn->detail)
                 : OK;
}

static void read_both (void *data)
{
    reading_t *self = data;
    turn_t turn;
    jwks_t keys;
    turn_init (&turn, self->arena, "provider", 0);
    self->fault = read_discovery (&turn, self);
    if (self->fault == OK)
        self->fault = known_read_keys (&turn, &self->discovery, self->private_networks, &keys, &self->jwks);
    self->detail = turn.detail;
}

// ---- in the actor's thread ----

static bool is_of (const entry_t *self, const provider_row_t *provider)
{
    return self->arena && strcmp (self->issuer, provider->provider.issuer) == 0 &&
           self->private_networks == provider->provider.private_networks;
}

static entry_t *entry_of (known_providers_t *self, const provider_row_t *provider)
{
    for (size_t i = 0; i < MAX_PROVIDERS; i++)
        if (is_of (&self->entries[i], provider))
            return &self->entries[i];
    return NULL;
}

// For one that has none yet: of the others the one that was tried least lately makes room.
static entry_t *entry_for (known_providers_t *self, const provider_row_t *provider)
{
    entry_t *found = entry_of (self, provider);
    for (size_t i = 0; !found && i < MAX_PROVIDERS; i++)
        if (!self->entries[i].arena)
            found = &self->entries[i];
    for (size_t i = 0; !found && i < MAX_PROVIDERS; i++)
        if (i == 0 || self->entries[i].tried_at_us < found->tried_at_us)
            found = &self->entries[i];
    return found;
}

static void begin_entry (entry_t *self, const provider_row_t *provider)
{
    arena_t *arena = arena_new ();
    if (self->arena)
        arena_destroy (&self->arena);
    *self = (entry_t){.arena = arena,
                      .issuer = arena_strdup (arena, provider->provider.issuer),
                      .private_networks = provider->provider.private_networks};
}

static void keep (entry_t *self, const provider_row_t *provider, const discovery_t *from, const char *jwks,
                  int64_t now_us)
{
    begin_entry (self, provider);
    self->discovery = *from;
    self->discovery.issuer = arena_strdup (self->arena, from->issuer);
    self->discovery.authorization_endpoint = arena_strdup (self->arena, from->authorization_endpoint);
    self->discovery.token_endpoint = arena_strdup (self->arena, from->token_endpoint);
    self->discovery.jwks_uri = arena_strdup (self->arena, from->jwks_uri);
    self->jwks = arena_strdup (self->arena, jwks);
    self->read = true;
    self->read_at_us = self->keys_at_us = self->tried_at_us = now_us;
}

static void keep_failure (entry_t *self, const provider_row_t *provider, const char *detail, int64_t now_us)
{
    if (!is_of (self, provider))
        begin_entry (self, provider);
    snprintf (self->failure, sizeof self->failure, "%s", detail);
    self->tried_at_us = now_us;
    log_warn ("a provider for signing in cannot be asked", "provider", provider->provider.name, "reason",
              self->failure, NULL);
}

static fault_t begin (identity_t *self, turn_t *turn, const char *key, const provider_row_t *provider)
{
    arena_t *arena = arena_new ();
    reading_t *reading = arena_alloc (arena, sizeof (*reading));
    *reading = (reading_t){.arena = arena,
                           .issuer = arena_strdup (arena, provider->provider.issuer),
                           .private_networks = provider->provider.private_networks};
    return background_begin (self->askers, turn, key, read_both, &arena, reading);
}

static fault_t read_again (identity_t *self, turn_t *turn, const provider_row_t *provider)
{
    reading_t *reading;
    const char *key = arena_printf (turn->arena, "known %d %s", provider->provider.private_networks,
                                    provider->provider.issuer);
    fault_t fault = background_find (self->askers, turn, key, (void **) &reading);
    if (fault == NOT_FOUND)
        return begin (self, turn, key, provider);
    TRY (fault);
    entry_t *entry = entry_for (self->known, provider);
    if (reading->fault)
        keep_failure (entry, provider, reading->detail ? reading->detail : "it cannot be asked",
                      actor_steady_us (turn));
    else
        keep (entry, provider, &reading->discovery, reading->jwks, actor_steady_us (turn));
    background_release (self->askers, turn, key);
    return OK;
}

fault_t known_find (identity_t *self, turn_t *turn, const provider_row_t *provider, known_provider_t *out)
{
    int64_t now_us = actor_steady_us (turn);
    const entry_t *entry = entry_of (self->known, provider);
    bool fresh = entry && entry->read && now_us - entry->read_at_us < KEPT_US;
    bool failed = entry && *entry->failure && now_us - entry->tried_at_us < FAILED_US;
    if (!fresh && !failed)
        TRY (read_again (self, turn, provider));
    entry = entry_of (self->known, provider);
    if (!entry || !entry->read)
        return turn_fail (turn, UNAVAILABLE, "%s cannot be asked: %s", provider->provider.label,
                          entry ? entry->failure : "try again");
    *out = (known_provider_t){entry->discovery, entry->jwks, now_us - entry->keys_at_us >= KEYS_US};
    return OK;
}

void known_put_keys (identity_t *self, turn_t *turn, const provider_row_t *provider, const char *jwks)
{
    entry_t *entry = entry_of (self->known, provider);
    if (!entry || !entry->read)
        return;
    const entry_t old = *entry;
    entry->arena = NULL; // Its texts are copied from
    keep (entry, provider, &old.discovery, jwks, actor_steady_us (turn));
    entry->read_at_us = old.read_at_us;
    arena_t *arena = old.arena;
    arena_destroy (&arena);
}
