/* type_check.h - the types that the values of an expression are certain to have before it is evaluated, for lint. */

#ifndef OPENCICD_EXPRESSION_TYPE_CHECK_H
#define OPENCICD_EXPRESSION_TYPE_CHECK_H

#include "workflow/expression/expression.h"

typedef enum { TYPE_ANY, TYPE_NULL, TYPE_BOOL, TYPE_NUMBER, TYPE_TEXT, TYPE_LIST, TYPE_MAP } type_t;

// What the caller knows of what it has declared itself, such as {"inputs", "debug"}; TYPE_ANY: nothing.
typedef struct {
    void *self;
    type_t (*type) (void *self, const char *context, const char *property);
    bool text; // The whole must give a text
} known_types_t;

// Where an expression certainly takes a value of a kind that cannot be meant: a map as text, a list that is compared.
typedef struct {
    size_t offset; // Into the text that was parsed
    bool json;     // It is a text that fromJSON() cannot read
    const char *message;
} type_error_t;
void expression_type_errors (const expression_t *self, arena_t *arena, const known_types_t *known,
                             type_error_t **out, size_t *count);

#endif
