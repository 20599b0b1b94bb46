/* action_ref.c - see action_ref.h. Names are as GitHub allows them; a ref is what git allows. */

#include "workflow/model/action_ref.h"

#include "common/base/commit_id.h"
#include "common/base/path.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

typedef struct {
    arena_t *arena;
    const char *text;
    const char **error;
} parse_t;

static fault_t refuse (parse_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static fault_t refuse (parse_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    *self->error = arena_printf (self->arena, "uses: \"%.*s\" %s", ACTION_REF_MAX, self->text,
                                 arena_vprintf (self->arena, format, args));
    va_end (args);
    return INVALID;
}

// An owner or a repository.
static bool is_name (const char *text, size_t size)
{
    if (size == 0 || size > 100 || text[0] == '-' || path_is_dots (text, size))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum ((unsigned char) text[i]) && !strchr ("-_.", text[i]))
            return false;
    return true;
}

// What git itself would refuse, or take for more than a name (git check-ref-format).
static bool is_ref (const char *text)
{
    size_t size = strlen (text);
    if (size == 0 || text[0] == '-' || text[0] == '/' || text[size - 1] == '/' || text[size - 1] == '.')
        return false;
    if (strstr (text, "..") || strstr (text, "//") || strstr (text, "@{"))
        return false;
    for (const char *at = text; *at; at++)
        if ((unsigned char) *at <= ' ' || *at == 0x7F || strchr ("~^:?*[\\", *at))
            return false;
    return true;
}

// The path without empty parts and "."; INVALID where one is "..".
static fault_t clean_path (parse_t *self, const char *text, const char **out)
{
    char *path = arena_alloc (self->arena, strlen (text) + 2);
    size_t size = 0;
    *out = path;
    while (*text) {
        size_t part = strcspn (text, "/");
        if (path_is_dots (text, part) && part == 2)
            return refuse (self, "must not go up with \"..\"");
        if (part > 0 && !path_is_dots (text, part)) {
            if (size > 0)
                path[size++] = '/';
            memcpy (path + size, text, part);
            size += part;
        }
        text += part + (text[part] == '/');
    }
    return OK;
}

static fault_t parse_self (parse_t *self, action_ref_t *out)
{
    out->kind = USES_SELF;
    if (strchr (self->text, '@'))
        return refuse (self, "takes no @: it is always the running commit");
    TRY (clean_path (self, self->text + 2, &out->path));
    return *out->path ? OK : refuse (self, "needs a path after $/");
}

static const char *lower (arena_t *arena, const char *text)
{
    char *copy = arena_strdup (arena, text);
    for (char *at = copy; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    return copy;
}

// "https://host", as forges other than GitHub let an action be named; *text goes on after it. "" where there is none.
static fault_t parse_site (parse_t *self, const char **text, const char **out)
{
    size_t scheme = strncasecmp (*text, "https://", 8) == 0  ? 8
                    : strncasecmp (*text, "http://", 7) == 0 ? 7
                                                             : 0;
    size_t host = scheme ? strcspn (*text + scheme, "/") : 0;
    *out = "";
    if (!scheme)
        return OK;
    for (size_t i = 0; i < host; i++)
        if (!isalnum ((unsigned char) (*text)[scheme + i]) && !strchr ("-.:", (*text)[scheme + i]))
            return refuse (self, "has no valid host");
    if (host == 0 || !(*text)[scheme + host])
        return refuse (self, "has no valid host, or nothing after it");
    *out = lower (self->arena, arena_strndup (self->arena, *text, scheme + host));
    *text += scheme + host + 1;
    return OK;
}

static fault_t parse_repository (parse_t *self, action_ref_t *out)
{
    const char *text = self->text;
    TRY (parse_site (self, &text, &out->site));
    const char *at = strchr (text, '@');
    size_t size = at ? (size_t) (at - text) : strlen (text);
    const char *slash = memchr (text, '/', size);
    if (!slash)
        return refuse (self, "is not an action; write owner/repo@ref, owner/repo/path@ref, ./path, $/path or "
                             "docker://image");
    size_t owner = (size_t) (slash - text);
    size_t name = strcspn (slash + 1, "/@");
    if (!is_name (text, owner) || !is_name (slash + 1, name))
        return refuse (self, "has no valid owner and repository before the @");
    if (!at)
        return refuse (self, "names no version; write @ and a tag, a branch or a commit after it");
    if (!is_ref (at + 1))
        return refuse (self, "has no valid tag, branch or commit after the @");
    out->repository = arena_strndup (self->arena, text, owner + 1 + name);
    out->ref = arena_strdup (self->arena, at + 1);
    // A commit is the same in upper case, and its key must be; a tag or branch is not
    const char *low = lower (self->arena, out->ref);
    out->is_commit = commit_id_is (low);
    if (out->is_commit)
        out->ref = low;
    out->key = arena_printf (self->arena, "%s%s%s@%s", out->site, *out->site ? "/" : "",
                             lower (self->arena, out->repository), out->ref);
    return clean_path (self, arena_strndup (self->arena, text + owner + 1 + name, size - owner - 1 - name),
                       &out->path);
}

fault_t action_ref_parse (arena_t *arena, const char *text, action_ref_t *out, const char **error)
{
    parse_t self = {.arena = arena, .text = text, .error = error};
    *out = (action_ref_t){
        .text = text, .site = "", .repository = "", .path = "", .ref = "", .key = "", .image = ""};
    if (strlen (text) > ACTION_REF_MAX)
        return refuse (&self, "... has more than %d bytes", ACTION_REF_MAX);
    for (const char *at = text; *at; at++)
        // It becomes an argument of git, a path, and a line of the log
        if (iscntrl ((unsigned char) *at))
            return refuse (&self, "holds a control character");
    if (strncmp (text, "docker://", 9) == 0) {
        out->kind = USES_IMAGE;
        out->image = text + 9;
        return *out->image ? OK : refuse (&self, "names no image");
    }
    if (strncmp (text, "$/", 2) == 0)
        return parse_self (&self, out);
    if (strncmp (text, "./", 2) == 0 || strncmp (text, ".\\", 2) == 0) {
        out->kind = USES_WORKSPACE;
        return clean_path (&self, text + 2, &out->path);
    }
    out->kind = USES_REPOSITORY;
    return parse_repository (&self, out);
}
