/* fuzz_vault.c - any bytes as a vault's answer.
 *
 * Holds: what is taken of it can be named by a workflow and keeps its bounds, and what is refused is refused with a reason. */

#include "services/identity/vault.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    turn_t turn;
    arena_t *arena = arena_new ();
    value_t *out = value_object (arena);
    turn_init (&turn, arena, "fuzz", 0);
    fault_t fault = vault_kv_parse (&turn, (const char *) data, size, out);
    FUZZ_CHECK (fault == OK || (fault == INVALID && turn.detail));
    FUZZ_CHECK (out->list.count <= VAULT_SECRETS);
    for (size_t i = 0; i < out->list.count; i++) {
        FUZZ_CHECK (out->list.items[i]->kind == VALUE_STRING);
        FUZZ_CHECK (strlen (out->list.items[i]->string.text) == out->list.items[i]->string.size);
        FUZZ_CHECK (out->list.items[i]->string.size <= VAULT_BYTES);
        FUZZ_CHECK (!strpbrk (out->list.keys[i], " \n/.-"));
    }
    arena_destroy (&arena);
    return 0;
}
