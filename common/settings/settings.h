/* settings.h - this process's settings: flags, then environment, then opencicd.yaml, then defaults.
 *
 * Each option is a row of settings_table.h. One file may serve all programs: keys of other programs are left alone, unknown
 * ones are refused with file and line. An environment variable OPENCICD_* that looks like a misspelt option is refused too;
 * others are not ours (Kubernetes makes OPENCICD_..._SERVICE_HOST). An error names the location and what would be valid;
 * a secret's value is never repeated. Flags: --name=value, --name value, --switch, --switch=false; `--` ends them. */

#ifndef OPENCICD_SETTINGS_H
#define OPENCICD_SETTINGS_H

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/base/option.h"
#include "common/settings/settings_table.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// Programs, as bits.
enum {
    SERVER = 1,
    AGENT = 2,
    CLIENT = 4,
    EVERYBODY = SERVER | AGENT | CLIENT,
    SETTINGS_KEEP_UNKNOWN = 8 // Leave unknown flags (and "--") in argv: the command parses its own afterwards
};

#define SETTING_TYPE_STR    const char * // Never NULL
#define SETTING_TYPE_SECRET const char *
#define SETTING_TYPE_PATH \
    const char            \
        * // Absolute, or "": a leading ~/ is the home folder, and others are taken from the current one
#define SETTING_TYPE_URL     const char *
#define SETTING_TYPE_ADDRESS const char * // HOST:PORT
#define SETTING_TYPE_U32     uint32_t
#define SETTING_TYPE_BOOL    bool
#define SETTING_TYPE_ENUM    unsigned

#define SETTING_NUMBER(kind, name, programs, doc, ...) SETTING_##name,
enum { SETTINGS (SETTING_NUMBER) SETTING_COUNT };
#undef SETTING_NUMBER

#define SETTING_FIELD(kind, name, programs, doc, ...) SETTING_TYPE_##kind name;
typedef struct {
    SETTINGS (SETTING_FIELD)
    bool given[SETTING_COUNT]; // Row n was set, and is not the default
} settings_t;
#undef SETTING_FIELD

#define settings_given(settings, name) ((settings)->given[SETTING_##name])

// Fills *self for these programs (other programs' options have their defaults); strings live in the arena. Takes the flags
// out of argv and leaves the program's name and the positional arguments. BAD_INPUT with *error, one line.
MUST_USE fault_t settings_load (settings_t *self, arena_t *arena, unsigned programs, int *argc, char **argv,
                                const char **error);
options_t settings_options (arena_t *arena,
                            unsigned programs); // As flags, with bounds and default in their text
extern const char settings_legend[];            // Where else they may be set
void settings_help (FILE *out, unsigned programs);
void settings_markdown (FILE *out); // A table of all options for the docs

#endif
