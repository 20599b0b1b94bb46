/* action_source.c - see action_source.h.
 *
 * A commit is fetched alone (depth 1). Servers that give no commit by its id are asked for all their branches and tags instead. */

#include "agent/engine/actions/action_source.h"

#include "agent/engine/process/stop.h"
#include "common/base/clock.h"
#include "common/base/line.h"
#include "common/base/url.h"
#include "common/os/git.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define SEPARATORS " \t\r\n,"
#define WHOLE      "{repository}"

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

static void add (sources_t *self, const char *url)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->urls[i], url) == 0)
            return;
    self->urls[self->count++] = url;
}

fault_t sources_list (turn_t *turn, const char *bases, const char *forge, const char *repository,
                      sources_t *out)
{
    char *save = NULL;
    *out = (sources_t){.count = 0};
    for (char *base = strtok_r (arena_strdup (turn->arena, bases), SEPARATORS, &save); base;
         base = strtok_r (NULL, SEPARATORS, &save)) {
        const char *meant = strcmp (base, "forge") == 0 || strcmp (base, "{forge}") == 0 ? forge : base;
        if (!meant)
            continue;
        if (!is_base (meant))
            return turn_fail (turn, INVALID, "action_sources: \"%s\" is neither a URL nor an absolute path",
                              url_redact (turn->arena, meant));
        if (out->count == ACTION_SOURCES)
            return turn_fail (turn, INVALID, "action_sources: more than %d", ACTION_SOURCES);
        add (out, base_url (turn->arena, meant, repository));
    }
    return out->count ? OK : turn_fail (turn, INVALID, "action_sources: there is no source of actions");
}

const char *source_forge (arena_t *arena, const char *url, const char *name)
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

static fault_t run (turn_t *turn, const source_git_t *self, const char *git_dir, int64_t seconds,
                    process_output_t *output, ...) __attribute__ ((sentinel));

static fault_t run (turn_t *turn, const source_git_t *self, const char *git_dir, int64_t seconds,
                    process_output_t *output, ...)
{
    const char *args[GIT_ARGS] = {NULL};
    size_t count = 0;
    va_list list;
    va_start (list, output);
    const char *arg;
    while (count < GIT_ARGS - 1 && (arg = va_arg (list, const char *)))
        args[count++] = arg;
    va_end (list);
    const git_location_t place = {.folder = git_dir, .config = self->config, .local_folders = true};
    const git_bounds_t bounds = {.until_us = clock_monotonic_us () + SECONDS (seconds),
                                 .silence_us = SECONDS (60),
                                 .stop = self->cancel ? cancel_handle (self->cancel) : 0};
    turn->detail = NULL;
    fault_t fault = git_run (turn, args, &place, &bounds, NULL, output);
    if (fault == UNAVAILABLE && self->cancel && cancel_level (self->cancel) != CANCEL_NONE)
        return turn_fail (turn, UNAVAILABLE, "it was cancelled");
    return fault == TIMEOUT ? UNAVAILABLE : fault;
}

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

static fault_t classify (turn_t *turn, fault_t fault, const process_output_t *output)
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

fault_t source_look (turn_t *turn, const source_git_t *git, const char *url, const char *ref,
                     const char **commit)
{
    arena_t *arena = turn->arena;
    bool full = strncmp (ref, "refs/", 5) == 0;
    const char *tag = full ? ref : arena_printf (arena, "refs/tags/%s", ref);
    const char *peeled = arena_printf (arena, "%s^{}", tag); // The commit of an annotated tag
    const char *head = full ? ref : arena_printf (arena, "refs/heads/%s", ref);
    process_output_t output;
    fault_t fault = run (turn, git, NULL, ACTION_LOOK_SECONDS, &output, "ls-remote", "--quiet", "--", url,
                         tag, peeled, head, NULL);
    if (fault)
        return classify (turn, fault, &output);
    const char *const refs[] = {peeled, tag, head};
    for (size_t i = 0; i < 3; i++)
        if ((*commit = commit_of (arena, output.out, refs[i])))
            return OK;
    return turn_fail (turn, NOT_FOUND, "it has no tag or branch \"%s\"", ref);
}

static fault_t fetch_alone (turn_t *turn, const source_git_t *git, const char *url, const char *commit,
                            const char *git_dir)
{
    process_output_t output;
    fault_t fault = run (turn, git, git_dir, ACTION_FETCH_SECONDS, &output, "fetch", "--progress",
                         "--depth=1", "--no-tags", "--no-write-fetch-head", "--", url, commit, NULL);
    bool refused =
        fault && (strstr (output.err, "not our ref") || strstr (output.err, "unadvertised object"));
    if (!refused)
        return classify (turn, fault, &output);
    return classify (turn,
                     run (turn, git, git_dir, ACTION_FETCH_SECONDS, &output, "fetch", "--progress",
                          "--no-tags", "--no-write-fetch-head", "--", url, "+refs/heads/*:refs/heads/*",
                          "+refs/tags/*:refs/tags/*", NULL),
                     &output);
}

// An id may be of a tag, or of nothing that came.
static fault_t check_commit (turn_t *turn, const source_git_t *git, const char *commit, const char *git_dir)
{
    process_output_t output;
    fault_t fault = run (turn, git, git_dir, ACTION_LOOK_SECONDS, &output, "cat-file", "-t", commit, NULL);
    if (!fault && strcmp (output.out, "commit\n") == 0)
        return OK;
    return turn_fail (turn, NOT_FOUND, "it has no commit %s", commit);
}

fault_t source_fetch (turn_t *turn, const source_git_t *git, const char *url, const char *commit,
                      const char *folder)
{
    const char *git_dir = arena_printf (turn->arena, "%s/git", folder);
    const char *tree = arena_printf (turn->arena, "--work-tree=%s/tree", folder);
    const char *format = strlen (commit) == 64 ? "--object-format=sha256" : "--object-format=sha1";
    process_output_t output;
    TRY (run (turn, git, NULL, ACTION_LOOK_SECONDS, &output, "init", "--quiet", "--bare",
              "--template=", format, git_dir, NULL));
    TRY (fetch_alone (turn, git, url, commit, git_dir));
    TRY (check_commit (turn, git, commit, git_dir));
    return run (turn, git, git_dir, ACTION_FETCH_SECONDS, &output, tree, "reset", "--hard", "--quiet", commit,
                NULL);
}
