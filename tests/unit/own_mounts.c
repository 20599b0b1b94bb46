/* own_mounts.c - see own_mounts.h. */

#include "tests/unit/own_mounts.h"

#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

typedef struct {
    own_mounts_fn act;
    void *context;
    const char *wrong;
    bool tried;
} play_t;

// Nothing that is mounted there is seen outside.
static void *play (void *self_)
{
    play_t *self = self_;
    self->tried = unshare (CLONE_NEWNS) == 0 && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    if (self->tried)
        self->wrong = self->act (self->context);
    return NULL;
}

bool in_own_mounts (own_mounts_fn act, void *context)
{
    play_t self = {.act = act, .context = context};
    pthread_t thread;
    CHECK_INT (pthread_create (&thread, NULL, play, &self), 0);
    pthread_join (thread, NULL);
    if (!self.tried)
        printf ("not tried: only root may have a mount namespace of its own\n");
    CHECK_STR (self.wrong ? self.wrong : "", "");
    return self.tried;
}
