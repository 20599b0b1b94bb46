/* exchange.c - see exchange.h. One task of a helper thread does all of it, keys that are looked for again included: a code works once. */

#include "services/identity/providers/exchange.h"

#include "common/actor/background.h"
#include "common/base/log.h"
#include "common/base/url.h"
#include "services/identity/providers/members.h"

#include <string.h>

#define ANSWER_MAX (256 << 10)

typedef struct {
    arena_t *arena;
    code_exchange_t ask; // But for the provider: what of it is needed is here
    const char *issuer, *client_id, *label, *groups_claim;
    bool private_networks;
    known_provider_t known;
    int64_t now_us;
    // What came of it
    fault_t fault;
    const char *detail;
    id_claims_t claims;
    const char *jwks; // Where they were read again
} task_t;

typedef struct {
    const char *id_token, *error;
} token_answer_t;

// ---- in a helper thread ----

static const char *form_of (arena_t *arena, const task_t *self)
{
    const char *form =
        arena_printf (arena, "grant_type=authorization_code&code=%s&redirect_uri=%s&code_verifier=%s",
                      url_escape (arena, self->ask.code, ""), url_escape (arena, self->ask.redirect_url, ""),
                      self->ask.verifier);
    bool basic = *self->ask.secret && !self->known.discovery.secret_in_body;
    if (!basic)
        form = arena_printf (arena, "%s&client_id=%s", form, url_escape (arena, self->client_id, ""));
    if (!basic && *self->ask.secret)
        form = arena_printf (arena, "%s&client_secret=%s", form, url_escape (arena, self->ask.secret, ""));
    return form;
}

static const char *proof_of (arena_t *arena, const task_t *self)
{
    if (!*self->ask.secret || self->known.discovery.secret_in_body)
        return NULL;
    const char *pair = arena_printf (arena, "%s:%s", url_escape (arena, self->client_id, ""),
                                     url_escape (arena, self->ask.secret, ""));
    return arena_printf (arena, "Authorization: Basic %s", bytes_base64 (arena, pair, strlen (pair)));
}

static fault_t read_answer (turn_t *turn, const http_answer_t *answer, token_answer_t *out)
{
    static const member_t texts[] = {{"id_token", offsetof (token_answer_t, id_token)},
                                     {"error", offsetof (token_answer_t, error)},
                                     {NULL, 0}};
    members_t members = {.texts = texts, .into = out, .arena = turn->arena};
    *out = (token_answer_t){0};
    return members_read (&members, turn, answer->body ? answer->body : "", answer->size);
}

// A word as the standard has it, which is safe to show.
static bool is_word (const char *text)
{
    return text && strlen (text) <= 64 && !text[strspn (text, "abcdefghijklmnopqrstuvwxyz_")];
}

static fault_t refused (turn_t *turn, const task_t *self, const token_answer_t *answer)
{
    if (answer->error && strcmp (answer->error, "invalid_grant") == 0)
        return turn_fail (turn, UNAUTHORIZED,
                          "%s does not take its answer back: it was used before, or is too old; begin again",
                          self->label);
    return turn_fail (turn, UNAVAILABLE, "%s does not answer this server (%s): is it configured right?",
                      self->label, is_word (answer->error) ? answer->error : "no ID token");
}

static fault_t ask_token (turn_t *turn, const task_t *self, const char **out)
{
    token_answer_t answer = {0};
    http_answer_t raw = {0};
    const char *form = form_of (turn->arena, self), *proof = proof_of (turn->arena, self);
    const char *const headers[] = {"Accept: application/json", "User-Agent: open-cicd",
                                   "Content-Type: application/x-www-form-urlencoded", proof, NULL};
    const http_request_t request = {.method = "POST",
                                    .url = self->known.discovery.token_endpoint,
                                    .headers = headers,
                                    .body = form,
                                    .size = strlen (form),
                                    .answer_max = ANSWER_MAX};
    fault_t fault = known_ask (turn, &request, self->private_networks, &raw);
    if (fault && raw.status == 0)
        return turn_fail (turn, UNAVAILABLE, "%s cannot be asked: %s", self->label, turn->detail);
    bool read = read_answer (turn, &raw, &answer) == OK;
    *out = answer.id_token;
    return fault == OK && read && answer.id_token ? OK : refused (turn, self, &answer);
}

static fault_t check (turn_t *turn, task_t *self, const char *token)
{
    jwks_t keys;
    const claims_rules_t rules = {.issuer = self->issuer,
                                  .client_id = self->client_id,
                                  .nonce = self->ask.nonce,
                                  .groups_claim = self->groups_claim,
                                  .now_us = self->now_us};
    TRY (jwks_parse (turn, self->known.jwks, strlen (self->known.jwks), &keys));
    fault_t fault = claims_check (turn, &rules, &keys, token, &self->claims);
    if (fault == NOT_FOUND && self->known.keys_may_be_old) {
        TRY (known_read_keys (turn, &self->known.discovery, self->private_networks, &keys, &self->jwks));
        fault = claims_check (turn, &rules, &keys, token, &self->claims);
    }
    return fault == NOT_FOUND ? UNAUTHORIZED : fault;
}

static void exchange (void *data)
{
    task_t *self = data;
    const char *token = NULL;
    turn_t turn;
    turn_init (&turn, self->arena, "provider", self->now_us);
    self->fault = ask_token (&turn, self, &token);
    if (self->fault == OK)
        self->fault = check (&turn, self, token);
    self->detail = turn.detail;
}

// ---- in the actor's thread ----

static fault_t begin (identity_t *self, turn_t *turn, const char *key, const known_provider_t *known,
                      const code_exchange_t *ask)
{
    arena_t *arena = arena_new ();
    task_t *task = arena_alloc (arena, sizeof (*task));
    const provider_t *provider = &ask->provider->provider;
    *task = (task_t){.arena = arena,
                     .ask = {.secret = arena_strdup (arena, ask->secret),
                             .code = arena_strdup (arena, ask->code),
                             .verifier = arena_strdup (arena, ask->verifier),
                             .nonce = arena_strdup (arena, ask->nonce),
                             .redirect_url = arena_strdup (arena, ask->redirect_url)},
                     .issuer = arena_strdup (arena, provider->issuer),
                     .client_id = arena_strdup (arena, provider->client_id),
                     .label = arena_strdup (arena, provider->label),
                     .groups_claim = arena_strdup (arena, provider->groups_claim),
                     .private_networks = provider->private_networks,
                     .known = *known,
                     .now_us = turn->now_us};
    task->known.discovery.token_endpoint = arena_strdup (arena, known->discovery.token_endpoint);
    task->known.discovery.jwks_uri = arena_strdup (arena, known->discovery.jwks_uri);
    task->known.jwks = arena_strdup (arena, known->jwks);
    return background_begin (self->askers, turn, key, exchange, &arena, task);
}

static strs_t copy (arena_t *arena, const strs_t *from)
{
    strs_t to = {arena_array (arena, from->count + 1, sizeof (char *)), from->count};
    for (size_t i = 0; i < from->count; i++)
        to.items[i] = arena_strdup (arena, from->items[i]);
    return to;
}

static id_claims_t claims_copy (arena_t *arena, const id_claims_t *from)
{
    return (id_claims_t){.subject = arena_strdup (arena, from->subject),
                         .user_name = arena_strdup (arena, from->user_name),
                         .name = arena_strdup (arena, from->name),
                         .email = arena_strdup (arena, from->email),
                         .has_groups = from->has_groups,
                         .groups = copy (arena, &from->groups)};
}

fault_t exchange_find (identity_t *self, turn_t *turn, const known_provider_t *known,
                       const code_exchange_t *ask, id_claims_t *out)
{
    task_t *task;
    const char *key = arena_printf (turn->arena, "exchange %s", ask->state);
    fault_t fault = background_find (self->askers, turn, key, (void **) &task);
    if (fault == NOT_FOUND)
        return begin (self, turn, key, known, ask);
    TRY (fault);
    if (task->jwks)
        known_put_keys (self, turn, ask->provider, task->jwks);
    background_release (self->askers, turn, key); // All is copied
    if (task->fault) {
        log_warn ("a sign-in by a provider failed", "provider", ask->provider->provider.name, "reason",
                  task->detail ? task->detail : "", NULL);
        return turn_fail (turn, task->fault, "%s", task->detail ? task->detail : fault_text (task->fault));
    }
    *out = claims_copy (turn->arena, &task->claims);
    return OK;
}
