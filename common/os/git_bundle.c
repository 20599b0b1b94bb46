/* git_bundle.c - see git_bundle.h. */

#include "common/os/git_bundle.h"

#include "common/base/commit_id.h"

#include <string.h>

#define FIRST_2 "# v2 git bundle"
#define FIRST_3 "# v3 git bundle"
#define SHA256  "@object-format=sha256"

static const char *object_name (arena_t *arena, const char *text)
{
    size_t size = commit_id_size (text);
    return size > 0 && (text[size] == ' ' || !text[size]) ? arena_strndup (arena, text, size) : NULL;
}

static bool take_base (arena_t *arena, const char *line, git_bundle_t *out)
{
    const char *base = object_name (arena, line + 1);
    if (!base || out->base_count == BUNDLE_BASES || out->tip)
        return false;
    out->bases[out->base_count++] = base;
    return true;
}

static bool take_tip (arena_t *arena, const char *line, git_bundle_t *out)
{
    if (out->tip || !(out->tip = object_name (arena, line)))
        return false;
    out->ref = arena_strdup (arena, line + strlen (out->tip));
    return strncmp (out->ref, " refs/", 6) == 0 && out->ref++;
}

static bool take_line (arena_t *arena, const char *line, git_bundle_t *out)
{
    if (line[0] == '@')
        return strcmp (line, SHA256) == 0 || strcmp (line, "@object-format=sha1") == 0;
    return line[0] == '-' ? take_base (arena, line, out) : take_tip (arena, line, out);
}

fault_t git_bundle_read (turn_t *turn, const void *data, size_t size, git_bundle_t *out)
{
    const char *text = data;
    *out = (git_bundle_t){.base_count = 0};
    for (size_t count = 0, most = size < BUNDLE_HEAD ? size : BUNDLE_HEAD; out->size < most; count++) {
        const char *at = text + out->size, *end = memchr (at, '\n', most - out->size);
        if (!end || memchr (at, 0, (size_t) (end - at)))
            break;
        const char *line = arena_strndup (turn->arena, at, (size_t) (end - at));
        out->size += (size_t) (end - at) + 1;
        if (!*line && out->tip)
            return OK;
        bool first = strcmp (line, FIRST_2) == 0 || strcmp (line, FIRST_3) == 0;
        if (count == 0 ? !first : !take_line (turn->arena, line, out))
            break;
    }
    return turn_fail (turn, INVALID, "this is not a git bundle of one ref that builds on at most %d commits",
                      BUNDLE_BASES);
}

const char *git_bundle_head (arena_t *arena, const git_bundle_t *bundle)
{
    const char *text = strlen (bundle->tip) == 64 ? FIRST_3 "\n" SHA256 "\n" : FIRST_2 "\n";
    for (size_t i = 0; i < bundle->base_count; i++)
        text = arena_printf (arena, "%s-%s\n", text, bundle->bases[i]);
    return arena_printf (arena, "%s%s %s\n\n", text, bundle->tip, bundle->ref);
}
