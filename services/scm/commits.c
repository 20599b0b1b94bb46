/* commits.c - see commits.h. */

#include "services/scm/commits.h"

#include <string.h>

#define FIELDS 9 // Of COMMITS_FORMAT

// As a webhook has it: without the ends of lines at its end.
static const char *trimmed (arena_t *arena, const char *message, size_t most)
{
    const char *text = git_text (arena, message, most);
    size_t size = strlen (text);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    return arena_strndup (arena, text, size);
}

scm_commit_t commits_one (arena_t *arena, const char *id, const git_commit_t *facts)
{
    return (scm_commit_t){.id = id,
                          .tree = git_text (arena, facts->tree, MAX_ID),
                          .message = trimmed (arena, facts->message, SCM_MESSAGE),
                          .author = git_text (arena, facts->author, MAX_NAME),
                          .author_email = git_text (arena, facts->author_email, MAX_NAME),
                          .authored_at = facts->authored_at,
                          .committer = git_text (arena, facts->committer, MAX_NAME),
                          .committer_email = git_text (arena, facts->committer_email, MAX_NAME),
                          .committed_at = facts->committed_at};
}

// The fields of the record at *at, which moves after it; false where it is not whole.
static bool next_record (const char *out, size_t size, size_t *at, const char *fields[FIELDS])
{
    for (size_t i = 0; i < FIELDS; i++) {
        const char *end = *at < size ? memchr (out + *at, 0, size - *at) : NULL;
        if (!end)
            return false;
        fields[i] = out + *at;
        *at = (size_t) (end + 1 - out);
    }
    *at += *at < size && out[*at] == '\n';
    return true;
}

scm_commit_items_t commits_read (arena_t *arena, const char *out, size_t size)
{
    scm_commit_items_t list = {arena_array (arena, SCM_COMMITS, sizeof (scm_commit_t)), 0};
    const char *fields[FIELDS];
    size_t text = 0;
    for (size_t at = 0; list.count < SCM_COMMITS && next_record (out, size, &at, fields);) {
        const git_commit_t facts = {.tree = fields[1],
                                    .author = fields[2],
                                    .author_email = fields[3],
                                    .authored_at = git_time (arena, fields[4]),
                                    .committer = fields[5],
                                    .committer_email = fields[6],
                                    .committed_at = git_time (arena, fields[7]),
                                    .message = text < COMMITS_TEXT ? fields[8] : ""};
        text += strlen (facts.message);
        list.items[list.count++] = commits_one (arena, arena_strdup (arena, fields[0]), &facts);
    }
    for (size_t i = 0; i < list.count / 2; i++) {
        scm_commit_t newer = list.items[i];
        list.items[i] = list.items[list.count - 1 - i];
        list.items[list.count - 1 - i] = newer;
    }
    return list;
}
