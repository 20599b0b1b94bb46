/* actions_lock.c - `opencicd actions lock`: writes the lock file of the working tree's actions, or says what it lacks.
 *
 * Commits that are written there stay, wherever their tags are by now: that is what a lock is for. --update takes the new ones. */

#include "cli/actions/lock_file.h"
#include "cli/command/command.h"
#include "common/os/file.h"
#include "workflow/model/action_lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SOURCES "forge,https://github.com"

static void note (const char *text)
{
    fprintf (stderr, "opencicd: %s\n", text);
}

static bool is_same (const lock_names_t *a, const lock_names_t *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp (a->items[i], b->items[i]) == 0;
    return same;
}

static size_t print_workflows (const cli_t *cli, const lock_file_t *old, const lock_file_t *new)
{
    size_t count = 0;
    for (size_t i = 0; i < new->workflow_count; i++) {
        const char *path = paint_safe (cli->turn->arena, new->workflows[i]->path);
        const lock_workflow_t *before = lock_workflow (old, new->workflows[i]->path);
        if (before && is_same (&before->uses, &new->workflows[i]->uses))
            continue;
        printf ("%s %s\n", before ? "~" : "+", path);
        count++;
    }
    for (size_t i = 0; i < old->workflow_count; i++)
        if (!lock_workflow (new, old->workflows[i]->path)) {
            printf ("- %s\n", paint_safe (cli->turn->arena, old->workflows[i]->path));
            count++;
        }
    return count;
}

static size_t print_action (const cli_t *cli, const lock_action_t *before, const lock_action_t *now)
{
    const char *name = paint_safe (cli->turn->arena, now ? now->name : before->name);
    if (before && now && strcmp (before->commit, now->commit) == 0 && is_same (&before->uses, &now->uses))
        return 0;
    if (!before)
        printf ("+ %s %s\n", name, now->commit);
    else if (!now)
        printf ("- %s %s\n", name, before->commit);
    else if (strcmp (before->commit, now->commit) == 0)
        printf ("~ %s uses other actions\n", name);
    else
        printf ("~ %s %s -> %s\n", name, before->commit, now->commit);
    return 1;
}

// A line for each difference; how many there are.
static size_t print_differences (const cli_t *cli, const lock_file_t *old, const lock_file_t *new)
{
    size_t count = print_workflows (cli, old, new);
    for (size_t i = 0; i < new->action_count; i++)
        count += print_action (cli, lock_action (old, new->actions[i]->key), new->actions[i]);
    for (size_t i = 0; i < old->action_count; i++)
        if (!lock_action (new, old->actions[i]->key))
            count += print_action (cli, old->actions[i], NULL);
    return count;
}

static fault_t write_lock (turn_t *turn, const char *path, const lock_file_t *lock)
{
    const char *text;
    TRY (lock_text (turn, lock, &text));
    TRY (file_write (turn, path, text));
    if (chmod (path, 0644) != 0) // It is a file of the repository, not a secret
        return turn_fail (turn, BROKEN, "%s: %m", path);
    return OK;
}

// The flag, else the variable that agents read.
static const char *given (const cli_t *cli, const char *flag, const char *variable, const char *fallback)
{
    const char *text = flag_text (cli->flags, flag), *set = getenv (variable);
    return text ? text : set && *set ? set : fallback;
}

static int lock (cli_t *cli)
{
    turn_t *turn = cli->turn;
    working_tree_t tree;
    lock_file_t old, new;
    lock_options_t options = {.sources = given (cli, "action-sources", "OPENCICD_ACTION_SOURCES", SOURCES),
                              .git_config =
                                  given (cli, "action-git-config", "OPENCICD_ACTION_GIT_CONFIG", ""),
                              .old = &old,
                              .update = flag_on (cli->flags, "update"),
                              .note = note};
    fault_t fault = working_tree_find (turn, &tree);
    const char *path = fault ? "" : arena_printf (turn->arena, "%s/" ACTION_LOCK_PATH, tree.root);
    if (!fault)
        fault = lock_read (turn, path, &old);
    if (!fault)
        lock_sort (&old);
    if (!fault)
        fault = lock_collect (turn, &tree, &options, &new);
    if (fault)
        return cli_fail (cli, fault);
    if (new.workflow_count == 0)
        return cli_fail (cli, turn_fail (turn, NOT_FOUND, "there are no workflows in %s", tree.root));
    size_t count = print_differences (cli, &old, &new);
    if (flag_on (cli->flags, "check"))
        return count ? CLI_FAILED : CLI_OK;
    if (count && (fault = write_lock (turn, path, &new)))
        return cli_fail (cli, fault);
    note (count ? ACTION_LOCK_PATH " is written" : ACTION_LOCK_PATH " is up to date");
    return CLI_OK;
}

static const flag_t flags_lock[] = {
    {.name = "check",
     .kind = FLAG_SWITCH,
     .doc = "Write nothing: print what differs, and fail if anything does."},
    {.name = "update",
     .kind = FLAG_SWITCH,
     .doc = "Use the commits that tags and branches name now, not the locked ones."},
    {.name = "action-sources",
     .kind = FLAG_TEXT,
     .metavar = "LIST",
     .doc = "Where actions come from, as an agent's setting of this name (OPENCICD_ACTION_SOURCES)."},
    {.name = "action-git-config",
     .kind = FLAG_TEXT,
     .metavar = "FILE",
     .doc = "The git configuration for fetching them (OPENCICD_ACTION_GIT_CONFIG)."},
    {.name = NULL}};

const command_t command_actions_lock = {
    .name = "actions lock",
    .group = GROUP_FILES,
    .usage = "[--check] [--update] [OPTIONS]",
    .summary = "Write the lock file of the actions that the workflows use.",
    .help =
        "Writes .github/workflows/actions.lock for the workflows of the working tree: the commit of each action, and of those\n"
        "that actions use. Prints what changed: + added, - removed, ~ changed. Commits that are in the file stay, unless --update.\n",
    .examples =
        "opencicd actions lock\nopencicd actions lock --check      # in a workflow: is it complete?\n",
    .flags = flags_lock,
    .run = lock};
