/* job_steps.c - the steps of a job: kinds, ids, and what `wait` and `cancel` may name.
 *
 * A step without an id gets one as GitHub's do: "__" and what it runs, with a number where that is taken. */

#include "common/base/index.h"
#include "workflow/model/model_read.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define STEPS_MAX 1000 // Steps of one job, members of `parallel` among them

typedef struct {
    const char *stem;
    size_t last; // The number that was given last
} stem_t;

typedef struct {
    arena_t *arena;
    findings_t *findings;
    stem_t *stems;
    index_t stem_index;
    size_t stem_count;
    size_t stem_capacity;
    const step_t **seen; // With an id, in file order
    size_t count;
    size_t capacity;
    size_t steps;
} reader_t;

static const struct {
    const char *key;
    step_kind_t kind;
} kinds[] = {{"run", STEP_RUN},           {"uses", STEP_USES},     {"wait", STEP_WAIT},
             {"wait-all", STEP_WAIT_ALL}, {"cancel", STEP_CANCEL}, {"parallel", STEP_PARALLEL}};

static void complain (reader_t *self, const text_t *at, const char *message)
{
    findings_add (self->findings, at->line, at->column, SEVERITY_ERROR, "steps", "%s", message);
}

static const step_t *find (const reader_t *self, const char *id)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcasecmp (self->seen[i]->id.text, id) == 0)
            return self->seen[i];
    return NULL;
}

// "actions/checkout" of actions/checkout@v4, "self" of a path, the image of docker://.
static const char *uses_stem (arena_t *arena, const char *uses)
{
    if (strncmp (uses, "docker://", 9) == 0)
        return uses + 9;
    if ((uses[0] == '.' && (uses[1] == '/' || uses[1] == '\\')) || strncmp (uses, "$/", 2) == 0)
        return "self";
    const char *slash = strchr (uses, '/');
    const char *end = slash ? slash + 1 + strcspn (slash + 1, "/@") : NULL;
    return end && strchr (end, '@') ? arena_strndup (arena, uses, (size_t) (end - uses)) : "run";
}

static const char *stem (reader_t *self, const step_t *step)
{
    if (step->kind == STEP_USES)
        return uses_stem (self->arena, step->uses.text ? step->uses.text : "");
    for (size_t i = 0; i < sizeof (kinds) / sizeof (kinds[0]); i++)
        if (kinds[i].kind == step->kind)
            return kinds[i].key;
    return "run";
}

// The place of an id's stem in the list; count where it is new.
static size_t find_stem (const reader_t *self, const char *text)
{
    size_t at = index_find (&self->stem_index, text);
    return at == INDEX_NONE ? self->stem_count : at;
}

static void add_stem (reader_t *self, const char *text)
{
    self->stems =
        arena_grow (self->arena, self->stems, self->stem_count, &self->stem_capacity, sizeof (stem_t));
    index_put (&self->stem_index, text, self->stem_count);
    self->stems[self->stem_count++] = (stem_t){text, 1};
}

// An id of the file never begins with "__": only generated ones can be in the way.
static void generate_id (reader_t *self, step_t *step)
{
    char *base = arena_printf (self->arena, "__%.80s", stem (self, step));
    for (char *p = base; *p; p++)
        if (!isalnum ((unsigned char) *p) && *p != '-')
            *p = '_';
    const char *id = base;
    size_t at = find_stem (self, base);
    while (find_stem (self, id) < self->stem_count)
        id = arena_printf (self->arena, "%s_%zu", base, ++self->stems[at].last);
    add_stem (self, id);
    step->id = (text_t){.text = id, .line = step->line, .column = step->column};
}

static void check_target (reader_t *self, const step_t *step, const text_t *target)
{
    const step_t *named = find (self, target->text);
    if (!named)
        complain (self, target,
                  arena_printf (self->arena, "no step before this one has the id \"%s\"", target->text));
    else if (!named->background)
        complain (self, target,
                  arena_printf (self->arena,
                                "step \"%s\" does not run in the background; there is nothing to %s",
                                target->text, step->kind == STEP_CANCEL ? "cancel" : "wait for"));
}

static void remember (reader_t *self, const step_t *step)
{
    const step_t *same = step->id.node ? find (self, step->id.text) : NULL;
    if (same)
        complain (self, &step->id,
                  arena_printf (self->arena, "duplicate step id \"%s\"; the step at line %d has it",
                                step->id.text, same->line));
    else if (self->count < STEPS_MAX) {
        self->seen = arena_grow (self->arena, self->seen, self->count, &self->capacity, sizeof (step_t *));
        self->seen[self->count++] = step;
    }
}

static void read_step (reader_t *self, const node_t *node, step_t *step)
{
    arena_t *arena = self->arena;
    step->line = node->line;
    step->column = node->column;
    for (size_t i = sizeof (kinds) / sizeof (kinds[0]); i-- > 0;)
        if (node_get (node, kinds[i].key))
            step->kind = kinds[i].kind;
    step->id = read_key (arena, node, "id");
    step->name = read_key (arena, node, "name");
    step->condition = read_key (arena, node, "if");
    step->run = read_key (arena, node, "run");
    step->uses = read_key (arena, node, "uses");
    step->shell = read_key (arena, node, "shell");
    step->working_directory = read_key (arena, node, "working-directory");
    step->timeout_minutes = read_key (arena, node, "timeout-minutes");
    step->continue_on_error = read_key (arena, node, "continue-on-error");
    step->with = read_pairs (arena, node_get (node, "with"));
    step->env = read_pairs (arena, node_get (node, "env"));
    step->background = read_bool (node, "background");
    step->targets = read_texts (arena, node_get (node, step->kind == STEP_CANCEL ? "cancel" : "wait"));
    if (!step->condition.text)
        step->condition = (text_t){.line = step->line, .column = step->column};
}

static step_t *read_list (reader_t *self, const node_t *list, bool background, size_t *count)
{
    step_t *steps = arena_array (self->arena, list->count, sizeof (step_t));
    *count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        step_t *step = &steps[i];
        if (self->steps++ == STEPS_MAX)
            findings_add (self->findings, list->items[i]->line, list->items[i]->column, SEVERITY_ERROR,
                          "steps", "more than %d steps in one job", STEPS_MAX);
        if (self->steps > STEPS_MAX) {
            *count = i;
            break;
        }
        read_step (self, list->items[i], step);
        step->background = step->background || background;
        for (size_t j = 0; j < step->targets.count; j++)
            check_target (self, step, &step->targets.items[j]);
        if (step->id.text)
            remember (self, step);
        const node_t *members = node_get (list->items[i], "parallel");
        if (members && members->kind == NODE_LIST)
            step->members = read_list (self, members, true, &step->member_count);
    }
    return steps;
}

static void generate_ids (reader_t *self, step_t *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!steps[i].id.text)
            generate_id (self, &steps[i]);
        generate_ids (self, (step_t *) steps[i].members, steps[i].member_count);
    }
}

const step_t *read_steps (arena_t *arena, const node_t *list, findings_t *findings, size_t *count)
{
    *count = 0;
    if (!list || list->kind != NODE_LIST)
        return NULL;
    reader_t *self = arena_alloc (arena, sizeof (*self));
    self->arena = arena;
    self->findings = findings;
    index_init (&self->stem_index, arena);
    step_t *steps = read_list (self, list, false, count);
    generate_ids (self, steps, *count);
    return steps;
}
