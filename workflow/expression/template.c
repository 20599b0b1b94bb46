/* template.c - strings with ${{ }} in them, and `if:` conditions.
 *
 * Source: how GitHub's template reader finds an expression's end (the first }} outside of single quotes) and builds a
 * format() call from what is around them; how it implies success() in a condition. */

#include "workflow/expression/lexer.h"
#include "workflow/expression/term.h"
#include "workflow/expression/text.h"

#include <stdio.h>
#include <string.h>

#define OPENING      "${{"
#define OPENING_SIZE 3

typedef struct {
    arena_t *arena;
    const char *text;
    size_t size;
    term_t *pieces; // Literals and expressions, in order
    size_t length;  // Characters of the format() call that GitHub makes of it
    expression_error_t *error;
} template_t;

static const expression_t *expression_new (arena_t *arena, const char *text, size_t size, const term_t *root)
{
    expression_t *self = arena_alloc (arena, sizeof (expression_t));
    self->text = text;
    self->size = size;
    self->root = root;
    return self;
}

static const term_t *literal (arena_t *arena, const value_t *value, const char *source, size_t size,
                              size_t offset)
{
    term_t *term = term_new (arena, TERM_LITERAL, source, size, offset);
    term->literal = value;
    return term;
}

static const term_t *text_piece (arena_t *arena, const char *text, size_t start, size_t end)
{
    return literal (arena, value_string_n (arena, text + start, end - start), text + start, end - start,
                    start);
}

bool template_has_expression (const char *text)
{
    return text && strstr (text, OPENING);
}

bool template_is_insert (const char *text)
{
    static const char word[] = "insert", space[] = " \t\r\n";
    text += strspn (text, space);
    if (strncmp (text, OPENING, OPENING_SIZE) != 0)
        return false;
    text += OPENING_SIZE;
    text += strspn (text, space);
    if (strncmp (text, word, sizeof word - 1) != 0)
        return false;
    text += sizeof word - 1;
    text += strspn (text, space);
    return strncmp (text, "}}", 2) == 0 && text[2 + strspn (text + 2, space)] == '\0';
}

bool expression_is_text (const expression_t *self)
{
    return self->root->kind == TERM_TEXT;
}

fault_t expression_parse (arena_t *arena, const char *text, size_t size, const expression_t **out,
                          expression_error_t *error)
{
    const term_t *root;
    text = arena_copy (arena, text, size);
    fault_t fault = term_parse (arena, text, 0, size, &root, error);
    if (!root)
        root = literal (arena, value_null (), text, size, 0);
    *out = expression_new (arena, text, size, root);
    return fault;
}

// After the }} that closes what begins at `start`; 0 where none does.
static size_t find_end (const char *text, size_t size, size_t start)
{
    bool quoted = false;
    for (size_t i = start; i + 1 < size; i++) {
        if (text[i] == '\'')
            quoted = !quoted;
        else if (!quoted && text[i] == '}' && text[i + 1] == '}')
            return i + 2;
    }
    return 0;
}

static bool add_piece (template_t *self, const term_t *piece)
{
    if (term_add (self->arena, self->pieces, piece))
        return true;
    (void) expression_fail (self->error, self->text, piece->offset, "The expression is nested too deeply");
    return false;
}

static bool add_text (template_t *self, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++)
        self->length += strchr ("{}'", self->text[i]) && self->text[i];
    self->length += text_length (self->text + start, end - start);
    return end == start || add_piece (self, text_piece (self->arena, self->text, start, end));
}

static fault_t add_expression (template_t *self, size_t start, size_t *end)
{
    const term_t *term;
    *end = find_end (self->text, self->size, start + OPENING_SIZE);
    if (!*end)
        return expression_fail (self->error, self->text, start,
                                "The expression is not closed: there is no '}}' for this '${{'");
    size_t from = start + OPENING_SIZE, to = *end - 2;
    fault_t fault = term_parse (self->arena, self->text, from, to, &term, self->error);
    if (fault != OK && term)
        (void) add_piece (self, term);
    if (fault != OK)
        return fault;
    if (!term)
        return expression_fail (self->error, self->text, start, "An expression was expected");
    const char *inner = self->text + from;
    size_t size = to - from;
    text_trim (&inner, &size);
    self->length += text_length (inner, size) + (size_t) snprintf (NULL, 0, "{%zu}, ", self->pieces->count);
    return add_piece (self, term) ? OK : INVALID;
}

// Fills the pieces.
static fault_t split (template_t *self)
{
    size_t at = 0;
    while (at < self->size) {
        const char *opening = memmem (self->text + at, self->size - at, OPENING, OPENING_SIZE);
        size_t start = opening ? (size_t) (opening - self->text) : self->size;
        if (!add_text (self, at, start))
            return INVALID;
        if (!opening)
            return OK;
        fault_t fault = add_expression (self, start, &at);
        if (fault != OK)
            return fault;
    }
    return OK;
}

fault_t template_parse (arena_t *arena, const char *text, size_t size, const expression_t **out,
                        expression_error_t *error)
{
    text = arena_copy (arena, text, size);
    template_t self = {.arena = arena, .text = text, .size = size, .error = error, .length = 10};
    if (!memmem (text, size, OPENING, OPENING_SIZE)) {
        *out = expression_new (arena, text, size, text_piece (arena, text, 0, size));
        return OK;
    }
    self.pieces = term_new (arena, TERM_TEXT, text, size, 0);
    *out = expression_new (arena, text, size, self.pieces);
    fault_t fault = split (&self);
    if (fault != OK)
        return fault;
    // One term without any text around it is the whole expression.
    const term_t *root = self.pieces->count == 1 ? self.pieces->parts[0] : self.pieces;
    if (root == self.pieces && self.length > EXPRESSION_LENGTH)
        return expression_fail (error, text, 0,
                                arena_printf (arena,
                                              "Exceeded max expression length %d: so long a text may hold no "
                                              "${{ }}; hand the value over in an environment variable",
                                              EXPRESSION_LENGTH));
    *out = expression_new (arena, text, size, root);
    return OK;
}

static const term_t *success_call (arena_t *arena)
{
    term_t *call = term_new (arena, TERM_CALL, "success()", strlen ("success()"), 0);
    call->implied = true;
    call->function = function_find ("success", strlen ("success"));
    return call;
}

// success() && (...) around what asks for no status itself.
static fault_t imply_success (arena_t *arena, const expression_t **out, expression_error_t *error)
{
    const term_t *root = (*out)->root;
    if (term_asks_status (root))
        return OK;
    char *source = arena_printf (arena, "success() && (%.*s)", (int) root->size, root->source);
    term_t *both = term_new (arena, TERM_AND, source, strlen (source), root->offset);
    if (!term_add (arena, both, success_call (arena)) || !term_add (arena, both, root))
        return expression_fail (error, (*out)->text, root->offset,
                                arena_printf (arena, "Exceeded max expression depth %d", EXPRESSION_DEPTH));
    *out = expression_new (arena, (*out)->text, (*out)->size, both);
    return OK;
}

static fault_t parse_plain_condition (arena_t *arena, const char *text, size_t size, const expression_t **out,
                                      expression_error_t *error)
{
    const char *trimmed = text;
    size_t left = size;
    text_trim (&trimmed, &left);
    if (left == 0) {
        *out = expression_new (arena, arena_copy (arena, text, size), size, success_call (arena));
        return OK;
    }
    fault_t fault = expression_parse (arena, text, size, out, error);
    return fault == OK ? imply_success (arena, out, error) : fault;
}

fault_t condition_parse (arena_t *arena, const char *text, size_t size, const expression_t **out,
                         expression_error_t *error)
{
    if (!memmem (text, size, OPENING, OPENING_SIZE))
        return parse_plain_condition (arena, text, size, out, error);
    fault_t fault = template_parse (arena, text, size, out, error);
    if (fault != OK)
        return fault;
    const term_t *root = (*out)->root;
    if (root->kind != TERM_LITERAL || root->literal->kind != VALUE_STRING)
        return imply_success (arena, out, error);
    // GitHub takes a lone ${{ 'text' }} for the text, and so for the condition itself.
    fault = parse_plain_condition (arena, root->literal->string.text, root->literal->string.size, out, error);
    if (fault != OK)
        error->offset += text_length (text, root->offset) + 1;
    return fault;
}
