/* provider.c - OpenID providers by which people sign in: administrators add, change, list and remove them.
 *
 * One is asked for its discovery document before it is stored, so that what is configured wrongly is said to whoever can mend it. Its client
 * secret is sealed with its id (secret_box.h). Its issuer cannot be changed: identities are of an issuer, and would be somebody else's. */

#include "common/base/id.h"
#include "common/base/url.h"
#include "common/db/db_unit.h"
#include "proto/strs.h"
#include "services/identity/providers/providers.h"
#include "services/identity/role_store.h"

#include <string.h>

#define USUAL_SCOPES "openid profile email"

static const char *or_usual (const char *text, const char *usual)
{
    return is_given (text) ? text : usual;
}

static const char *place_of (arena_t *arena, const char *id)
{
    return arena_printf (arena, "provider\n%s", id);
}

const char *provider_redirect_url (const identity_t *self, arena_t *arena)
{
    return arena_printf (arena, "%s/sign-in/callback", self->issuer);
}

fault_t provider_named (identity_t *self, turn_t *turn, const char *named, provider_row_t *out)
{
    TRY (provider_store_find (self->db, turn, named, out));
    return out->provider.id ? OK : turn_fail (turn, NOT_FOUND, "there is no provider %s", named);
}

fault_t provider_secret (identity_t *self, turn_t *turn, const provider_row_t *row, const char **out)
{
    *out = "";
    if (row->sealed.size == 0)
        return OK;
    *out = secret_box_open (&self->box, turn->arena, place_of (turn->arena, row->provider.id), row->key_name,
                            row->sealed);
    return *out ? OK
                : turn_fail (turn, BROKEN,
                             "the key file lacks the key of this provider's client secret: set it again");
}

// ---- groups ----

// "theirs=ours", or one name for both. Theirs may have a `=` in it.
static const char *ours_of (const char *mapped)
{
    const char *sign = strrchr (mapped, '=');
    return sign ? sign + 1 : mapped;
}

static bool is_of (const char *mapped, const char *theirs)
{
    const char *sign = strrchr (mapped, '=');
    size_t size = sign ? (size_t) (sign - mapped) : strlen (mapped);
    return strlen (theirs) == size && memcmp (mapped, theirs, size) == 0;
}

static strs_t all_groups (arena_t *arena, const provider_t *self)
{
    strs_t all = {arena_array (arena, self->groups.count + 1, sizeof (char *)), self->groups.count};
    for (size_t i = 0; i < all.count; i++)
        all.items[i] = ours_of (self->groups.items[i]);
    return all;
}

strs_t provider_groups (arena_t *arena, const provider_t *self, const strs_t *theirs)
{
    strs_t found = {arena_array (arena, self->groups.count + 1, sizeof (char *)), 0};
    for (size_t i = 0; i < self->groups.count; i++)
        for (size_t k = 0; k < theirs->count; k++)
            if (is_of (self->groups.items[i], theirs->items[k])) {
                found.items[found.count++] = ours_of (self->groups.items[i]);
                break;
            }
    return found;
}

static fault_t check_groups (turn_t *turn, const provider_set_t *ask)
{
    for (size_t i = 0; i < ask->groups.count; i++) {
        const char *mapped = ask->groups.items[i], *ours = ours_of (mapped);
        if (*mapped == '=' || !identity_is_name (ours) || strlen (ours) > MAX_ID ||
            strlen (mapped) > MAX_NAME || identity_has_control (mapped))
            return turn_fail (
                turn, INVALID,
                "groups: \"%s\": must be a name, or `its name=name of a group here`: letters, digits, . _ -",
                mapped);
    }
    return ask->groups.count > 0 && !is_given (ask->groups_claim)
               ? turn_fail (turn, INVALID, "groups_claim: must name the claim that lists the groups")
               : OK;
}

// ---- adding and changing ----

static fault_t check_role (turn_t *turn, const char *name, role_t *out)
{
    *out = is_given (name) ? role_from_name (name) : ROLE_MEMBER;
    return *out == ROLE_MEMBER || role_is_of_project (*out)
               ? OK
               : turn_fail (turn, INVALID, "role: must be one of MEMBER, VIEWER, DEVELOPER, MAINTAINER");
}

static bool has_openid (const char *scopes)
{
    for (const char *at = scopes; *at; at += strspn (at, " ")) {
        size_t size = strcspn (at, " ");
        if (size == strlen ("openid") && memcmp (at, "openid", size) == 0)
            return true;
        at += size;
    }
    return false;
}

static fault_t check_texts (turn_t *turn, const provider_set_t *ask)
{
    const char *const texts[] = {ask->label, ask->client_id, ask->client_secret, ask->scopes,
                                 ask->groups_claim};
    static const char *const fields[] = {"label", "client_id", "client_secret", "scopes", "groups_claim"};
    if (!identity_is_name (ask->provider) || id_is (ask->provider, 'o'))
        return turn_fail (turn, INVALID, "provider: a name has only letters, digits, . _ and -");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (identity_has_control (texts[i]))
            return turn_fail (turn, INVALID, "%s: control characters are not allowed", fields[i]);
    return has_openid (or_usual (ask->scopes, USUAL_SCOPES))
               ? OK
               : turn_fail (turn, INVALID,
                            "scopes: must be names, divided by blanks, with openid among them");
}

// What the row will be; `there` is what it is, with id NULL where it is new.
static fault_t merge (identity_t *self, turn_t *turn, const provider_set_t *ask, const provider_row_t *there,
                      provider_row_t *out)
{
    role_t role;
    bool is_new = !there->provider.id;
    TRY (check_role (turn, ask->role, &role));
    *out = (provider_row_t){
        .provider = {.id = is_new ? id_new (turn->arena, 'o', turn->now_us) : there->provider.id,
                     .name = ask->provider,
                     .label = or_usual (ask->label, ask->provider),
                     .issuer = or_usual (ask->issuer, or_usual (there->provider.issuer, "")),
                     .client_id = or_usual (ask->client_id, or_usual (there->provider.client_id, "")),
                     .scopes = or_usual (ask->scopes, USUAL_SCOPES),
                     .groups_claim = or_usual (ask->groups_claim, ""),
                     .groups = ask->groups,
                     .create = ask->create,
                     .role = role_name (role),
                     .private_networks = ask->private_networks,
                     .created_at = is_new ? turn->now_us : there->provider.created_at,
                     .created_by = is_new ? or_usual (turn->caller.subject, "") : there->provider.created_by},
        .sealed = is_new ? (bytes_t){"", 0} : there->sealed,
        .key_name = is_new ? "" : there->key_name};
    if (is_given (ask->client_secret)) {
        out->sealed = secret_box_seal (&self->box, turn->arena, place_of (turn->arena, out->provider.id),
                                       ask->client_secret);
        out->key_name = self->box.names[0];
    }
    out->provider.has_secret = out->sealed.size > 0;
    if (!*out->provider.client_id)
        return turn_fail (turn, INVALID, "client_id: is missing");
    if (!is_new && strcmp (out->provider.issuer, there->provider.issuer) != 0)
        return turn_fail (turn, CONFLICT,
                          "issuer: %s is of %s, which cannot be changed: add another provider", ask->provider,
                          there->provider.issuer);
    return OK;
}

static fault_t check_others (identity_t *self, turn_t *turn, const provider_row_t *row)
{
    provider_stored_t all;
    bool there = false;
    TRY (provider_store_all (self->db, turn, &all));
    for (size_t i = 0; i < all.count; i++) {
        bool same = strcmp (all.items[i].provider.id, row->provider.id) == 0;
        there = there || same;
        if (!same && strcmp (all.items[i].provider.issuer, row->provider.issuer) == 0)
            return turn_fail (turn, CONFLICT, "issuer: the provider %s is of it", all.items[i].provider.name);
    }
    return there || all.count < MAX_PROVIDERS
               ? OK
               : turn_fail (turn, CONFLICT, "there are %d providers already; remove some", MAX_PROVIDERS);
}

// Its groups, of which those that do not exist are made, and no others have members by it.
static fault_t map_groups (identity_t *self, turn_t *turn, const provider_t *provider)
{
    const strs_t groups = all_groups (turn->arena, provider);
    for (size_t i = 0; i < groups.count; i++)
        TRY (identity_make_group (self, turn, groups.items[i]));
    return role_store_unprovide_others (self->db, turn, provider->id, &groups);
}

static provider_t shown (const identity_t *self, turn_t *turn, const provider_row_t *row)
{
    provider_t provider = row->provider;
    provider.redirect_url = provider_redirect_url (self, turn->arena);
    return provider;
}

HANDLER (provider_set)
{
    identity_t *self = context;
    const provider_set_t *ask = asked;
    provider_row_t there, row;
    known_provider_t known;
    TRY (check_texts (turn, ask));
    TRY (check_groups (turn, ask));
    TRY (provider_store_find (self->db, turn, ask->provider, &there));
    TRY (merge (self, turn, ask, &there, &row));
    TRY (url_check_base (turn, "issuer", row.provider.issuer));
    TRY (discovery_check_url (turn, "issuer", row.provider.issuer, row.provider.private_networks));
    TRY (known_find (self, turn, &row, &known));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (check_others (self, turn, &row));
    TRY (map_groups (self, turn, &row.provider));
    TRY (provider_store_put (self->db, turn, &row));
    people_record (turn, there.provider.id ? "a provider was changed" : "a provider was added",
                   row.provider.name);
    *(provider_t *) answered = shown (self, turn, &row);
    return OK;
}

HANDLER (provider_list)
{
    const identity_t *self = context;
    provider_rows_t *answer = answered;
    provider_stored_t all;
    (void) asked;
    TRY (provider_store_all (self->db, turn, &all));
    answer->items =
        (provider_items_t){arena_array (turn->arena, all.count + 1, sizeof (provider_t)), all.count};
    for (size_t i = 0; i < all.count; i++)
        answer->items.items[i] = shown (self, turn, &all.items[i]);
    return OK;
}

HANDLER (provider_show)
{
    provider_row_t row;
    TRY (provider_named (context, turn, ((const provider_show_t *) asked)->provider, &row));
    *(provider_t *) answered = shown (context, turn, &row);
    return OK;
}

// Identities of it stay: they work again where its issuer is added again.
HANDLER (provider_remove)
{
    identity_t *self = context;
    provider_row_t row;
    (void) answered;
    TRY (db_unit_write (self->db, turn));
    TRY (provider_named (self, turn, ((const provider_remove_t *) asked)->provider, &row));
    TRY (role_store_unprovide (self->db, turn, row.provider.id, ""));
    TRY (provider_store_remove (self->db, turn, row.provider.id));
    people_record (turn, "a provider was removed", row.provider.name);
    return OK;
}

HANDLER (provider_offer_list)
{
    identity_t *self = context;
    provider_offers_t *answer = answered;
    provider_stored_t all;
    (void) asked;
    TRY (provider_store_all (self->db, turn, &all));
    answer->items = (provider_offer_items_t){
        arena_array (turn->arena, all.count + 1, sizeof (provider_offer_t)), all.count};
    for (size_t i = 0; i < all.count; i++)
        answer->items.items[i] = (provider_offer_t){all.items[i].provider.name, all.items[i].provider.label};
    return OK;
}

// ---- reseal.c ----

fault_t providers_sealed_by (identity_t *self, turn_t *turn, strs_t *keys)
{
    provider_stored_t all;
    TRY (provider_store_all (self->db, turn, &all));
    *keys = (strs_t){arena_array (turn->arena, all.count + 1, sizeof (char *)), 0};
    for (size_t i = 0; i < all.count; i++)
        if (all.items[i].sealed.size > 0 && !strs_has (keys, all.items[i].key_name))
            keys->items[keys->count++] = all.items[i].key_name;
    return OK;
}

fault_t providers_reseal (identity_t *self, turn_t *turn)
{
    provider_stored_t all;
    TRY (provider_store_all (self->db, turn, &all));
    for (size_t i = 0; i < all.count; i++) {
        provider_row_t *row = &all.items[i];
        const char *place = place_of (turn->arena, row->provider.id);
        const char *secret =
            row->sealed.size > 0 && strcmp (row->key_name, self->box.names[0]) != 0
                ? secret_box_open (&self->box, turn->arena, place, row->key_name, row->sealed)
                : NULL;
        if (!secret)
            continue;
        TRY (db_unit_write (self->db, turn));
        row->sealed = secret_box_seal (&self->box, turn->arena, place, secret);
        row->key_name = self->box.names[0];
        TRY (provider_store_resealed (self->db, turn, row));
    }
    return OK;
}
