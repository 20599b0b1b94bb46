/* linked.c - identities that people have at providers: they sign in by them, link and unlink them.
 *
 * An identity is an issuer's subject and nothing else: two accounts with one address are two. One is linked to one account, an account may have
 * several. To link and to unlink takes the password where there is one, and ends all other sessions; the last way to sign in stays. */

#include "common/actor/actor_audit.h"
#include "common/base/id.h"
#include "common/db/db_unit.h"
#include "proto/audit.h"
#include "services/identity/providers/providers.h"
#include "services/identity/role_store.h"
#include "services/identity/session_store.h"

#include <string.h>

// What the provider calls them.
static const char *name_of (arena_t *arena, const id_claims_t *claims)
{
    const char *name = *claims->user_name ? claims->user_name : *claims->email ? claims->email : claims->name;
    return claim_text (arena, name, MAX_NAME);
}

// ---- groups ----

static fault_t note (turn_t *turn, const char *action, const user_row_t *user, const char *detail)
{
    const audit_record_t *record;
    const audit_entry_t entry = {
        .action = action, .actor = user->name, .role = user->role, .object = user->id, .detail = detail};
    TRY (audit_note (turn, &entry, &record));
    actor_audit (turn, record);
    return OK;
}

// As the provider says now. Where it says nothing of groups, nothing changes.
static fault_t refresh_groups (identity_t *self, turn_t *turn, const provider_t *provider,
                               const id_claims_t *claims, const user_row_t *user, const char **detail,
                               bool *changed)
{
    *changed = false;
    *detail = arena_printf (turn->arena, "name=%s provider=%s", user->name, provider->name);
    if (!*provider->groups_claim || !claims->has_groups)
        return OK;
    const strs_t groups = provider_groups (turn->arena, provider, &claims->groups);
    TRY (role_store_provide (self->db, turn, provider->id, user->name, &groups, changed));
    for (size_t i = 0; i < groups.count && strlen (*detail) < MAX_NAME; i++)
        *detail = arena_printf (turn->arena, "%s%s%s", *detail, i ? "," : " groups=", groups.items[i]);
    return OK;
}

// ---- signing in ----

static fault_t find_user (identity_t *self, turn_t *turn, const provider_t *provider,
                          const linked_row_t *linked, user_row_t *out)
{
    *out = (user_row_t){0};
    if (!linked->id && !provider->create)
        return turn_fail (
            turn, FORBIDDEN,
            "nobody here has this account of %s. Who has an account here links it on the page of that account;"
            " who has none asks an administrator",
            provider->label);
    if (!linked->id)
        return OK;
    TRY (user_store_find (self->db, turn, linked->user, out));
    if (!out->id)
        return turn_fail (turn, FORBIDDEN, "your account here was removed; ask an administrator");
    return out->disabled ? turn_fail (turn, FORBIDDEN, "this account is disabled") : OK;
}

static fault_t welcome (identity_t *self, turn_t *turn, const provider_row_t *provider,
                        const id_claims_t *claims, user_row_t *out)
{
    TRY (newcomer_add (self, turn, provider, claims, out));
    const linked_row_t row = {.id = id_new (turn->arena, 'n', turn->now_us),
                              .issuer = provider->provider.issuer,
                              .subject = claims->subject,
                              .user = out->id,
                              .name = name_of (turn->arena, claims),
                              .created_at = turn->now_us,
                              .signed_in_at = turn->now_us};
    return linked_store_put (self->db, turn, &row);
}

fault_t linked_sign_in (identity_t *self, turn_t *turn, const provider_row_t *provider,
                        const id_claims_t *claims, user_row_t *out)
{
    linked_row_t linked;
    const char *detail;
    bool changed;
    TRY (linked_store_find (self->db, turn, provider->provider.issuer, claims->subject, &linked));
    TRY (find_user (self, turn, &provider->provider, &linked, out));
    bool is_new = !out->id;
    if (is_new) {
        TRY (welcome (self, turn, provider, claims, out));
    } else {
        TRY (people_hold (self, turn, out));
        TRY (linked_store_signed_in (self->db, turn, linked.id, name_of (turn->arena, claims)));
    }
    TRY (user_store_signed_in (self->db, turn, out->id));
    TRY (refresh_groups (self, turn, &provider->provider, claims, out, &detail, &changed));
    people_record (turn, "a user signed in by a provider", out->name);
    return is_new || changed ? note (turn, is_new ? "user_add" : "group_set", out, detail) : OK;
}

// ---- linking ----

static fault_t check_room (identity_t *self, turn_t *turn, const user_row_t *user)
{
    linked_identity_items_t there;
    TRY (linked_store_of (self->db, turn, user->id, &there));
    return there.count < MAX_IDENTITIES
               ? OK
               : turn_fail (turn, CONFLICT, "%d identities are linked already; unlink some", MAX_IDENTITIES);
}

fault_t linked_add (identity_t *self, turn_t *turn, const provider_row_t *provider, const id_claims_t *claims,
                    const own_t *own)
{
    linked_row_t linked;
    user_row_t other = {0};
    const char *detail;
    bool changed;
    TRY (linked_store_find (self->db, turn, provider->provider.issuer, claims->subject, &linked));
    if (linked.id)
        TRY (user_store_find (self->db, turn, linked.user, &other));
    if (other.id && strcmp (other.id, own->user.id) != 0)
        return turn_fail (turn, CONFLICT, "this account of %s is linked to another account here",
                          provider->provider.label);
    TRY (check_room (self, turn, &own->user));
    const linked_row_t row = {.id = id_new (turn->arena, 'n', turn->now_us),
                              .issuer = provider->provider.issuer,
                              .subject = claims->subject,
                              .user = own->user.id,
                              .name = name_of (turn->arena, claims),
                              .created_at = turn->now_us};
    TRY (linked_store_put (self->db, turn, &row));
    TRY (refresh_groups (self, turn, &provider->provider, claims, &own->user, &detail, &changed));
    TRY (session_store_remove_of_user (self->db, turn, own->user.id, own->session));
    people_record (turn, "an identity was linked", own->user.name);
    return note (turn, "identity_link", &own->user, detail);
}

// Whoever changes by what an account is signed in to proves its password, where it has one.
static fault_t prove (identity_t *self, turn_t *turn, const char *password, const char *address,
                      const char *hash, own_t *own)
{
    hashing_answer_t answer;
    TRY (people_own (self, turn, hash, own));
    if (own->user.service)
        return turn_fail (turn, FORBIDDEN, "%s is a service account, which has only tokens", own->user.name);
    if (!*own->user.password)
        return people_hold (self, turn, &own->user);
    const proof_t proof = {.password = is_given (password) ? password : "", .address = address};
    return people_prove_own (self, turn, hash, &proof, own, &answer);
}

HANDLER (identity_list)
{
    identity_t *self = context;
    own_t own;
    TRY (people_own (self, turn, ((const identity_list_t *) asked)->hash, &own));
    return linked_store_of (self->db, turn, own.user.id, &((identity_rows_t *) answered)->items);
}

HANDLER (identity_link)
{
    identity_t *self = context;
    const identity_link_t *ask = asked;
    provider_row_t provider;
    known_provider_t known;
    own_t own;
    TRY (provider_named (self, turn, ask->provider, &provider));
    TRY (known_find (self, turn, &provider, &known)); // Before the password: its proof is used up by then
    TRY (prove (self, turn, ask->password, ask->address, ask->hash, &own));
    TRY (check_room (self, turn, &own.user));
    const flow_start_t start = {
        .provider = provider.provider.id, .path = "/account", .user = own.user.id, .browser = ask->browser};
    return flow_begin (self, turn, &start, answered);
}

static size_t others_of (const linked_identity_items_t *all, const char *but)
{
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++)
        count += *all->items[i].provider && strcmp (all->items[i].id, but) != 0;
    return count;
}

static const linked_identity_t *find (const linked_identity_items_t *all, const char *id)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp (all->items[i].id, id) == 0)
            return &all->items[i];
    return NULL;
}

static fault_t forget (identity_t *self, turn_t *turn, const own_t *own, const linked_identity_t *identity)
{
    provider_row_t provider = {0};
    TRY (linked_store_remove (self->db, turn, identity->id));
    if (*identity->provider)
        TRY (provider_store_find (self->db, turn, identity->provider, &provider));
    if (provider.provider.id) // It is not asked about them again
        TRY (role_store_unprovide (self->db, turn, provider.provider.id, own->user.name));
    return session_store_remove_of_user (self->db, turn, own->user.id, own->session);
}

HANDLER (identity_unlink)
{
    identity_t *self = context;
    const identity_unlink_t *ask = asked;
    linked_identity_items_t all;
    own_t own;
    (void) answered;
    TRY (prove (self, turn, ask->password, ask->address, ask->hash, &own));
    TRY (linked_store_of (self->db, turn, own.user.id, &all));
    const linked_identity_t *identity = find (&all, ask->identity);
    if (!identity)
        return turn_fail (turn, NOT_FOUND, "there is no identity %s of yours", ask->identity);
    if (!*own.user.password && others_of (&all, identity->id) == 0)
        return turn_fail (
            turn, CONFLICT,
            "it is the only way in which you sign in: link another one first, or ask an administrator for a"
            " link by which you choose a password");
    TRY (forget (self, turn, &own, identity));
    people_record (turn, "an identity was unlinked", own.user.name);
    return OK;
}
