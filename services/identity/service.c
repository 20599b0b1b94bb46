/* service.c - the identity service as a row that any process can host.
 *
 * At the first start it leaves DATA_DIR/admin-token and DATA_DIR/registration-token: written before they are committed, so that no
 * token is valid that nobody knows. */

#include "services/identity/service.h"

#include "common/os/file.h"
#include "common/os/private.h"
#include "services/identity/identity.h"
#include "services/identity/vault.h"

#define ID_TOKENS_OFF 1 // Of the setting's choices

static fault_t write_token (turn_t *turn, const char *data_dir, const char *name, const char *token)
{
    if (!token)
        return OK;
    return file_write (turn, arena_printf (turn->arena, "%s/%s", data_dir, name),
                       arena_printf (turn->arena, "%s\n", token));
}

static fault_t make_tokens (identity_t *identity, turn_t *turn, const service_world_t *world)
{
    first_tokens_t first;
    const char *data_dir = world->settings->data_dir;
    fault_t fault = db_begin (world->db, turn);
    if (fault == OK)
        fault = identity_first_tokens (identity, turn, &first);
    if (fault == OK)
        fault = write_token (turn, data_dir, "admin-token", first.admin);
    if (fault == OK)
        fault = write_token (turn, data_dir, "registration-token", first.registration);
    if (fault == OK)
        fault = db_commit (world->db, turn);
    if (fault != OK)
        db_rollback (world->db);
    return fault;
}

static fault_t make (void **self, turn_t *turn, const service_world_t *world)
{
    static const char *const names[] = {"admin-token", "registration-token"};
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++)
        TRY (private_file (turn, arena_printf (turn->arena, "%s/%s", world->settings->data_dir, names[i])));
    const settings_t *settings = world->settings;
    *self = identity_new (world->db, world->key);
    identity_set_url (*self, world->url);
    if (settings->id_tokens == ID_TOKENS_OFF)
        identity_give_no_tokens (*self);
    identity_set_vaults (*self, &(vault_settings_t){.secrets_folder = settings->secrets_folder,
                                                    .vault_url = settings->vault_url,
                                                    .vault_mount = settings->vault_mount,
                                                    .vault_path = settings->vault_path,
                                                    .vault_namespace = settings->vault_namespace,
                                                    .vault_token = settings->vault_token,
                                                    .vault_token_file = settings->vault_token_file,
                                                    .vault_ca_file = settings->vault_ca_file});
    TRY (identity_set_audit (*self, turn, settings->audit_retention_days, settings->audit_syslog));
    return make_tokens (*self, turn, world);
}

static void destroy (void **self_p)
{
    identity_destroy ((identity_t **) self_p);
}

const service_t identity_service = {
    .class = &identity_class, .has_database = true, .make = make, .destroy = destroy};
