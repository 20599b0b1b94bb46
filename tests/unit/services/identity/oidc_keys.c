/* oidc_keys.c - which key of identities does what when. */

#include "services/identity/oidc_keys.h"

#include "tests/unit/test.h"

#define NOW SECONDS (2000000000)

static oidc_key_row_t key (const char *id, int64_t signs_at)
{
    return (oidc_key_row_t){.id = id, .signs_at = signs_at};
}

static const char *signs (const oidc_keys_t *keys, int64_t at)
{
    const oidc_key_row_t *current = oidc_keys_current (keys, at);
    return current ? current->id : "none";
}

TEST (a_new_key_is_published_before_it_signs_and_the_old_one_after_it_signed)
{
    oidc_key_row_t items[] = {key ("new", NOW + OIDC_WAIT_US), key ("old", NOW - SECONDS (90))};
    oidc_keys_t keys = {items, 2};
    CHECK_STR (signs (&keys, NOW), "old");
    CHECK_STR (oidc_keys_state (&keys, 0, NOW), "next");
    CHECK_STR (oidc_keys_state (&keys, 1, NOW), "current");
    CHECK (oidc_keys_pending (&keys, NOW));
    int64_t turns = NOW + OIDC_WAIT_US;
    CHECK_STR (signs (&keys, turns - 1), "old");
    CHECK_STR (signs (&keys, turns), "new");
    CHECK_STR (oidc_keys_state (&keys, 1, turns), "old");
    CHECK (!oidc_keys_pending (&keys, turns));
    CHECK_INT (oidc_keys_end (&keys, 0), 0);
    // The last token that it signed has expired by then
    CHECK (oidc_keys_end (&keys, 1) > turns + SECONDS (OIDC_TOKEN_SECONDS));
    oidc_keys_published (&keys, oidc_keys_end (&keys, 1) - 1);
    CHECK_INT (keys.count, 2);
    oidc_keys_published (&keys, oidc_keys_end (&keys, 1));
    CHECK_INT (keys.count, 1);
    CHECK_STR (keys.items[0].id, "new");
    // Whoever copied the keys just before the new one was there has it when it signs
    CHECK (OIDC_WAIT_US >= SECONDS (OIDC_CACHE_SECONDS));
}

TEST (a_key_is_due_when_there_is_none_and_when_the_newest_is_old)
{
    oidc_key_row_t items[] = {key ("a", NOW)};
    oidc_keys_t none = {items, 0}, one = {items, 1};
    CHECK_STR (signs (&none, NOW), "none");
    CHECK (oidc_keys_due (&none, NOW));
    CHECK (!oidc_keys_due (&one, NOW));
    CHECK (!oidc_keys_due (&one, NOW + OIDC_AGE_US - 1));
    CHECK (oidc_keys_due (&one, NOW + OIDC_AGE_US));
    oidc_keys_published (&one, NOW + 2 * OIDC_AGE_US);
    CHECK_INT (one.count, 1);                          // However old: it is the only one
    CHECK_STR (signs (&one, NOW - SECONDS (60)), "a"); // A replica's clock is behind
}
