/* People sign in by an OpenID provider, which is played: what is wrong is refused, accounts are made and linked, groups follow. On each engine. */

#include "common/base/secret_box.h"
#include "tests/service/identity/fake_provider.h"
#include "tests/service/identity/people.h"

#include <poll.h>
#include <string.h>

#define COOKIE_HASH "the hash of this browser's cookie"

typedef struct {
    world_t *world;
    fake_provider_t *provider;
} both_t;

static fault_t configure (both_t *self, provider_set_t ask)
{
    provider_t made = {0};
    ask.provider = ask.provider ? ask.provider : "acme";
    ask.issuer = ask.issuer ? ask.issuer : fake_provider_url (self->provider);
    ask.client_id = ask.client_id ? ask.client_id : "ci";
    ask.client_secret = "a secret";
    ask.private_networks = true;
    return ask_as (self->world, ROLE_ADMIN, MSG_provider_set, &ask, &made);
}

static both_t begin (world_t *world, provider_set_t ask)
{
    both_t self = {world, fake_provider_new (world)};
    CHECK_INT (configure (&self, ask), OK);
    return self;
}

static void end (both_t *self)
{
    fake_provider_destroy (&self->provider);
}

static fake_answer_t go (both_t *self)
{
    sign_in_flow_t flow = {0};
    const sign_in_begin_t ask = {.provider = "acme", .to = "/runs", .browser = COOKIE_HASH};
    CHECK_INT (ask_as (self->world, ROLE_SERVICE, MSG_sign_in_begin, &ask, &flow), OK);
    CHECK (strstr (flow.url, "response_type=code") && strstr (flow.url, "code_challenge_method=S256"));
    return fake_provider_visit (self->provider, flow.url);
}

static fault_t take (both_t *self, const char *state, const char *browser)
{
    done_t done = {0};
    return ask_as (self->world, ROLE_SERVICE, MSG_sign_in_take,
                   &(sign_in_take_t){.state = state, .browser = browser}, &done);
}

static fault_t finish (both_t *self, sign_in_finish_t ask, session_t *out)
{
    *out = (session_t){0};
    TRY (take (self, ask.state, COOKIE_HASH));
    return ask_as (self->world, ROLE_SERVICE, MSG_sign_in_finish, &ask, out);
}

// All of it.
static fault_t sign_in (both_t *self, session_t *out)
{
    fake_answer_t answer = go (self);
    return finish (self, (sign_in_finish_t){.state = answer.state, .code = answer.code}, out);
}

static const char *why (both_t *self)
{
    return self->world->turn.detail ? self->world->turn.detail : "";
}

#define CHECK_REFUSED(both, says, fault, text)                       \
    do {                                                             \
        session_t refused_session;                                   \
        fake_provider_say ((both)->provider, (fake_says_t) says);    \
        CHECK_INT (sign_in ((both), &refused_session), fault);       \
        CHECK (strstr (why (both), text));                           \
        CHECK (!refused_session.cookie || !*refused_session.cookie); \
    } while (0)

TEST_ON_ENGINES (somebody_whom_the_provider_knows_gets_an_account_once_where_it_may)
{
    session_t session, again;
    both_t both = begin (world, (provider_set_t){.create = true, .role = "VIEWER", .label = "Acme"});
    fake_provider_say (both.provider, (fake_says_t){.sub = "4711",
                                                    .more = ",\"preferred_username\":\"Ada.L@acme\","
                                                            "\"name\":\"Ada\\nL\",\"email\":\"ada@acme.org\","
                                                            "\"email_verified\":true"});
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_STR (session.subject, "ada.l");
    CHECK_STR (session.role, "VIEWER");
    CHECK_STR (session.to, "/runs");
    CHECK_STR (whose (world, session.cookie).subject, "ada.l");
    CHECK_INT (sign_in (&both, &again), OK);
    CHECK_STR (again.user, session.user);
    user_t user = {0};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_user_show, &(user_show_t){.user = "ada.l"}, &user), OK);
    CHECK_STR (user.display_name, "Ada L");
    CHECK_STR (user.email, "ada@acme.org");
    CHECK_INT (user.identities, 1);
    CHECK (!user.has_password && user.signed_in_at > 0);
    // The same address and name, and another subject: somebody else
    fake_provider_say (both.provider, (fake_says_t){.sub = "4712",
                                                    .more = ",\"preferred_username\":\"ada.l\",\"email\":"
                                                            "\"ada@acme.org\",\"email_verified\":true"});
    CHECK_INT (sign_in (&both, &again), OK);
    CHECK_STR (again.subject, "ada.l-2");
    CHECK (strcmp (again.user, session.user) != 0);
    end (&both);
}

TEST_ON_ENGINES (a_name_that_is_meant_for_somebody_is_given_to_nobody_whom_a_provider_names_so)
{
    session_t session;
    role_row_t role = {0};
    people_group_t group = {0};
    static const char *members[] = {"grace"};
    add_user (world, "ada", "ADMIN");
    CHECK_INT (
        ask_as (world, ROLE_ADMIN, MSG_role_set, &(role_set_t){.subject = "barbara", .role = "ADMIN"}, &role),
        OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_set,
                       &(group_set_t){.group = "dev", .members = {members, 1}}, &group),
               OK);
    issue (world, "ADMIN", "root", 0);
    both_t both = begin (world, (provider_set_t){.create = true});
    static const char *const names[] = {"ada", "barbara", "grace", "root"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fake_provider_say (
            both.provider,
            (fake_says_t){.sub = names[i],
                          .more = arena_printf (world->arena, ",\"preferred_username\":\"%s\"", names[i])});
        CHECK_INT (sign_in (&both, &session), OK);
        CHECK_STR (session.subject, arena_printf (world->arena, "%s-2", names[i]));
        CHECK_STR (whose (world, session.cookie).role, "MEMBER");
    }
    fake_provider_say (both.provider,
                       (fake_says_t){.sub = "x", .more = ",\"preferred_username\":\"-._\\u00e4\""});
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_STR (session.subject, "user");
    end (&both);
}

TEST_ON_ENGINES (an_id_token_that_is_wrong_signs_nobody_in)
{
    both_t both = begin (world, (provider_set_t){.create = true});
    CHECK_REFUSED (&both, {.nonce = "another"}, UNAUTHORIZED, "of another sign-in");
    CHECK_REFUSED (&both, {.aud = "cd"}, UNAUTHORIZED, "for another client");
    CHECK_REFUSED (&both, {.iss = "https://other.example.org"}, UNAUTHORIZED, "another issuer");
    CHECK_REFUSED (&both, {.expires_in = -61}, UNAUTHORIZED, "has expired");
    CHECK_REFUSED (&both, {.alg = "none"}, UNAUTHORIZED, "not signed with");
    CHECK_REFUSED (&both, {.alg = "HS256"}, UNAUTHORIZED, "not signed with");
    CHECK_REFUSED (&both, {.other_key = true}, UNAUTHORIZED, "signature that is wrong");
    CHECK_REFUSED (&both, {.more = ",\"sub\":\"root\""}, UNAUTHORIZED, "cannot be read");
    user_page_t page = {0};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_user_list, &(user_list_t){0}, &page), OK);
    CHECK_INT (page.items.count, 0);
    end (&both);
}

TEST_ON_ENGINES (an_answer_counts_once_in_its_browser_within_ten_minutes_and_only_with_its_own_code)
{
    session_t session;
    both_t both = begin (world, (provider_set_t){.create = true});
    fake_answer_t answer = go (&both), other = go (&both);
    // In another browser; and it is not used up by that
    CHECK_INT (take (&both, answer.state, "another browser"), UNAUTHORIZED);
    CHECK_INT (take (&both, answer.state, ""), UNAUTHORIZED);
    CHECK_INT (take (&both, "made up", COOKIE_HASH), UNAUTHORIZED);
    // What was not taken is not finished
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_sign_in_finish,
                       &(sign_in_finish_t){.state = answer.state, .code = answer.code}, &session),
               UNAUTHORIZED);
    // The code of another sign-in: its verifier is another one
    CHECK_INT (finish (&both, (sign_in_finish_t){.state = answer.state, .code = other.code}, &session),
               UNAUTHORIZED);
    CHECK (strstr (why (&both), "used before"));
    // This state is used up now, for the right code as well
    CHECK_INT (finish (&both, (sign_in_finish_t){.state = answer.state, .code = answer.code}, &session),
               UNAUTHORIZED);
    CHECK (strstr (why (&both), "begin again"));
    // A code that was used, in a sign-in that was not
    CHECK_INT (finish (&both, (sign_in_finish_t){.state = other.state, .code = other.code}, &session),
               UNAUTHORIZED);
    fake_answer_t late = go (&both);
    clock_turn (world->clock, SECONDS (601));
    CHECK_INT (finish (&both, (sign_in_finish_t){.state = late.state, .code = late.code}, &session),
               UNAUTHORIZED);
    CHECK (strstr (why (&both), "10 minutes"));
    CHECK_INT (sign_in (&both, &session), OK);
    // Nobody but the gateway, and no other site's page afterwards
    sign_in_flow_t flow = {0};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_sign_in_begin,
                       &(sign_in_begin_t){.provider = "acme", .browser = COOKIE_HASH}, &flow),
               FORBIDDEN);
    static const char *const paths[] = {"//evil.example.org", "https://evil.example.org", "/\\evil", "/a\tb",
                                        "runs"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_sign_in_begin,
                           &(sign_in_begin_t){.provider = "acme", .browser = COOKIE_HASH, .to = paths[i]},
                           &flow),
                   INVALID);
    end (&both);
}

TEST_ON_ENGINES (an_answer_of_another_provider_or_a_refusal_is_said_in_words)
{
    session_t session;
    both_t both = begin (world, (provider_set_t){.create = true, .label = "Acme"});
    fake_answer_t answer = go (&both);
    CHECK_INT (finish (&both,
                       (sign_in_finish_t){
                           .state = answer.state, .code = answer.code, .iss = "https://evil.example.org"},
                       &session),
               UNAUTHORIZED);
    CHECK (strstr (why (&both), "not of Acme"));
    answer = go (&both);
    CHECK_INT (finish (&both, (sign_in_finish_t){.state = answer.state, .error = "access_denied"}, &session),
               UNAUTHORIZED);
    CHECK (strstr (why (&both), "Acme did not let you in"));
    answer = go (&both);
    CHECK_INT (finish (&both, (sign_in_finish_t){.state = answer.state, .error = "<b>call 555"}, &session),
               UNAUTHORIZED);
    CHECK (!strstr (why (&both), "555")); // Whoever made the address wrote that
    CHECK_INT (fake_provider_asked (both.provider, "/token"), 0);
    // One that says that it names itself has to
    clock_turn (world->clock, SECONDS (3601));
    fake_provider_say (both.provider, (fake_says_t){.sends_issuer = true});
    answer = go (&both);
    CHECK_INT (finish (&both, (sign_in_finish_t){.state = answer.state, .code = answer.code}, &session),
               UNAUTHORIZED);
    answer = go (&both);
    CHECK_INT (finish (&both,
                       (sign_in_finish_t){.state = answer.state,
                                          .code = answer.code,
                                          .iss = fake_provider_url (both.provider)},
                       &session),
               OK);
    end (&both);
}

TEST_ON_ENGINES (keys_are_read_again_for_one_that_is_new_and_not_more_often_than_once_a_minute)
{
    session_t session;
    both_t both = begin (world, (provider_set_t){.create = true});
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_INT (fake_provider_asked (both.provider, "/keys"), 1);
    fake_provider_say (both.provider, (fake_says_t){.new_key = true});
    CHECK_INT (sign_in (&both, &session), UNAUTHORIZED);
    CHECK (strstr (why (&both), "does not publish"));
    CHECK_INT (fake_provider_asked (both.provider, "/keys"), 1);
    clock_turn (world->clock, SECONDS (61));
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_INT (fake_provider_asked (both.provider, "/keys"), 2);
    CHECK_INT (fake_provider_asked (both.provider, "/.well-known/openid-configuration"), 1);
    end (&both);
}

TEST_ON_ENGINES (a_provider_that_is_down_is_left_alone_and_what_is_known_of_it_is_kept)
{
    sign_in_flow_t flow = {0};
    const sign_in_begin_t ask = {.provider = "acme", .browser = COOKIE_HASH};
    both_t both = begin (world, (provider_set_t){0});
    fake_provider_say (both.provider, (fake_says_t){.down = true});
    clock_turn (world->clock, SECONDS (3601));
    for (int i = 0; i < 5; i++)
        CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_sign_in_begin, &ask, &flow), OK);
    CHECK_INT (fake_provider_asked (both.provider, "/.well-known/openid-configuration"), 2);
    restart_actor (world, &world->key); // Nothing is known any more
    for (int i = 0; i < 5; i++)
        CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_sign_in_begin, &ask, &flow), UNAVAILABLE);
    CHECK (strstr (why (&both), "it answered 503"));
    CHECK_INT (fake_provider_asked (both.provider, "/.well-known/openid-configuration"), 3);
    fake_provider_say (both.provider, (fake_says_t){0});
    clock_turn (world->clock, SECONDS (11));
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_sign_in_begin, &ask, &flow), OK);
    end (&both);
}

TEST_ON_ENGINES (who_has_no_account_or_lost_it_is_told_so)
{
    session_t session;
    done_t done = {0};
    user_t user = {0};
    both_t both = begin (world, (provider_set_t){.label = "Acme"});
    CHECK_REFUSED (&both, {.sub = "1"}, FORBIDDEN, "nobody here has this account of Acme");
    CHECK_INT (configure (&both, (provider_set_t){.create = true}), OK);
    fake_provider_say (both.provider, (fake_says_t){.sub = "1", .more = ",\"preferred_username\":\"ada\""});
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_user_disable, &(user_disable_t){.user = "ada"}, &user), OK);
    CHECK_REFUSED (&both, {.sub = "1"}, FORBIDDEN, "is disabled");
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_user_remove, &(user_remove_t){.user = "ada"}, &done), OK);
    CHECK_REFUSED (&both, {.sub = "1"}, FORBIDDEN, "was removed"); // And not somebody new
    CHECK_INT (
        ask_as (world, ROLE_ADMIN, MSG_provider_remove, &(provider_remove_t){.provider = "acme"}, &done), OK);
    sign_in_flow_t flow = {0};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_sign_in_begin,
                       &(sign_in_begin_t){.provider = "acme", .browser = COOKIE_HASH}, &flow),
               NOT_FOUND);
    end (&both);
}

// ---- linking ----

static fault_t link_as (both_t *self, const char *cookie, const char *password, fake_answer_t *out)
{
    sign_in_flow_t flow = {0};
    const identity_link_t ask = {.provider = "acme",
                                 .password = password,
                                 .hash = hash_of (self->world, cookie),
                                 .address = AT_HOME,
                                 .browser = COOKIE_HASH};
    TRY (ask_own (self->world, cookie, MSG_identity_link, &ask, &flow));
    *out = fake_provider_visit (self->provider, flow.url);
    return OK;
}

static fault_t finish_as (both_t *self, const char *cookie, fake_answer_t answer)
{
    session_t session;
    return finish (self,
                   (sign_in_finish_t){.state = answer.state,
                                      .code = answer.code,
                                      .hash = *cookie ? hash_of (self->world, cookie) : ""},
                   &session);
}

static linked_identity_items_t identities_of (both_t *self, const char *cookie)
{
    identity_rows_t rows = {0};
    CHECK_INT (ask_own (self->world, cookie, MSG_identity_list,
                        &(identity_list_t){.hash = hash_of (self->world, cookie)}, &rows),
               OK);
    return rows.items;
}

static fault_t unlink_as (both_t *self, const char *cookie, const char *password, const char *identity)
{
    done_t done = {0};
    return ask_own (self->world, cookie, MSG_identity_unlink,
                    &(identity_unlink_t){.identity = identity,
                                         .password = password,
                                         .hash = hash_of (self->world, cookie),
                                         .address = AT_HOME},
                    &done);
}

TEST_ON_ENGINES (who_is_signed_in_links_an_identity_by_the_password_and_signs_in_by_it)
{
    fake_answer_t answer;
    session_t session;
    add_user (world, "ada", "DEVELOPER");
    add_user (world, "bob", "VIEWER");
    both_t both = begin (world, (provider_set_t){.label = "Acme"});
    session_t ada = signed_in_as (world, "ada"), elsewhere = signed_in_as (world, "ada"),
              bob = signed_in_as (world, "bob");
    fake_provider_say (both.provider,
                       (fake_says_t){.sub = "4711", .more = ",\"preferred_username\":\"ada.l\""});
    CHECK_INT (link_as (&both, ada.cookie, OTHER_PASSWORD, &answer), INVALID);
    CHECK_INT (link_as (&both, ada.cookie, NULL, &answer), INVALID);
    // What ada began is not finished by bob, nor by who is not signed in
    CHECK_INT (link_as (&both, ada.cookie, GOOD_PASSWORD, &answer), OK);
    CHECK_INT (finish_as (&both, bob.cookie, answer), FORBIDDEN);
    CHECK_INT (link_as (&both, ada.cookie, GOOD_PASSWORD, &answer), OK);
    CHECK_INT (finish_as (&both, "", answer), FORBIDDEN);
    CHECK_INT (identities_of (&both, ada.cookie).count, 0);
    CHECK_INT (link_as (&both, ada.cookie, GOOD_PASSWORD, &answer), OK);
    CHECK_INT (finish_as (&both, ada.cookie, answer), OK);
    linked_identity_items_t mine = identities_of (&both, ada.cookie);
    CHECK_INT (mine.count, 1);
    CHECK_STR (mine.items[0].label, "Acme");
    CHECK_STR (mine.items[0].name, "ada.l");
    CHECK_STR (mine.items[0].subject, "4711");
    CHECK (!whose (world, elsewhere.cookie).role ||
           !*whose (world, elsewhere.cookie).role); // All others ended
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_STR (session.subject, "ada");
    CHECK_STR (session.role, "DEVELOPER");
    // It is ada's now, and nobody else's
    CHECK_INT (link_as (&both, bob.cookie, GOOD_PASSWORD, &answer), OK);
    CHECK_INT (finish_as (&both, bob.cookie, answer), CONFLICT);
    CHECK_INT (unlink_as (&both, bob.cookie, GOOD_PASSWORD, mine.items[0].id), NOT_FOUND);
    CHECK_INT (unlink_as (&both, ada.cookie, OTHER_PASSWORD, mine.items[0].id), INVALID);
    CHECK_INT (unlink_as (&both, ada.cookie, GOOD_PASSWORD, mine.items[0].id), OK);
    CHECK_INT (sign_in (&both, &session), FORBIDDEN);
    end (&both);
}

TEST_ON_ENGINES (the_last_way_to_sign_in_cannot_be_unlinked)
{
    session_t session;
    fake_answer_t answer;
    both_t both = begin (world, (provider_set_t){.create = true});
    fake_provider_say (both.provider, (fake_says_t){.sub = "1"});
    CHECK_INT (sign_in (&both, &session), OK);
    CHECK_INT (unlink_as (&both, session.cookie, NULL, identities_of (&both, session.cookie).items[0].id),
               CONFLICT);
    fake_provider_say (both.provider, (fake_says_t){.sub = "2"});
    CHECK_INT (link_as (&both, session.cookie, NULL, &answer), OK);
    CHECK_INT (finish_as (&both, session.cookie, answer), OK);
    linked_identity_items_t mine = identities_of (&both, session.cookie);
    CHECK_INT (mine.count, 2);
    CHECK_INT (unlink_as (&both, session.cookie, NULL, mine.items[0].id), OK);
    CHECK_INT (unlink_as (&both, session.cookie, NULL, mine.items[1].id), CONFLICT);
    end (&both);
}

// ---- groups ----

static const char *role_in_site (both_t *self, session_t *session)
{
    CHECK_INT (sign_in (self, session), OK);
    const char *grants = whose (self->world, session->cookie).grants;
    return grants ? grants : "";
}

TEST_ON_ENGINES (groups_of_the_provider_are_refreshed_at_each_sign_in_and_no_others_are_touched)
{
    static const char *mapped[] = {"cn=dev,ou=acme=developers", "ops"}, *members[] = {"grace", "ada"};
    session_t session;
    people_group_t group = {0};
    role_row_t role = {0};
    group_page_t page = {0};
    both_t both =
        begin (world, (provider_set_t){.create = true, .groups_claim = "groups", .groups = {mapped, 2}});
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_role_set,
                       &(role_set_t){.subject = "group:developers", .project = "site", .role = "DEVELOPER"},
                       &role),
               OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_set,
                       &(group_set_t){.group = "ops", .members = {members, 2}}, &group),
               OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_set,
                       &(group_set_t){.group = "root", .members = {members, 1}}, &group),
               OK);
#define GROUPS(list) (fake_says_t){.sub = "1", .more = ",\"preferred_username\":\"eve\",\"groups\":" list}
    fake_provider_say (both.provider, GROUPS ("[\"cn=dev,ou=acme\",\"root\",\"developers\",\"nothing\"]"));
    CHECK (strstr (role_in_site (&both, &session), "=D|"));
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_list, &(group_list_t){0}, &page), OK);
    CHECK_INT (page.items.count, 3);
    CHECK_STR (page.items.items[0].name, "developers");
    CHECK_INT (page.items.items[0].members.count, 0);
    CHECK_INT (page.items.items[0].provided.count, 1);
    CHECK_STR (page.items.items[0].provided.items[0], "eve");
    CHECK_INT (page.items.items[2].provided.count, 0); // It is not mapped
    // What is not said is not "none"
    fake_provider_say (both.provider, (fake_says_t){.sub = "1"});
    CHECK (strstr (role_in_site (&both, &session), "=D|"));
    // An administrator's change of members leaves the provider's alone
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_set,
                       &(group_set_t){.group = "developers", .members = {members, 1}}, &group),
               OK);
    CHECK (strstr (whose (world, session.cookie).grants, "=D|"));
    fake_provider_say (both.provider, GROUPS ("[\"ops\"]"));
    CHECK (!strstr (role_in_site (&both, &session), "=D|"));
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_list, &(group_list_t){0}, &page), OK);
    CHECK_INT (page.items.items[0].members.count, 1);
    CHECK_INT (page.items.items[1].provided.count, 1);
    CHECK_INT (page.items.items[1].members.count, 2);
    // What is mapped no more has no members by it
    CHECK_INT (
        configure (&both, (provider_set_t){.create = true, .groups_claim = "groups", .groups = {mapped, 1}}),
        OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_group_list, &(group_list_t){0}, &page), OK);
    CHECK_INT (page.items.items[1].provided.count, 0);
    CHECK_INT (page.items.items[1].members.count, 2);
    end (&both);
}

// ---- configuring ----

TEST_ON_ENGINES (a_provider_that_is_configured_wrongly_is_refused_when_it_is_added)
{
    both_t both = begin (world, (provider_set_t){0});
    provider_t made = {0};
    static const char *no_group[] = {"="}, *group[] = {"a"};
    const char *url = fake_provider_url (both.provider);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_provider_set,
                       &(provider_set_t){.provider = "b", .issuer = url, .client_id = "ci"}, &made),
               FORBIDDEN); // It is on this machine
    CHECK (strstr (why (&both), "private_networks"));
    CHECK_INT (configure (&both, (provider_set_t){.provider = "b"}), CONFLICT); // Of the same issuer
    CHECK_INT (configure (&both, (provider_set_t){.issuer = "http://127.0.0.1:1"}), CONFLICT);
    CHECK_INT (configure (&both, (provider_set_t){.provider = "b", .issuer = "http://127.0.0.1:1"}),
               UNAVAILABLE);
    CHECK_INT (configure (&both, (provider_set_t){.provider = "b", .issuer = "http://login.example.org"}),
               INVALID);
    CHECK_INT (configure (&both, (provider_set_t){.provider = "b", .issuer = "https://a.example.org/?x"}),
               INVALID);
    CHECK_INT (configure (&both, (provider_set_t){.provider = "b",
                                                  .issuer = arena_printf (world->arena, "%s/x", url)}),
               UNAVAILABLE);
    CHECK_INT (configure (&both, (provider_set_t){.role = "ADMIN"}), INVALID);
    CHECK_INT (configure (&both, (provider_set_t){.provider = "a b"}), INVALID);
    CHECK_INT (configure (&both, (provider_set_t){.scopes = "profile"}), INVALID);
    CHECK_INT (configure (&both, (provider_set_t){.groups = {group, 1}}), INVALID);
    CHECK_INT (configure (&both, (provider_set_t){.groups_claim = "g", .groups = {no_group, 1}}), INVALID);
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_provider_set, &(provider_set_t){.provider = "b"}, &made),
               FORBIDDEN);
    provider_rows_t rows = {0};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_provider_list, "", &rows), OK);
    CHECK_INT (rows.items.count, 1);
    CHECK_STR (rows.items.items[0].role, "MEMBER");
    CHECK (rows.items.items[0].has_secret);
    provider_offers_t offers = {0};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_provider_offer_list, "", &offers), OK);
    CHECK_INT (offers.items.count, 1);
    CHECK_STR (offers.items.items[0].label, "acme");
    end (&both);
}

static bool is_sealed_by (world_t *world, const char *key_name)
{
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn, "select key_name from providers where name = $1", &rows,
                         P_STR ("acme")),
               OK);
    return strcmp (rows_str (rows, 0, 0), key_name) == 0;
}

TEST_ON_ENGINES (a_client_secret_is_sealed_and_sealed_again_by_a_newer_key)
{
    const rows_t *rows;
    session_t session;
    secret_box_t box;
    size_t size;
    both_t both = begin (world, (provider_set_t){.create = true});
    CHECK_INT (db_query (world->db, &world->turn, "select sealed from providers where name = $1", &rows,
                         P_STR ("acme")),
               OK);
    const void *sealed = rows_bytes (rows, 0, 0, &size);
    CHECK (size > 0 && !memmem (sealed, size, "a secret", 8));
    secret_key_t next = {.bytes = "the second key of the test", .older_count = 1};
    memcpy (next.older[0], world->key.bytes, SECRET_KEY_SIZE);
    restart_actor (world, &next);
    secret_box_init (&box, &next);
    for (int i = 0; i < 2000 && !is_sealed_by (world, box.names[0]); i++)
        poll (NULL, 0, 5);
    next.older_count = 0;
    restart_actor (world, &next);
    CHECK_INT (sign_in (&both, &session), OK); // The older key is needed no more
    end (&both);
}
