/* lexer.h - an expression's text, token by token. Knows characters, not grammar.
 *
 * Source: the rules that GitHub's runner follows: keywords are case-sensitive, a word after '.' is always a property,
 * a '.' starts a number only where an operand may stand, a number runs to the next boundary character. */

#ifndef OPENCICD_WORKFLOW_LEXER_H
#define OPENCICD_WORKFLOW_LEXER_H

#include "workflow/expression/value.h"

typedef enum {
    TOKEN_END,
    TOKEN_BAD, // Characters that are not a token
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_INDEX,
    TOKEN_CLOSE_INDEX,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_STAR,
    TOKEN_NOT,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_LITERAL,  // null, boolean, number, string
    TOKEN_PROPERTY, // A word after '.'
    TOKEN_FUNCTION, // A word before '('
    TOKEN_CONTEXT   // Any other word
} token_kind_t;

typedef struct {
    token_kind_t kind;
    size_t start; // Bytes from the beginning of the text
    size_t end;
    const value_t *literal;
} token_t;

typedef struct {
    arena_t *arena;
    const char *text;
    size_t at;  // After the current token
    size_t end; // Of the expression within the text
    token_t token;
    token_t last; // The one before
} lexer_t;

void lexer_start (lexer_t *self, arena_t *arena, const char *text, size_t start,
                  size_t end); // At the first token
void lexer_next (lexer_t *self);

#endif
