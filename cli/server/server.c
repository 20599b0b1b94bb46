/* server.c - see server.h. */

#include "cli/server/server.h"

#include "common/base/clock.h"
#include "common/base/url.h"

#include <inttypes.h>
#include <string.h>

static int fail_with (cli_t *cli, fault_t fault, const value_t **out)
{
    *out = NULL;
    return cli_fail (cli, fault);
}

int server_ask (cli_t *cli, const char *method, const char *path, const char *body, const value_t **out)
{
    client_t *client;
    answer_t answer;
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault == OK)
        fault = client_ask (client, cli->turn, method, path, body, &answer);
    client_destroy (&client);
    if (fault != OK)
        return fail_with (cli, fault, out);
    *out = answer.json;
    if (!flag_on (cli->flags, "json"))
        return CLI_OK;
    *out = NULL;
    // The bytes of the answer, not what we have understood of it: a newer server's fields are shown, too
    fwrite (answer.text, 1, answer.size, stdout);
    if (answer.size && answer.text[answer.size - 1] != '\n')
        putchar ('\n');
    return CLI_OK;
}

int server_ask_on (cli_t *cli, client_t *client, const char *method, const char *path, const char *body,
                   const value_t **out)
{
    answer_t answer;
    fault_t fault = client_ask (client, cli->turn, method, path, body, &answer);
    if (fault != OK)
        return fail_with (cli, fault, out);
    *out = answer.json;
    return CLI_OK;
}

int server_show (cli_t *cli, const char *path, int (*show) (cli_t *cli, client_t *client))
{
    client_t *client;
    const value_t *shown;
    if (flag_on (cli->flags, "json"))
        return server_ask (cli, "GET", path, NULL, &shown);
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault != OK)
        return cli_fail (cli, fault);
    int status = show (cli, client);
    client_destroy (&client);
    return status;
}

const char *path_with (const cli_t *cli, const char *path, const char *name, const char *value)
{
    arena_t *arena = cli->turn->arena;
    if (!value)
        return path;
    return arena_printf (arena, "%s%c%s=%s", path, strchr (path, '?') ? '&' : '?', name,
                         url_escape (arena, value, ""));
}

int server_list (cli_t *cli, const char *path, const value_t **page)
{
    path = path_with (cli, path, "limit", flag_text (cli->flags, "limit"));
    path = path_with (cli, path, "cursor", flag_text (cli->flags, "cursor"));
    return server_ask (cli, "GET", path, NULL, page);
}

void server_more (const cli_t *cli, const value_t *page)
{
    const char *next = value_get_text (page, "next");
    fflush (stdout); // On a terminal the hint must come after the table
    if (*next)
        fprintf (stderr, "There are more: --cursor %s\n", paint_safe (cli->turn->arena, next));
}

// The word is a person's: escaped, so that none of its characters makes another path of it.
const char *path_of (const cli_t *cli, const char *format, const char *word)
{
    const char *hole = strstr (format, "%s");
    return arena_printf (cli->turn->arena, "%.*s%s%s", (int) (hole - format), format,
                         url_escape (cli->turn->arena, word, ""), hole + 2);
}

void body_text (const cli_t *cli, value_t *body, const char *key, const char *text)
{
    if (text)
        value_set (cli->turn->arena, body, key, value_string (cli->turn->arena, text));
}

const char *body_json (const cli_t *cli, const value_t *body)
{
    return value_to_json (cli->turn->arena, body, 0);
}

// ---- parts of answers ----

int64_t time_of (const value_t *self, const char *key)
{
    int64_t time = 0;
    const char *text = value_get_text (self, key);
    return *text && clock_parse (text, &time) == OK ? time : 0;
}

int64_t number_of (const value_t *self, const char *key)
{
    const value_t *number = value_get (self, key);
    // A double past the range of int64_t has no defined conversion
    bool fits = number && number->kind == VALUE_NUMBER && number->number > -1e18 && number->number < 1e18;
    return fits ? (int64_t) number->number : 0;
}

bool bool_of (const value_t *self, const char *key)
{
    const value_t *flag = value_get (self, key);
    return flag && flag->kind == VALUE_BOOL && flag->boolean;
}

size_t items_of (const value_t *self, const char *key, const value_t *const **items)
{
    const value_t *list = value_get (self, key);
    bool is_list = list && list->kind == VALUE_ARRAY;
    *items = is_list ? (const value_t *const *) list->list.items : NULL;
    return is_list ? list->list.count : 0;
}

const char *list_text (const cli_t *cli, const value_t *self, const char *key)
{
    const value_t *const *items;
    const char *text = "";
    size_t count = items_of (self, key, &items);
    for (size_t i = 0; i < count; i++)
        text = arena_printf (cli->turn->arena, "%s%s%s", text, i ? ", " : "",
                             value_to_text (cli->turn->arena, items[i]));
    return text;
}
