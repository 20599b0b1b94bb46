/* vault.c - see vault.h. */

#include "services/identity/vault.h"

#include <string.h>

static bool has_folder (const vault_settings_t *settings)
{
    return *settings->secrets_folder != 0;
}

static bool has_kv (const vault_settings_t *settings)
{
    return *settings->vault_url != 0;
}

const vault_t vaults[] = {
    {.name = "folder", .is_set = has_folder, .read = vault_folder_read}, // As Kubernetes mounts secrets
    {.name = "vault", .is_set = has_kv, .read = vault_kv_read}};         // HashiCorp Vault, OpenBao
const size_t vaults_count = sizeof (vaults) / sizeof (vaults[0]);

bool vault_any (const vault_settings_t *settings)
{
    for (size_t i = 0; i < vaults_count; i++)
        if (vaults[i].is_set (settings))
            return true;
    return false;
}

fault_t vault_read (turn_t *turn, const vault_settings_t *settings, const char *project,
                    const char *environment, value_t *out)
{
    for (size_t i = 0; i < vaults_count; i++)
        if (vaults[i].is_set (settings))
            TRY (vaults[i].read (turn, settings, project, environment, out));
    return OK;
}

static bool can_be_named (const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    size_t size = strlen (name);
    return size > 0 && size <= 255 && strchr (letters, *name) &&
           strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == size;
}

fault_t vault_add (turn_t *turn, const char *name, const char *text, size_t size, value_t *out)
{
    if (!can_be_named (name) || value_get (out, name))
        return OK;
    if (size > VAULT_BYTES)
        return turn_fail (turn, INVALID, "%s has %zu bytes, at most %d are allowed", name, size, VAULT_BYTES);
    if (memchr (text, 0, size))
        return turn_fail (turn, INVALID, "%s is not text", name);
    if (out->list.count == VAULT_SECRETS)
        return turn_fail (turn, INVALID, "there are more than %d secrets", VAULT_SECRETS);
    value_set (turn->arena, out, name, value_string_n (turn->arena, text, size));
    return OK;
}
