/* What a vault gives: names that a workflow can say, texts, so many and so large, and of two of one name the first. */

#include "services/identity/vault.h"

#include "tests/unit/test.h"

#include <string.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    value_t *found;
} world_t;

static world_t begin (void)
{
    world_t self = {.arena = arena_new ()};
    turn_init (&self.turn, self.arena, "test", 0);
    self.found = value_object (self.arena);
    return self;
}

static fault_t add (world_t *self, const char *name, const char *text)
{
    return vault_add (&self->turn, name, text, strlen (text), self->found);
}

static const char *value_of (const world_t *self, const char *name)
{
    return value_get_text (self->found, name);
}

TEST (of_two_secrets_of_a_name_the_first_counts_and_what_nobody_can_name_is_left_out)
{
    static const char *const names[] = {"1ST", "A-B", "A B", "", "A.B", "\xc3\xa4"};
    world_t world = begin ();
    CHECK_INT (add (&world, "A_1", "one"), OK);
    CHECK_INT (add (&world, "A_1", "two"), OK);
    CHECK_STR (value_of (&world, "A_1"), "one");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_INT (add (&world, names[i], "x"), OK);
    char name[257];
    memset (name, 'N', 256);
    name[256] = 0;
    CHECK_INT (add (&world, name, "x"), OK);
    CHECK_INT (world.found->list.count, 1);
    CHECK_INT (add (&world, name + 1, "x"), OK); // 255 characters
    CHECK_INT (add (&world, "_", "x"), OK);
    CHECK_INT (world.found->list.count, 3);
    arena_destroy (&world.arena);
}

TEST (a_secret_of_a_vault_is_text_and_has_a_size_and_a_scope_has_so_many)
{
    world_t world = begin ();
    char *large = arena_alloc (world.arena, VAULT_BYTES + 2);
    memset (large, 'x', VAULT_BYTES + 1);
    CHECK_INT (vault_add (&world.turn, "LARGE", large, VAULT_BYTES, world.found), OK);
    CHECK_INT (vault_add (&world.turn, "LARGER", large, VAULT_BYTES + 1, world.found), INVALID);
    CHECK (strstr (world.turn.detail, "LARGER has "));
    CHECK (!strstr (world.turn.detail, "xxx")); // Not its value
    CHECK_INT (vault_add (&world.turn, "BYTES", "a\0b", 3, world.found), INVALID);
    CHECK_STR (world.turn.detail, "BYTES is not text");
    while (world.found->list.count < VAULT_SECRETS)
        CHECK_INT (add (&world, arena_printf (world.arena, "S%zu", world.found->list.count), "x"), OK);
    CHECK_INT (add (&world, "ONE_MORE", "x"), INVALID);
    CHECK_INT (add (&world, "S5", "x"), OK); // It is there already
    arena_destroy (&world.arena);
}
