/* forge_book.c - see forge_book.h. */

#include "services/scm/forges/forge_book.h"

#include "common/base/log.h"
#include "common/db/db_unit.h"
#include "services/scm/self.h"

#include <string.h>

static const char *place_of (arena_t *arena, const char *what, const char *id)
{
    return arena_printf (arena, "scm %s %s", what, id);
}

bytes_t forge_book_seal (const scm_t *self, arena_t *arena, const char *what, const char *id,
                         const char *text)
{
    return secret_box_seal (&self->box, arena, place_of (arena, what, id), text);
}

static fault_t open_it (const scm_t *self, turn_t *turn, const char *what, const char *id,
                        const char *key_name, bytes_t sealed, const char **out)
{
    *out = "";
    if (sealed.size == 0)
        return OK;
    *out = secret_box_open (&self->box, turn->arena, place_of (turn->arena, what, id), key_name, sealed);
    return *out ? OK
                : turn_fail (turn, BROKEN, "the %s of %s cannot be opened: the key file lacks key %s", what,
                             id, key_name);
}

static fault_t access_of (scm_t *self, turn_t *turn, const forge_stored_t *row, forge_access_t *out)
{
    *out = (forge_access_t){.forge = forge_of_kind (row->forge.kind),
                            .id = row->forge.id,
                            .url = row->forge.url,
                            .api = row->forge.api_url,
                            .private_networks = row->forge.private_networks,
                            .must_be_public =
                                address_must_be_public (&self->policy, row->forge.private_networks),
                            .repository = "",
                            .full_name = ""};
    if (!out->forge) // Of a newer version
        return turn_fail (turn, BROKEN, "the forge %s is of an unknown kind, %s", row->forge.name,
                          row->forge.kind);
    return open_it (self, turn, "credential", row->forge.id, row->key_name, row->credential,
                    &out->credential);
}

static fault_t need_database (const scm_t *self, turn_t *turn)
{
    return self->db ? OK : turn_fail (turn, UNAVAILABLE, "this scm service has no database");
}

fault_t forge_book_forge (scm_t *self, turn_t *turn, const char *forge, forge_stored_t *row,
                          forge_access_t *out)
{
    TRY (need_database (self, turn));
    TRY (forge_store_find (self->db, turn, forge, row));
    return access_of (self, turn, row, out);
}

fault_t forge_book_project (scm_t *self, turn_t *turn, const char *project, forge_link_t *row,
                            forge_access_t *out)
{
    forge_stored_t stored;
    TRY (need_database (self, turn));
    TRY (forge_store_project (self->db, turn, project, row));
    TRY (forge_store_find (self->db, turn, row->forge_id, &stored));
    TRY (access_of (self, turn, &stored, out));
    out->repository = row->project.repository;
    out->full_name = row->project.full_name;
    return OK;
}

fault_t forge_book_secret (scm_t *self, turn_t *turn, const forge_link_t *row, const char **out)
{
    return open_it (self, turn, "secret", row->hook, row->key_name, row->secret, out);
}

static fault_t reseal_forge (scm_t *self, turn_t *turn, const forge_stored_t *row, size_t *count)
{
    const char *text;
    const char *id = row->forge.id;
    if (open_it (self, turn, "credential", id, row->key_name, row->credential, &text) != OK) {
        log_error ("the key file lacks a key that sealed a forge's credential", "forge", row->forge.name,
                   "key", row->key_name, NULL);
        turn->detail = NULL;
        return OK;
    }
    ++*count;
    return forge_store_set_credential (
        self->db, turn, id, forge_book_seal (self, turn->arena, "credential", id, text), self->box.names[0]);
}

static fault_t reseal_link (scm_t *self, turn_t *turn, forge_link_t *link, size_t *count)
{
    const char *text;
    if (forge_book_secret (self, turn, link, &text) != OK) {
        log_error ("the key file lacks a key that sealed a webhook's secret", "project",
                   link->project.project_id, "key", link->key_name, NULL);
        turn->detail = NULL;
        return OK;
    }
    ++*count;
    link->secret = forge_book_seal (self, turn->arena, "secret", link->hook, text);
    link->key_name = self->box.names[0];
    return forge_store_set_secret (self->db, turn, link);
}

fault_t forge_book_reseal (scm_t *self, turn_t *turn, size_t *count)
{
    forge_stored_items_t forges;
    forge_links_t links;
    *count = 0;
    TRY (db_unit_write (self->db, turn));
    TRY (forge_store_of_other_key (self->db, turn, self->box.names[0], &forges));
    TRY (forge_store_links_of_other_key (self->db, turn, self->box.names[0], &links));
    for (size_t i = 0; i < forges.count; i++)
        TRY (reseal_forge (self, turn, &forges.items[i], count));
    for (size_t i = 0; i < links.count; i++)
        TRY (reseal_link (self, turn, &links.items[i], count));
    return OK;
}

const char *forge_book_address (const scm_t *self, arena_t *arena, const forge_link_t *row)
{
    return arena_printf (arena, "%s/hooks/%s/%s", self->public_url, row->project.forge, row->hook);
}

forge_access_t forge_access_copy (arena_t *arena, const forge_access_t *from)
{
    return (forge_access_t){.forge = from->forge,
                            .id = arena_strdup (arena, from->id),
                            .url = arena_strdup (arena, from->url),
                            .api = arena_strdup (arena, from->api),
                            .credential = arena_strdup (arena, from->credential),
                            .private_networks = from->private_networks,
                            .must_be_public = from->must_be_public,
                            .repository = arena_strdup (arena, from->repository),
                            .full_name = arena_strdup (arena, from->full_name)};
}

void forge_call_begin (forge_call_t *call, turn_t *turn, const forge_access_t *access)
{
    *call = (forge_call_t){.turn = turn,
                           .client = http_client_new (NULL),
                           .forge = access->forge,
                           .api = access->api,
                           .url = access->url,
                           .credential = access->credential,
                           .must_be_public = access->must_be_public,
                           .repository = access->repository,
                           .full_name = access->full_name};
}

void forge_call_end (forge_call_t *call)
{
    http_client_destroy (&call->client);
}
