/* glob.h - the files that path patterns name: `*`, `?`, `[...]` within a segment, `**` for any number of them.
 *
 * Source: the documentation of actions/upload-artifact and of hashFiles. A pattern that names a folder names all that is below
 * it; "!pattern" removes from what earlier patterns matched. Relative patterns begin at `base`. The order is GitHub's: that of the patterns, by
 * the places where their walks begin, and below each place folder by folder, by name. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_GLOB_H
#define OPENCICD_AGENT_ENGINE_FOLDER_GLOB_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLOB_PATTERNS 256
#define GLOB_FILES    100000
#define GLOB_ENTRIES  1000000 // Files and folders that are looked at
#define GLOB_DEPTH    100     // Nesting of folders

typedef struct {
    const char *path; // Absolute
    int64_t size;
    uint32_t mode;
    size_t place; // The number of the walk that found it; walks are in the order of the patterns
} glob_file_t;

typedef struct {
    const char *root;   // The lowest folder that contains all starting points; absolute
    glob_file_t *items; // Each once
    size_t count, capacity;
} glob_result_t;

enum {
    GLOB_HIDDEN = 1, // Also names that begin with a dot
    GLOB_FOLLOW = 2, // Follow links to folders
    GLOB_NAMED = 4   // What the patterns name itself, of whatever kind, and nothing below it
};

// A walk of a large tree takes time: it ends early once `asked` returns true.
typedef struct {
    bool (*asked) (void *self);
    void *self;
} glob_stop_t;

typedef struct {
    int root;         // Whose paths they are: common/os/rooted.h
    const char *base; // Absolute: relative patterns begin here
    const char *const *patterns;
    size_t count;
    unsigned flags;
    const glob_stop_t *stop; // NULL: to its end
    const char *home;        // What ~ stands for; NULL: this program's own
} glob_query_t;

// TOO_LARGE, BAD_INPUT, or UNAVAILABLE (stopped) with *error. Nothing found is OK. A leading ~/ is the home folder.
MUST_USE fault_t glob_find (arena_t *arena, const glob_query_t *query, glob_result_t *out,
                            const char **error);
const char *glob_relative (const glob_result_t *self, const char *path); // Below root

#endif
