/* second_factor.c - authenticators: a key is made, confirmed by a first code, asked for at each sign-in, and removed; codes of recovery.
 *
 * The key is sealed with the account's id (secret_box.h). A code counts once: the step of the last one is stored, also where it came to another
 * replica. To begin, to remove and to renew need the password again, and end all other sessions of the account. */

#include "common/base/id.h"
#include "common/base/url.h"
#include "common/db/db_unit.h"
#include "services/identity/people/factor_store.h"
#include "services/identity/people/people.h"
#include "services/identity/people/totp.h"
#include "services/identity/session_store.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#define RECOVERY_BYTES 10 // 80 bits: 16 letters and digits
#define RESEAL_STEP    20

static const char *place_of (arena_t *arena, const char *user)
{
    return arena_printf (arena, "second factor\n%s", user);
}

// False where it cannot be decrypted: the key is gone from the key file.
static bool open_key (identity_t *self, turn_t *turn, const factor_row_t *row, unsigned char key[TOTP_KEY])
{
    size_t size = 0;
    const char *hex = secret_box_open (&self->box, turn->arena, place_of (turn->arena, row->user),
                                       row->key_name, row->sealed);
    return hex && sodium_hex2bin (key, TOTP_KEY, hex, strlen (hex), NULL, &size, NULL) == 0 &&
           size == TOTP_KEY;
}

static fault_t use_totp (identity_t *self, turn_t *turn, const factor_row_t *row, const char *code,
                         bool *right)
{
    unsigned char key[TOTP_KEY];
    int64_t step;
    *right = false;
    if (!open_key (self, turn, row, key))
        return turn_fail (turn, BROKEN, "the key file lacks the key of this account's authenticator");
    bool fits = totp_check (key, sizeof (key), turn->now_us, row->step, code, &step);
    sodium_memzero (key, sizeof (key));
    return fits ? factor_store_use (self->db, turn, row->user, step, right) : OK;
}

// As people type it: blanks and dashes are for reading, and so is the case.
static const char *bare (arena_t *arena, const char *typed)
{
    char *text = arena_strdup (arena, typed), *to = text;
    for (const char *at = typed; *at; at++)
        if (*at != ' ' && *at != '-')
            *to++ = (char) tolower ((unsigned char) *at);
    *to = '\0';
    return text;
}

fault_t people_use_factor (identity_t *self, turn_t *turn, const user_row_t *user, const char *otp,
                           bool *right)
{
    factor_row_t row;
    const char *code = bare (turn->arena, otp);
    *right = false;
    TRY (factor_store_find (self->db, turn, user->id, &row));
    if (!row.user || !row.confirmed)
        return OK;
    if (strlen (code) == TOTP_DIGITS)
        return use_totp (self, turn, &row, code, right);
    TRY (recovery_store_use (self->db, turn, user->id, secret_hash (turn->arena, code), right));
    if (*right)
        people_record (turn, "a recovery code was used", user->name);
    return OK;
}

// New ones in place of those that are there. Shown in groups of four.
static fault_t make_codes (identity_t *self, turn_t *turn, const char *user, recovery_codes_t *out)
{
    arena_t *arena = turn->arena;
    strs_t hashes = {arena_array (arena, RECOVERY_CODES_N, sizeof (char *)), RECOVERY_CODES_N};
    out->codes = (strs_t){arena_array (arena, RECOVERY_CODES_N, sizeof (char *)), RECOVERY_CODES_N};
    for (size_t i = 0; i < RECOVERY_CODES_N; i++) {
        unsigned char bytes[RECOVERY_BYTES];
        randombytes_buf (bytes, sizeof (bytes));
        const char *code = bare (arena, base32_text (arena, bytes, sizeof (bytes)));
        out->codes.items[i] =
            arena_printf (arena, "%.4s-%.4s-%.4s-%.4s", code, code + 4, code + 8, code + 12);
        hashes.items[i] = secret_hash (arena, code);
    }
    return recovery_store_put (self->db, turn, user, &hashes);
}

HANDLER (totp_begin)
{
    identity_t *self = context;
    const totp_begin_t *ask = asked;
    totp_secret_t *secret = answered;
    own_t own;
    hashing_answer_t answer;
    unsigned char key[TOTP_KEY];
    char hex[2 * TOTP_KEY + 1];
    arena_t *arena = turn->arena;
    TRY (people_prove_own (self, turn, ask->hash,
                           &(proof_t){.password = ask->password, .address = ask->address}, &own, &answer));
    if (own.user.has_factor)
        return turn_fail (turn, CONFLICT, "there is an authenticator; remove it first");
    randombytes_buf (key, sizeof (key));
    sodium_bin2hex (hex, sizeof (hex), key, sizeof (key));
    secret->secret = base32_text (arena, key, sizeof (key));
    const char *host = strstr (self->issuer, "://");
    const char *label =
        arena_printf (arena, "open-cicd:%s%s%s", own.user.name, host ? "@" : "", host ? host + 3 : "");
    secret->uri = arena_printf (arena, "otpauth://totp/%s?secret=%s&issuer=open-cicd",
                                url_escape (arena, label, ":@"), secret->secret);
    const factor_row_t row = {.user = own.user.id,
                              .sealed =
                                  secret_box_seal (&self->box, arena, place_of (arena, own.user.id), hex),
                              .key_name = self->box.names[0]};
    sodium_memzero (key, sizeof (key));
    return factor_store_put (self->db, turn, &row);
}

HANDLER (totp_confirm)
{
    identity_t *self = context;
    const totp_confirm_t *ask = asked;
    own_t own;
    factor_row_t row;
    bool right;
    TRY (people_own (self, turn, ask->hash, &own));
    TRY (people_hold (self, turn, &own.user));
    TRY (factor_store_find (self->db, turn, own.user.id, &row));
    if (!row.user || row.confirmed)
        return turn_fail (turn, CONFLICT, "no authenticator waits for its first code; begin again");
    TRY (use_totp (self, turn, &row, bare (turn->arena, ask->otp), &right));
    if (!right)
        return turn_fail (turn, INVALID, "otp: is not the code of now; is the clock of your device right?");
    TRY (factor_store_confirm (self->db, turn, own.user.id));
    TRY (session_store_remove_of_user (self->db, turn, own.user.id, own.session));
    people_record (turn, "an authenticator was added", own.user.name);
    return make_codes (self, turn, own.user.id, answered);
}

HANDLER (totp_remove)
{
    identity_t *self = context;
    const totp_remove_t *ask = asked;
    own_t own;
    hashing_answer_t answer;
    (void) answered;
    TRY (people_prove_own (self, turn, ask->hash,
                           &(proof_t){.password = ask->password, .address = ask->address}, &own, &answer));
    TRY (factor_store_remove (self->db, turn, own.user.id));
    TRY (session_store_remove_of_user (self->db, turn, own.user.id, own.session));
    people_record (turn, "an authenticator was removed", own.user.name);
    return OK;
}

HANDLER (recovery_renew)
{
    identity_t *self = context;
    const recovery_renew_t *ask = asked;
    own_t own;
    hashing_answer_t answer;
    TRY (people_prove_own (self, turn, ask->hash,
                           &(proof_t){.password = ask->password, .address = ask->address}, &own, &answer));
    if (!own.user.has_factor)
        return turn_fail (turn, CONFLICT, "there is no authenticator that they could replace");
    TRY (session_store_remove_of_user (self->db, turn, own.user.id, own.session));
    people_record (turn, "recovery codes were renewed", own.user.name);
    return make_codes (self, turn, own.user.id, answered);
}

// ---- reseal.c ----

fault_t people_sealed_by (identity_t *self, turn_t *turn, strs_t *keys)
{
    return factor_store_keys (self->db, turn, keys);
}

fault_t people_reseal (identity_t *self, turn_t *turn, size_t *count)
{
    factor_rows_t rows;
    for (size_t i = 1; i < self->box.count; i++) {
        TRY (factor_store_of_key (self->db, turn, self->box.names[i], RESEAL_STEP, &rows));
        for (size_t k = 0; k < rows.count; k++) {
            factor_row_t *row = &rows.items[k];
            const char *place = place_of (turn->arena, row->user);
            const char *hex = secret_box_open (&self->box, turn->arena, place, row->key_name, row->sealed);
            if (!hex) // One that was changed must not hold up the others
                continue;
            TRY (db_unit_write (self->db, turn));
            row->sealed = secret_box_seal (&self->box, turn->arena, place, hex);
            row->key_name = self->box.names[0];
            TRY (factor_store_resealed (self->db, turn, row));
            ++*count;
        }
    }
    return OK;
}
