/* woodpecker_steps.c - steps, plugins and services of a Woodpecker workflow. See woodpecker.h. */

#include "cli/import/woodpecker.h"

#include <ctype.h>
#include <string.h>

#define STEPS_MAX 500

// ---- texts ----

static const char *meaning (woodpecker_t *self, const char *name)
{
    if (self->matrix && (node_get (self->matrix, name) || node_get (self->matrix, "include")) &&
        !import_variable (woodpecker_variables, name))
        return arena_printf (self->arena, "${{ matrix.%s }}", name);
    const import_variable_t *row = import_variable (woodpecker_variables, name);
    return row && row->expression && *row->expression != '$'
               ? arena_printf (self->arena, "${{ %s }}", row->expression)
               : NULL;
}

const char *woodpecker_text (woodpecker_t *self, const node_t *node)
{
    const char *text = draft_escape (self->arena, node_text (self->arena, node));
    buffer_t *out = buffer_new (DRAFT_MAX);
    for (const char *p = text; *p;) {
        bool braces = strncmp (p, "${", 2) == 0 && strncmp (p, "${{", 3) != 0;
        size_t size = braces ? strcspn (p + 2, "}") : 0;
        const char *name = braces && p[2 + size] == '}' ? arena_strndup (self->arena, p + 2, size) : "";
        const char *is = import_is_variable (name) ? meaning (self, name) : NULL;
        if (is)
            buffer_puts (out, is);
        else
            buffer_putc (out, *p);
        p += is ? size + 3 : 1;
    }
    return import_taken (self->import, node->line, &out);
}

static const char *secret_text (woodpecker_t *self, const char *name)
{
    return arena_printf (self->arena, "${{ secrets.%s }}", import_secret (self->import, name));
}

// A value of `environment` and `settings`.
static const char *value_of (woodpecker_t *self, const node_t *node)
{
    const node_t *secret = node_get (node, "from_secret");
    if (secret && node_is_scalar (secret))
        return secret_text (self, node_text (self->arena, secret));
    if (node->kind == NODE_MAP) // Nested settings are JSON
        return draft_escape (self->arena, value_to_json (self->arena, node_value (self->arena, node), 0));
    if (node->kind != NODE_LIST)
        return woodpecker_text (self, node);
    buffer_t *out = buffer_new (DRAFT_MAX);
    for (size_t i = 0; i < node->count; i++)
        buffer_printf (out, "%s%s", i ? "," : "", woodpecker_text (self, node->items[i]));
    return import_taken (self->import, node->line, &out);
}

static const char *upper (arena_t *arena, const char *prefix, const char *name)
{
    char *text = arena_printf (arena, "%s%s", prefix, name);
    for (char *p = text; *p; p++)
        *p = isalnum ((unsigned char) *p) ? (char) toupper ((unsigned char) *p) : '_';
    return text;
}

// ---- variables of a step ----

static void note (woodpecker_t *self, const node_t *node, const char *what)
{
    import_note (self->import, self->job->steps, node->line, "%s: %s", what, woodpecker_json (self, node));
}

static void add_environment (woodpecker_t *self, const node_t *environment, draft_t *env)
{
    for (size_t i = 0; environment && i < environment->count; i++) {
        const node_t *item = environment->items[i];
        const char *equals = environment->kind == NODE_LIST ? strchr (item->text, '=') : NULL;
        const char *name = environment->kind == NODE_MAP ? environment->keys[i]->text
                           : equals ? arena_strndup (self->arena, item->text, (size_t) (equals - item->text))
                                    : "";
        if (!import_is_variable (name))
            note (self, item, "environment");
        else
            draft_set_text (env, name,
                            equals ? draft_escape (self->arena, equals + 1) : value_of (self, item));
    }
}

// As it was before from_secret: names, or {source, target}.
static void add_secrets (woodpecker_t *self, const node_t *secrets, draft_t *env)
{
    for (size_t i = 0; secrets && secrets->kind == NODE_LIST && i < secrets->count; i++) {
        const node_t *item = secrets->items[i], *source = node_get (item, "source"),
                     *target = node_get (item, "target");
        const char *name =
            item->kind == NODE_MAP ? (source ? source->text : "") : node_text (self->arena, item);
        if (*name)
            draft_set_text (env, upper (self->arena, "", target ? target->text : name),
                            secret_text (self, name));
        else
            note (self, item, "secrets");
    }
}

static void add_settings (woodpecker_t *self, const node_t *settings, draft_t *env)
{
    for (size_t i = 0; settings && settings->kind == NODE_MAP && i < settings->count; i++)
        draft_set_text (env, upper (self->arena, "PLUGIN_", settings->keys[i]->text),
                        value_of (self, settings->items[i]));
}

// ---- a step ----

static const char *commands_of (woodpecker_t *self, const node_t *step)
{
    const node_t *commands = node_get (step, "commands");
    buffer_t *out = buffer_new (DRAFT_MAX);
    for (size_t i = 0; commands && i < (commands->kind == NODE_LIST ? commands->count : 1); i++) {
        const node_t *item = commands->kind == NODE_LIST ? commands->items[i] : commands;
        const char *line = node_is_scalar (item) ? node_text (self->arena, item) : "";
        size_t size = strlen (line);
        buffer_printf (out, "%s%s", line, size && line[size - 1] == '\n' ? "" : "\n");
    }
    // $$ is Woodpecker's escape of $
    buffer_t *text = buffer_new (DRAFT_MAX);
    for (const char *p = import_taken (self->import, step->line, &out); *p; p++) {
        buffer_putc (text, *p);
        p += strncmp (p, "$$", 2) == 0;
    }
    return draft_escape (self->arena, import_taken (self->import, step->line, &text));
}

static void note_keys (woodpecker_t *self, const node_t *step)
{
    static const char known[] =
        " name image commands environment secrets settings when depends_on detach failure pull group ";
    for (size_t i = 0; i < step->count; i++)
        if (!strstr (known, arena_printf (self->arena, " %s ", step->keys[i]->text)))
            note (self, step->items[i], step->keys[i]->text);
}

// A script in an image of its own comes by a variable: arguments would be split.
static void set_image (woodpecker_t *self, const char *image, const char *script, draft_t *step, draft_t *env)
{
    draft_t *with = draft_map (self->arena);
    draft_set_text (step, "uses", arena_printf (self->arena, "docker://%s", image));
    if (!*script)
        return;
    draft_set_text (with, "entrypoint", "/bin/sh");
    draft_set_text (with, "args", "-ec 'eval \"$STEP_SCRIPT\"'");
    draft_set (step, "with", with);
    draft_set_text (env, "STEP_SCRIPT", script);
}

static bool is_image (const char *image)
{
    return *image && !strpbrk (image, " \n\t${}'\"");
}

static bool is_on (const node_t *node, const char *word)
{
    return node && ((node->kind == NODE_BOOL && node->boolean) || strcmp (node->text, word) == 0);
}

static void add_step (woodpecker_t *self, const woodpecker_step_t *from)
{
    const node_t *node = from->node, *image = node_get (node, "image");
    draft_t *step = draft_map (self->arena), *env = draft_map (self->arena);
    const char *script = commands_of (self, node),
               *name = image && node_is_scalar (image) ? woodpecker_text (self, image) : "";
    const char *condition = woodpecker_when (self, node_get (node, "when"), true, self->job->steps);
    bool empty = !script[strspn (script, " \n\t")];
    note_keys (self, node);
    draft_set_text (step, "name", draft_escape (self->arena, from->name));
    if (condition)
        draft_set_text (step, "if", arena_printf (self->arena, "${{ %s }}", condition));
    add_environment (self, node_get (node, "environment"), env);
    add_secrets (self, node_get (node, "secrets"), env);
    add_settings (self, node_get (node, "settings"), env);
    if (self->image && !empty)
        draft_set_text (step, "run", script);
    else if (is_image (name))
        set_image (self, name, empty ? "" : script, step, env);
    else { // What decides the image is known when the job runs: `uses` is read before
        note (self, node, "a step in an image that varies");
        return;
    }
    self->plugins = self->plugins || empty;
    if (is_on (node_get (node, "detach"), "true"))
        draft_set (step, "background", draft_bare (self->arena, "true"));
    if (is_on (node_get (node, "failure"), "ignore"))
        draft_set (step, "continue-on-error", draft_bare (self->arena, "true"));
    if (draft_count (env))
        draft_set (step, "env", env);
    draft_add (self->job->steps, step);
}

// ---- their order ----

static woodpecker_step_t *find (woodpecker_step_t *steps, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp (steps[i].name, name) == 0)
            return &steps[i];
    return NULL;
}

static bool is_ready (woodpecker_t *self, woodpecker_step_t *steps, size_t count,
                      const woodpecker_step_t *step)
{
    const node_t *needs = node_get (step->node, "depends_on");
    for (size_t i = 0; needs && i < (needs->kind == NODE_LIST ? needs->count : 1); i++) {
        const node_t *item = needs->kind == NODE_LIST ? needs->items[i] : needs;
        const woodpecker_step_t *other =
            node_is_scalar (item) ? find (steps, count, node_text (self->arena, item)) : NULL;
        if (other && !other->done)
            return false;
    }
    return true;
}

// One after the other, in the file's order as far as depends_on lets it.
static void add_all (woodpecker_t *self, woodpecker_step_t *steps, size_t count)
{
    for (size_t left = count; left > 0; left--) {
        size_t at = 0;
        while (at < count && (steps[at].done || !is_ready (self, steps, count, &steps[at])))
            at++;
        for (size_t i = 0; at == count && i < count; i++) // A circle: the first one begins
            at = steps[i].done ? at : i;
        steps[at].done = true;
        add_step (self, &steps[at]);
    }
}

// The image of all that have commands; NULL where they differ.
static const char *common_image (woodpecker_t *self, const woodpecker_step_t *steps, size_t count)
{
    const char *image = NULL;
    for (size_t i = 0; i < count; i++) {
        const node_t *node = node_get (steps[i].node, "image");
        if (!node || !node_is_scalar (node) || !node_get (steps[i].node, "commands"))
            return NULL;
        const char *name = woodpecker_text (self, node);
        if (image && strcmp (image, name) != 0)
            return NULL;
        image = name;
    }
    return image && *image && !strchr (image, '\n') ? image : NULL;
}

void woodpecker_steps (woodpecker_t *self, const node_t *steps)
{
    woodpecker_step_t *rows = arena_array (self->arena, steps->count, sizeof (*rows));
    size_t count = 0;
    for (size_t i = 0; i < steps->count; i++) {
        const node_t *node = steps->items[i],
                     *name = steps->kind == NODE_MAP ? steps->keys[i] : node_get (node, "name");
        if (node->kind != NODE_MAP || count == STEPS_MAX)
            note (self, node, "a step");
        else
            rows[count++] =
                (woodpecker_step_t){.name = name ? node_text (self->arena, name) : "step", .node = node};
    }
    self->image = common_image (self, rows, count);
    add_all (self, rows, count);
}

// ---- services ----

static void add_service (woodpecker_t *self, const char *name, const node_t *node, draft_t *into)
{
    static const char known[] = " name image environment secrets ports ";
    draft_t *service = draft_map (self->arena), *env = draft_map (self->arena),
            *ports = draft_list (self->arena);
    const node_t *image = node_get (node, "image"), *list = node_get (node, "ports");
    const char *text = image && node_is_scalar (image) ? woodpecker_text (self, image) : "";
    if (!*text || strchr (text, '\n')) {
        note (self, node, "a service");
        return;
    }
    draft_set_text (service, "image", text);
    add_environment (self, node_get (node, "environment"), env);
    add_secrets (self, node_get (node, "secrets"), env);
    if (draft_count (env))
        draft_set (service, "env", env);
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->count; i++)
        draft_add_text (ports, woodpecker_text (self, list->items[i]));
    if (draft_count (ports))
        draft_set (service, "ports", ports);
    for (size_t i = 0; i < node->count; i++)
        if (!strstr (known, arena_printf (self->arena, " %s ", node->keys[i]->text)))
            note (self, node->items[i], node->keys[i]->text);
    draft_set (into, import_name (self->arena, name), service);
}

void woodpecker_services (woodpecker_t *self, const node_t *services)
{
    draft_t *map = draft_map (self->arena);
    for (size_t i = 0; services && i < services->count; i++) {
        const node_t *node = services->items[i],
                     *name = services->kind == NODE_MAP ? services->keys[i] : node_get (node, "name");
        if (node->kind == NODE_MAP && name)
            add_service (self, node_text (self->arena, name), node, map);
        else
            note (self, node, "a service");
    }
    if (draft_count (map))
        draft_set (self->job->head, "services", map);
}
