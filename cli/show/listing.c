/* listing.c - see listing.h. */

#include "cli/show/listing.h"

const flag_t flags_json[] = {FLAG_JSON, {.name = NULL}};
const flag_t flags_list[] = {FLAGS_PAGE, FLAG_JSON, {.name = NULL}};

void list_table (const cli_t *cli, const value_t *answer, const char *list, const char *const *headings,
                 row_fn *add)
{
    const value_t *const *items;
    table_t *table = table_new (cli->turn->arena, headings);
    size_t count = items_of (answer, list, &items);
    for (size_t i = 0; i < count; i++) {
        table_row (table);
        add (cli, table, items[i]);
    }
    table_print (table, stdout, cli->colour);
}

int list_items (cli_t *cli, const char *path, const char *const *headings, row_fn *add)
{
    const value_t *page;
    int status = server_list (cli, path, &page);
    if (!page)
        return status;
    list_table (cli, page, "items", headings, add);
    server_more (cli, page);
    return status;
}

int remove_item (cli_t *cli, const char *kind, const char *done)
{
    const value_t *answer;
    const char *id = cli->args.items[0];
    const char *path = path_of (cli, arena_printf (cli->turn->arena, "/%s/%%s", kind), id);
    int status = server_ask (cli, "DELETE", path, NULL, &answer);
    if (answer)
        printf ("%s is %s\n", id, done);
    return status;
}
