/* db_dialect.c - translates our one SQL dialect into the engine's.
 *
 * Statements are the same text for both engines but for markers, which are SQL comments (so that an engine that does
 * not need one runs the text as it is). Migrations say bigint, bytea and bigserial, which SQLite's STRICT tables call
 * integer and blob, and text, which PostgreSQL has to compare byte by byte as SQLite does. Quoted text is never touched.
 * The dialect is described in db/README.md. */

#include "common/base/buffer.h"
#include "common/db/db_engine.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MAX_SQL (1 << 20) // Of one statement or migration file

typedef struct {
    const char *keyword;
    const char *sqlite;
    const char *postgres;
} dialect_word_t;

static const dialect_word_t markers[] = {
    {DB_SKIP_LOCKED, "", "for update skip locked"},
    {DB_FOR_UPDATE, "", "for update"},
    {DB_EACH_OF, "", "lateral (select * from (select) as one join "},
    {DB_EACH_END, "", " offset 0) as each on true"},
    {"/*autoincrement*/", "autoincrement", ""},
    {"/*strict*/", "strict", ""},
    {"/*strict, without rowid*/", "strict, without rowid", ""},
};

static const dialect_word_t types[] = {
    {"bigint", "integer", "bigint"},
    {"bigserial", "integer", "bigserial"},
    {"bytea", "blob", "bytea"},
    {"text", "text", "text collate \"C\""},
};

#define COUNT(table) (sizeof (table) / sizeof ((table)[0]))

static bool is_word (char c)
{
    return isalnum ((unsigned char) c) || c == '_' || c == '$';
}

// Bytes of the token at `at`: a comment, something quoted, a word, or one character.
static size_t token_size (const char *at)
{
    const char *end = NULL;
    if (at[0] == '-' && at[1] == '-')
        return strcspn (at, "\n");
    if (at[0] == '/' && at[1] == '*')
        end = strstr (at + 2, "*/");
    if (at[0] == '\'' || at[0] == '"')
        end = strchr (at + 1, at[0]);
    if (end)
        return (size_t) (end - at) + (*at == '/' ? 2 : 1);
    size_t size = 0;
    while (is_word (at[size]))
        size++;
    return size ? size : 1;
}

static const char *instead (const dialect_word_t *table, size_t count, const char *token, size_t size,
                            bool postgres)
{
    for (size_t i = 0; i < count; i++)
        if (strlen (table[i].keyword) == size && strncasecmp (table[i].keyword, token, size) == 0)
            return postgres ? table[i].postgres : table[i].sqlite;
    return NULL;
}

// A type follows a column's name; after `as` it is a cast's, and what follows `column` is a name.
static bool is_type_place (const char *before, size_t size)
{
    if (size == 0 || (!is_word (before[0]) && before[0] != '"'))
        return false;
    return !(size == 2 && strncasecmp (before, "as", 2) == 0) &&
           !(size == 6 && strncasecmp (before, "column", 6) == 0);
}

static const char *rewrite (arena_t *arena, const char *sql, bool postgres, bool with_types)
{
    buffer_t *out = buffer_new (MAX_SQL);
    const char *before = "";
    size_t before_size = 0, size;
    for (const char *at = sql; *at; at += size) {
        size = token_size (at);
        bool comment = strncmp (at, "/*", 2) == 0 || strncmp (at, "--", 2) == 0;
        const char *other = NULL;
        if (comment)
            other = instead (markers, COUNT (markers), at, size, postgres);
        else if (with_types && is_type_place (before, before_size))
            other = instead (types, COUNT (types), at, size, postgres);
        if (other)
            buffer_puts (out, other);
        else
            buffer_add (out, at, size);
        if (!comment && !isspace ((unsigned char) *at)) {
            before = at;
            before_size = size;
        }
    }
    const char *text = buffer_full (out) ? NULL : arena_strdup (arena, buffer_text (out));
    buffer_destroy (&out);
    return text;
}

const char *db_dialect_statement (arena_t *arena, const char *sql, bool postgres)
{
    return postgres && strstr (sql, "/*") ? rewrite (arena, sql, postgres, false) : sql;
}

const char *db_dialect_migration (arena_t *arena, const char *sql, bool postgres)
{
    return rewrite (arena, sql, postgres, true);
}
