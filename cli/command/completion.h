/* completion.h - completions for shells, made from the tables that --help is made from: commands, their options, the options' choices
 * and files. The build prints them with `opencicd help --completion=SHELL`; one script serves all programs. */

#ifndef OPENCICD_CLI_COMMAND_COMPLETION_H
#define OPENCICD_CLI_COMMAND_COMPLETION_H

#include "cli/command/command.h"

// What a script knows about one command of opencicd ("run show") or about one program ("opencicd-agent").
typedef struct {
    const char *name;
    const char *summary;
    bool is_program;
    options_t options;
    bool files;          // Are its arguments files?
    const char *choices; // "a|b", what its arguments can be; NULL
} completed_t;

typedef struct {
    completed_t *items;
    size_t count, capacity;
} completions_t;

completions_t completions_of (arena_t *arena, const command_t *const *commands);
// "up agent project": the first words of commands, each once; or the second words after `first`.
const char *completion_words (arena_t *arena, const completions_t *all, const char *first);
const char *completion_programs (arena_t *arena,
                                 const completions_t *all);          // "opencicd-agent opencicd-gateway"
const char *completion_blanks (arena_t *arena, const char *choices); // "a|b" as "a b"

void completion_bash (FILE *out, arena_t *arena, const completions_t *all);
void completion_zsh (FILE *out, arena_t *arena, const completions_t *all);
void completion_fish (FILE *out, arena_t *arena, const completions_t *all);
void completion_print (FILE *out, const char *shell,
                       const command_t *const *commands); // "bash", "zsh" or "fish"

#endif
