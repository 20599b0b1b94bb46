/* container_settings.c - see container_settings.h. */

#include "agent/engine/container/container_settings.h"

#include "agent/engine/state/job_run.h"

#include <string.h>

static void begin (arena_t *arena, container_settings_t *out)
{
    *out = (container_settings_t){.image = "",
                                  .env = value_object (arena),
                                  .user = "",
                                  .password = "",
                                  .ports = value_array (arena),
                                  .volumes = value_array (arena),
                                  .options = "",
                                  .entrypoint = "",
                                  .command = ""};
    out->env->cased = true;
}

static const char *keep (scope_t *scope, const char *text)
{
    return text ? arena_strdup (scope->job->arena, text) : "";
}

static void add (scope_t *scope, value_t *list, const value_t *item)
{
    arena_t *arena = scope->job->arena;
    const char *text = value_to_text (arena, item);
    if (*text)
        value_push (arena, list, value_string (arena, text));
}

static fault_t add_items (scope_t *scope, value_t *list, const value_t *value, const char *what)
{
    if (value->kind == VALUE_NULL)
        return OK;
    if (value->kind != VALUE_ARRAY)
        return fault_with (scope->arena, &scope->error, INVALID, "`%s` of a container is not a list", what);
    for (size_t i = 0; i < value->list.count; i++)
        add (scope, list, value->list.items[i]);
    return OK;
}

static fault_t read_list (scope_t *scope, const texts_t *texts, value_t *list, const char *what)
{
    const value_t *value;
    if (texts->whole.text) {
        TRY (scope_value (scope, &texts->whole, &value));
        return add_items (scope, list, value, what);
    }
    for (size_t i = 0; i < texts->count; i++) {
        TRY (scope_value (scope, texts->items + i, &value));
        add (scope, list, value);
    }
    return OK;
}

static fault_t read_text (scope_t *scope, const text_t *text, const char **out)
{
    const char *found;
    TRY (scope_text (scope, text, &found));
    *out = keep (scope, found);
    return OK;
}

static void set_env (scope_t *scope, container_settings_t *out, const value_t *env)
{
    arena_t *arena = scope->job->arena;
    for (size_t i = 0; env && env->kind == VALUE_OBJECT && i < env->list.count; i++)
        value_set (arena, out->env, env->list.keys[i],
                   value_string (arena, value_to_text (arena, env->list.items[i])));
}

static const char *text_of (scope_t *scope, const value_t *object, const char *key)
{
    const value_t *value = value_get (object, key);
    return value && value->kind != VALUE_NULL ? keep (scope, value_to_text (scope->arena, value)) : "";
}

static const value_t *item_of (const value_t *object, const char *key)
{
    const value_t *value = value_get (object, key);
    return value ? value : value_null ();
}

fault_t container_settings_of_value (scope_t *scope, const value_t *value, container_settings_t *out)
{
    begin (scope->job->arena, out);
    if (value->kind == VALUE_ARRAY)
        return fault_with (scope->arena, &scope->error, INVALID,
                           "a container is a list, not an image or a map");
    if (value->kind != VALUE_OBJECT) {
        out->image = value->kind == VALUE_NULL ? "" : keep (scope, value_to_text (scope->arena, value));
        return OK;
    }
    const value_t *credentials = item_of (value, "credentials");
    out->image = text_of (scope, value, "image");
    out->options = text_of (scope, value, "options");
    out->entrypoint = text_of (scope, value, "entrypoint");
    out->command = text_of (scope, value, "command");
    out->user = text_of (scope, credentials, "username");
    out->password = text_of (scope, credentials, "password");
    set_env (scope, out, value_get (value, "env"));
    TRY (add_items (scope, out->ports, item_of (value, "ports"), "ports"));
    return add_items (scope, out->volumes, item_of (value, "volumes"), "volumes");
}

static fault_t read_credentials (scope_t *scope, const container_t *container, container_settings_t *out)
{
    value_t *credentials = value_object (scope->arena);
    TRY (scope_pairs (scope, &container->credentials, scope->arena, credentials));
    out->user = text_of (scope, credentials, "username");
    out->password = text_of (scope, credentials, "password");
    return OK;
}

fault_t container_settings_read (scope_t *scope, const container_t *container, container_settings_t *out)
{
    const value_t *image;
    TRY (scope_value (scope, &container->image, &image));
    TRY (container_settings_of_value (scope, image, out));
    if (image->kind == VALUE_OBJECT || !*out->image)
        return OK;
    TRY (scope_pairs (scope, &container->env, scope->job->arena, out->env));
    TRY (read_credentials (scope, container, out));
    TRY (read_list (scope, &container->ports, out->ports, "ports"));
    TRY (read_list (scope, &container->volumes, out->volumes, "volumes"));
    TRY (read_text (scope, &container->options, &out->options));
    TRY (read_text (scope, &container->entrypoint, &out->entrypoint));
    return read_text (scope, &container->command, &out->command);
}
