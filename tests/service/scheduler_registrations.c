/* Registrations: under which names, keys and addresses agents are known, and on whose account. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define ADAS_KEY  "oca_0123456789abcdefghijklmnopqrstuvwxyz-_"
#define OTHER_KEY "oca_0123456789abcdefghijklmnopqrstuvwxyz__"

TEST_ON_ENGINES (a_name_is_taken_until_its_agent_is_removed)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    agent_registered_t answer;
    CHECK_INT (ASK (world, agent_register, &answer, .name = "ada"), CONFLICT);
    CHECK_INT (ASK (world, agent_register, &answer, .name = "a da"), INVALID);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    const char *labels[] = {"arm", "linux"};
    MUST (world, agent_register, &answer, .name = "ada", .labels = {labels, 2});
    CHECK_STR (answer.id, ada.id);
    CHECK_STR (answer.token, "");
    agent_t shown;
    world->caller = (caller_t){.role = ROLE_ADMIN};
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.labels.count, 2);
    done_t done;
    MUST (world, agent_remove, &done, .agent = "ada");
    CHECK_INT (ASK (world, agent_show, &shown, .agent = ada.id), NOT_FOUND);
    world->caller = (caller_t){.role = ROLE_ADMIN};
    agent (world, "ada", "linux");
    world_turn (world, 1);
    CHECK_INT (world_revoked (world), 1);
}

TEST_ON_ENGINES (an_agent_that_got_no_answer_registers_again_with_its_own_key)
{
    agent_registered_t first, again;
    world->caller = (caller_t){.role = ROLE_REGISTRAR, .subject = "registrar"};
    MUST (world, agent_register, &first, .name = "ada", .key = ADAS_KEY);
    CHECK_STR (first.token, "");
    const char *id = arena_strdup (world->arena, first.id);
    MUST (world, agent_register, &again, .name = "ada", .key = ADAS_KEY);
    CHECK_STR (again.id, id);
    CHECK_INT (ASK (world, agent_register, &again, .name = "ada", .key = OTHER_KEY), CONFLICT);
    CHECK_INT (ASK (world, agent_register, &again, .name = "ada"), CONFLICT);
    MUST (world, agent_register, &again, .name = "bob", .key = OTHER_KEY);
    CHECK (strcmp (again.id, id) != 0);
    CHECK_INT (again.server_time, clock_now_us (world->clock));
}

// Identity decides what a registration token allows: it must hear which one it was, and of which labels.
TEST_ON_ENGINES (an_agent_is_registered_on_account_of_the_token_that_it_used)
{
    static const char *labels[] = {"linux", "gpu"};
    agent_registered_t answer;
    agent_t shown;
    world->caller = (caller_t){.role = ROLE_REGISTRAR, .subject = "t-pool"};
    MUST (world, agent_register, &answer, .name = "ada", .labels = {labels, 2});
    CHECK_STR (world_issued (world), "ada AGENT for t-pool: linux gpu");
    MUST (world, agent_register, &answer, .name = "bob", .labels = {labels, 1}, .key = ADAS_KEY);
    CHECK_STR (world_issued (world), "bob AGENT for t-pool: linux");
    world_identity_fault (world, FORBIDDEN);
    CHECK_INT (ASK (world, agent_register, &answer, .name = "eve", .labels = {labels, 2}), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_VIEWER, .subject = "vic"};
    CHECK_INT (ASK (world, agent_show, &shown, .agent = "eve"), NOT_FOUND);
    world_identity_fault (world, OK);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "dan"};
    MUST (world, agent_register, &answer, .name = "cat");
    CHECK_STR (world_issued (world), "cat AGENT for nobody:");
}

TEST_ON_ENGINES (a_key_that_could_be_guessed_or_be_another_kind_of_token_is_refused)
{
    static const char *const keys[] = {"oca_short", "ocj_0123456789abcdefghijklmnopqrstuvwxyz",
                                       "oca_0123456789abcdefghijklmnopqrstuvwx y",
                                       "0123456789abcdefghijklmnopqrstuvwxyz"};
    agent_registered_t answer;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        CHECK_INT (ASK (world, agent_register, &answer, .name = "ada", .key = keys[i]), INVALID);
    CHECK_INT (
        ASK (world, agent_register, &answer, .name = "ada", .key = "oca_0123456789abcdefghijklmnopqrstu"),
        INVALID);
    MUST (world, agent_register, &answer, .name = "ada", .key = "oca_0123456789abcdefghijklmnopqrstuv");
}

TEST_ON_ENGINES (an_address_of_an_agent_is_one_that_a_path_can_follow)
{
    static const char *const urls[] = {"ftp://host",
                                       "http://",
                                       "http://host/?a=b",
                                       "http://host/internal#",
                                       "http://user:word@host",
                                       "http://ho st",
                                       "file:///etc/passwd"};
    agent_registered_t answer;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        CHECK_INT (ASK (world, agent_register, &answer, .name = "ada", .url = urls[i]), INVALID);
    MUST (world, agent_register, &answer, .name = "ada", .url = "http://10.0.0.7:9000/behind/a/proxy");
    job_orders_t orders;
    agent_t shown;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = answer.id};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) // Nor does it move to such a one
        CHECK_INT (ASK (world, agent_heartbeat, &orders, .agent = answer.id, .url = urls[i]), INVALID);
    world->caller = (caller_t){.role = ROLE_ADMIN};
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_STR (shown.url, "http://10.0.0.7:9000/behind/a/proxy");
}
