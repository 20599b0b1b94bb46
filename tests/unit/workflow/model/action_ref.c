/* action_ref.c - what `uses` of a step may name: a table of what is read and of what is refused. */

#include "workflow/model/action_ref.h"
#include "tests/unit/test.h"
#include "tests/unit/workflow/loaded.h"

#include <string.h>

#define SHA "0123456789abcdef0123456789ABCDEF01234567"

static const char *read_ref (arena_t *arena, const char *text)
{
    static const char *const kinds[] = {"repository", "workspace", "self", "image"};
    action_ref_t ref;
    const char *error = NULL;
    if (action_ref_parse (arena, text, &ref, &error) != OK)
        return error;
    return arena_printf (arena, "%s|%s|%s|%s|%s|%s%s", kinds[ref.kind], ref.repository, ref.path, ref.ref,
                         ref.key, ref.image, ref.is_commit ? "|commit" : "");
}

static const row_t rows[] = {
    {"actions/checkout@v4", "repository|actions/checkout||v4|actions/checkout@v4|"},
    {"GitHub/CodeQL-Action/init@V3", "repository|GitHub/CodeQL-Action|init|V3|github/codeql-action@V3|"},
    {"a/b//c/./d/@refs/heads/x", "repository|a/b|c/d|refs/heads/x|a/b@refs/heads/x|"},
    {"a/b@releases/v1", "repository|a/b||releases/v1|a/b@releases/v1|"},
    {"a/b@" SHA, "repository|a/b||0123456789abcdef0123456789abcdef01234567|"
                 "a/b@0123456789abcdef0123456789abcdef01234567||commit"},
    {"a/b@0123456", "repository|a/b||0123456|a/b@0123456|"},
    {"./", "workspace|||||"},
    {"./.github/actions/x", "workspace||.github/actions/x|||"},
    {"$/actions/x", "self||actions/x|||"},
    {"docker://alpine:3", "image|||||alpine:3"},
    {"actions/checkout",
     "uses: \"actions/checkout\" names no version; write @ and a tag, a branch or a commit "
     "after it"},
    {"checkout@v4",
     "uses: \"checkout@v4\" is not an action; write owner/repo@ref, owner/repo/path@ref, ./path, "
     "$/path or docker://image"},
    {"a/b@", "uses: \"a/b@\" has no valid tag, branch or commit after the @"},
    {"a/b@v1@v2", "repository|a/b||v1@v2|a/b@v1@v2|"},
    {"a/b@-x", "uses: \"a/b@-x\" has no valid tag, branch or commit after the @"},
    {"a/b@a..b", "uses: \"a/b@a..b\" has no valid tag, branch or commit after the @"},
    {"a/b@x y", "uses: \"a/b@x y\" has no valid tag, branch or commit after the @"},
    {"../b@v1", "uses: \"../b@v1\" has no valid owner and repository before the @"},
    {"a/..@v1", "uses: \"a/..@v1\" has no valid owner and repository before the @"},
    {"-a/b@v1", "uses: \"-a/b@v1\" has no valid owner and repository before the @"},
    {"https://Git.example.org:3000/A/b/c@v1", "repository|A/b|c|v1|https://git.example.org:3000/a/b@v1|"},
    {"http://forge/a/b@main", "repository|a/b||main|http://forge/a/b@main|"},
    {"https://forge/a@v1",
     "uses: \"https://forge/a@v1\" is not an action; write owner/repo@ref, owner/repo/path@ref, "
     "./path, $/path or docker://image"},
    {"https://user:word@forge/a/b@v1", "uses: \"https://user:word@forge/a/b@v1\" has no valid host"},
    {"https:///a/b@v1", "uses: \"https:///a/b@v1\" has no valid host, or nothing after it"},
    {"ssh://forge/a/b@v1", "uses: \"ssh://forge/a/b@v1\" has no valid owner and repository before the @"},
    {"a/b/../../c@v1", "uses: \"a/b/../../c@v1\" must not go up with \"..\""},
    {"./../x", "uses: \"./../x\" must not go up with \"..\""},
    {"$/x@v1", "uses: \"$/x@v1\" takes no @: it is always the running commit"},
    {"$/", "uses: \"$/\" needs a path after $/"},
    {"docker://", "uses: \"docker://\" names no image"},
    {"a/b@v\n1", "uses: \"a/b@v\n1\" holds a control character"},
    {"",
     "uses: \"\" is not an action; write owner/repo@ref, owner/repo/path@ref, ./path, $/path or docker://image"},
};

TEST (what_uses_names_is_taken_apart_or_refused_by_name)
{
    CHECK_ROWS (read_ref, rows);
}

TEST (a_reference_that_is_too_long_is_refused)
{
    arena_t *arena = arena_new ();
    action_ref_t ref;
    const char *error = "";
    char text[ACTION_REF_MAX + 2];
    memset (text, 'a', sizeof (text) - 1);
    text[sizeof (text) - 1] = '\0';
    memcpy (text, "a/b@", 4);
    CHECK_INT (action_ref_parse (arena, text, &ref, &error), INVALID);
    CHECK (strstr (error, "has more than 1024 bytes"));
    text[ACTION_REF_MAX] = '\0';
    CHECK_INT (action_ref_parse (arena, text, &ref, &error), OK);
    arena_destroy (&arena);
}
