/* The operator's rules for what a job may use, and which of them hold for a job. */

#include "agent/engine/folder/limits.h"

#include "tests/unit/test.h"

#include <string.h>

#define GIB (INT64_C (1) << 30)

static limits_t limits (arena_t *arena, const char *text, const char *label, const char *second)
{
    const limit_rules_t *rules;
    const char *error = NULL;
    const char *labels[] = {label, second};
    limits_t out;
    CHECK_INT (limits_parse (arena, text, &rules, &error), OK);
    limits_of (rules, labels, second ? 2 : label ? 1 : 0, &out);
    return out;
}

TEST (each_limit_is_read_in_its_unit)
{
    arena_t *arena = arena_new ();
    limits_t got = limits (arena, "memory=4G cpus=1.5,processes=512\n disk=20g minutes=120", NULL, NULL);
    CHECK_INT (got.group.memory_bytes, 4 * GIB);
    CHECK_INT (got.group.milli_cpus, 1500);
    CHECK_INT (got.group.processes, 512);
    CHECK_INT (got.disk_bytes, 20 * GIB);
    CHECK_INT (got.seconds, 7200);
    CHECK_INT (limits (arena, "memory=67108864", NULL, NULL).group.memory_bytes, 64 << 20);
    CHECK_INT (limits (arena, "disk=1.5T", NULL, NULL).disk_bytes, 1536 * GIB);
    CHECK_INT (limits (arena, "disk=2048K", NULL, NULL).disk_bytes, 2 << 20);
    arena_destroy (&arena);
}

TEST (without_rules_nothing_is_limited)
{
    arena_t *arena = arena_new ();
    static const char *const texts[] = {NULL, "", " ; ;\n"};
    for (size_t i = 0; i < 3; i++) {
        limits_t got = limits (arena, texts[i], "linux", NULL);
        CHECK (got.group.memory_bytes == 0 && got.group.milli_cpus == 0 && got.group.processes == 0);
        CHECK (got.disk_bytes == 0 && got.seconds == 0);
    }
    arena_destroy (&arena);
}

TEST (a_later_rule_overrides_what_it_names_for_jobs_with_its_labels)
{
    static const char rules[] =
        "memory=1G minutes=10; big, Huge: memory=16G; group:gpu: minutes=none; huge: cpus=8";
    arena_t *arena = arena_new ();
    limits_t got = limits (arena, rules, "linux", NULL);
    CHECK_INT (got.group.memory_bytes, GIB);
    CHECK_INT (got.seconds, 600);
    CHECK_INT (got.group.milli_cpus, 0);
    got = limits (arena, rules, "linux", "BIG");
    CHECK_INT (got.group.memory_bytes, 16 * GIB);
    CHECK_INT (got.seconds, 600);
    got = limits (arena, rules, "huge", "group:gpu");
    CHECK_INT (got.group.memory_bytes, 16 * GIB);
    CHECK_INT (got.group.milli_cpus, 8000);
    CHECK_INT (got.seconds, 0);
    CHECK_INT (limits (arena, "big: memory=1G; memory=2G", "big", NULL).group.memory_bytes, 2 * GIB);
    arena_destroy (&arena);
}

TEST (what_any_rule_limits_is_needed)
{
    arena_t *arena = arena_new ();
    const limit_rules_t *rules;
    const char *error;
    limits_t needs;
    CHECK_INT (limits_parse (arena, "minutes=5; big: cpus=2; big: cpus=none", &rules, &error), OK);
    limits_needs (rules, &needs);
    CHECK_INT (needs.seconds, 300);
    CHECK_INT (needs.group.milli_cpus, 2000);
    CHECK (needs.group.memory_bytes == 0 && needs.group.processes == 0 && needs.disk_bytes == 0);
    arena_destroy (&arena);
}

TEST (a_rule_that_cannot_be_read_is_quoted)
{
    static const struct {
        const char *text, *error;
    } cases[] = {{"memory", "\"memory\" is not NAME=VALUE"},
                 {"ram=4G", "there is no limit \"ram\""},
                 {"memory=lots", "memory=lots: a size (512M, 4G) or none is expected"},
                 {"memory=4GB", "memory=4GB: "},
                 {"memory=-1", "memory=-1: "},
                 {"memory=", "memory=: "},
                 {"memory=inf", "memory=inf: "},
                 {"memory=1e30", "memory=1e30: "},
                 {"minutes=2h", "minutes=2h: a number or none is expected"},
                 {"cpus=2K", "cpus=2K: a number"},
                 {"memory=1M", "memory=1M is too little for any job"},
                 {"processes=0", "processes=0 is too little"},
                 {"big cpus=2; memory", "\"big\" is not NAME=VALUE"},
                 {": memory=1G", "there is no label before \":\""}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const limit_rules_t *rules;
        const char *error = "";
        CHECK_INT (limits_parse (arena, cases[i].text, &rules, &error), BAD_INPUT);
        if (!strstr (error, cases[i].error))
            CHECK_STR (error, cases[i].error);
    }
    arena_destroy (&arena);
}

TEST (rules_and_labels_are_bounded)
{
    arena_t *arena = arena_new ();
    const limit_rules_t *rules;
    const char *error, *text = "", *labels = "l";
    for (int i = 0; i < LIMIT_RULES; i++)
        text = arena_printf (arena, "%sminutes=5;", text);
    for (int i = 1; i < LIMIT_LABELS; i++)
        labels = arena_printf (arena, "%s,l", labels);
    CHECK_INT (limits_parse (arena, text, &rules, &error), OK);
    CHECK_INT (limits_parse (arena, arena_printf (arena, "%sminutes=5", text), &rules, &error), BAD_INPUT);
    CHECK_STR (error, "there are more than 64 rules");
    CHECK_INT (limits_parse (arena, arena_printf (arena, "%s: minutes=5", labels), &rules, &error), OK);
    CHECK_INT (limits_parse (arena, arena_printf (arena, "%s,l: minutes=5", labels), &rules, &error),
               BAD_INPUT);
    CHECK_STR (error, "a rule has more than 64 labels");
    arena_destroy (&arena);
}
