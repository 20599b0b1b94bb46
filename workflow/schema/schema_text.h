/* schema_text.h - the schema's rows in words, for the messages of its check. */

#ifndef OPENCICD_WORKFLOW_SCHEMA_TEXT_H
#define OPENCICD_WORKFLOW_SCHEMA_TEXT_H

#include "common/base/nearest.h"
#include "workflow/schema/schema.h"

const char *schema_keys (arena_t *arena, const schema_object_t *self); // "name, on, jobs"
const char *schema_kinds (arena_t *arena, unsigned kinds);             // "a string or a list"
bool schema_allows (const char *values, const char *text);             // Is it one of a row's values?
const char *schema_values (arena_t *arena, const char *values);        // "read, write, none"
unsigned schema_context_bit (const char *name);                        // 0 where there is no such context
const char *schema_contexts (arena_t *arena, unsigned contexts);       // "github, inputs, vars"
void schema_offer_contexts (nearest_t *nearest, unsigned contexts);

#endif
