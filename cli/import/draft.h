/* draft.h - a workflow that is being written: a tree of maps, lists and texts, with comments between them, and its YAML.
 *
 * What another system's file holds goes in as text and comes out as a scalar that YAML and GitHub read as that text again: quoted where
 * need be, a block where it has lines, `${{` escaped. What the translator writes itself may hold expressions. All of it is in the arena. */

#ifndef OPENCICD_CLI_IMPORT_DRAFT_H
#define OPENCICD_CLI_IMPORT_DRAFT_H

#include "common/base/arena.h"
#include "common/base/buffer.h"

typedef struct draft draft_t;

#define DRAFT_MAX (1 << 20) // Bytes of the workflow that comes out: what a workflow file may have

draft_t *draft_map (arena_t *arena);
draft_t *draft_list (arena_t *arena);
draft_t *draft_text (arena_t *arena, const char *text); // May hold ${{ }}; see draft_escape
draft_t *draft_bare (arena_t *arena, const char *text); // A number, a boolean, "" for nothing

// A key that is there already gets the new value.
void draft_set (draft_t *map, const char *key, draft_t *value);
void draft_set_text (draft_t *map, const char *key, const char *text);
draft_t *draft_get (const draft_t *map, const char *key); // NULL: none
void draft_add (draft_t *list, draft_t *value);
void draft_add_text (draft_t *list, const char *text);
void draft_add_map (draft_t *into, const draft_t *from); // Its keys and comments, after those of `into`
void draft_remark (draft_t *self, const char *text);     // A comment here; each line of it is one
size_t draft_count (const draft_t *self);                // Of keys or items; comments do not count

// Text of another system as a workflow's: characters that YAML refuses are gone, and `${{` is no expression.
const char *draft_escape (arena_t *arena, const char *text);
// Adds a text, escaped or with expressions of ours, to one of them: a `$` at the end and a `{{` at the beginning make no expression.
void draft_append (buffer_t *into, const char *text);
const char *draft_literal (arena_t *arena, const char *text); // 'text', as expressions write strings

// Bytes up to one of `stops` or the end, ${{ }} whole.
size_t draft_span (const char *text, const char *stops);

void draft_print (const draft_t *self, buffer_t *into);

#endif
