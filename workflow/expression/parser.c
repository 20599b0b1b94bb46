/* parser.c - tokens to terms, by recursive descent: || over && over == over < over ! over . [ ] ( ).
 *
 * Errors are GitHub's: the first token that cannot be where it is, in the order of the text; where the text
 * ends too early, the last token. What would be right is said in brackets where it can be known. */

#include "workflow/expression/lexer.h"
#include "workflow/expression/term.h"
#include "workflow/expression/text.h"

#define TOKEN_SHOWN 200 // Bytes of a wrong token that an error shows

typedef struct {
    lexer_t lexer;
    int nesting;  // Open calls of this parser, bounded like the tree
    term_t *seen; // The contexts so far, in the order of the text
    const term_t
        *wrong; // The first argument that no call can take, and why: reported where all else is right
    const char *reason;
    expression_error_t *error;
    bool failed;
} parser_t;

typedef const term_t *parse_fn (parser_t *self);

static parse_fn parse_or;

fault_t expression_fail (expression_error_t *error, const char *text, size_t byte, const char *message)
{
    error->offset = text_length (text, byte);
    error->message = message;
    return INVALID;
}

static const term_t *fail (parser_t *self, size_t at, const char *message)
{
    if (!self->failed) // The first error in the text, as GitHub reports it
        (void) expression_fail (self->error, self->lexer.text, at, message);
    self->failed = true;
    return NULL;
}

static const term_t *fail_token (parser_t *self, const char *what, const token_t *token, const char *hint)
{
    const char *text = self->lexer.text + token->start;
    size_t size = text_cut (text, token->end - token->start, TOKEN_SHOWN);
    return fail (self, token->start,
                 arena_printf (self->lexer.arena, "%s: '%.*s'%s", what, (int) size, text, hint));
}

static const term_t *fail_depth (parser_t *self, size_t at)
{
    return fail (self, at,
                 arena_printf (self->lexer.arena, "Exceeded max expression depth %d", EXPRESSION_DEPTH));
}

// What would be right in place of a token that cannot be here: by its first character.
static const char *hint_for (const parser_t *self, const token_t *token)
{
    static const struct {
        char first;
        const char *hint;
    } hints[] = {{'\'', " (the string is not closed)"}, {'"', " (strings are written in single quotes)"},
                 {'=', " (equality is written ==)"},    {'&', " (and is written &&)"},
                 {'|', " (or is written ||)"},          {'+', " (there is no arithmetic)"},
                 {'-', " (there is no arithmetic)"},    {'$', " (no ${{ inside an expression)"}};
    for (size_t i = 0; token->kind == TOKEN_BAD && i < sizeof (hints) / sizeof (hints[0]); i++)
        if (self->lexer.text[token->start] == hints[i].first)
            return hints[i].hint;
    return "";
}

static const term_t *unexpected (parser_t *self)
{
    const token_t *token = &self->lexer.token;
    if (token->kind == TOKEN_END)
        return fail_token (self, "Unexpected end of expression", &self->lexer.last, "");
    return fail_token (self, "Unexpected symbol", token, hint_for (self, token));
}

static bool at_token (const parser_t *self, token_kind_t kind)
{
    return self->lexer.token.kind == kind;
}

static bool take (parser_t *self, token_kind_t kind)
{
    if (!at_token (self, kind))
        return false;
    lexer_next (&self->lexer);
    return true;
}

term_t *term_new (arena_t *arena, term_kind_t kind, const char *source, size_t size, size_t offset)
{
    term_t *self = arena_alloc (arena, sizeof (term_t));
    self->kind = kind;
    self->depth = 1;
    self->source = source;
    self->size = size;
    self->offset = offset;
    return self;
}

bool term_add (arena_t *arena, term_t *self, const term_t *part)
{
    self->parts = arena_grow (arena, self->parts, self->count, &self->capacity, sizeof (self->parts[0]));
    self->parts[self->count++] = part;
    if (part->depth >= self->depth)
        self->depth = part->depth + 1;
    return self->depth <= EXPRESSION_DEPTH;
}

bool term_asks_status (const term_t *self)
{
    if (self->kind == TERM_CALL && self->function->status)
        return true;
    for (size_t i = 0; i < self->count; i++)
        if (term_asks_status (self->parts[i]))
            return true;
    return false;
}

// Reaches from `start` to the last token that was taken.
static term_t *new_term (parser_t *self, term_kind_t kind, size_t start)
{
    return term_new (self->lexer.arena, kind, self->lexer.text + start, self->lexer.last.end - start, start);
}

static size_t start_of (const parser_t *self, const term_t *term)
{
    return (size_t) (term->source - self->lexer.text);
}

// Adds a part and lets the term reach to the last token that was taken.
static bool add (parser_t *self, term_t *term, const term_t *part)
{
    term->size = self->lexer.last.end - start_of (self, term);
    return term_add (self->lexer.arena, term, part) || fail_depth (self, part->offset);
}

// One more level down, where it is not too deep.
static const term_t *parse_below (parser_t *self, parse_fn *parse)
{
    if (++self->nesting > EXPRESSION_DEPTH)
        return fail_depth (self, self->lexer.token.start);
    const term_t *term = parse (self);
    self->nesting--;
    return term;
}

static const term_t *parse_literal (parser_t *self)
{
    token_t token = self->lexer.token;
    lexer_next (&self->lexer);
    term_t *term = new_term (self, TERM_LITERAL, token.start);
    term->literal = token.literal;
    return term;
}

static const term_t *parse_context (parser_t *self)
{
    token_t token = self->lexer.token;
    char *name = arena_copy (self->lexer.arena, self->lexer.text + token.start, token.end - token.start);
    for (char *c = name; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c += 'a' - 'A';
    lexer_next (&self->lexer);
    term_t *term = new_term (self, TERM_CONTEXT, token.start);
    term->name = name;
    (void) term_add (self->lexer.arena, self->seen, term); // Never deep
    return term;
}

static const term_t *parse_group (parser_t *self)
{
    size_t start = self->lexer.token.start;
    lexer_next (&self->lexer);
    const term_t *inner = parse_below (self, parse_or);
    if (!inner)
        return NULL;
    if (!take (self, TOKEN_CLOSE))
        return unexpected (self);
    term_t *group = arena_copy (self->lexer.arena, inner, sizeof (*inner));
    group->source = self->lexer.text + start;
    group->size = self->lexer.last.end - start;
    return ++group->depth <= EXPRESSION_DEPTH ? group : fail_depth (self, start);
}

static const term_t *check_count (parser_t *self, const term_t *call, const token_t *name)
{
    const function_t *function = call->function;
    bool few = call->count < function->min_args;
    if (few || call->count > function->max_args) {
        size_t count = few ? function->min_args : function->max_args;
        const char *more = function->max_args > function->min_args && few ? " at least" : "";
        const char *hint = arena_printf (self->lexer.arena, " (it takes%s %zu argument%s)", more, count,
                                         count == 1 ? "" : "s");
        return fail_token (self, few ? "Too few parameters supplied" : "Too many parameters supplied", name,
                           hint);
    }
    const term_t *wrong = call;
    const char *message = function->check ? function->check (self->lexer.arena, call, &wrong) : NULL;
    if (message && wrong == call)
        return fail (self, call->offset, message);
    if (message && !self->wrong) {
        self->wrong = wrong;
        self->reason = message;
    }
    return call;
}

static const term_t *parse_arguments (parser_t *self, term_t *call)
{
    if (take (self, TOKEN_CLOSE))
        return call;
    do {
        const term_t *argument = parse_below (self, parse_or);
        if (!argument || !add (self, call, argument))
            return NULL;
    } while (take (self, TOKEN_COMMA));
    return take (self, TOKEN_CLOSE) ? call : unexpected (self);
}

static const term_t *parse_call (parser_t *self)
{
    token_t name = self->lexer.token;
    const char *text = self->lexer.text + name.start;
    const function_t *function = function_find (text, name.end - name.start);
    if (!function) {
        const char *near = function_nearest (self->lexer.arena, text, name.end - name.start);
        const char *hint = near ? arena_printf (self->lexer.arena, " (did you mean '%s'?)", near) : "";
        return fail_token (self, "Unrecognized function", &name, hint);
    }
    lexer_next (&self->lexer);
    lexer_next (&self->lexer); // The lexer saw the '('
    term_t *call = new_term (self, TERM_CALL, name.start);
    call->function = function;
    if (!parse_arguments (self, call))
        return NULL;
    call->size = self->lexer.last.end - name.start;
    return check_count (self, call, &name);
}

static const term_t *parse_primary (parser_t *self, bool *can_index)
{
    *can_index = true;
    switch (self->lexer.token.kind) {
    case TOKEN_OPEN: return parse_group (self);
    case TOKEN_FUNCTION: return parse_call (self);
    case TOKEN_CONTEXT: return parse_context (self);
    case TOKEN_LITERAL:
        *can_index = false;
        return parse_literal (self); // 'text'.length is no expression on GitHub
    default: return unexpected (self);
    }
}

static const term_t *parse_property (parser_t *self)
{
    token_t token = self->lexer.token;
    if (take (self, TOKEN_STAR))
        return new_term (self, TERM_WILDCARD, token.start);
    if (!take (self, TOKEN_PROPERTY))
        return unexpected (self);
    term_t *name = new_term (self, TERM_LITERAL, token.start);
    name->literal =
        value_string_n (self->lexer.arena, self->lexer.text + token.start, token.end - token.start);
    return name;
}

static const term_t *parse_subscript (parser_t *self)
{
    token_t token = self->lexer.token;
    const term_t *index;
    if (take (self, TOKEN_STAR))
        index = new_term (self, TERM_WILDCARD, token.start);
    else
        index = parse_below (self, parse_or);
    if (index && !take (self, TOKEN_CLOSE_INDEX))
        return unexpected (self);
    return index;
}

static const term_t *parse_postfix (parser_t *self)
{
    bool can_index;
    const term_t *term = parse_primary (self, &can_index);
    while (term && can_index && (at_token (self, TOKEN_DOT) || at_token (self, TOKEN_OPEN_INDEX))) {
        const term_t *index;
        if (take (self, TOKEN_DOT)) {
            index = parse_property (self);
        } else {
            lexer_next (&self->lexer);
            index = parse_subscript (self);
        }
        term_t *access = index ? new_term (self, TERM_INDEX, start_of (self, term)) : NULL;
        if (!access || !add (self, access, term) || !add (self, access, index))
            return NULL;
        term = access;
    }
    return term;
}

static const term_t *parse_not (parser_t *self)
{
    size_t start = self->lexer.token.start;
    if (!take (self, TOKEN_NOT))
        return parse_postfix (self);
    const term_t *operand = parse_below (self, parse_not);
    term_t *term = operand ? new_term (self, TERM_NOT, start) : NULL;
    return term && add (self, term, operand) ? term : NULL;
}

typedef struct {
    token_kind_t token;
    term_kind_t term;
} operator_t;

static const operator_t *operator_at (const parser_t *self, const operator_t *operators, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (at_token (self, operators[i].token))
            return &operators[i];
    return NULL;
}

// Left to right: a term, an operator, a term, ...
static const term_t *parse_binary (parser_t *self, const operator_t *operators, size_t count,
                                   parse_fn *operand)
{
    const term_t *left = operand (self);
    const operator_t *found;
    while (left && (found = operator_at (self, operators, count))) {
        lexer_next (&self->lexer);
        const term_t *right = operand (self);
        term_t *term = right ? new_term (self, found->term, start_of (self, left)) : NULL;
        if (!term || !add (self, term, left) || !add (self, term, right))
            return NULL;
        left = term;
    }
    return left;
}

static const term_t *parse_relation (parser_t *self)
{
    static const operator_t operators[] = {{TOKEN_LESS, TERM_LESS},
                                           {TOKEN_LESS_EQUAL, TERM_LESS_EQUAL},
                                           {TOKEN_GREATER, TERM_GREATER},
                                           {TOKEN_GREATER_EQUAL, TERM_GREATER_EQUAL}};
    return parse_binary (self, operators, 4, parse_not);
}

static const term_t *parse_equality (parser_t *self)
{
    static const operator_t operators[] = {{TOKEN_EQUAL, TERM_EQUAL}, {TOKEN_NOT_EQUAL, TERM_NOT_EQUAL}};
    return parse_binary (self, operators, 2, parse_relation);
}

// a && b && c is one term with three parts, so that a long chain is not deep.
static const term_t *parse_chain (parser_t *self, token_kind_t token, term_kind_t kind, parse_fn *operand)
{
    const term_t *first = operand (self);
    if (!first || !at_token (self, token))
        return first;
    term_t *chain = new_term (self, kind, start_of (self, first));
    if (!add (self, chain, first))
        return NULL;
    while (take (self, token)) {
        const term_t *part = operand (self);
        if (!part || !add (self, chain, part))
            return NULL;
    }
    return chain;
}

static const term_t *parse_and (parser_t *self)
{
    return parse_chain (self, TOKEN_AND, TERM_AND, parse_equality);
}

static const term_t *parse_or (parser_t *self)
{
    return parse_chain (self, TOKEN_OR, TERM_OR, parse_and);
}

fault_t term_parse (arena_t *arena, const char *text, size_t start, size_t end, const term_t **out,
                    expression_error_t *error)
{
    parser_t self = {.error = error, .seen = term_new (arena, TERM_TEXT, text + start, end - start, start)};
    *out = NULL;
    if (text_length (text + start, end - start) > EXPRESSION_LENGTH)
        return expression_fail (error, text, start,
                                arena_printf (arena, "Exceeded max expression length %d", EXPRESSION_LENGTH));
    lexer_start (&self.lexer, arena, text, start, end);
    if (at_token (&self, TOKEN_END))
        return OK;
    const term_t *term = parse_or (&self);
    if (term && !at_token (&self, TOKEN_END))
        term = unexpected (&self);
    if (term && self.wrong)
        term = fail (&self, self.wrong->offset, self.reason);
    *out = term ? term : self.seen;
    return term ? OK : INVALID;
}
