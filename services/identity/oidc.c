/* oidc.c - the server as an OpenID Connect provider: its keys, what it says of itself, and how keys are replaced.
 *
 * The first key is made when somebody first asks for keys or for an identity, so that an installation that gives none has none; a key of
 * OIDC_AGE_US is replaced likewise. Making one takes a helper thread up to a second. What is published of a key is bound to its sealed half:
 * whoever can write the database, and has not the key file, cannot publish a key of his own. */

#include "services/identity/oidc.h"

#include "common/actor/background.h"
#include "common/base/id.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "services/identity/oidc_store.h"
#include "services/identity/rsa_key.h"

#include <string.h>

typedef struct {
    arena_t *arena;
    rsa_key_t key;
    bool made;
} new_key_t;

static void make_key (void *data)
{
    new_key_t *self = data;
    self->made = rsa_key_make (self->arena, &self->key);
}

static fault_t made_key (identity_t *self, turn_t *turn, const char *key, new_key_t **out)
{
    fault_t fault = background_find (self->helpers, turn, key, (void **) out);
    if (fault == NOT_FOUND) {
        arena_t *arena = arena_new ();
        new_key_t *making = arena_alloc (arena, sizeof (*making));
        *making = (new_key_t){.arena = arena};
        return background_begin (self->helpers, turn, key, make_key, &arena, making);
    }
    TRY (fault);
    return (*out)->made ? OK : turn_fail (turn, BROKEN, "no key could be made");
}

// No name has a line feed in it.
static const char *place_of (arena_t *arena, const oidc_key_row_t *row)
{
    return arena_printf (arena, "oidc key\n%s\n%s\n%s", row->id, row->modulus, row->exponent);
}

const char *oidc_open (const identity_t *self, arena_t *arena, const oidc_key_row_t *row)
{
    return secret_box_open (&self->box, arena, place_of (arena, row), row->key_name, row->sealed);
}

static fault_t read_keys (identity_t *self, turn_t *turn, oidc_keys_t *out)
{
    TRY (oidc_store_list (self->db, turn, out));
    oidc_keys_published (out, turn->now_us);
    return OK;
}

static void log_made (void *service, void *data)
{
    (void) service;
    log_info ("a key for identities of jobs was made", "key", data, NULL);
}

// Under the lock, into what is there.
static fault_t add_key (identity_t *self, turn_t *turn, const rsa_key_t *made, int64_t signs_at)
{
    const char *id = id_new (turn->arena, 'k', turn->now_us);
    oidc_key_row_t row = {.id = id,
                          .modulus = arena_strdup (turn->arena, made->modulus),
                          .exponent = arena_strdup (turn->arena, made->exponent),
                          .key_name = self->box.names[0],
                          .created_at = turn->now_us,
                          .signs_at = signs_at};
    row.sealed = secret_box_seal (&self->box, turn->arena, place_of (turn->arena, &row), made->pem);
    TRY (oidc_store_add (self->db, turn, &row));
    metric_add (metrics_counter ("opencicd_oidc_keys_made_total", NULL, NULL,
                                 "Keys made for signing the identities of jobs"),
                1);
    actor_after (turn, log_made, (char *) (uintptr_t) id);
    actor_tick_at (turn, signs_at + OIDC_AFTER_US); // The one before it is forgotten then
    return OK;
}

fault_t oidc_take_keys (identity_t *self, turn_t *turn, oidc_keys_t *out)
{
    new_key_t *making;
    TRY (read_keys (self, turn, out));
    if (!oidc_keys_due (out, turn->now_us))
        return OK;
    TRY (made_key (self, turn, "oidc key", &making));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (read_keys (self, turn, out));
    if (!oidc_keys_due (out, turn->now_us)) // Another replica was faster
        return OK;
    TRY (add_key (self, turn, &making->key, turn->now_us + (out->count > 0 ? OIDC_WAIT_US : 0)));
    return read_keys (self, turn, out);
}

// ---- what everybody may read ----

static strs_t one (arena_t *arena, const char *text)
{
    strs_t list = {arena_array (arena, 1, sizeof (char *)), 1};
    list.items[0] = text;
    return list;
}

static strs_t all_claims (arena_t *arena)
{
    static const char *const names[] = {"sub",
                                        "aud",
                                        "exp",
                                        "iat",
                                        "iss",
                                        "jti",
                                        "nbf",
                                        "ref",
                                        "sha",
                                        "repository",
                                        "repository_id",
                                        "repository_owner",
                                        "repository_owner_id",
                                        "repository_visibility",
                                        "run_id",
                                        "run_number",
                                        "run_attempt",
                                        "runner_environment",
                                        "actor",
                                        "actor_id",
                                        "workflow",
                                        "workflow_ref",
                                        "workflow_sha",
                                        "head_ref",
                                        "base_ref",
                                        "event_name",
                                        "ref_type",
                                        "environment",
                                        "job_workflow_ref",
                                        "job_workflow_sha",
                                        "check_run_id",
                                        "project",
                                        "project_id",
                                        "job_id"};
    size_t count = sizeof names / sizeof *names;
    return (strs_t){arena_copy (arena, names, sizeof names), count};
}

HANDLER (oidc_discovery_show)
{
    const identity_t *self = context;
    arena_t *arena = turn->arena;
    (void) asked;
    *(oidc_discovery_t *) answered =
        (oidc_discovery_t){.issuer = self->issuer,
                           .jwks_uri = arena_printf (arena, "%s/.well-known/jwks", self->issuer),
                           .subject_types_supported = one (arena, "public"),
                           .response_types_supported = one (arena, "id_token"),
                           .id_token_signing_alg_values_supported = one (arena, "RS256"),
                           .scopes_supported = one (arena, "openid"),
                           .claims_supported = all_claims (arena)};
    return OK;
}

HANDLER (oidc_jwks_show)
{
    identity_t *self = context;
    oidc_jwks_t *answer = answered;
    oidc_keys_t keys;
    (void) asked;
    TRY (oidc_take_keys (self, turn, &keys));
    answer->keys.items = arena_array (turn->arena, keys.count + 1, sizeof (oidc_jwk_t));
    for (size_t i = 0; i < keys.count; i++) {
        const oidc_key_row_t *row = &keys.items[i];
        if (!oidc_open (self, turn->arena, row)) {
            log_error ("a key for identities cannot be decrypted, and is not published", "key", row->id,
                       NULL);
            continue;
        }
        answer->keys.items[answer->keys.count++] = (oidc_jwk_t){.kty = "RSA",
                                                                .use = "sig",
                                                                .alg = "RS256",
                                                                .kid = row->id,
                                                                .n = row->modulus,
                                                                .e = row->exponent};
    }
    return OK;
}

// ---- for administrators ----

static fault_t check_admin (turn_t *turn)
{
    return turn->caller.role == ROLE_ADMIN
               ? OK
               : turn_fail (turn, FORBIDDEN, "only an ADMIN may do that with the keys of identities");
}

static void show_keys (turn_t *turn, const oidc_keys_t *keys, oidc_key_rows_t *out)
{
    out->items.items = arena_array (turn->arena, keys->count + 1, sizeof (oidc_key_t));
    for (size_t i = 0; i < keys->count; i++)
        out->items.items[out->items.count++] = (oidc_key_t){.id = keys->items[i].id,
                                                            .state = oidc_keys_state (keys, i, turn->now_us),
                                                            .created_at = keys->items[i].created_at,
                                                            .signs_at = keys->items[i].signs_at,
                                                            .ends_at = oidc_keys_end (keys, i)};
}

HANDLER (oidc_key_list)
{
    identity_t *self = context;
    oidc_keys_t keys;
    (void) asked;
    TRY (check_admin (turn));
    TRY (read_keys (self, turn, &keys));
    show_keys (turn, &keys, answered);
    return OK;
}

HANDLER (oidc_rotate)
{
    identity_t *self = context;
    const oidc_rotate_t *ask = asked;
    new_key_t *making;
    oidc_keys_t keys;
    TRY (check_admin (turn));
    TRY (made_key (self, turn, arena_printf (turn->arena, "oidc key\n%s", turn->request_id), &making));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (read_keys (self, turn, &keys));
    if (ask->revoke)
        TRY (oidc_store_remove (self->db, turn, ""));
    else if (oidc_keys_pending (&keys, turn->now_us))
        return turn_fail (turn, CONFLICT, "the key %s was made a moment ago and does not sign yet",
                          keys.items[0].id);
    bool at_once = ask->revoke || keys.count == 0;
    TRY (add_key (self, turn, &making->key, turn->now_us + (at_once ? 0 : OIDC_WAIT_US)));
    TRY (read_keys (self, turn, &keys));
    show_keys (turn, &keys, answered);
    return OK;
}

// ---- with time, and with the key file ----

fault_t oidc_forget_ended (identity_t *self, turn_t *turn, int64_t *next_us)
{
    oidc_keys_t keys;
    TRY (oidc_store_list (self->db, turn, &keys));
    for (size_t i = 1; i < keys.count; i++) {
        int64_t end = oidc_keys_end (&keys, i);
        if (end > turn->now_us) {
            *next_us = end < *next_us ? end : *next_us;
            continue;
        }
        TRY (db_unit_write (self->db, turn));
        TRY (oidc_store_remove (self->db, turn, keys.items[i].id));
    }
    return OK;
}

fault_t oidc_reseal (identity_t *self, turn_t *turn)
{
    oidc_keys_t keys;
    TRY (oidc_store_list (self->db, turn, &keys));
    for (size_t i = 0; i < keys.count; i++) {
        oidc_key_row_t *row = &keys.items[i];
        const char *pem =
            strcmp (row->key_name, self->box.names[0]) != 0 ? oidc_open (self, turn->arena, row) : NULL;
        if (!pem)
            continue;
        TRY (db_unit_write (self->db, turn));
        row->sealed = secret_box_seal (&self->box, turn->arena, place_of (turn->arena, row), pem);
        row->key_name = self->box.names[0];
        TRY (oidc_store_resealed (self->db, turn, row));
    }
    return OK;
}
