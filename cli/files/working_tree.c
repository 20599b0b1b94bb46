/* working_tree.c - see working_tree.h. Git is the user's, with the user's configuration: only so a file is what `git commit` would make of it. */

#include "cli/files/working_tree.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/line.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/git.h"
#include "workflow/plan/context.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define GIT_TIME_US SECONDS (600)
#define REFS_MAX    (16 << 20) // Bytes of a list of refs
#define WORDS       16         // Of one command
#define HEADS       "refs/heads/"

// Which repository git works on, if not on what it finds; names that a hook has set.
static const char *const repository_variables[] = {"GIT_DIR",
                                                   "GIT_WORK_TREE",
                                                   "GIT_INDEX_FILE",
                                                   "GIT_OBJECT_DIRECTORY",
                                                   "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                                   "GIT_COMMON_DIR",
                                                   "GIT_NAMESPACE",
                                                   "GIT_PREFIX",
                                                   "GIT_QUARANTINE_PATH"};
#define VARIABLES (sizeof repository_variables / sizeof repository_variables[0])

typedef struct {
    const char *folder;  // Where it runs
    const char *more[8]; // Environment, before ours
    int stop;
    bool may_fail; // NOT_FOUND, without words, where its status is not 0
} git_call_t;

static const char *const *environment_of (arena_t *arena, const git_call_t *call)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    const char **list = arena_array (arena, count + 10, sizeof (char *));
    list[kept++] = "LC_ALL=C"; // git_reason reads English. The first of a name counts
    for (size_t i = 0; i < 8 && call->more[i]; i++)
        list[kept++] = call->more[i];
    memcpy (list + kept, environ, count * sizeof (char *));
    return list;
}

// What it prints, without the newline at its end. `args` ends with NULL and is without "git".
static fault_t git (turn_t *turn, const git_call_t *call, const char *const *args, const char **out)
{
    const char *argv[WORDS] = {"git"};
    process_output_t output;
    for (size_t i = 0; args[i] && i < WORDS - 2; i++)
        argv[i + 1] = args[i];
    const process_spec_t spec = {.argv = argv,
                                 .folder = call->folder,
                                 .environment = environment_of (turn->arena, call),
                                 .stop = call->stop};
    TRY (process_run (turn, &spec, GIT_TIME_US, REFS_MAX, &output));
    size_t size = output.out_size;
    while (size > 0 && output.out[size - 1] == '\n')
        size--;
    if (out)
        *out = arena_strndup (turn->arena, output.out, size);
    if (output.end.status == 0)
        return OK;
    return call->may_fail
               ? NOT_FOUND
               : turn_fail (turn, INVALID, "git %s: %s", args[0], git_reason (turn->arena, output.err));
}

#define GIT(turn, call, out, ...) git (turn, call, (const char *const[]){__VA_ARGS__, NULL}, out)

// ---- where it is ----

static const char *absolute (arena_t *arena, const char *path)
{
    char here[PATH_MAX];
    return path[0] == '/' || !getcwd (here, sizeof here) ? path : arena_printf (arena, "%s/%s", here, path);
}

// Its parts as names of folders: neither hidden nor above.
static const char *name_of (turn_t *turn, const char *remote, const char *root)
{
    const char *slash = strrchr (root, '/');
    char *name =
        arena_strdup (turn->arena, context_repository (turn->arena, remote, slash[1] ? slash + 1 : "root"));
    for (char *at = name; *at; at++)
        if ((*at == '.' && (at == name || at[-1] == '/')) || (unsigned char) *at <= ' ')
            *at = '_';
    return name;
}

static void forget_repository (void)
{
    for (size_t i = 0; i < VARIABLES; i++)
        unsetenv (repository_variables[i]);
}

fault_t working_tree_find (turn_t *turn, working_tree_t *out)
{
    char here[PATH_MAX];
    const char *text, *remote = "";
    const git_call_t call = {.may_fail = true};
    if (!getcwd (here, sizeof here))
        return turn_fail (turn, NOT_FOUND, "the current folder: %s", strerror (errno));
    fault_t fault =
        GIT (turn, &call, &text, "rev-parse", "--show-toplevel", "--show-cdup", "--absolute-git-dir",
             "--git-common-dir", "--git-path", "index", "--show-object-format");
    if (fault == OK)
        (void) !GIT (turn, &call, &remote, "config", "--get", "remote.origin.url");
    else if (fault != NOT_FOUND)
        return fault;
    *out = (working_tree_t){.root = arena_strdup (turn->arena, here), .prefix = "", .format = "sha1"};
    if (fault == OK) {
        line_t line = line_begin (text, strlen (text));
        out->root = line_take (&line, turn->arena);
        out->prefix = line_take (&line, turn->arena);
        out->git = line_take (&line, turn->arena);
        out->common = absolute (turn->arena, line_take (&line, turn->arena));
        out->index = absolute (turn->arena, line_take (&line, turn->arena));
        out->format = line_take (&line, turn->arena);
    }
    out->remote = remote;
    out->repository = name_of (turn, remote, out->root);
    forget_repository (); // Not before: in a hook these variables say where the tree is
    return OK;
}

// ---- our repository ----

static fault_t copy_file (turn_t *turn, const char *from, const char *to)
{
    struct stat info;
    int in = open (from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return errno == ENOENT ? OK : turn_fail (turn, BROKEN, "%s: %s", from, strerror (errno));
    int out = open (to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = out >= 0 && fstat (in, &info) == 0;
    for (off_t left = good ? info.st_size : 0; good && left > 0;) {
        ssize_t size = sendfile (out, in, NULL, (size_t) left);
        good = size > 0;
        left -= size;
    }
    int error = errno;
    close (in);
    if (out >= 0)
        close (out);
    return good ? OK : turn_fail (turn, BROKEN, "%s: %s", to, strerror (error));
}

static const char *inside (turn_t *turn, const char *folder, const char *name)
{
    return arena_printf (turn->arena, "%s/%s", folder, name);
}

// A commit may be asked for by its name, and a filter be used, as with the forges.
static const char *configuration (turn_t *turn, const working_tree_t *tree)
{
    bool sha1 = strcmp (tree->format, "sha1") == 0;
    return arena_printf (
        turn->arena,
        "[core]\n\trepositoryformatversion = %d\n\tbare = true\n%s"
        "[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n",
        sha1 ? 0 : 1,
        sha1 ? "" : arena_printf (turn->arena, "[extensions]\n\tobjectFormat = %s\n", tree->format));
}

static fault_t make_repository (turn_t *turn, const working_tree_t *tree, const char *folder)
{
    static const char *const folders[] = {"objects/info", "objects/pack", "refs/heads", "refs/tags"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        TRY (folder_make (turn, inside (turn, folder, folders[i])));
    TRY (file_write (turn, inside (turn, folder, "config"), configuration (turn, tree)));
    TRY (file_write (turn, inside (turn, folder, "HEAD"), "ref: " HEADS "main\n"));
    if (!tree->git)
        return OK;
    // Of a shallow clone: without the list of where its history ends, git would look for the parents there
    TRY (copy_file (turn, inside (turn, tree->common, "shallow"), inside (turn, folder, "shallow")));
    return file_write (turn, inside (turn, folder, "objects/info/alternates"),
                       arena_printf (turn->arena, "%s/objects\n", tree->common));
}

// Branches and tags, and those branches of the remote that have none of their name here. Of more than REFS_MAX none.
static fault_t copy_refs (turn_t *turn, const working_tree_t *tree, const snapshot_t *self)
{
    static const char origin[] = "refs/remotes/origin/";
    const char *listed;
    const git_call_t call = {.folder = tree->root, .stop = tree->stop};
    fault_t fault = GIT (turn, &call, &listed, "for-each-ref", "--format=%(objectname) %(refname)",
                         "refs/heads", "refs/tags", origin);
    if (fault == TOO_LARGE)
        return OK;
    TRY (fault);
    buffer_t *packed = buffer_new (2 * REFS_MAX);
    for (line_t lines = line_begin (listed, strlen (listed)); lines.left;) {
        const char *line = line_take (&lines, turn->arena), *name = strchr (line, ' ') + 1;
        if (strncmp (name, origin, sizeof origin - 1) != 0) {
            buffer_printf (packed, "%s\n", line);
            continue;
        }
        name += sizeof origin - 1;
        const char *own = arena_printf (turn->arena, " " HEADS "%s\n", name);
        if (strcmp (name, "HEAD") != 0 && !strstr (buffer_text (packed), own))
            buffer_printf (packed, "%.*s%s", (int) strcspn (line, " "), line, own);
    }
    fault = file_write (turn, inside (turn, self->folder, "packed-refs"), buffer_text (packed));
    buffer_destroy (&packed);
    return fault;
}

fault_t snapshot_name (turn_t *turn, const snapshot_t *self, const char *ref)
{
    const char *path = inside (turn, self->folder, ref);
    TRY (folder_make (turn, arena_strndup (turn->arena, path, (size_t) (strrchr (path, '/') - path))));
    return file_write (turn, path, arena_printf (turn->arena, "%s\n", self->sha));
}

// ---- the commit ----

// "origin/main" of the remote's HEAD; else main or master where there is one; else where we are.
static fault_t find_branches (turn_t *turn, const working_tree_t *tree, snapshot_t *self)
{
    const git_call_t call = {.folder = tree->root, .may_fail = true};
    const char *text = "";
    self->branch = self->head = "";
    self->default_branch = "main";
    if (!tree->git)
        return OK;
    if (GIT (turn, &call, &text, "symbolic-ref", "--quiet", "--short", "HEAD") == OK)
        self->branch = text;
    if (GIT (turn, &call, &text, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") == OK)
        self->head = text;
    if (GIT (turn, &call, &text, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD") == OK)
        self->default_branch = text + strlen ("refs/remotes/origin/");
    else if (GIT (turn, &call, &text, "for-each-ref", "--count=1", "--format=%(refname:lstrip=2)",
                  HEADS "main", HEADS "master") == OK &&
             *text)
        self->default_branch = text;
    else if (*self->branch)
        self->default_branch = self->branch;
    return OK;
}

static git_call_t writing_call (turn_t *turn, const working_tree_t *tree, const snapshot_t *self)
{
    arena_t *arena = turn->arena;
    return (git_call_t){.folder = tree->root,
                        .stop = tree->stop,
                        .more = {arena_printf (arena, "GIT_DIR=%s", tree->git ? tree->git : self->folder),
                                 arena_printf (arena, "GIT_WORK_TREE=%s", tree->root),
                                 arena_printf (arena, "GIT_INDEX_FILE=%s/index", self->folder),
                                 arena_printf (arena, "GIT_OBJECT_DIRECTORY=%s/objects", self->folder)}};
}

// What cannot be read is reported and left out.
static fault_t add_files (turn_t *turn, const working_tree_t *tree, const git_call_t *call)
{
    const char *argv[] = {"git",
                          "-c",
                          "advice.addEmbeddedRepo=false",
                          "-c",
                          "core.safecrlf=false",
                          "add",
                          "-A",
                          "--ignore-errors",
                          ".",
                          NULL};
    process_output_t output;
    const process_spec_t spec = {.argv = argv,
                                 .folder = tree->root,
                                 .environment = environment_of (turn->arena, call),
                                 .stop = call->stop};
    TRY (process_run (turn, &spec, GIT_TIME_US, REFS_MAX, &output));
    if (output.end.status == 0)
        return OK;
    if (output.end.status != 1)
        return turn_fail (turn, INVALID, "git add: %s", git_reason (turn->arena, output.err));
    fprintf (stderr, "opencicd: some files are left out: %s\n", git_reason (turn->arena, output.err));
    return OK;
}

// Without a change it is HEAD itself, so that a run here and one on a server are of the same commit.
static fault_t commit (turn_t *turn, const working_tree_t *tree, snapshot_t *self)
{
    git_call_t call = writing_call (turn, tree, self);
    const char *head_tree = "", *message = arena_printf (turn->arena, "The working tree of %s", tree->root);
    TRY (add_files (turn, tree, &call));
    TRY (GIT (turn, &call, &self->tree, "write-tree"));
    if (*self->head)
        TRY (GIT (turn, &call, &head_tree, "rev-parse", arena_printf (turn->arena, "%s^{tree}", self->head)));
    self->changed = strcmp (head_tree, self->tree) != 0;
    self->sha = self->head;
    if (!self->changed)
        return OK;
    const char *parent = *self->head ? arena_printf (turn->arena, "-p%s", self->head) : NULL;
    call.may_fail = true; // Who it is may not be set
    fault_t fault = GIT (turn, &call, &self->sha, "commit-tree", self->tree, "-m", message, parent);
    for (size_t i = 0; fault == NOT_FOUND && i < 4; i++) {
        static const char *const nobody[] = {"GIT_AUTHOR_NAME=nobody", "GIT_AUTHOR_EMAIL=nobody@localhost",
                                             "GIT_COMMITTER_NAME=nobody",
                                             "GIT_COMMITTER_EMAIL=nobody@localhost"};
        call.more[4 + i] = nobody[i];
    }
    call.may_fail = false;
    return fault == NOT_FOUND
               ? GIT (turn, &call, &self->sha, "commit-tree", self->tree, "-m", message, parent)
               : fault;
}

fault_t snapshot_files (turn_t *turn, const working_tree_t *tree, const snapshot_t *self, bool stage,
                        const char **out, size_t *size)
{
    const char *argv[] = {"git", "ls-files", "-z", stage ? "--stage" : NULL, NULL};
    process_output_t output;
    const git_call_t call = writing_call (turn, tree, self);
    const process_spec_t spec = {.argv = argv,
                                 .folder = tree->root,
                                 .environment = environment_of (turn->arena, &call),
                                 .stop = call.stop};
    TRY (process_run (turn, &spec, GIT_TIME_US, REFS_MAX, &output));
    *out = output.out;
    *size = output.out_size;
    return output.end.status == 0
               ? OK
               : turn_fail (turn, INVALID, "git ls-files: %s", git_reason (turn->arena, output.err));
}

fault_t snapshot_take (turn_t *turn, const working_tree_t *tree, const char *folder, const char *ref,
                       snapshot_t *out)
{
    *out =
        (snapshot_t){.folder = arena_printf (turn->arena, "%s/%s.git", folder, tree->repository), .tree = ""};
    bool first = access (inside (turn, out->folder, "HEAD"), F_OK) != 0;
    if (first)
        TRY (make_repository (turn, tree, out->folder));
    TRY (find_branches (turn, tree, out));
    if (tree->git) {
        // With the user's index git looks only into files that have changed
        TRY (copy_file (turn, tree->index, inside (turn, out->folder, "index")));
        TRY (copy_refs (turn, tree, out));
    }
    TRY (commit (turn, tree, out));
    out->ref =
        ref ? ref : arena_printf (turn->arena, HEADS "%s", *out->branch ? out->branch : out->default_branch);
    TRY (file_write (turn, inside (turn, out->folder, "HEAD"),
                     arena_printf (turn->arena, "ref: " HEADS "%s\n", out->default_branch)));
    return snapshot_name (turn, out, out->ref);
}
