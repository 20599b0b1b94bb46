/* project.c - `opencicd project add|list|show|remove`. */

#include "cli/show/listing.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// "https://...", "git@host:path": what git fetches over a network.
static bool is_remote (const char *text)
{
    const char *colon = strchr (text, ':'), *slash = strchr (text, '/');
    return strstr (text, "://") || (colon && (!slash || colon < slash) && access (text, F_OK) != 0);
}

static bool is_in (const value_t *project, const char *state)
{
    return strcmp (value_get_text (project, "state"), state) == 0;
}

static bool is_public (const value_t *project)
{
    return strcmp (value_get_text (project, "visibility"), "public") == 0;
}

static void print_project (const cli_t *cli, const value_t *project)
{
    const char *state = value_get_text (project, "state"), *reason = value_get_text (project, "state_reason");
    printf ("%s  %s\n", paint (cli->turn->arena, cli->colour, BOLD, value_get_text (project, "name")),
            paint_safe (cli->turn->arena, value_get_text (project, "url")));
    if (*state) // An older server has none
        printf ("State    %s%s%s\n", paint_safe (cli->turn->arena, state), *reason ? ": " : "",
                paint_safe (cli->turn->arena, reason));
    if (*value_get_text (project, "visibility"))
        printf ("Seen by  %s\n", is_public (project) ? "everybody" : "who has a role in it");
    if (*value_get_text (project, "default_branch"))
        printf ("Branch   %s\n", paint_safe (cli->turn->arena, value_get_text (project, "default_branch")));
    printf ("Runs     %" PRId64 "\nCreated  %s\nId       %s\n", number_of (project, "runs"),
            ago (cli, project, "created_at"), value_get_text (project, "id"));
}

// The server has a different working folder.
static const char *whole_path (cli_t *cli, const char *url)
{
    char whole[PATH_MAX];
    if (is_remote (url))
        return url;
    if (realpath (url, whole))
        return arena_strdup (cli->turn->arena, whole);
    cli_fail (cli, turn_fail (cli->turn, NOT_FOUND, "%s: %s", url, strerror (errno)));
    return NULL;
}

// By its address; or the repository that a forge has under that name.
static fault_t add_it (cli_t *cli, client_t *client, const value_t *body, answer_t *answer, const char **name)
{
    const char *forge = flag_text (cli->flags, "forge");
    *name = cli->args.items[0];
    if (!forge)
        return client_ask (client, cli->turn, "POST", "/projects", body_json (cli, body), answer);
    const char *path = path_of (cli, "/forges/%s/projects", forge);
    TRY (client_ask (client, cli->turn, "POST", path, body_json (cli, body), answer));
    *name = arena_strdup (cli->turn->arena, value_get_text (answer->json, "project"));
    return client_ask (client, cli->turn, "GET", path_of (cli, "/projects/%s", *name), NULL, answer);
}

// Registers it, and waits until its repository was read or cannot be. It is registered in either case, and Ctrl-C leaves it so.
static fault_t add_and_wait (cli_t *cli, client_t *client, const value_t *body, answer_t *answer)
{
    const char *name, *reported = "";
    TRY (add_it (cli, client, body, answer, &name));
    for (int pause_ms = 20; is_in (answer->json, "cloning") && !flag_on (cli->flags, "no-wait");) {
        poll (NULL, 0, pause_ms);
        pause_ms = pause_ms < 500 ? 2 * pause_ms : 1000;
        TRY (client_ask (client, cli->turn, "GET", path_of (cli, "/projects/%s", name), NULL, answer));
        const char *reason = value_get_text (answer->json, "state_reason");
        if (strcmp (reason, reported) != 0 && is_in (answer->json, "cloning"))
            fprintf (stderr, "%s\n", paint_safe (cli->turn->arena, reason));
        reported = arena_strdup (cli->turn->arena, reason);
    }
    return OK;
}

static int add (cli_t *cli)
{
    client_t *client;
    answer_t answer;
    bool of_forge = flag_text (cli->flags, "forge") != NULL;
    if (cli->args.count != (of_forge ? 1 : 2) && !(of_forge && cli->args.count == 2))
        return cli_usage (cli, "give %s",
                          of_forge ? "OWNER/REPO" : "NAME and URL, or --forge and OWNER/REPO");
    const char *last = cli->args.items[cli->args.count - 1], *url = of_forge ? last : whole_path (cli, last);
    if (!url)
        return CLI_FAILED;
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "name", cli->args.count == 2 ? cli->args.items[0] : NULL);
    body_text (cli, body, of_forge ? "repository" : "url", url);
    body_text (cli, body, "forks", flag_text (cli->flags, "forks"));
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault == OK)
        fault = add_and_wait (cli, client, body, &answer);
    client_destroy (&client);
    if (fault != OK)
        return cli_fail (cli, fault);
    if (flag_on (cli->flags, "json"))
        printf ("%s\n", answer.text);
    else
        print_project (cli, answer.json);
    if (!is_in (answer.json, "failed"))
        return CLI_OK;
    fprintf (stderr,
             "opencicd: %s is registered, but its repository cannot be read; the server keeps trying\n",
             value_get_text (answer.json, "name"));
    return CLI_FAILED;
}

static const flag_t flags_add[] = {
    {.name = "no-wait",
     .kind = FLAG_SWITCH,
     .doc = "Do not wait until the repository has been read for the first time."},
    {.name = "forge",
     .kind = FLAG_TEXT,
     .metavar = "FORGE",
     .doc =
         "The repository is this forge's (opencicd forge list): its webhook is made, renames are followed."},
    {.name = "forks",
     .kind = FLAG_TEXT,
     .metavar = "WHOSE",
     .choices = "never|approved|known|all",
     .doc =
         "Which pull requests of forks run; see `opencicd help forge set`. Only with --forge. Default: approved."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_project_add = {
    .name = "project add",
    .group = GROUP_PROJECTS,
    .usage = "[OPTIONS] NAME URL|PATH | [OPTIONS] --forge FORGE [NAME] OWNER/REPO",
    .summary = "Register a repository as a project.",
    .help =
        "URL is anything that `git clone` takes. PATH works if the server runs on this machine; it needs an administrator's\n"
        "token, or must be below a folder of the server's setting scm_folders.\n",
    .examples = "opencicd project add site /srv/git/site.git\n"
                "opencicd project add site https://git.example.org/site.git\n"
                "opencicd project add --forge hub acme/site\n",
    .programs = CLIENT,
    .flags = flags_add,
    .min_args = 1,
    .max_args = 2,
    .run = add};

// ----

static void add_project (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, BOLD, value_get_text (item, "name"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%" PRId64, number_of (item, "runs")));
    table_cell (table, PLAIN, value_get_text (item, "default_branch"));
    table_cell (table, is_in (item, "failed") ? RED : PLAIN, value_get_text (item, "state"));
    table_cell (table, PLAIN, value_get_text (item, "url"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "RUNS", "BRANCH", "STATE", "URL", "CREATED", NULL};
    return list_items (cli, "/projects", headings, add_project);
}

const command_t command_project_list = {.name = "project list",
                                        .group = GROUP_PROJECTS,
                                        .usage = "[OPTIONS]",
                                        .summary = "List projects.",
                                        .programs = CLIENT,
                                        .flags = flags_list,
                                        .run = list};

// ----

static int show (cli_t *cli)
{
    const value_t *project;
    int status = server_ask (cli, "GET", path_of (cli, "/projects/%s", cli->args.items[0]), NULL, &project);
    if (project)
        print_project (cli, project);
    return status;
}

const command_t command_project_show = {.name = "project show",
                                        .group = GROUP_PROJECTS,
                                        .usage = "[--json] PROJECT",
                                        .summary =
                                            "Show a project: its repository, its state, its number of runs.",
                                        .programs = CLIENT,
                                        .flags = flags_json,
                                        .min_args = 1,
                                        .max_args = 1,
                                        .run = show};

// ----

static int remove_project (cli_t *cli)
{
    return remove_item (cli, "projects", "removed");
}

const command_t command_project_remove = {.name = "project remove",
                                          .group = GROUP_PROJECTS,
                                          .usage = "[--json] PROJECT",
                                          .summary =
                                              "Remove a project and its runs; its repository is not touched.",
                                          .programs = CLIENT,
                                          .flags = flags_json,
                                          .min_args = 1,
                                          .max_args = 1,
                                          .run = remove_project};
