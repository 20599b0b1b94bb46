/* login.c - `opencicd login|logout|whoami`: a token of one's own for this machine, by name and password.
 *
 * The password goes to the server once and is stored nowhere; the token that comes back is kept for that server (server/saved_login.h). */

#include "cli/server/endpoint.h"
#include "cli/server/saved_login.h"
#include "cli/server/server.h"
#include "cli/terminal/prompt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY_SECONDS 86400
#define MOST_DAYS   365
#define HOST_SIZE   128

static const char *label_of (const cli_t *cli)
{
    char host[HOST_SIZE] = "";
    (void) gethostname (host, sizeof (host) - 1);
    return arena_printf (cli->turn->arena, "opencicd login at %s", *host ? host : "an unknown machine");
}

// The code of the authenticator is asked for once the server says that the account has one.
static fault_t ask_for_token (const cli_t *cli, client_t *client, value_t *body, answer_t *answer)
{
    const char *otp;
    turn_t *turn = cli->turn;
    fault_t fault = client_ask (client, turn, "POST", "/login", body_json (cli, body), answer);
    if (fault != INVALID || !turn->detail || strncmp (turn->detail, "otp:", 4) != 0)
        return fault;
    TRY (prompt_line (turn, "Code of your authenticator", false, &otp));
    body_text (cli, body, "otp", otp);
    return client_ask (client, turn, "POST", "/login", body_json (cli, body), answer);
}

static fault_t sign_in (const cli_t *cli, client_t *client, answer_t *answer)
{
    value_t *body = value_object (cli->turn->arena);
    const char *name = cli->args.count ? cli->args.items[0] : NULL, *password;
    if (!name)
        TRY (prompt_line (cli->turn, "Name", false, &name));
    TRY (prompt_line (cli->turn, "Password", true, &password));
    body_text (cli, body, "name", name);
    body_text (cli, body, "password", password);
    body_text (cli, body, "label", label_of (cli));
    body_text (cli, body, "role", flag_text (cli->flags, "role"));
    value_set (cli->turn->arena, body, "ttl_seconds",
               value_number (cli->turn->arena, (double) flag_number (cli->flags, "days", 30) * DAY_SECONDS));
    return ask_for_token (cli, client, body, answer);
}

static int login (cli_t *cli)
{
    client_t *client;
    answer_t answer;
    int64_t days = flag_number (cli->flags, "days", 30);
    if (days < 1 || days > MOST_DAYS)
        return cli_usage (cli, "--days: must be 1 to %d", MOST_DAYS);
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault != OK)
        return cli_fail (cli, fault);
    const char *url = arena_strdup (cli->turn->arena, client_url (client));
    fault = sign_in (cli, client, &answer);
    client_destroy (&client);
    if (fault == OK) {
        const saved_login_t saved = {.url = url,
                                     .token = value_get_text (answer.json, "token"),
                                     .id = value_get_text (answer.json, "id")};
        fault = saved_login_keep (cli->turn, cli->settings->login_file, &saved);
    }
    if (fault != OK)
        return cli_fail (cli, fault);
    fprintf (stderr, "Signed in to %s as %s (%s) until %.10s; the token is in %s\n", url,
             paint_safe (cli->turn->arena, value_get_text (answer.json, "subject")),
             value_get_text (answer.json, "role"), value_get_text (answer.json, "expires_at"),
             cli->settings->login_file);
    return CLI_OK;
}

static const flag_t login_flags[] = {
    {.name = "days",
     .kind = FLAG_NUMBER,
     .metavar = "N",
     .doc = "Days until you have to log in again, up to 365. Default: 30."},
    {.name = "role",
     .kind = FLAG_TEXT,
     .metavar = "ROLE",
     .doc = "What the commands may do at most: MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN."},
    {.name = NULL}};

const command_t command_login = {
    .name = "login",
    .group = GROUP_PEOPLE,
    .usage = "[OPTIONS] [NAME]",
    .summary = "Sign in by name and password; other commands then act as you.",
    .help =
        "The password is asked for without showing it, or is a line of standard input; where the account has an\n"
        "authenticator, so is its code. A token is kept in a file that only you may read (--login-file); it comes after\n"
        "--token and --token-file, and before the token in the data folder of `opencicd up`.\n",
    .examples = "opencicd login --url https://ci.example.org ada\n",
    .programs = CLIENT,
    .flags = login_flags,
    .max_args = 1,
    .run = login};

static int logout (cli_t *cli)
{
    endpoint_t endpoint;
    saved_login_t login;
    const value_t *answer = NULL;
    turn_t *turn = cli->turn;
    fault_t fault = endpoint_find (turn, cli->settings, &endpoint);
    if (fault == OK)
        fault = saved_login_find (turn, cli->settings->login_file, endpoint.url, &login);
    if (fault != OK)
        return cli_fail (cli, fault);
    if (!login.token) {
        fprintf (stderr, "You are not logged in to %s\n", endpoint.url);
        return CLI_FAILED;
    }
    // By the token itself, whatever --token says. It is forgotten here also where the server knows it no more
    settings_t settings = *cli->settings;
    settings.token = login.token;
    cli->settings = &settings;
    int status = server_ask (cli, "DELETE", path_of (cli, "/account/tokens/%s", login.id), NULL, &answer);
    login.token = NULL;
    fault = saved_login_keep (turn, settings.login_file, &login);
    if (fault != OK)
        return cli_fail (cli, fault);
    fprintf (stderr, "Logged out of %s%s\n", endpoint.url,
             status ? " here; the server did not revoke the token" : "");
    return status;
}

const command_t command_logout = {.name = "logout",
                                  .group = GROUP_PEOPLE,
                                  .usage = "",
                                  .summary = "Revoke and forget the token of `opencicd login`.",
                                  .programs = CLIENT,
                                  .flags = (const flag_t[]){FLAG_JSON, {.name = NULL}},
                                  .run = logout};

static int whoami (cli_t *cli)
{
    const value_t *session;
    endpoint_t endpoint;
    int status = server_ask (cli, "GET", "/session", NULL, &session);
    if (!session)
        return status;
    fault_t fault = endpoint_find (cli->turn, cli->settings, &endpoint);
    if (fault != OK)
        return cli_fail (cli, fault);
    printf ("%s, %s, at %s%s\n", paint_safe (cli->turn->arena, value_get_text (session, "subject")),
            value_get_text (session, "role"), endpoint.url,
            *value_get_text (session, "user") ? "" : " (by a token without an account)");
    return status;
}

const command_t command_whoami = {.name = "whoami",
                                  .group = GROUP_PEOPLE,
                                  .usage = "[--json]",
                                  .summary = "Show as whom commands act, and at which server.",
                                  .programs = CLIENT,
                                  .flags = (const flag_t[]){FLAG_JSON, {.name = NULL}},
                                  .run = whoami};
