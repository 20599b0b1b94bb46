/* What a caller may: a role everywhere, roles in single projects, public projects; and that nothing else gives anything. */

#include "common/base/caller.h"
#include "tests/unit/test.h"

#include <string.h>

static const role_t people[] = {ROLE_MEMBER, ROLE_VIEWER, ROLE_DEVELOPER, ROLE_MAINTAINER, ROLE_ADMIN};
static const role_t others[] = {ROLE_NOBODY, ROLE_JOB, ROLE_AGENT, ROLE_REGISTRAR};
#define COUNT(list) (sizeof (list) / sizeof *(list))

static caller_t with (role_t role, const char *grants)
{
    return (caller_t){.role = role, .subject = "ada", .grants = grants};
}

TEST (a_role_everywhere_holds_in_every_project_and_for_what_belongs_to_none)
{
    for (size_t i = 0; i < COUNT (people); i++)
        for (size_t j = 0; j < COUNT (people); j++) {
            const caller_t caller = with (people[i], NULL);
            CHECK (caller_may (&caller, "p1", false, people[j]) == (i >= j));
            CHECK (caller_may (&caller, "", false, people[j]) == (i >= j));
            CHECK (caller_may_everywhere (&caller, people[j]) == (i >= j));
        }
}

TEST (a_role_in_a_project_holds_there_and_nowhere_else)
{
    const caller_t ada = with (ROLE_MEMBER, "|p1=D|p2=V|p3=M|");
    CHECK (caller_may (&ada, "p1", false, ROLE_DEVELOPER));
    CHECK (!caller_may (&ada, "p1", false, ROLE_MAINTAINER));
    CHECK (caller_may (&ada, "p2", false, ROLE_VIEWER));
    CHECK (!caller_may (&ada, "p2", false, ROLE_DEVELOPER));
    CHECK (caller_may (&ada, "p3", false, ROLE_MAINTAINER));
    CHECK (!caller_may (&ada, "p3", false, ROLE_ADMIN));
    CHECK (!caller_may (&ada, "p4", false, ROLE_VIEWER));
    CHECK (!caller_may (&ada, "p", false, ROLE_VIEWER));
    CHECK (!caller_may (&ada, "p11", false, ROLE_VIEWER));
    CHECK (!caller_may (&ada, "", false, ROLE_VIEWER));
    CHECK (!caller_may_everywhere (&ada, ROLE_VIEWER));
    CHECK_INT (caller_best (&ada), ROLE_MAINTAINER);
    CHECK_INT (caller_role_in (&ada, "p1"), ROLE_DEVELOPER);
    CHECK_INT (caller_role_in (&ada, "p4"), ROLE_MEMBER);
}

TEST (of_a_role_everywhere_and_one_in_a_project_the_higher_one_counts)
{
    const caller_t ada = with (ROLE_DEVELOPER, "|p1=V|p2=M|");
    CHECK_INT (caller_role_in (&ada, "p1"), ROLE_DEVELOPER);
    CHECK_INT (caller_role_in (&ada, "p2"), ROLE_MAINTAINER);
    CHECK (!caller_may (&ada, "p1", false, ROLE_MAINTAINER));
    CHECK (caller_may (&ada, "p2", false, ROLE_MAINTAINER));
}

TEST (everybody_sees_what_is_public_and_may_do_nothing_with_it)
{
    const caller_t nobody = with (ROLE_NOBODY, ""), member = with (ROLE_MEMBER, "");
    CHECK (caller_may (&nobody, "p1", true, ROLE_VIEWER));
    CHECK (caller_may (&member, "p1", true, ROLE_VIEWER));
    CHECK (!caller_may (&nobody, "p1", true, ROLE_DEVELOPER));
    CHECK (!caller_may (&member, "p1", true, ROLE_DEVELOPER));
    CHECK (!caller_may (&nobody, "p1", false, ROLE_VIEWER));
    CHECK (!caller_may (&nobody, "", true, ROLE_VIEWER)); // Jobs of no project have no such word
}

TEST (grants_are_of_no_use_to_what_is_not_a_person)
{
    for (size_t i = 0; i < COUNT (others); i++) {
        const caller_t caller = with (others[i], "|p1=M|");
        CHECK (!caller_may (&caller, "p1", false, ROLE_VIEWER));
        CHECK_INT (caller_best (&caller), others[i]);
        CHECK (others[i] == ROLE_NOBODY || !caller_may (&caller, "p1", true, ROLE_VIEWER));
    }
    const caller_t service = with (ROLE_SERVICE, NULL);
    CHECK (caller_may (&service, "p1", false, ROLE_ADMIN));
}

TEST (what_is_no_role_of_people_is_never_enough)
{
    const caller_t admin = with (ROLE_ADMIN, "|p1=M|");
    for (size_t i = 0; i < COUNT (others); i++)
        CHECK (!caller_may (&admin, "p1", true, others[i]));
    CHECK (!caller_may (&admin, "p1", false, ROLE_SERVICE));
}

TEST (grants_that_are_damaged_or_of_a_newer_version_give_nothing)
{
    static const char *const damaged[] = {"p1",   "|p1",  "|p1=|",  "|p1=X|", "|p1=DD|",
                                          "|=D|", "||||", "|p1=d|", "=D"};
    for (size_t i = 0; i < COUNT (damaged); i++) {
        const caller_t ada = with (ROLE_MEMBER, damaged[i]);
        if (caller_may (&ada, "p1", false, ROLE_VIEWER))
            test_fail (__FILE__, __LINE__, "%s gives something", damaged[i]);
    }
    const caller_t cut = with (ROLE_MEMBER, "|p1=D|p2=");
    CHECK (caller_may (&cut, "p1", false, ROLE_DEVELOPER));
    CHECK (!caller_may (&cut, "p2", false, ROLE_VIEWER));
}

TEST (a_new_role_is_at_the_end_where_an_older_version_takes_it_for_nobody)
{
    static const char *const first[] = {"NOBODY", "JOB",       "AGENT", "REGISTRAR",
                                        "VIEWER", "DEVELOPER", "ADMIN", "SERVICE"};
    for (size_t i = 0; i < COUNT (first); i++)
        CHECK_STR (role_name ((role_t) i), first[i]);
    CHECK (ROLE_MEMBER > ROLE_SERVICE && ROLE_MAINTAINER > ROLE_SERVICE);
}
