/* secret_names.c - the secrets that a job is given are those that it names. */

#include "workflow/plan/secret_names.h"

#include "tests/unit/test.h"

#include <string.h>

// "A B", or "*" where it gets all.
static const char *named (arena_t *arena, const char *definition)
{
    secret_names_t names;
    const char *text = "";
    secret_names (arena, definition, &names);
    for (size_t i = 0; i < names.count; i++)
        text = arena_printf (arena, "%s%s%s", text, i ? " " : "", names.names[i]);
    return names.all ? arena_printf (arena, "%s*", text) : text;
}

static const struct {
    const char *definition, *want;
} cases[] = {
    {"{}", ""},
    {"{\"steps\":[{\"run\":\"secrets.A\"}]}", ""},
    {"{\"steps\":[{\"run\":\"${{ secrets.A }} ${{ secrets['B'] }}\"}]}", "A B"},
    {"{\"steps\":[{\"env\":{\"X\":\"${{ Secrets.a }}\",\"Y\":\"${{ SECRETS.A }}\"}}]}", "a"},
    {"{\"workflow-env\":{\"X\":\"${{ secrets.W || 'none' }}\"},\"steps\":[]}", "W"},
    {"{\"steps\":[{\"with\":{\"x\":\"${{ format('{0}', secrets.DEEP) }}\"}}]}", "DEEP"},
    {"{\"steps\":[{\"if\":\"secrets.IN_IF != ''\"}]}", "IN_IF"},
    {"{\"steps\":[{\"if\":\"${{ secrets.IN_IF }}\"}]}", "IN_IF"},
    {"{\"steps\":[{\"run\":\"${{ toJSON(secrets) }}\"}]}", "*"},
    {"{\"steps\":[{\"run\":\"${{ secrets[matrix.name] }} ${{ secrets.A }}\"}]}", "A*"},
    {"{\"steps\":[{\"run\":\"${{ join(secrets.*) }}\"}]}", "*"},
    {"{\"steps\":[{\"run\":\"${{ github.secrets.A }} ${{ 'secrets.B' }}\"}]}", ""},
    {"{\"steps\":[{\"run\":\"${{ secrets.\"}]}", ""},
    {"not json", ""},
};

TEST (a_job_names_its_secrets_in_expressions)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_STR (named (arena, cases[i].definition), cases[i].want);
        // Whoever asks first whether it can name any must not be told no
        if (*cases[i].want)
            CHECK (secret_names_any (cases[i].definition));
    }
    arena_destroy (&arena);
}

TEST (a_job_that_names_very_many_gets_all)
{
    arena_t *arena = arena_new ();
    buffer_t *text = buffer_new (1 << 20);
    secret_names_t names;
    buffer_puts (text, "{\"run\":\"");
    for (int i = 0; i < SECRET_NAMES + 1; i++)
        buffer_printf (text, "${{ secrets.S%d }}", i);
    buffer_puts (text, "\"}");
    secret_names (arena, buffer_text (text), &names);
    CHECK_INT (names.count, SECRET_NAMES);
    CHECK (names.all);
    buffer_destroy (&text);
    arena_destroy (&arena);
}
