/* jenkins_agent.c - `agent` as runs-on and container, `tools` as set-up actions. See jenkins.h. */

#include "cli/import/jenkins.h"

#include <ctype.h>
#include <string.h>

#define ANYWHERE "self-hosted" // A label that each agent has

// 'a && b' as a list. False where it says more than "all of these".
static bool set_labels (jenkins_t *self, const char *text, draft_t *head)
{
    draft_t *list = draft_list (self->arena);
    if (text[draft_span (text, "|!()<>\"\n")])
        return false;
    for (const char *p = text; *p;) {
        p += strspn (p, " &\t");
        size_t size = draft_span (p, " &\t");
        if (size)
            draft_add_text (list, arena_strndup (self->arena, p, size));
        p += size;
    }
    if (draft_count (list) == 1)
        draft_set_text (head, "runs-on", text + strspn (text, " \t"));
    else if (draft_count (list))
        draft_set (head, "runs-on", list);
    return true;
}

static void set_label (jenkins_t *self, const groovy_t *label, import_job_t *job)
{
    bool known;
    const char *text = jenkins_plain (self, label, &known);
    if (!known || !set_labels (self, text, job->head))
        import_quote (self->import, job->head, label->line, label->source, label->size,
                      "the labels of the agent");
}

// Of `docker 'image'`, `docker { image 'x'; args '-v' }`.
static const groovy_t *field (const groovy_t *call, const char *name)
{
    const groovy_t *inner = call->block ? groovy_find (call->block, name) : NULL;
    return inner ? groovy_argument (inner, NULL) : groovy_argument (call, name);
}

static void set_docker (jenkins_t *self, const groovy_t *docker, import_job_t *job)
{
    static const char *const others[] = {"registryUrl", "registryCredentialsId", "customWorkspace"};
    const groovy_t *image = field (docker, "image"), *args = field (docker, "args"),
                   *label = field (docker, "label");
    draft_t *container = draft_map (self->arena);
    bool known = false, args_known = true;
    if (!image)
        image = groovy_argument (docker, NULL);
    const char *name = image ? jenkins_plain (self, image, &known) : "";
    if (!known || !*name) {
        import_quote (self->import, job->head, docker->line, docker->source, docker->size,
                      "the image of the agent");
        return;
    }
    draft_set_text (container, "image", name);
    const char *options = args ? jenkins_plain (self, args, &args_known) : "";
    if (*options)
        draft_set_text (container, "options", options);
    if (!args_known)
        import_quote (self->import, job->head, docker->line, args->source, args->size,
                      "options of the container");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (field (docker, others[i]))
            import_note (self->import, job->head, docker->line, "%s of the container", others[i]);
    if (label)
        set_label (self, label, job);
    draft_set (job->head, "container", container);
}

static void set_kind (jenkins_t *self, const groovy_t *row, import_job_t *job)
{
    if (row->kind == GROOVY_CALL && strcmp (row->text, "docker") == 0)
        set_docker (self, row, job);
    else if (row->kind == GROOVY_CALL && strcmp (row->text, "label") == 0 && groovy_argument (row, NULL))
        set_label (self, groovy_argument (row, NULL), job);
    else if (row->kind == GROOVY_CALL && strcmp (row->text, "node") == 0 && row->block &&
             groovy_find (row->block, "label"))
        set_label (self, groovy_argument (groovy_find (row->block, "label"), NULL), job);
    else
        import_quote (self->import, job->head, row->line, row->source, row->size, "an agent of this kind");
}

void jenkins_agent (jenkins_t *self, const groovy_t *agent, import_job_t *job)
{
    draft_set_text (job->head, "runs-on", ANYWHERE);
    const groovy_t *block = agent ? agent->block : NULL;
    for (size_t i = 0; block && i < block->count; i++)
        set_kind (self, block->items[i], job);
    const groovy_t *word = agent && !block ? groovy_argument (agent, NULL) : NULL;
    bool simple = !word || (word->kind == GROOVY_NAME &&
                            (strcmp (word->text, "any") == 0 || strcmp (word->text, "none") == 0));
    if (!simple && agent->count == 1 && word->kind == GROOVY_STRING)
        set_label (self, word, job);
    else if (!simple)
        import_quote (self->import, job->head, agent->line, agent->source, agent->size, "the agent");
}

// ---- tools ----

// What is installed by an action, and the input that takes its version.
static const struct {
    const char *tool, *action, *input;
} tools[] = {{"jdk", "actions/setup-java@v4", "java-version"},
             {"nodejs", "actions/setup-node@v4", "node-version"},
             {"go", "actions/setup-go@v5", "go-version"}};

// "17" of "OpenJDK 17", "1.21" of "go-1.21.3"; NULL where it names none.
static const char *version_of (arena_t *arena, const char *name)
{
    size_t from = strcspn (name, "0123456789");
    size_t size = strspn (name + from, "0123456789.");
    while (size && name[from + size - 1] == '.')
        size--;
    return size ? arena_strndup (arena, name + from, size) : NULL;
}

static bool add_tool (jenkins_t *self, const groovy_t *row, const jenkins_scope_t *scope)
{
    const char *name = row->kind == GROOVY_CALL ? groovy_argument_text (row, NULL) : NULL;
    const char *version = name ? version_of (self->arena, name) : NULL;
    for (size_t i = 0; version && i < sizeof tools / sizeof tools[0]; i++)
        if (strcmp (tools[i].tool, row->text) == 0) {
            draft_t *step = import_uses (self->arena, NULL, tools[i].action), *with = draft_map (self->arena);
            if (strcmp (row->text, "jdk") == 0)
                draft_set_text (with, "distribution", "temurin");
            draft_set_text (with, tools[i].input, version);
            draft_set (step, "with", with);
            jenkins_add (self, step, scope);
            return true;
        }
    return false;
}

void jenkins_tools (jenkins_t *self, const groovy_t *section, const jenkins_scope_t *scope)
{
    for (size_t i = 0; section && i < section->count; i++) {
        const groovy_t *row = section->items[i];
        if (!add_tool (self, row, scope) && (section != self->tools || !self->tools_noted))
            import_quote (self->import, self->job->steps, row->line, row->source, row->size,
                          "a tool that Jenkins installs");
    }
    self->tools_noted = self->tools_noted || section == self->tools;
}
