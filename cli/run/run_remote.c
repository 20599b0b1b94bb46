/* run_remote.c - see run_remote.h. */

#include "cli/run/run_remote.h"

#include "cli/plan/plan_event.h"

#include "common/base/clock.h"
#include "common/os/file.h"
#include "common/os/git.h"
#include "common/os/git_bundle.h"
#include "proto/fields_trial.h"
#include "workflow/plan/context.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GIT_TIME_US SECONDS (600)
#define REVISIONS   "trial.revs" // In the snapshot's folder: what git is to list
#define MIB         (1 << 20)

// ---- which project ----

static fault_t check_flags (cli_t *cli)
{
    static const char *const local[] = {"event", "payload",  "ref",   "secret", "secret-file",
                                        "var",   "var-file", "label", "agents", "resume-from"};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        if (flag_list (cli->flags, local[i]).count > 0)
            return turn_fail (cli->turn, BAD_INPUT,
                              "--%s: is for runs here; with --remote the server's settings hold", local[i]);
    return OK;
}

static bool is_of (arena_t *arena, const value_t *project, const working_tree_t *tree)
{
    const char *url = value_get_text (project, "url");
    return strcmp (url, tree->root) == 0 ||
           strcmp (context_repository (arena, url, value_get_text (project, "name")), tree->repository) == 0;
}

// All pages, even after a match: which of two projects is meant, we must not guess.
static fault_t find_project (run_remote_t *self, const working_tree_t *tree)
{
    turn_t *turn = self->cli->turn;
    const char *found = NULL, *cursor = "", *here = paint_safe (turn->arena, tree->repository);
    do {
        answer_t answer;
        const value_t *const *items;
        const char *path = path_with (self->cli, "/projects?limit=200", "cursor", *cursor ? cursor : NULL);
        TRY (client_ask (self->client, turn, "GET", path, NULL, &answer));
        size_t count = items_of (answer.json, "items", &items);
        for (size_t i = 0; i < count; i++) {
            const char *name = value_get_text (items[i], "name");
            if (!is_of (turn->arena, items[i], tree))
                continue;
            if (found)
                return turn_fail (
                    turn, CONFLICT,
                    "the projects %s and %s both have the repository %s: choose one with --project NAME",
                    found, name, here);
            found = name;
        }
        cursor = value_get_text (answer.json, "next");
    } while (*cursor);
    self->project = found;
    return found ? OK
                 : turn_fail (turn, NOT_FOUND,
                              "no project of %s has the repository %s: choose one with --project NAME",
                              client_url (self->client), here);
}

fault_t run_remote_open (run_remote_t *self, cli_t *cli, const working_tree_t *tree)
{
    *self = (run_remote_t){.cli = cli, .project = flag_text (cli->flags, "project")};
    TRY (check_flags (cli));
    TRY (client_new (&self->client, cli->turn, cli->settings));
    return self->project ? OK : find_project (self, tree);
}

void run_remote_close (run_remote_t *self)
{
    client_destroy (&self->client);
}

// ---- the bundle ----

// Git in the snapshot's repository, with `input` as its standard input: by way of a file, because a pipe that git does not read
// while we do not read its output would block both.
static fault_t git (turn_t *turn, const working_tree_t *tree, const snapshot_t *snapshot, const char *input,
                    const char *const *argv, const char **out)
{
    process_output_t output;
    const char *path = arena_printf (turn->arena, "%s/" REVISIONS, snapshot->folder);
    const git_location_t location = {.folder = snapshot->folder};
    TRY (file_write (turn, path, input));
    int in = open (path, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return turn_fail (turn, BROKEN, "%s: %s", path, strerror (errno));
    const process_spec_t spec = {.argv = argv,
                                 .environment = git_environment (turn->arena, &location),
                                 .folder = snapshot->folder,
                                 .in = in,
                                 .stop = tree->stop};
    fault_t fault = process_run (turn, &spec, GIT_TIME_US, GIT_OUT_MAX, &output);
    close (in);
    TRY (fault);
    *out = output.out;
    return output.end.status == 0
               ? OK
               : turn_fail (turn, INVALID, "git %s: %s", argv[1], git_reason (turn->arena, output.err));
}

static const char *next_line (arena_t *arena, const char **at)
{
    size_t size = strcspn (*at, "\n");
    const char *line = **at ? arena_strndup (arena, *at, size) : NULL;
    *at += size + ((*at)[size] == '\n');
    return line;
}

// The commits up to the one that is sent, the newest first.
static fault_t list_commits (turn_t *turn, const working_tree_t *tree, const snapshot_t *snapshot,
                             value_t *have)
{
    const char *const argv[] = {"git", "rev-list", arena_printf (turn->arena, "--max-count=%d", TRIAL_HAVE),
                                "--stdin", NULL};
    const char *listed;
    TRY (git (turn, tree, snapshot, arena_printf (turn->arena, "%s\n", snapshot->sha), argv, &listed));
    for (const char *line; (line = next_line (turn->arena, &listed));)
        value_push (turn->arena, have, value_string (turn->arena, line));
    return OK;
}

// Of the commits that the server has, those that the new ones build on.
static fault_t find_bases (turn_t *turn, const working_tree_t *tree, const snapshot_t *snapshot,
                           const value_t *trial, git_bundle_t *bundle)
{
    static const char *const argv[] = {"git", "rev-list", "--boundary", "--stdin", NULL};
    const value_t *const *known;
    const char *listed;
    size_t count = items_of (trial, "known", &known);
    buffer_t *input = buffer_new (MIB);
    buffer_printf (input, "%s\n", snapshot->sha);
    for (size_t i = 0; i < count; i++) {
        const char *commit = value_to_text (turn->arena, known[i]);
        buffer_printf (input, "^%s\n", commit);
        if (strcmp (commit, snapshot->sha) == 0) // Then nothing is new
            bundle->bases[bundle->base_count++] = commit;
    }
    fault_t fault = git (turn, tree, snapshot, buffer_text (input), argv, &listed);
    buffer_destroy (&input);
    TRY (fault);
    for (const char *line; (line = next_line (turn->arena, &listed));) {
        if (*line != '-') // --boundary marks the commits that are not new by a "-"
            continue;
        if (bundle->base_count == BUNDLE_BASES)
            return turn_fail (turn, TOO_LARGE,
                              "your commits build on more than %d others: push some of them first",
                              BUNDLE_BASES);
        bundle->bases[bundle->base_count++] = line + 1;
    }
    return OK;
}

// A job has its bases without what is before them: nothing of that may be left out (--shallow).
static fault_t make_pack (turn_t *turn, const working_tree_t *tree, const snapshot_t *snapshot,
                          const git_bundle_t *bundle, const char **path)
{
    const char *base = arena_printf (turn->arena, "%s/trial", snapshot->folder), *hash;
    const char *const argv[] = {"git", "pack-objects", "--revs", "--quiet", "--delta-base-offset", base,
                                NULL};
    const char *input = "";
    for (size_t i = 0; i < bundle->base_count; i++)
        input = arena_printf (turn->arena, "%s--shallow %s\n", input, bundle->bases[i]);
    input = arena_printf (turn->arena, "%s%s\n", input, bundle->tip);
    for (size_t i = 0; i < bundle->base_count; i++)
        input = arena_printf (turn->arena, "%s^%s\n", input, bundle->bases[i]);
    TRY (git (turn, tree, snapshot, input, argv, &hash));
    *path = arena_printf (turn->arena, "%s-%.*s.pack", base, (int) strcspn (hash, "\n"), hash);
    // A bundle has no index: the receiver makes its own
    unlink (arena_printf (turn->arena, "%s-%.*s.idx", base, (int) strcspn (hash, "\n"), hash));
    return OK;
}

// ---- sent ----

typedef struct {
    const char *head;
    size_t head_size;
    int pack;
} bundle_file_t;

// The next part: what is left of the head, then of the pack.
static ssize_t read_part (bundle_file_t *self, char *part)
{
    size_t size = self->head_size;
    memcpy (part, self->head, size);
    self->head_size = 0;
    while (size < MAX_PART) {
        ssize_t got = read (self->pack, part + size, MAX_PART - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        size += (size_t) got;
    }
    return (ssize_t) size;
}

static fault_t send_parts (const run_remote_t *self, const char *trial, bundle_file_t *file)
{
    turn_t *turn = self->cli->turn;
    char *part = malloc (MAX_PART);
    fault_t fault =
        part ? OK : turn_fail (turn, NO_SPACE, "not enough memory for a part of %d bytes", MAX_PART);
    ssize_t size = MAX_PART;
    // Only the last part may be short; where the bundle ends with a full one, an empty read ends the loop
    for (uint32_t number = 0; fault == OK && size == MAX_PART; number++) {
        size = read_part (file, part);
        if (size < 0)
            fault = turn_fail (turn, BROKEN, "the bundle cannot be read: %s", strerror (errno));
        else if (size > 0 || number == 0)
            fault = client_put (self->client, turn,
                                arena_printf (turn->arena, "/trials/%s/parts/%" PRIu32, trial, number), part,
                                (size_t) size);
    }
    free (part);
    return fault;
}

static fault_t send_bundle (const run_remote_t *self, const value_t *trial, const git_bundle_t *bundle,
                            const char *pack)
{
    turn_t *turn = self->cli->turn;
    struct stat status;
    int64_t most = number_of (trial, "most");
    bundle_file_t file = {.head = git_bundle_head (turn->arena, bundle),
                          .pack = open (pack, O_RDONLY | O_CLOEXEC)};
    file.head_size = strlen (file.head);
    if (file.pack < 0 || fstat (file.pack, &status) != 0)
        return turn_fail (turn, BROKEN, "%s: %s", pack, strerror (errno));
    int64_t size = (int64_t) file.head_size + status.st_size;
    // Refused here, before megabytes are sent in vain
    fault_t fault = most > 0 && size > most ? turn_fail (turn, TOO_LARGE,
                                                         "what the server does not have packs to %" PRId64
                                                         " bytes, and it accepts %" PRId64
                                                         ": push your commits, or ignore large files",
                                                         size, most)
                                            : send_parts (self, value_get_text (trial, "id"), &file);
    close (file.pack);
    return fault;
}

fault_t run_remote_send (const run_remote_t *self, const working_tree_t *tree, const snapshot_t *snapshot,
                         const char **trial)
{
    cli_t *cli = self->cli;
    turn_t *turn = cli->turn;
    answer_t answer;
    value_t *body = value_object (turn->arena), *have = value_array (turn->arena);
    git_bundle_t bundle = {.tip = snapshot->sha};
    const char *pack;
    // The server says which of our latest commits it has; only what is new since those is packed
    TRY (list_commits (turn, tree, snapshot, have));
    value_set (turn->arena, body, "have", have);
    TRY (client_ask (self->client, turn, "POST", path_of (cli, "/projects/%s/trials", self->project),
                     body_json (cli, body), &answer));
    *trial = value_get_text (answer.json, "id");
    bundle.ref = value_get_text (answer.json, "ref");
    TRY (find_bases (turn, tree, snapshot, answer.json, &bundle));
    TRY (make_pack (turn, tree, snapshot, &bundle, &pack));
    fault_t fault = send_bundle (self, answer.json, &bundle, pack);
    unlink (pack);
    return fault;
}

// ---- run ----

static void put_list (const cli_t *cli, value_t *body, const char *key)
{
    const args_t texts = flag_list (cli->flags, strcmp (key, "jobs") == 0 ? "job" : key);
    value_t *list = value_array (cli->turn->arena);
    for (size_t i = 0; i < texts.count; i++)
        value_push (cli->turn->arena, list, value_string (cli->turn->arena, texts.items[i]));
    value_set (cli->turn->arena, body, key, list);
}

fault_t run_remote_begin (const run_remote_t *self, const char *trial, const char *workflow,
                          const value_t **run)
{
    cli_t *cli = self->cli;
    answer_t answer;
    value_t *body = value_object (cli->turn->arena);
    const value_t *inputs;
    TRY (pairs_of (cli, "input", &inputs));
    body_text (cli, body, "workflow", workflow);
    body_text (cli, body, "trial", trial);
    value_set (cli->turn->arena, body, "inputs", inputs);
    put_list (cli, body, "jobs");
    put_list (cli, body, "matrix");
    value_set (cli->turn->arena, body, "no_needs", value_bool (flag_on (cli->flags, "no-needs")));
    TRY (client_ask (self->client, cli->turn, "POST", path_of (cli, "/projects/%s/runs", self->project),
                     body_json (cli, body), &answer));
    *run = answer.json;
    return OK;
}
