/* Whose a webhook's delivery is. Vectors of GitHub ("Validating webhook deliveries") and of Standard Webhooks' reference libraries. */

#include "services/scm/forges/hook_proof.h"
#include "common/base/clock.h"
#include "services/scm/forges/forge.h"
#include "tests/unit/test.h"

#include <string.h>

#define SECRET "It's a Secret to Everybody"
#define HEX    "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

static hook_request_t request (const char *body)
{
    return (hook_request_t){.event = "",
                            .event_type = "",
                            .delivery = "",
                            .hub = "",
                            .gitea = "",
                            .signature = "",
                            .timestamp = "",
                            .token = "",
                            .body = body,
                            .size = strlen (body)};
}

TEST (a_delivery_of_github_is_proven_by_the_sum_of_its_bytes)
{
    hook_request_t good = request ("Hello, World!"), other = request ("Hello, World?");
    good.hub = other.hub = "sha256=" HEX;
    CHECK (forge_github.verify (&good, SECRET));
    CHECK (forge_git.verify (&good, SECRET));
    CHECK (!forge_github.verify (&other, SECRET));
    CHECK (!forge_github.verify (&good, "another"));
}

TEST (a_delivery_of_gitea_is_proven_by_its_own_header)
{
    hook_request_t good = request ("Hello, World!");
    good.gitea = HEX;
    CHECK (forge_gitea.verify (&good, SECRET));
    good.hub = "sha256=" HEX; // Which Gitea sends too, and nobody else reads for it
    good.gitea = "";
    CHECK (!forge_gitea.verify (&good, SECRET));
}

TEST (an_empty_secret_and_a_signature_that_is_not_whole_prove_nothing)
{
    static const char *const bad[] = {
        "",
        "sha256=",
        "sha256=75710",
        "sha1=" HEX,
        "sha256=" HEX "0",
        HEX,
        "sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"};
    hook_request_t one = request ("Hello, World!");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        one.hub = one.gitea = bad[i];
        if (strcmp (bad[i], HEX) == 0)
            one.gitea = "";
        CHECK (!forge_github.verify (&one, SECRET));
        CHECK (!forge_gitea.verify (&one, SECRET));
    }
    // The sum with an empty key, as anybody can make it
    one.hub = "sha256=2bbcfa9524f3218c7a34b30e6936f8b1a4516cb097f1a85a1c7d98b5977ec769";
    CHECK (!forge_github.verify (&one, ""));
    CHECK (!forge_gitlab.verify (&one, ""));
}

#define KEY  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGN "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static hook_request_t standard (void)
{
    hook_request_t made = request ("{\"test\": 2432232314}");
    made.delivery = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    made.timestamp = "1614265330";
    made.signature = "v1," SIGN;
    made.now_us = SECONDS (1614265330);
    return made;
}

TEST (a_delivery_of_gitlab_is_proven_by_a_signature_with_a_near_time)
{
    hook_request_t one = standard ();
    CHECK (forge_gitlab.verify (&one, KEY));
    one.signature = "v1,AAAA v2,x v1," SIGN;
    CHECK (forge_gitlab.verify (&one, KEY));
    one.now_us += HOOK_OLD_US + SECONDS (1);
    CHECK (!forge_gitlab.verify (&one, KEY));
    one = standard ();
    one.delivery = "msg_other";
    CHECK (!forge_gitlab.verify (&one, KEY));
    one = standard ();
    one.timestamp = "1614265331";
    CHECK (!forge_gitlab.verify (&one, KEY));
}

TEST (an_older_gitlab_shows_the_token_itself)
{
    hook_request_t one = request ("{}");
    one.token = KEY;
    CHECK (forge_gitlab.verify (&one, KEY));
    one.token = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx";
    CHECK (!forge_gitlab.verify (&one, KEY));
    one.token = "";
    CHECK (!forge_gitlab.verify (&one, ""));
    one = standard (); // Where there is a signature, the token is not enough
    one.signature = "v1,AAAA";
    one.token = KEY;
    CHECK (!forge_gitlab.verify (&one, KEY));
}

TEST (a_delivery_is_known_by_its_body_and_by_its_name_only_where_that_is_proven)
{
    arena_t *arena = arena_new ();
    hook_request_t one = request ("{}"), same = one, other = request ("{} ");
    one.delivery = "a";
    same.delivery = other.delivery = "b";
    one.event = "push";
    same.event = "create";
    CHECK_STR (hook_delivery_key (arena, &one, false), hook_delivery_key (arena, &same, false));
    CHECK (strcmp (hook_delivery_key (arena, &other, false), hook_delivery_key (arena, &same, false)) != 0);
    CHECK_STR (hook_delivery_key (arena, &other, true), "b");
    other.delivery = "";
    CHECK_STR (hook_delivery_key (arena, &other, true), hook_delivery_key (arena, &other, false));
    CHECK (forge_gitlab.names_proven && !forge_github.names_proven && !forge_gitea.names_proven &&
           !forge_git.names_proven);
    arena_destroy (&arena);
}

TEST (a_new_secret_is_one_that_every_forge_takes)
{
    arena_t *arena = arena_new ();
    const char *one = hook_secret_new (arena), *other = hook_secret_new (arena);
    CHECK (strncmp (one, "whsec_", 6) == 0 && strlen (one) == 6 + 44);
    CHECK (strcmp (one, other) != 0);
    arena_destroy (&arena);
}
