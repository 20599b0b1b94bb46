/* execution_log.c - what goes into a job's log beside what its steps print, and the commands in what they print. */

#include "agent/execution.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

void execution_emit (void *self_, const void *data, size_t size)
{
    execution_t *self = self_;
    if (size == 0 || self->log_fault)
        return;
    self->log_fault = self->sink->log (self->sink->self, self->row ? self->row->number : 0, data, size);
    self->last_byte = ((const char *) data)[size - 1];
    if (self->log_fault) {
        self->reason =
            arena_printf (self->arena, "the log cannot be written: %s", fault_text (self->log_fault));
        cancel_ask (self->offer->cancel, true);
    }
}

// Lines of ours are masked like any other, but hold no commands.
void execution_log (execution_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    const char *text = mask_text (self->mask, self->turn, arena_vprintf (self->turn, format, args));
    va_end (args);
    execution_emit (self, text, strlen (text));
}

void execution_error (execution_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    const char *text = arena_vprintf (self->turn, format, args);
    va_end (args);
    bool fresh = self->last_byte == '\n' || self->last_byte == 0;
    execution_log (self, "%s##[error]%s\n", fresh ? "" : "\n", text);
}

static void add_mask (execution_t *self, const command_t *command)
{
    if (mask_add (self->mask, command->message, strlen (command->message)) != OK && !self->log_fault) {
        self->reason = arena_printf (self->arena, "the job has more than %d masks", MASKS_MAX);
        self->log_fault = OVERLOADED;
        cancel_ask (self->offer->cancel, true);
    }
}

static void refuse (execution_t *self, const command_t *command)
{
    execution_log (
        self,
        "##[warning]The command `%s` does nothing any more: write to the file that $GITHUB_OUTPUT, "
        "$GITHUB_STATE, $GITHUB_ENV or $GITHUB_PATH names\n",
        command->name);
}

// Those that are not here (group, error, warning, notice, debug, ...) are for whoever shows the log.
static const struct {
    const char *name;
    void (*act) (execution_t *self, const command_t *command);
} commands[] = {{"add-mask", add_mask},
                {"set-output", refuse},
                {"save-state", refuse},
                {"set-env", refuse},
                {"add-path", refuse}};

void execution_command (void *self, const command_t *command)
{
    for (size_t i = 0; i < sizeof (commands) / sizeof (commands[0]); i++)
        if (strcasecmp (command->name, commands[i].name) == 0)
            commands[i].act (self, command);
}
