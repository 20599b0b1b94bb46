/* caches.c - `opencicd cache list|remove`: what the jobs of a project saved for later runs. */

#include "cli/show/listing.h"
#include "cli/terminal/format.h"
#include "common/base/id.h"
#include "proto/fields_cache.h"

#include <inttypes.h>

#define FLAG_REF                                                              \
    {                                                                         \
        .name = "ref", .kind = FLAG_TEXT, .metavar = "REF",                   \
        .doc = "Only of this branch or tag, or full ref (refs/pull/7/merge)." \
    }

static void add_cache (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *expires = value_get_text (item, "expires_at");
    table_cell (table, BOLD, value_get_text (item, "key"));
    table_cell (table, PLAIN, size_text (cli->turn->arena, number_of (item, "size")));
    table_cell (table, PLAIN, value_get_text (item, "ref"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, ago (cli, item, "used_at"));
    table_cell (table, PLAIN, *expires ? arena_printf (cli->turn->arena, "%.10s", expires) : "never");
    table_cell (table, DIM, value_get_text (item, "id"));
}

static void print_usage (const cli_t *cli, const value_t *page)
{
    arena_t *arena = cli->turn->arena;
    int64_t limit = number_of (page, "limit_bytes");
    // What several have in common is stored once
    fprintf (stderr, "%" PRId64 " in all, %s; stored %s%s%s\n", number_of (page, "count"),
             size_text (arena, number_of (page, "bytes")),
             size_text (arena, number_of (page, "stored_bytes")), limit ? " of at most " : "",
             limit ? size_text (arena, limit) : "");
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"CACHE", "SIZE", "REF", "SAVED", "USED", "EXPIRES", "ID", NULL};
    const value_t *page;
    const char *path = path_of (cli, "/projects/%s/caches", cli->args.items[0]);
    path = path_with (cli, path, "key", flag_text (cli->flags, "key"));
    path = path_with (cli, path, "ref", flag_text (cli->flags, "ref"));
    int status = server_list (cli, path, &page);
    if (!page)
        return status;
    list_table (cli, page, "items", headings, add_cache);
    server_more (cli, page);
    print_usage (cli, page);
    return status;
}

static const flag_t flags_of_list[] = {
    {.name = "key", .kind = FLAG_TEXT, .metavar = "PREFIX", .doc = "Only those whose key begins so."},
    FLAG_REF,
    FLAGS_PAGE,
    FLAG_JSON,
    {.name = NULL}};

const command_t command_cache_list = {.name = "cache list",
                                      .group = GROUP_PROJECTS,
                                      .usage = "[OPTIONS] PROJECT",
                                      .summary =
                                          "List the caches that a project's jobs saved, the latest first.",
                                      .examples = "opencicd cache list site\n"
                                                  "opencicd cache list --key=linux-npm- --ref=main site\n",
                                      .programs = CLIENT,
                                      .flags = flags_of_list,
                                      .min_args = 1,
                                      .max_args = 1,
                                      .run = list};

static int remove_caches (cli_t *cli)
{
    const value_t *removed;
    const char *path = path_of (cli, "/projects/%s/caches", cli->args.items[0]);
    const char *which = cli->args.count > 1 ? cli->args.items[1] : NULL;
    path = path_with (cli, path, which && id_is (which, CACHE_ID) ? "cache" : "key", which);
    path = path_with (cli, path, "ref", flag_text (cli->flags, "ref"));
    path = path_with (cli, path, "all", flag_on (cli->flags, "all") ? "true" : NULL);
    int status = server_ask (cli, "DELETE", path, NULL, &removed);
    if (removed)
        printf ("%" PRId64 " removed, %s\n", number_of (removed, "count"),
                size_text (cli->turn->arena, number_of (removed, "bytes")));
    return status;
}

static const flag_t flags_of_remove[] = {
    FLAG_REF, {.name = "all", .kind = FLAG_SWITCH, .doc = "All of the project."}, FLAG_JSON, {.name = NULL}};

const command_t command_cache_remove = {
    .name = "cache remove",
    .group = GROUP_PROJECTS,
    .usage = "[OPTIONS] PROJECT [KEY|ID]",
    .summary = "Remove caches of a project: those of a key, of a ref, or all.",
    .help = "The next run that looks for such a cache finds none, and may save it anew.\n",
    .examples = "opencicd cache remove site linux-npm-4f2c\n"
                "opencicd cache remove --ref=refs/pull/7/merge site\n"
                "opencicd cache remove --all site\n",
    .programs = CLIENT,
    .flags = flags_of_remove,
    .min_args = 1,
    .max_args = 2,
    .run = remove_caches};
