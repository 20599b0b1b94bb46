/* vault_kv.c - secrets in a key-value store, version 2, of HashiCorp Vault or OpenBao, over HTTP.
 *
 * Source: "KV secrets engine - version 2 (API)" of Vault's documentation. A scope is one secret there, PATH, PATH/PROJECT or
 * PATH/PROJECT/ENVIRONMENT, whose keys are the names; it is read anew for each job that begins, so that a new version counts at once. The token
 * comes from a file, which its agent may renew, or from the settings; it is in a header, and in nothing that is said or logged. */

#include "common/base/url.h"
#include "common/http/http_client.h"
#include "common/os/file.h"
#include "services/identity/vault.h"

#include <string.h>

#define TOKEN_MAX 4096

static fault_t find_token (turn_t *turn, const vault_settings_t *settings, const char **out)
{
    *out = settings->vault_token;
    if (*settings->vault_token_file)
        TRY (file_read (turn, settings->vault_token_file, TOKEN_MAX, out));
    *out = arena_strndup (turn->arena, *out, strcspn (*out, " \t\r\n"));
    return **out ? OK : turn_fail (turn, INVALID, "vault: set vault_token_file or vault_token");
}

static const char *path_of (turn_t *turn, const vault_settings_t *settings, const char *project,
                            const char *environment)
{
    arena_t *arena = turn->arena;
    const char *path = url_escape (arena, settings->vault_path, "/");
    if (*project)
        path = arena_printf (arena, "%s/%s", path, url_escape (arena, project, ""));
    if (*environment)
        path = arena_printf (arena, "%s/%s", path, url_escape (arena, environment, ""));
    return arena_printf (arena, "%s/data/%s", url_escape (arena, settings->vault_mount, "/"), path);
}

fault_t vault_kv_parse (turn_t *turn, const char *text, size_t size, value_t *out)
{
    const value_t *answer, *data;
    const char *error;
    if (value_from_json (turn->arena, text, size, &answer, &error) != OK)
        return turn_fail (turn, INVALID, "the answer is not JSON: %s", error);
    data = value_get (value_get (answer, "data"), "data");
    if (!data || data->kind != VALUE_OBJECT)
        return turn_fail (turn, INVALID, "the answer has no data.data: is it a key-value store, version 2?");
    for (size_t i = 0; i < data->list.count; i++) {
        const value_t *item = data->list.items[i];
        if (!value_is_primitive (item) || item->kind == VALUE_NULL)
            continue;
        const char *value = value_to_text (turn->arena, item);
        size_t length = item->kind == VALUE_STRING ? item->string.size : strlen (value);
        TRY (vault_add (turn, data->list.keys[i], value, length, out));
    }
    return OK;
}

// What it says of a refusal: {"errors": ["permission denied"]}.
static const char *errors_of (turn_t *turn, const http_answer_t *answer)
{
    const value_t *json, *errors;
    const char *error;
    if (value_from_json (turn->arena, answer->body, answer->size, &json, &error) != OK)
        return "";
    errors = value_get (json, "errors");
    if (!errors || errors->kind != VALUE_ARRAY || errors->list.count == 0)
        return "";
    const char *text = value_to_text (turn->arena, errors->list.items[0]);
    return arena_printf (turn->arena, ": %.200s", text);
}

static fault_t judge (turn_t *turn, const char *path, const http_answer_t *answer, value_t *out)
{
    if (answer->status == 404) // Nobody has put anything there, or its latest version was deleted
        return OK;
    if (answer->status < 200 || answer->status >= 300)
        return turn_fail (turn, answer->status == 429 || answer->status >= 500 ? UNAVAILABLE : INVALID,
                          "vault: %s: it answered %d%s", path, answer->status, errors_of (turn, answer));
    fault_t fault = vault_kv_parse (turn, answer->body, answer->size, out);
    return fault ? turn_fail (turn, fault, "vault: %s: %s", path, turn->detail) : OK;
}

static fault_t ask (turn_t *turn, const vault_settings_t *settings, const char *path, http_answer_t *answer)
{
    const char *token;
    const char *headers[4] = {"X-Vault-Request: true", NULL, NULL, NULL};
    TRY (find_token (turn, settings, &token));
    headers[1] = arena_printf (turn->arena, "X-Vault-Token: %s", token);
    if (*settings->vault_namespace)
        headers[2] = arena_printf (turn->arena, "X-Vault-Namespace: %s", settings->vault_namespace);
    size_t size = strlen (settings->vault_url);
    while (size > 0 && settings->vault_url[size - 1] == '/')
        size--;
    const http_client_options_t options = {
        .transfers = 1, .ca_file = *settings->vault_ca_file ? settings->vault_ca_file : NULL};
    const http_request_t request = {
        .url = arena_printf (turn->arena, "%.*s/v1/%s", (int) size, settings->vault_url, path),
        .headers = headers,
        .answer_max = VAULT_ANSWER,
        .total_ms = VAULT_TOTAL_MS};
    http_client_t *client = http_client_new (&options);
    fault_t fault = http_client_send (client, turn, &request, answer);
    http_client_destroy (&client);
    return fault ? turn_fail (turn, fault == TOO_LARGE ? INVALID : fault, "vault: %s: %s", path,
                              turn->detail ? turn->detail : fault_text (fault))
                 : OK;
}

fault_t vault_kv_read (turn_t *turn, const vault_settings_t *settings, const char *project,
                       const char *environment, value_t *out)
{
    const char *path = path_of (turn, settings, project, environment);
    http_answer_t answer;
    TRY (ask (turn, settings, path, &answer));
    return judge (turn, path, &answer, out);
}
