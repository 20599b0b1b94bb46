/* artifacts.c - `opencicd artifacts`: lists and downloads what jobs published. */

#include "cli/show/listing.h"
#include "cli/terminal/format.h"
#include "common/base/clock.h"
#include "common/base/id.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRESS_US MILLISECONDS (100) // Between two updates of the progress
#define NAME_BYTES  200                // Bytes of an artifact's name in its file's

static void add_artifact (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *expires = value_get_text (item, "expires_at");
    table_cell (table, BOLD, value_get_text (item, "name"));
    table_cell (table, PLAIN,
                bool_of (item, "complete") ? size_text (cli->turn->arena, number_of (item, "size"))
                                           : "uploading");
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, *expires ? arena_printf (cli->turn->arena, "%.10s", expires) : "never");
    table_cell (table, DIM, value_get_text (item, "id"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"ARTIFACT", "SIZE", "CREATED", "EXPIRES", "ID", NULL};
    const char *id = cli->args.items[0];
    const char *path = path_of (cli, id_is (id, 'j') ? "/jobs/%s/artifacts" : "/runs/%s/artifacts", id);
    return list_items (cli, path, headings, add_artifact);
}

const command_t command_artifacts = {.name = "artifacts",
                                     .group = GROUP_RUNS,
                                     .usage = "[OPTIONS] RUN|JOB",
                                     .summary = "List the artifacts of a run or a job.",
                                     .examples = "opencicd artifacts RUN\n",
                                     .programs = CLIENT,
                                     .flags = flags_list,
                                     .min_args = 1,
                                     .max_args = 1,
                                     .run = list};

// ---- getting one ----

typedef struct {
    int fd;
    int64_t size, whole, reported_us;
    bool terminal;
    int error; // errno of writing
} download_t;

static void report_progress (download_t *self, bool end)
{
    char text[64];
    int64_t now = clock_monotonic_us ();
    if (!self->terminal || (!end && now - self->reported_us < PROGRESS_US))
        return;
    self->reported_us = now;
    snprintf (text, sizeof text, "%" PRId64 " of %" PRId64 " KiB", self->size / 1024, self->whole / 1024);
    fprintf (stderr, "\r%-40s%s", end ? "" : text, end ? "\r" : "");
}

static bool write_piece (void *self_, const char *bytes, size_t size)
{
    download_t *self = self_;
    self->size += (int64_t) size;
    while (size) {
        ssize_t written = write (self->fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            self->error = errno;
            return false;
        }
        bytes += written;
        size -= (size_t) written;
    }
    report_progress (self, false);
    return true;
}

// A name that an artifact's uploader chose, as that of a file here: no folders, nothing hidden.
static const char *file_name (arena_t *arena, const char *name)
{
    char *safe = arena_strndup (arena, paint_safe (arena, name), NAME_BYTES);
    for (char *at = safe; *at; at++)
        if (*at == '/' || (at == safe && *at == '.'))
            *at = '_';
    return arena_printf (arena, "%s.zip", *safe ? safe : "artifact");
}

static const char *target_of (const cli_t *cli, const value_t *artifact)
{
    struct stat info;
    const char *given = flag_text (cli->flags, "output"),
               *name = file_name (cli->turn->arena, value_get_text (artifact, "name"));
    if (!given)
        return name;
    size_t size = strlen (given);
    if (size > 0 &&
        given[size - 1] == '/') { // A folder in any case; the download reports what is wrong with it
        (void) mkdir (given, 0777);
        return arena_printf (cli->turn->arena, "%s%s", given, name);
    }
    bool is_folder = stat (given, &info) == 0 && S_ISDIR (info.st_mode);
    return is_folder ? arena_printf (cli->turn->arena, "%s/%s", given, name) : given;
}

// Into a file beside it first: what has the final name is whole.
static int download (cli_t *cli, client_t *client, const value_t *artifact, const char *target)
{
    arena_t *arena = cli->turn->arena;
    const char *partial = arena_printf (arena, "%s.partial", target);
    download_t self = {.whole = number_of (artifact, "size"), .terminal = isatty (STDERR_FILENO)};
    // No link is followed: in a shared folder somebody else may have put one under that name
    self.fd = open (partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (self.fd < 0)
        return cli_fail (cli, turn_fail (cli->turn, NOT_FOUND, "%s: %s", partial, strerror (errno)));
    fault_t fault = client_download (client, cli->turn,
                                     path_of (cli, "/artifacts/%s/zip", value_get_text (artifact, "id")),
                                     NULL, write_piece, &self);
    report_progress (&self, true);
    if (close (self.fd) != 0 && fault == OK) { // A network file system may report a full disk only now
        fault = BROKEN;
        self.error = errno;
    }
    if (fault == OK && rename (partial, target) != 0) {
        fault = BROKEN;
        self.error = errno;
    }
    if (self.error)
        fault = turn_fail (cli->turn, CONFLICT, "%s: %s", target, strerror (self.error));
    if (fault == OK) {
        printf ("%s\n", target);
        return CLI_OK;
    }
    (void) unlink (partial);
    return cli_fail (cli, fault);
}

static int get_with (cli_t *cli, client_t *client)
{
    answer_t answer;
    fault_t fault = client_ask (client, cli->turn, "GET", path_of (cli, "/artifacts/%s", cli->args.items[0]),
                                NULL, &answer);
    if (fault != OK)
        return cli_fail (cli, fault);
    if (flag_on (cli->flags, "json")) {
        printf ("%s\n", answer.text);
        return CLI_OK;
    }
    return download (cli, client, answer.json, target_of (cli, answer.json));
}

static int get (cli_t *cli)
{
    client_t *client;
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    int status = fault == OK ? get_with (cli, client) : cli_fail (cli, fault);
    client_destroy (&client);
    return status;
}

static const flag_t get_flags[] = {
    {.name = "output",
     .kind = FLAG_TEXT,
     .letter = 'o',
     .metavar = "FOLDER|FILE.zip",
     .doc = "Where to put it; FOLDER/ is made if needed. Default: NAME.zip in the current folder."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "Print the artifact and its files; download nothing."},
    {.name = NULL}};

const command_t command_artifacts_get = {.name = "artifacts get",
                                         .group = GROUP_RUNS,
                                         .usage = "[-o FOLDER|FILE.zip] ARTIFACT",
                                         .summary = "Download an artifact as a zip archive.",
                                         .help = "ARTIFACT is an id from `opencicd artifacts RUN`.\n",
                                         .examples = "opencicd artifacts get ARTIFACT -o dist/\n",
                                         .programs = CLIENT,
                                         .flags = get_flags,
                                         .min_args = 1,
                                         .max_args = 1,
                                         .run = get};
