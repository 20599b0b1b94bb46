/* How a mirror reaches the other side, and what is refused when too much is under way. */

#include "common/base/clock.h"
#include "services/scm/self.h"
#include "tests/unit/test.h"

#include <string.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    scm_t *scm;
} world_t;

static world_t world_new (private_networks_t who)
{
    world_t self = {.arena = arena_new ()};
    turn_init (&self.turn, self.arena, "test", 0);
    self.scm =
        scm_new (&(scm_options_t){.folder = "/nowhere", .git_config = "/etc/git", .private_networks = who});
    return self;
}

static void world_destroy (world_t *self)
{
    scm_destroy (&self->scm);
    arena_destroy (&self->arena);
}

static git_mirror_t reach (world_t *world, const char *url, bool trusted)
{
    address_t address;
    mirror_t *mirror;
    git_mirror_t git;
    CHECK_INT (address_parse (&world->turn, url, &address), OK);
    CHECK_INT (mirror_find (world->scm, &world->turn, &address, trusted, NULL, &mirror), OK);
    CHECK_INT (mirror_reach (mirror, &world->turn, &git), OK);
    return git;
}

TEST (git_connects_to_the_address_that_was_checked_and_follows_no_redirect_where_hosts_must_be_public)
{
    world_t world = world_new (PRIVATE_FOR_ADMINISTRATORS);
    git_mirror_t git = reach (&world, "https://8.8.8.8/x", false);
    CHECK_STR (git.location.address, "8.8.8.8:443:8.8.8.8");
    CHECK (git.location.no_redirects);
    CHECK_STR (git.location.remote, "https://8.8.8.8/x");
    CHECK_STR (git.location.config, "/etc/git");
    git = reach (&world, "http://8.8.8.8:8080/x", false);
    CHECK_STR (git.location.address, "8.8.8.8:8080:8.8.8.8");
    git = reach (&world, "ssh://git@8.8.8.8/x", false);
    CHECK (!git.location.address && git.location.no_redirects);
    git = reach (&world, "https://8.8.8.8/x", true); // An administrator's
    CHECK (!git.location.address && !git.location.no_redirects);
    world_destroy (&world);
    world = world_new (PRIVATE_FOR_NOBODY);
    git = reach (&world, "https://8.8.8.8/x", true);
    CHECK (git.location.address && git.location.no_redirects);
    world_destroy (&world);
}

TEST (a_clone_may_take_longer_than_a_later_fetch_and_neither_may_be_silent)
{
    world_t world = world_new (PRIVATE_FOR_ADMINISTRATORS);
    git_mirror_t git = reach (&world, "https://8.8.8.8/x", true);
    CHECK (git.bounds.until_us > clock_monotonic_us () + SCM_UPDATE_US);
    CHECK (git.bounds.until_us <= clock_monotonic_us () + SCM_CLONE_US);
    CHECK_INT (git.bounds.silence_us, SCM_SILENCE_US);
    atomic_store (&world.scm->mirrors->is_there, true);
    git = reach (&world, "https://8.8.8.8/x", true);
    CHECK (git.bounds.until_us <= clock_monotonic_us () + SCM_UPDATE_US);
    world_destroy (&world);
}

TEST (more_requests_or_mirrors_than_are_kept_are_refused)
{
    world_t world = world_new (PRIVATE_FOR_ADMINISTRATORS);
    const scm_fetch_t ask = {.url = "/x", .ref = "", .sha = "", .before = ""};
    address_t address;
    mirror_t *mirror;
    CHECK_INT (address_parse (&world.turn, "/x", &address), OK);
    world.scm->request_count = REQUESTS_MAX;
    CHECK_INT (request_begin (world.scm, &world.turn, &ask, &address, NULL), OVERLOADED);
    world.scm->request_count = 0;
    for (int i = 0; i < MIRRORS_MAX; i++) {
        const char *url = arena_printf (world.arena, "https://example.org/%d", i);
        CHECK_INT (address_parse (&world.turn, url, &address), OK);
        CHECK_INT (mirror_find (world.scm, &world.turn, &address, true, NULL, &mirror), OK);
        mirror->users = 1;
    }
    CHECK_INT (address_parse (&world.turn, "https://example.org/more", &address), OK);
    CHECK_INT (mirror_find (world.scm, &world.turn, &address, true, NULL, &mirror), OVERLOADED);
    world.scm->mirrors->users = 0; // The last one: it makes room
    CHECK_INT (mirror_find (world.scm, &world.turn, &address, true, NULL, &mirror), OK);
    CHECK_INT (world.scm->mirror_count, MIRRORS_MAX);
    world_destroy (&world);
}

TEST (a_mirror_that_is_being_read_or_updated_is_not_removed)
{
    world_t world = world_new (PRIVATE_FOR_ADMINISTRATORS);
    address_t address;
    mirror_t *mirror;
    bool done;
    CHECK_INT (address_parse (&world.turn, "https://example.org/x", &address), OK);
    CHECK_INT (mirror_find (world.scm, &world.turn, &address, true, NULL, &mirror), OK);
    mirror->users = 1;
    CHECK_INT (mirror_forget (mirror, &world.turn, &done), UNAVAILABLE);
    CHECK (!done);
    mirror->users = 0;
    mirror->number = mirror->ended + 1;
    CHECK_INT (mirror_forget (mirror, &world.turn, &done), UNAVAILABLE);
    CHECK (!done);
    mirror->number = mirror->ended;
    world_destroy (&world);
}

// What an administrator fetched from a network of ours is nothing for others.
TEST (whoever_is_not_trusted_has_another_mirror_of_the_same_address)
{
    world_t world = world_new (PRIVATE_FOR_ADMINISTRATORS);
    address_t address;
    mirror_t *trusted, *other, *again;
    CHECK_INT (address_parse (&world.turn, "https://example.org/x", &address), OK);
    CHECK_INT (mirror_find (world.scm, &world.turn, &address, true, NULL, &trusted), OK);
    CHECK_INT (mirror_find (world.scm, &world.turn, &address, false, NULL, &other), OK);
    CHECK_INT (mirror_find (world.scm, &world.turn, &address, false, NULL, &again), OK);
    CHECK (trusted != other && again == other);
    CHECK (trusted->trusted && !other->trusted);
    CHECK (strcmp (trusted->folder, other->folder) != 0);
    world_destroy (&world);
}
