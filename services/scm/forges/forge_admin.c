/* forge_admin.c - forges are added, listed and removed by administrators; and what a forge has, to pick a project from. */

#include "common/base/id.h"
#include "common/base/log.h"
#include "common/base/url.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/self.h"
#include "services/scm/status/status.h"

#include <string.h>

#define FORGE_ID 'f'

static fault_t check_name (turn_t *turn, const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (name[strspn (name, allowed)] || *name == '.' || id_is (name, FORGE_ID))
        return turn_fail (turn, INVALID,
                          "name: %s: only letters, digits, . _ and - are allowed, a dot not first, and no id",
                          name);
    return OK;
}

// Where the public ones are; NULL for a kind that has none.
static const char *public_url (const char *kind)
{
    return is_same (kind, "github")   ? "https://github.com"
           : is_same (kind, "gitlab") ? "https://gitlab.com"
                                      : NULL;
}

static const char *without_slash (arena_t *arena, const char *url)
{
    size_t size = strlen (url);
    while (size > 0 && url[size - 1] == '/')
        size--;
    return arena_strndup (arena, url, size);
}

// Calls and git go there, with a credential: a bare base.
static fault_t check_url (const scm_t *self, turn_t *turn, const char *field, const char *text,
                          bool private_networks)
{
    url_t url;
    bool is_public, must_be_public = address_must_be_public (&self->policy, private_networks);
    TRY (url_check_base (turn, field, text));
    TRY (url_parse (turn, text, &url));
    if (must_be_public && host_is_number (url.host, &is_public) && !is_public)
        return turn_fail (turn, FORBIDDEN, "%s: %s is not on the public internet: %s must allow it", field,
                          url.host,
                          private_networks ? "the setting scm_private_networks" : "private_networks");
    return OK;
}

static fault_t read_ask (const scm_t *self, turn_t *turn, const forge_add_t *ask, forge_row_t *out)
{
    const forge_t *forge = forge_of_kind (ask->kind);
    TRY (check_name (turn, ask->name));
    if (!forge)
        return turn_fail (turn, INVALID, "kind: %s: one of %s", ask->kind, forge_kinds (turn->arena));
    const char *url = *given (ask->url) ? ask->url : public_url (ask->kind);
    if (!url)
        return turn_fail (turn, INVALID, "url: a forge of kind %s needs one", ask->kind);
    *out = (forge_row_t){.name = ask->name,
                         .kind = forge->kind,
                         .url = without_slash (turn->arena, url),
                         .api_url = without_slash (turn->arena, given (ask->api_url)),
                         .private_networks = ask->private_networks,
                         .created_at = turn->now_us,
                         .created_by = given (turn->caller.subject)};
    TRY (check_url (self, turn, "url", out->url, ask->private_networks));
    if (!forge->api)
        out->api_url = "";
    else if (!*out->api_url)
        out->api_url = is_same (out->url, "https://github.com")
                           ? "https://api.github.com"
                           : arena_printf (turn->arena, "%s%s", out->url, forge->api);
    if (forge->api)
        TRY (check_url (self, turn, "api_url", out->api_url, ask->private_networks));
    const char *credential = given (ask->credential);
    if (credential[strcspn (credential, "\r\n")] || (!forge->api && *credential && !strchr (credential, ':')))
        return turn_fail (turn, INVALID,
                          forge->api ? "credential: a token has one line"
                                     : "credential: must be user:password, in one line");
    return OK;
}

// Adding it once more, the same, gives it another credential.
static fault_t store (scm_t *self, turn_t *turn, forge_row_t *forge, const char *credential)
{
    forge_stored_t there;
    forge_stored_items_t all;
    fault_t fault = forge_store_find (self->db, turn, forge->name, &there);
    turn->detail = fault == NOT_FOUND ? NULL : turn->detail;
    TRY (fault == NOT_FOUND ? OK : fault);
    bool is_there = fault == OK;
    if (is_there && (!is_same (there.forge.kind, forge->kind) || !is_same (there.forge.url, forge->url) ||
                     !is_same (there.forge.api_url, forge->api_url)))
        return turn_fail (turn, CONFLICT, "there is already a forge %s: %s, %s", forge->name,
                          there.forge.kind, there.forge.url);
    TRY (forge_store_all (self->db, turn, &all));
    if (!is_there && all.count >= FORGES_MAX)
        return turn_fail (turn, CONFLICT, "there are %d forges already", FORGES_MAX);
    forge->id = is_there ? there.forge.id : id_new (turn->arena, FORGE_ID, turn->now_us);
    forge->has_credential = *credential != '\0';
    bytes_t sealed = {"", 0};
    if (*credential)
        sealed = forge_book_seal (self, turn->arena, "credential", forge->id, credential);
    const forge_stored_t row = {*forge, sealed, self->box.names[0]};
    if (!is_there)
        return forge_store_add (self->db, turn, &row);
    forge->created_at = there.forge.created_at;
    forge->created_by = there.forge.created_by;
    forge->private_networks = there.forge.private_networks;
    forge->projects = there.forge.projects;
    TRY (status_store_rearm (self->db, turn, forge->id, turn->now_us - STATUS_MOST_US));
    actor_tick_at (turn, turn->now_us);
    return forge_store_set_credential (self->db, turn, forge->id, sealed, row.key_name);
}

HANDLER (forge_add)
{
    scm_t *self = context;
    const forge_add_t *ask = asked;
    forge_row_t forge;
    TRY (read_ask (self, turn, ask, &forge));
    if (!self->db)
        return turn_fail (turn, UNAVAILABLE, "this scm service has no database");
    TRY (db_unit_write (self->db, turn));
    TRY (store (self, turn, &forge, given (ask->credential)));
    log_info ("a forge was added", "forge", forge.name, "kind", forge.kind, "url", forge.url, "by",
              given (turn->caller.subject), NULL);
    *(forge_row_t *) answered = forge;
    return OK;
}

HANDLER (forge_list)
{
    scm_t *self = context;
    forge_rows_t *answer = answered;
    forge_stored_items_t all = {0};
    (void) asked;
    if (self->db)
        TRY (forge_store_all (self->db, turn, &all));
    answer->items =
        (forge_row_items_t){arena_array (turn->arena, all.count + 1, sizeof (forge_row_t)), all.count};
    for (size_t i = 0; i < all.count; i++)
        answer->items.items[i] = all.items[i].forge;
    return OK;
}

HANDLER (forge_show)
{
    scm_t *self = context;
    const forge_show_t *ask = asked;
    forge_stored_t row;
    forge_access_t access;
    TRY (forge_book_forge (self, turn, ask->forge, &row, &access));
    *(forge_row_t *) answered = row.forge;
    return OK;
}

HANDLER (forge_remove)
{
    scm_t *self = context;
    const forge_remove_t *ask = asked;
    forge_stored_t row;
    (void) answered;
    if (!self->db)
        return turn_fail (turn, NOT_FOUND, "there is no forge %s", ask->forge);
    TRY (db_unit_write (self->db, turn));
    TRY (forge_store_find (self->db, turn, ask->forge, &row));
    if (row.forge.projects > 0)
        return turn_fail (turn, CONFLICT, "the forge %s has %lld projects: remove them first", row.forge.name,
                          (long long) row.forge.projects);
    log_info ("a forge was removed", "forge", row.forge.name, "by", given (turn->caller.subject), NULL);
    return forge_store_remove (self->db, turn, row.forge.id);
}

// ---- what it has ----

typedef struct {
    forge_access_t access;
    uint32_t page;
    turn_t turn;
    forge_repositories_t got;
    fault_t fault;
} listing_t;

static void list (void *data)
{
    listing_t *self = data;
    forge_call_t call;
    forge_call_begin (&call, &self->turn, &self->access);
    self->fault = call.forge->list (&call, self->page, &self->got);
    forge_call_end (&call);
}

static fault_t list_in_thread (scm_t *self, turn_t *turn, const forge_access_t *access, uint32_t page,
                               listing_t **out)
{
    const char *key = arena_printf (turn->arena, "list %s %s %u", turn->request_id, access->id, page);
    fault_t fault = background_find (self->forging, turn, key, (void **) out);
    if (fault != NOT_FOUND)
        return fault;
    turn->detail = NULL;
    arena_t *arena = arena_new ();
    listing_t *task = arena_alloc (arena, sizeof *task);
    *task = (listing_t){.access = forge_access_copy (arena, access), .page = page};
    turn_init (&task->turn, arena, arena_strdup (arena, turn->request_id), turn->now_us);
    return background_begin (self->forging, turn, key, list, &arena, task);
}

static const char *project_of (const strs_t *repositories, const strs_t *projects, const char *id)
{
    for (size_t i = 0; i < repositories->count; i++)
        if (is_same (repositories->items[i], id))
            return projects->items[i];
    return "";
}

HANDLER (forge_repository_list)
{
    scm_t *self = context;
    const forge_repository_list_t *ask = asked;
    forge_repository_page_t *answer = answered;
    forge_stored_t row;
    forge_access_t access;
    listing_t *task;
    strs_t repositories, projects;
    arena_t *arena = turn->arena;
    TRY (forge_book_forge (self, turn, ask->forge, &row, &access));
    if (!access.forge->list)
        return turn_fail (turn, INVALID, "a forge of kind %s has no list of repositories: name one",
                          row.forge.kind);
    TRY (list_in_thread (self, turn, &access, ask->page ? ask->page : 1, &task));
    if (task->turn.detail)
        turn->detail = arena_strdup (arena, task->turn.detail);
    TRY (task->fault);
    TRY (forge_store_of_repository (self->db, turn, access.id, &repositories, &projects));
    answer->more = task->got.more;
    answer->items.items = arena_array (arena, task->got.count + 1, sizeof (forge_repository_row_t));
    for (size_t i = 0; i < task->got.count; i++) {
        const forge_repository_t *from = &task->got.items[i];
        answer->items.items[answer->items.count++] =
            (forge_repository_row_t){.id = arena_strdup (arena, from->id),
                                     .name = arena_strdup (arena, from->full_name),
                                     .url = arena_strdup (arena, from->clone_url),
                                     .default_branch = arena_strdup (arena, from->default_branch),
                                     .visibility = arena_strdup (arena, from->visibility),
                                     .project = project_of (&repositories, &projects, from->id)};
    }
    return OK;
}
