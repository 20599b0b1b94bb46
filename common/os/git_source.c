/* git_source.c - see git_source.h. */

#include "common/os/git_source.h"

#include "common/base/line.h"
#include "common/base/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define WHOLE "{repository}"

// ---- the list

// A folder's name may end in .git; and forges, other than file systems, do not care about case.
static const char *folder_url (arena_t *arena, const char *url, size_t base)
{
    char *low = arena_strdup (arena, url);
    for (char *at = low + base; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    const char *const names[] = {url, arena_printf (arena, "%s.git", url), low,
                                 arena_printf (arena, "%s.git", low)};
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++)
        if (access (names[i], F_OK) == 0)
            return names[i];
    return url;
}

static const char *base_url (arena_t *arena, const char *base, const char *repository)
{
    size_t size = strlen (base);
    const char *whole = strstr (base, WHOLE);
    if (whole)
        return arena_printf (arena, "%.*s%s%s", (int) (whole - base), base, repository,
                             whole + sizeof (WHOLE) - 1);
    while (size > 1 && base[size - 1] == '/')
        size--;
    const char *url = arena_printf (arena, "%.*s/%s", (int) size, base, repository);
    return url[0] == '/' ? folder_url (arena, url, size) : url;
}

// What git could take for an option, or for a transport that runs a program (ext::).
static bool is_base (const char *text)
{
    return text[0] != '-' && !strstr (text, "::") && (text[0] == '/' || strchr (text, ':'));
}

bool git_source_is_forge (const char *base)
{
    return strcmp (base, "forge") == 0 || strcmp (base, "{forge}") == 0;
}

// A base that is written down as well as the forge counts as written down.
static void add (git_sources_t *self, const char *url, bool of_forge)
{
    size_t i = 0;
    while (i < self->count && strcmp (self->urls[i], url) != 0)
        i++;
    self->of_forge[i] = of_forge && (i == self->count || self->of_forge[i]);
    self->urls[i] = url;
    self->count += i == self->count;
}

fault_t git_sources_list (turn_t *turn, const char *bases, const char *forge, const char *repository,
                          git_sources_t *out)
{
    char *save = NULL;
    *out = (git_sources_t){.count = 0};
    for (char *base = strtok_r (arena_strdup (turn->arena, bases), GIT_SOURCE_SEPARATORS, &save); base;
         base = strtok_r (NULL, GIT_SOURCE_SEPARATORS, &save)) {
        bool of_forge = git_source_is_forge (base);
        const char *meant = of_forge ? forge : base;
        if (!meant)
            continue;
        if (!is_base (meant))
            return turn_fail (turn, INVALID, "action_sources: \"%s\" is neither a URL nor an absolute path",
                              url_redact (turn->arena, meant));
        if (out->count == GIT_SOURCES)
            return turn_fail (turn, INVALID, "action_sources: more than %d", GIT_SOURCES);
        add (out, base_url (turn->arena, meant, repository), of_forge);
    }
    return out->count ? OK : turn_fail (turn, INVALID, "action_sources: there is no source of actions");
}

const char *git_source_forge (arena_t *arena, const char *url, const char *name)
{
    size_t size = strlen (url), named = strlen (name);
    while (size > 0 && url[size - 1] == '/')
        size--;
    if (size > 4 && strncmp (url + size - 4, ".git", 4) == 0)
        size -= 4;
    if (!strchr (name, '/') || size <= named + 1 || strncasecmp (url + size - named, name, named) != 0)
        return NULL;
    char before = url[size - named - 1];
    if (before == ':') // user@host:owner/name
        return arena_printf (arena, "%.*s" WHOLE, (int) (size - named), url);
    return before == '/' ? arena_strndup (arena, url, size - named - 1) : NULL;
}

// ---- git

// Git's words for a repository that is not there, or not for us: forges answer both alike.
static bool says_absent (const char *text)
{
    static const char *const words[] = {"not found",
                                        "does not exist",
                                        "does not appear to be a git repository",
                                        "could not read Username",
                                        "could not read Password",
                                        "Authentication failed",
                                        "Permission denied",
                                        "returned error: 403",
                                        "returned error: 404",
                                        "not our ref",
                                        "no such remote ref",
                                        "couldn't find remote ref"};
    for (size_t i = 0; i < sizeof (words) / sizeof (words[0]); i++)
        if (strcasestr (text, words[i]))
            return true;
    return false;
}

fault_t git_source_fault (turn_t *turn, fault_t fault, const process_output_t *output)
{
    size_t size = strcspn (output->err, "\r\n");
    // Git's last line says only that it could not read; what the other side said precedes that
    if (turn->detail && strstr (turn->detail, "Could not read from remote repository") && size > 0)
        turn->detail = arena_printf (
            turn->arena, "git: %s", git_reason (turn->arena, arena_strndup (turn->arena, output->err, size)));
    return fault == UNAVAILABLE && (says_absent (output->err) || (turn->detail && says_absent (turn->detail)))
               ? NOT_FOUND
               : fault;
}

// The line of exactly that ref; NULL where there is none.
static const char *commit_of (arena_t *arena, const char *listed, const char *ref)
{
    size_t size = strlen (ref);
    for (line_t line = line_begin (listed, strlen (listed)); line_next (&line);) {
        size_t id = strcspn (line.text, "\t\n");
        if (line.size == id + 1 + size && strncmp (line.text + id + 1, ref, size) == 0)
            return arena_strndup (arena, line.text, id);
    }
    return NULL;
}

fault_t git_source_look (turn_t *turn, const git_location_t *location, const git_bounds_t *bounds,
                         const char *url, const char *ref, const char **commit)
{
    arena_t *arena = turn->arena;
    bool full = strncmp (ref, "refs/", 5) == 0;
    const char *tag = full ? ref : arena_printf (arena, "refs/tags/%s", ref);
    const char *peeled = arena_printf (arena, "%s^{}", tag); // The commit of an annotated tag
    const char *head = full ? ref : arena_printf (arena, "refs/heads/%s", ref);
    const char *const args[] = {"ls-remote", "--quiet", "--", url, tag, peeled, head, NULL};
    process_output_t output;
    turn->detail = NULL;
    fault_t fault = git_run (turn, args, location, bounds, NULL, &output);
    if (fault)
        return git_source_fault (turn, fault == TIMEOUT ? UNAVAILABLE : fault, &output);
    const char *const refs[] = {peeled, tag, head};
    for (size_t i = 0; i < 3; i++)
        if ((*commit = commit_of (arena, output.out, refs[i])))
            return OK;
    return turn_fail (turn, NOT_FOUND, "it has no tag or branch \"%s\"", ref);
}
