/* jenkins.c - `pipeline { }`: its sections, in the order in which what they say is needed. See jenkins.h. */

#include "cli/import/jenkins.h"

#include <string.h>

static bool is_known (const char *name)
{
    static const char *const names[] = {"agent",     "environment", "options", "parameters", "triggers",
                                        "libraries", "tools",       "stages",  "post"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp (names[i], name) == 0)
            return true;
    return false;
}

static const groovy_t *section (const groovy_t *block, const char *name)
{
    const groovy_t *call = groovy_find (block, name);
    return call ? call->block : NULL;
}

// What is beside the pipeline: imports, libraries, functions.
static void note_others (jenkins_t *self, const groovy_t *file, const groovy_t *pipeline)
{
    import_t *import = self->import;
    for (size_t i = 0; i < file->count; i++) {
        const groovy_t *other = file->items[i];
        if (other != pipeline)
            import_quote (import, import->top, other->line, other->source, other->size,
                          "code outside of the pipeline");
    }
    for (size_t i = 0; i < pipeline->block->count; i++) {
        const groovy_t *other = pipeline->block->items[i];
        if (other->kind != GROOVY_CALL || !is_known (other->text))
            import_quote (import, import->top, other->line, other->source, other->size, "an unknown section");
    }
    const groovy_t *libraries = groovy_find (pipeline->block, "libraries");
    if (libraries)
        import_quote (import, import->top, libraries->line, libraries->source, libraries->size,
                      "shared libraries");
}

// A multibranch pipeline builds what is pushed, and pull requests.
static void set_events (jenkins_t *self)
{
    draft_set (self->import->on, "push", draft_bare (self->arena, ""));
    draft_set (self->import->on, "pull_request", draft_bare (self->arena, ""));
    draft_set (self->import->on, "workflow_dispatch", draft_bare (self->arena, ""));
}

static void translate (jenkins_t *self, const groovy_t *pipeline)
{
    const groovy_t *block = pipeline->block;
    set_events (self);
    jenkins_parameters (self, section (block, "parameters"));
    jenkins_options (self, section (block, "options"));
    jenkins_triggers (self, section (block, "triggers"));
    jenkins_environment (self, section (block, "environment"), self->import->env, self->import->top);
    self->agent = groovy_find (block, "agent");
    self->tools = section (block, "tools");
    jenkins_scope_t scope = {.agent = self->agent, .stage = ""};
    jenkins_stages (self, section (block, "stages"), &scope);
    jenkins_close (self);
    jenkins_pipeline_post (self, section (block, "post"));
    import_variables (self->import, jenkins_variables, self->text, self->size);
}

fault_t import_jenkins (import_t *import, const char *text, size_t size)
{
    const groovy_t *file;
    jenkins_t self = {.import = import, .arena = import->arena, .text = text, .size = size, .checkout = true};
    if (groovy_parse (import->arena, text, size, &file, &import->error) != OK)
        return INVALID;
    const groovy_t *pipeline = groovy_find (file, "pipeline");
    if (!pipeline || !pipeline->block) {
        import->error = "1: there is no \"pipeline { }\": only declarative pipelines can be translated";
        return INVALID;
    }
    note_others (&self, file, pipeline);
    translate (&self, pipeline);
    if (!import->error && import->job_count == 0)
        import->error = arena_printf (import->arena, "%d: the pipeline has no stages", pipeline->line);
    return import->error ? INVALID : OK;
}
