/* server.h - requests to the server for a command: the request, --json, and the parts of answers. */

#ifndef OPENCICD_CLI_SERVER_SERVER_H
#define OPENCICD_CLI_SERVER_SERVER_H

#include "cli/command/command.h"
#include "cli/server/client.h"
#include "workflow/expression/value.h"

#define FLAG_JSON                                                                                  \
    {                                                                                              \
        .name = "json", .kind = FLAG_SWITCH, .doc = "Print the server's answer as it is, in JSON." \
    }
#define FLAGS_PAGE                                                    \
    {.name = "limit",                                                 \
     .kind = FLAG_NUMBER,                                             \
     .metavar = "N",                                                  \
     .doc = "At most this many rows, up to 200. Default: 50."},       \
    {                                                                 \
        .name = "cursor", .kind = FLAG_TEXT, .metavar = "CURSOR",     \
        .doc = "Continue after a page: the value printed at its end." \
    }

// One request on a connection of its own; reports errors. *out is NULL after an error, or if --json has shown
// the answer already. Returns the exit status. `body` may be NULL.
int server_ask (cli_t *cli, const char *method, const char *path, const char *body, const value_t **out);
// The same on an open client, and without --json.
int server_ask_on (cli_t *cli, client_t *client, const char *method, const char *path, const char *body,
                   const value_t **out);
// Shows one thing that takes several requests: with --json the answer at `path`, else what `show` asks for on one client.
int server_show (cli_t *cli, const char *path, int (*show) (cli_t *cli, client_t *client));
// A page of a list, by the flags FLAGS_PAGE. `path` may hold a query.
int server_list (cli_t *cli, const char *path, const value_t **page);
void server_more (const cli_t *cli, const value_t *page); // Says how to continue if there is more

// "/runs/%s/cancel" with the argument percent-encoded.
const char *path_of (const cli_t *cli, const char *format, const char *word);
// Adds &name=value, or ?name=value where it is the first; nothing where value is NULL.
const char *path_with (const cli_t *cli, const char *path, const char *name, const char *value);
// Bodies: adds a text where there is one.
void body_text (const cli_t *cli, value_t *body, const char *key, const char *text);
const char *body_json (const cli_t *cli, const value_t *body);

// Parts of answers. A missing time is 0, a missing number 0; a missing list has no items.
int64_t time_of (const value_t *self, const char *key);
int64_t number_of (const value_t *self, const char *key);
bool bool_of (const value_t *self, const char *key);
size_t items_of (const value_t *self, const char *key, const value_t *const **items);
const char *list_text (const cli_t *cli, const value_t *self, const char *key); // "a, b"

#endif
