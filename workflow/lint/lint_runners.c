/* lint_runners.c - what a job's `runs-on` tells: on which system it runs, and whether any agent would take it.
 *
 * The labels of GitHub's own images are one table, after "GitHub-hosted runners reference" as of 2026. Where the agents
 * are not known, only a misspelling is reported: a label that is nearly one of these. */

#include "common/base/nearest.h"
#include "workflow/lint/lint_rules.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SPELLING_LENGTH 8 // "mac" is not a misspelling of "macos"
#define SLIP            2 // Changes that make one

static const char *const hosted[] = {
    "ubuntu-latest",    "ubuntu-slim",     "ubuntu-24.04",   "ubuntu-24.04-arm",   "ubuntu-22.04",
    "ubuntu-22.04-arm", "ubuntu-20.04",    "windows-latest", "windows-2025",       "windows-2022",
    "windows-2019",     "windows-11-arm",  "macos-latest",   "macos-latest-large", "macos-latest-xlarge",
    "macos-26",         "macos-26-xlarge", "macos-15",       "macos-15-intel",     "macos-15-large",
    "macos-15-xlarge",  "macos-14",        "macos-14-large", "macos-14-xlarge",    "macos-13",
    "macos-13-large",   "macos-13-xlarge", "self-hosted",
};

static const struct {
    const char *prefix;
    runner_t runner;
} systems[] = {{"ubuntu-", RUNNER_LINUX}, {"linux", RUNNER_LINUX},      {"macos-", RUNNER_MACOS},
               {"macos", RUNNER_MACOS},   {"windows-", RUNNER_WINDOWS}, {"windows", RUNNER_WINDOWS}};

static runner_t system_of (const char *label)
{
    for (size_t i = 0; i < sizeof (systems) / sizeof (systems[0]); i++) {
        size_t size = strlen (systems[i].prefix);
        bool begins = systems[i].prefix[size - 1] == '-';
        if (begins ? strncasecmp (label, systems[i].prefix, size) == 0
                   : strcasecmp (label, systems[i].prefix) == 0)
            return systems[i].runner;
    }
    return RUNNER_UNKNOWN;
}

// Are the labels known before the run?
static bool is_plain (const job_t *job)
{
    for (size_t i = 0; i < job->labels.count; i++)
        if (job->labels.items[i].expression)
            return false;
    return job->labels.count > 0 && !job->labels.whole.text && !job->group.text;
}

runner_t lint_runner (const job_t *job)
{
    for (size_t i = 0; is_plain (job) && i < job->labels.count; i++) {
        runner_t runner = system_of (job->labels.items[i].text);
        if (runner != RUNNER_UNKNOWN)
            return runner;
    }
    return RUNNER_UNKNOWN;
}

// Two labels of one of these groups are on no machine at once.
static const char *const processors[] = {"x64", "x86", "arm64", "arm"};

static const char *processor_of (const char *label)
{
    for (size_t i = 0; i < sizeof (processors) / sizeof (processors[0]); i++)
        if (strcasecmp (label, processors[i]) == 0)
            return processors[i];
    return NULL;
}

static bool is_image (const char *label)
{
    for (size_t i = 0; i < sizeof (hosted) / sizeof (hosted[0]); i++)
        if (strcasecmp (label, hosted[i]) == 0)
            return strcmp (hosted[i], "self-hosted") != 0;
    return false;
}

static bool contradict (const char *one, const char *other)
{
    runner_t system = system_of (one), another = system_of (other);
    if (system != RUNNER_UNKNOWN && another != RUNNER_UNKNOWN && system != another)
        return true;
    if (processor_of (one) && processor_of (other))
        return processor_of (one) != processor_of (other);
    return is_image (one) && is_image (other) && strcasecmp (one, other) != 0;
}

static void check_contradiction (lint_t *self, const job_t *job)
{
    for (size_t i = 0; i < job->labels.count; i++)
        for (size_t j = 0; j < i; j++) {
            const text_t *one = &job->labels.items[j], *other = &job->labels.items[i];
            if (one->expression || other->expression || !contradict (one->text, other->text))
                continue;
            lint_add (self, RULE_LABEL, other->node, 0,
                      "no machine is both \"%s\" and \"%s\": a runner must have all labels of the list",
                      one->text, other->text);
            return;
        }
}

static void check_spelling (lint_t *self, const text_t *label)
{
    nearest_t nearest;
    nearest_begin (&nearest, label->text);
    for (size_t i = 0; i < sizeof (hosted) / sizeof (hosted[0]); i++)
        nearest_offer (&nearest, hosted[i]);
    bool digits = strpbrk (label->text, "0123456789") != NULL; // Of other versions than these
    if (!digits && nearest.best && nearest.distance > 0 && nearest.distance <= SLIP &&
        strlen (label->text) >= SPELLING_LENGTH)
        lint_add (self, RULE_LABEL, label->node, 0,
                  "no known runner has the label \"%s\"; did you mean \"%s\"?", label->text, nearest.best);
}

static bool has_label (const lint_agent_t *agent, const char *label)
{
    for (size_t i = 0; i < agent->count; i++)
        if (strcasecmp (agent->labels[i], label) == 0)
            return true;
    return false;
}

static bool any_has_label (const lint_options_t *options, const char *label, nearest_t *nearest)
{
    for (size_t i = 0; i < options->agent_count; i++) {
        if (has_label (&options->agents[i], label))
            return true;
        for (size_t j = 0; j < options->agents[i].count; j++)
            nearest_offer (nearest, options->agents[i].labels[j]);
    }
    return false;
}

static bool has_all (const lint_agent_t *agent, const job_t *job)
{
    for (size_t i = 0; i < job->labels.count; i++)
        if (!job->labels.items[i].expression && !has_label (agent, job->labels.items[i].text))
            return false;
    return true;
}

static void check_agents (lint_t *self, const job_t *job)
{
    const lint_options_t *options = self->options;
    bool reported = false;
    for (size_t i = 0; i < options->agent_count; i++)
        if (has_all (&options->agents[i], job))
            return;
    for (size_t i = 0; i < job->labels.count; i++) {
        const text_t *label = &job->labels.items[i];
        nearest_t nearest;
        nearest_begin (&nearest, label->text);
        if (label->expression || any_has_label (options, label->text, &nearest))
            continue;
        lint_add (self, RULE_LABEL, label->node, 0, "no agent has the label \"%s\"%s", label->text,
                  nearest.best ? arena_printf (self->arena, "; did you mean \"%s\"?", nearest.best) : "");
        reported = true;
    }
    if (!reported)
        lint_add (self, RULE_LABEL, job->labels.items[0].node, 0,
                  "no agent has all the labels of job \"%s\" at once", job->key.text);
}

void lint_runners (lint_t *self, const job_t *job)
{
    if (job->uses.text || job->labels.whole.text || job->labels.count == 0)
        return;
    if (self->options->agents_known) {
        check_agents (self, job);
        return;
    }
    check_contradiction (self, job);
    for (size_t i = 0; i < job->labels.count; i++)
        if (!job->labels.items[i].expression)
            check_spelling (self, &job->labels.items[i]);
}
