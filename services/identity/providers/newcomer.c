/* newcomer.c - an account for somebody whom only a provider knows.
 *
 * Its name follows from what the provider calls them, which they may have chosen there. So it is one that nobody has or had, that no rule,
 * role or group names already, and that no token acts as: else they would get what was meant for somebody else. */

#include "common/base/utf8.h"
#include "services/identity/environment_store.h"
#include "services/identity/providers/providers.h"
#include "services/identity/role_store.h"
#include "services/identity/token_store.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#define NAME_ROOM  30 // Of what is taken over: a number follows where it is taken
#define NAME_TRIES 9

const char *claim_text (arena_t *arena, const char *text, size_t most)
{
    const char *repaired = utf8_repair (arena, text, strlen (text), most);
    char *copy = arena_strdup (arena, repaired);
    for (char *at = copy; *at; at++)
        if ((unsigned char) *at < 0x20 || *at == 0x7f)
            *at = ' ';
    return copy;
}

// "Ada.Lovelace@example.org" is "ada.lovelace"; "" where nothing is left.
static const char *base_of (arena_t *arena, const char *text)
{
    char *name = arena_alloc (arena, NAME_ROOM + 1), *to = name;
    for (; *text && *text != '@' && to < name + NAME_ROOM; text++) {
        char letter = (char) tolower ((unsigned char) *text);
        bool inner = letter == '.' || letter == '_' || letter == '-';
        bool good = (letter >= 'a' && letter <= 'z') || isdigit ((unsigned char) letter) || inner;
        if (good && !(inner && to == name))
            *to++ = letter;
    }
    while (to > name && strchr ("._-", to[-1]))
        to--;
    *to = '\0';
    return name;
}

static fault_t is_free (identity_t *self, turn_t *turn, const char *name, bool *out)
{
    bool taken, acts, ruled, named;
    *out = false;
    if (people_check_name (turn, name) != OK) {
        turn->detail = NULL;
        return OK;
    }
    TRY (user_store_is_taken (self->db, turn, name, &taken));
    TRY (token_store_acts_as (self->db, turn, name, &acts));
    TRY (environment_store_names (self->db, turn, name, &ruled));
    TRY (role_store_names (self->db, turn, name, &named));
    *out = !taken && !acts && !ruled && !named;
    return OK;
}

// The first that is free of "ada", "ada-2" ... and in the end one that nobody guesses.
static fault_t find_name (identity_t *self, turn_t *turn, const id_claims_t *claims, const char **out)
{
    bool found = false;
    const char *base = base_of (turn->arena, *claims->user_name ? claims->user_name : claims->email);
    base = *base ? base : "user";
    for (int i = 1; i <= NAME_TRIES && !found; i++) {
        *out = i == 1 ? base : arena_printf (turn->arena, "%s-%d", base, i);
        TRY (is_free (self, turn, *out, &found));
    }
    if (!found)
        *out = arena_printf (turn->arena, "%s-%08x", base, randombytes_random ());
    return OK;
}

fault_t newcomer_add (identity_t *self, turn_t *turn, const provider_row_t *provider,
                      const id_claims_t *claims, user_row_t *out)
{
    const char *name, *email = claim_text (turn->arena, claims->email, MAX_NAME);
    TRY (find_name (self, turn, claims, &name));
    if (people_check_about (turn, NULL, email) != OK)
        email = "";
    turn->detail = NULL;
    const user_row_t about = {.name = name,
                              .display_name = claim_text (turn->arena, claims->name, MAX_NAME),
                              .email = email,
                              .role = provider->provider.role,
                              .created_by = provider->provider.name};
    return people_add (self, turn, &about, out);
}
