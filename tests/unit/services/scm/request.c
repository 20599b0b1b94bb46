/* One request is answered by what was fetched for it, and by nothing that was fetched for another. */

#include "services/scm/self.h"
#include "tests/unit/test.h"

static const scm_fetch_t asked = {.url = "https://example.org/x",
                                  .ref = "main",
                                  .sha = "1",
                                  .before = "2",
                                  .trial = "3",
                                  .trusted = true,
                                  .project = "4"};

TEST (what_was_fetched_for_one_request_answers_no_other)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    turn.deadline_us = 10;
    scm_t *scm = scm_new (&(scm_options_t){.folder = "/nowhere", .git_config = "/etc/git"});
    scm_request_t own = {.id = "test", .deadline_us = 10, .ask = asked};
    scm->requests = &own;
    CHECK (request_of (scm, &turn, &asked) == &own);
    scm_fetch_t others[] = {asked, asked, asked, asked, asked, asked, asked};
    others[0].url = "https://example.org/y";
    others[1].ref = "other";
    others[2].sha = "";
    others[3].before = "";
    others[4].trial = "";
    others[5].trusted = false; // An administrator may reach more
    others[6].project = "";    // And a forge's credential is for its project alone
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK (!request_of (scm, &turn, &others[i]));
    turn.deadline_us++;
    CHECK (!request_of (scm, &turn, &asked));
    turn.deadline_us--;
    turn.request_id = "another";
    CHECK (!request_of (scm, &turn, &asked));
    scm->requests = NULL;
    scm_destroy (&scm);
    arena_destroy (&arena);
}
