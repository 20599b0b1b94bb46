/* oidc_keys.c - see oidc_keys.h. */

#include "services/identity/oidc_keys.h"

const oidc_key_row_t *oidc_keys_current (const oidc_keys_t *self, int64_t now_us)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i].signs_at <= now_us)
            return &self->items[i];
    // A clock that was set back: the oldest is known to others
    return self->count > 0 ? &self->items[self->count - 1] : NULL;
}

int64_t oidc_keys_end (const oidc_keys_t *self, size_t i)
{
    return i == 0 ? 0 : self->items[i - 1].signs_at + OIDC_AFTER_US;
}

// The older one is, the earlier it ends.
void oidc_keys_published (oidc_keys_t *self, int64_t now_us)
{
    while (self->count > 1 && oidc_keys_end (self, self->count - 1) <= now_us)
        self->count--;
}

bool oidc_keys_pending (const oidc_keys_t *self, int64_t now_us)
{
    return self->count > 0 && self->items[0].signs_at > now_us;
}

bool oidc_keys_due (const oidc_keys_t *self, int64_t now_us)
{
    return self->count == 0 || self->items[0].signs_at + OIDC_AGE_US <= now_us;
}

const char *oidc_keys_state (const oidc_keys_t *self, size_t i, int64_t now_us)
{
    const oidc_key_row_t *current = oidc_keys_current (self, now_us), *key = &self->items[i];
    return key == current ? "current" : key < current ? "next" : "old";
}
