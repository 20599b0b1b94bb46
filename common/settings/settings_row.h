/* settings_row.h - the table's rows as data. Private to common/settings*.c. */

#ifndef OPENCICD_SETTINGS_ROW_H
#define OPENCICD_SETTINGS_ROW_H

#include "common/base/turn.h"
#include "common/settings/settings.h"

typedef enum {
    KIND_STR,
    KIND_SECRET,
    KIND_PATH,
    KIND_URL,
    KIND_ADDRESS,
    KIND_U32,
    KIND_BOOL,
    KIND_ENUM
} setting_kind_t;

typedef struct {
    setting_kind_t kind;
    const char *name; // database_url
    size_t offset;    // In settings_t
    unsigned programs;
    const char *doc;
    const char *metavar;
    const char *initial;
    const char *choices;
    const char *schemes;
    uint32_t least, most;
    bool flag_only;
    bool not_in_file;
    bool secret; // May hold one: its value is not repeated
    char letter;
} setting_row_t;

extern const setting_row_t settings_rows[];
extern const size_t settings_row_count;

// Where a value came from; later sources win.
typedef enum { FROM_NOWHERE, FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG } setting_source_t;

typedef struct {
    setting_source_t source;
    const char *text;
    const char *where; // "--http-threads", "OPENCICD_HTTP_THREADS", "/etc/opencicd.yaml:3: http_threads"
} given_t;

typedef struct {
    arena_t *arena;
    unsigned programs;
    given_t *given; // One a row
    const char *error;
} loading_t;

const setting_row_t *settings_row (const char *name,
                                   size_t size); // - and _ are equivalent; NULL for an unknown name
const char *settings_flag (arena_t *arena, const setting_row_t *row); // "--http-threads"
const char *settings_variable (arena_t *arena,
                               const setting_row_t *row); // "OPENCICD_HTTP_THREADS"; NULL: flag only

// Says what is wrong; BAD_INPUT.
#define settings_refuse(loading, ...) fault_with ((loading)->arena, &(loading)->error, BAD_INPUT, __VA_ARGS__)
// " (did you mean --http-threads?)", or "". `style` writes a row's name as that source does; NULL where it has none.
typedef const char *(*style_t) (arena_t *arena, const setting_row_t *row);
const char *settings_hint (loading_t *self, const char *word, style_t style);
void settings_give (loading_t *self, const setting_row_t *row, setting_source_t source, const char *text,
                    const char *where);

// Where they are read from, and the check.
MUST_USE fault_t settings_read_flags (loading_t *self, int *argc, char **argv);
MUST_USE fault_t settings_read_environment (loading_t *self);
MUST_USE fault_t settings_read_file (loading_t *self, const char *path, bool must_exist);
MUST_USE fault_t settings_check (loading_t *self, const setting_row_t *row, const given_t *given,
                                 settings_t *out);

#endif
