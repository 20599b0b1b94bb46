/* function_text.h - the functions that make text or read it, for the table in function.c. */

#ifndef OPENCICD_WORKFLOW_FUNCTION_TEXT_H
#define OPENCICD_WORKFLOW_FUNCTION_TEXT_H

#include "workflow/expression/evaluate.h"

const char *check_format (arena_t *arena, const term_t *call, const term_t **where);
const value_t *evaluate_format (evaluation_t *self, const term_t *call);
const value_t *evaluate_join (evaluation_t *self, const term_t *call);
const value_t *evaluate_to_json (evaluation_t *self, const term_t *call);
const value_t *evaluate_from_json (evaluation_t *self, const term_t *call);

#endif
