/* listing.h - what the commands about the server's resources share: a page of them as a table, and removing one. */

#ifndef OPENCICD_CLI_SHOW_LISTING_H
#define OPENCICD_CLI_SHOW_LISTING_H

#include "cli/show/show.h"
#include "cli/terminal/table.h"

extern const flag_t flags_json[]; // --json
extern const flag_t flags_list[]; // --limit, --cursor, --json

typedef void row_fn (const cli_t *cli, table_t *table, const value_t *item); // Adds one row

// The items of a list in an answer, a row each. Headings end with NULL.
void list_table (const cli_t *cli, const value_t *answer, const char *list, const char *const *headings,
                 row_fn *add);
// GET `path`: a page, by flags_list or what holds them. Gives the exit status.
int list_items (cli_t *cli, const char *path, const char *const *headings, row_fn *add);
// DELETE /KIND/ID with the command's argument; `done` is the outcome, "removed".
int remove_item (cli_t *cli, const char *kind, const char *done);

#endif
