/* run_labels.c - see run_labels.h. */

#include "cli/run/run_labels.h"

#include "cli/server/server.h"
#include "common/os/machine.h"

#include <string.h>
#include <strings.h>

#define LABELS "self-hosted,ubuntu-latest,ubuntu-24.04,ubuntu-22.04,ubuntu-20.04,ubuntu-slim"

const char *run_labels (const cli_t *cli)
{
    args_t more = flag_list (cli->flags, "label");
    const char *labels = LABELS;
    for (size_t i = 0; i < more.count; i++)
        labels = arena_printf (cli->turn->arena, "%s,%s", labels, more.items[i]);
    return labels;
}

static bool has (const char *labels, const char *label)
{
    size_t size = strlen (label);
    for (const char *at = labels; *at; at += strspn (at, ",")) {
        size_t all = strcspn (at, ","), length = strcspn (at, ",="); // LABEL=docker:IMAGE
        if (length == size && strncasecmp (at, label, size) == 0)
            return true;
        at += all;
    }
    return false;
}

// As every agent of this machine has them by itself.
static bool is_of_machine (arena_t *arena, const char *label)
{
    return strcasecmp (label, "linux") == 0 || strcasecmp (label, machine_arch (arena)) == 0;
}

const char *run_labels_lack (const cli_t *cli, const value_t *job)
{
    const value_t *const *wanted;
    const char *labels = run_labels (cli);
    size_t count = items_of (job, "labels", &wanted);
    for (size_t i = 0; i < count; i++) {
        const char *label = value_to_text (cli->turn->arena, wanted[i]);
        if (!is_of_machine (cli->turn->arena, label) && !has (labels, label))
            return label;
    }
    return NULL;
}
