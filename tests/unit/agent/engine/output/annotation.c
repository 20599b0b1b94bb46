/* annotation.c - what of a command becomes an annotation. */

#include "agent/engine/output/annotation.h"

#include "tests/unit/test.h"

#include <string.h>

#define WORKSPACE "/w/space"

static const char *read_back (arena_t *arena, const char *line)
{
    workflow_command_t command;
    annotation_level_t level;
    engine_annotation_t found;
    if (!command_parse (arena, line, strlen (line), &command) || !annotation_level (command.name, &level))
        return "none";
    annotation_read (arena, &command, level, WORKSPACE, &found);
    return arena_printf (arena, "%s %s:%u-%u:%u-%u [%s] %s", state_name (&states_annotation, found.level),
                         found.file, found.line, found.end_line, found.column, found.end_column, found.title,
                         found.message);
}

TEST (a_command_says_where_the_fault_is)
{
    static const struct {
        const char *line, *wanted;
    } cases[] = {
        {"::error::broken", "error :0-0:0-0 [] broken"},
        {"::WARNING file=a.c,line=3,title=Slow::x", "warning a.c:3-3:0-0 [Slow] x"},
        {"::notice file=a.c,line=3,endLine=5::x", "notice a.c:3-5:0-0 [] x"},
        {"::error file=a.c,endLine=5::x", "error a.c:5-5:0-0 [] x"},
        {"::error file=a.c,line=5,endLine=3::x", "error a.c:0-0:0-0 [] x"},
        {"::error file=a.c,line=3,col=2::x", "error a.c:3-3:2-2 [] x"},
        {"::error file=a.c,line=3,col=2,endColumn=9::x", "error a.c:3-3:2-9 [] x"},
        {"::error file=a.c,line=3,endColumn=9::x", "error a.c:3-3:9-9 [] x"},
        {"::error file=a.c,line=3,col=9,endColumn=2::x", "error a.c:3-3:0-0 [] x"},
        {"::error file=a.c,line=3,endLine=4,col=2::x", "error a.c:3-4:0-0 [] x"},
        {"::error file=a.c,col=2::x", "error a.c:0-0:0-0 [] x"},
        {"::error file=a.c,line=-3::x", "error a.c:0-0:0-0 [] x"},
        {"::error file=a.c,line=3x::x", "error a.c:0-0:0-0 [] x"},
        {"::error file=a.c,line=99999999999::x", "error a.c:0-0:0-0 [] x"},
        {"::error file=" WORKSPACE "/src/a.c,line=1::x", "error src/a.c:1-1:0-0 [] x"},
        {"::error file=" WORKSPACE "2/a.c,line=1::x", "error " WORKSPACE "2/a.c:1-1:0-0 [] x"},
        {"::error::a%0Ab", "error :0-0:0-0 [] a\nb"},
        {"::error::a\xff", "error :0-0:0-0 [] a\xef\xbf\xbd"},
        {"::debug::x", "none"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (read_back (arena, cases[i].line), cases[i].wanted);
    arena_destroy (&arena);
}

TEST (an_annotation_fits_into_a_report_and_ends_at_a_whole_character)
{
    char line[8000] = "::error::a";
    for (size_t i = strlen (line); i + 2 < sizeof (line); i += 2)
        memcpy (line + i, "\xc3\xbc", 2);
    arena_t *arena = arena_new ();
    workflow_command_t command;
    engine_annotation_t found;
    CHECK (command_parse (arena, line, strlen (line), &command));
    annotation_read (arena, &command, annotation_error, WORKSPACE, &found);
    CHECK_INT (strlen (found.message), 4095); // 4,096 would cut a character
    arena_destroy (&arena);
}

TEST (a_step_has_ten_of_each_level_and_a_job_fifty)
{
    annotation_count_t count = {.count = 0};
    engine_annotation_t one = {.step = 1, .level = annotation_error};
    for (unsigned i = 0; i < ANNOTATIONS_EACH; i++)
        CHECK (annotation_keep (&count, &one));
    CHECK (!annotation_keep (&count, &one));
    one.level = annotation_notice; // Of another level
    CHECK (annotation_keep (&count, &one));
    one = (engine_annotation_t){.step = 9, .level = annotation_error}; // Of a step that runs at the same time
    CHECK (annotation_keep (&count, &one));
    one.step = 1;
    CHECK (!annotation_keep (&count, &one));
    unsigned kept = ANNOTATIONS_EACH + 2;
    one.level = annotation_notice;
    for (one.step = 2; one.step < 10; one.step++)
        for (unsigned i = 0; i < ANNOTATIONS_EACH + 1; i++)
            kept += annotation_keep (&count, &one);
    CHECK_INT (kept, ANNOTATIONS_MAX);
}
