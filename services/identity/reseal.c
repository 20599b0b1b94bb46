/* reseal.c - after the key file got a new key: secrets and the keys of identities that an older one sealed are sealed again by the newest, a few at a time, so that
 * nobody waits for it. Once none is left, the older key may leave the file. */

#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "proto/strs.h"
#include "services/identity/oidc.h"
#include "services/identity/oidc_store.h"
#include "services/identity/people/people.h"
#include "services/identity/providers/providers.h"

#include <string.h>

#define RESEAL_STEP 20 // In one unit of work: each may have MAX_VALUE bytes

static bool is_ours (const secret_box_t *box, const char *key_name)
{
    for (size_t i = 0; i < box->count; i++)
        if (strcmp (box->names[i], key_name) == 0)
            return true;
    return false;
}

static bool is_missing (const identity_t *self, const char *key_name)
{
    if (is_ours (&self->box, key_name))
        return false;
    log_error ("the key file lacks a key that encrypted secrets: jobs that name them fail", "key", key_name,
               NULL);
    return true;
}

// Once a start: while the missing key still exists somewhere, nothing is lost.
static fault_t check_keys (identity_t *self, turn_t *turn)
{
    strs_t keys, of_factors, of_providers;
    oidc_keys_t signing;
    int64_t missing = 0;
    if (self->keys_checked)
        return OK;
    TRY (value_store_keys (self->db, turn, &keys));
    TRY (oidc_store_list (self->db, turn, &signing));
    TRY (people_sealed_by (self, turn, &of_factors));
    TRY (providers_sealed_by (self, turn, &of_providers));
    for (size_t i = 0; i < keys.count; i++)
        missing += is_missing (self, keys.items[i]);
    for (size_t i = 0; i < signing.count; i++)
        missing +=
            !strs_has (&keys, signing.items[i].key_name) && is_missing (self, signing.items[i].key_name);
    for (size_t i = 0; i < of_factors.count; i++)
        missing += !strs_has (&keys, of_factors.items[i]) && is_missing (self, of_factors.items[i]);
    for (size_t i = 0; i < of_providers.count; i++)
        missing += !strs_has (&keys, of_providers.items[i]) &&
                   !strs_has (&of_factors, of_providers.items[i]) && is_missing (self, of_providers.items[i]);
    metric_set (metrics_gauge ("opencicd_secret_keys_missing", NULL, NULL,
                               "Keys that encrypted stored secrets, and that the key file lacks"),
                missing);
    self->keys_checked = true;
    return OK;
}

static fault_t reseal (identity_t *self, turn_t *turn, value_row_t *row, size_t *count)
{
    const char *value;
    if (identity_open (self, turn, row, &value) != OK) { // One that was changed must not hold up the others
        turn->detail = NULL;
        return OK;
    }
    row->value = secret_box_seal (&self->box, turn->arena,
                                  identity_place (turn->arena, &row->scope, row->name), value);
    row->key_name = self->box.names[0];
    metric_add (metrics_counter ("opencicd_secrets_resealed_total", NULL, NULL,
                                 "Secrets that were encrypted again, by a newer key"),
                1);
    ++*count;
    return value_store_resealed (self->db, turn, row);
}

// Of the first older key that has any. *count is how many were sealed again.
static fault_t reseal_some (identity_t *self, turn_t *turn, size_t *count)
{
    value_rows_t rows = {0};
    *count = 0;
    for (size_t i = 1; i < self->box.count && rows.count == 0; i++)
        TRY (value_store_of_key (self->db, turn, self->box.names[i], 1, &rows));
    if (rows.count == 0)
        return OK;
    const char *key = rows.items[0].key_name;
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db,
                           turn)); // What was set meanwhile is not overwritten by what was there before
    TRY (value_store_of_key (self->db, turn, key, RESEAL_STEP, &rows));
    for (size_t i = 0; i < rows.count; i++)
        TRY (reseal (self, turn, &rows.items[i], count));
    return OK;
}

fault_t identity_tick (void *context, turn_t *turn, int64_t *next_us)
{
    identity_t *self = context;
    size_t count;
    TRY (check_keys (self, turn));
    TRY (reseal_some (self, turn, &count));
    TRY (people_reseal (self, turn, &count));
    TRY (oidc_reseal (self, turn));
    TRY (providers_reseal (self, turn));
    TRY (oidc_forget_ended (self, turn, next_us));
    TRY (identity_audit_tick (self, turn, next_us));
    if (count > 0)
        *next_us = turn->now_us;
    return OK;
}
