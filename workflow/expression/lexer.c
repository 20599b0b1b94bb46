/* lexer.c - see lexer.h. */

#include "workflow/expression/lexer.h"
#include "workflow/expression/text.h"

#include <string.h>

static bool space_at (const lexer_t *self, size_t at, size_t *length)
{
    return text_is_space (text_decode (self->text + at, self->end - at, length));
}

static size_t skip_space (const lexer_t *self, size_t at)
{
    size_t length;
    while (at < self->end && space_at (self, at, &length))
        at += length;
    return at;
}

// Does a word or number end here? A hyphen ends neither: it may be within a name, and in an exponent.
static bool is_boundary (const lexer_t *self, size_t at)
{
    size_t length;
    char c = self->text[at];
    return (c && strchr ("([)],.!><=&|", c)) || space_at (self, at, &length);
}

static void finish (lexer_t *self, token_kind_t kind, size_t end)
{
    self->token.kind = kind;
    self->token.end = end;
    self->at = end;
}

static void literal (lexer_t *self, const value_t *value, size_t end)
{
    self->token.literal = value;
    finish (self, TOKEN_LITERAL, end);
}

// Where what begins at `at` runs into a boundary.
static size_t word_end (const lexer_t *self, size_t at)
{
    while (at < self->end && !is_boundary (self, at))
        at++;
    return at;
}

static void read_number (lexer_t *self)
{
    size_t at = self->token.start + 1;
    // A dot ends a word, but not a number: 1.2.3 is one bad number, not a number and its property
    while (at < self->end && (self->text[at] == '.' || !is_boundary (self, at)))
        at++;
    double number = value_parse_number (self->text + self->token.start, at - self->token.start);
    if (number != number)
        finish (self, TOKEN_BAD, at);
    else
        literal (self, value_number (self->arena, number), at);
}

// After the quote that closes the string at the cursor; 0 where none does.
static size_t string_end (const lexer_t *self)
{
    for (size_t at = self->token.start + 1; at < self->end; at++) {
        if (self->text[at] != '\'')
            continue;
        if (at + 1 == self->end || self->text[at + 1] != '\'')
            return at + 1;
        at++; // Two of them are one in the text: there are no escapes
    }
    return 0;
}

static void read_string (lexer_t *self)
{
    size_t start = self->token.start + 1, end = string_end (self), size = 0;
    if (!end) {
        finish (self, TOKEN_BAD, self->end);
        return;
    }
    char *text = arena_alloc (self->arena, end - start);
    for (size_t at = start; at < end - 1; at++) {
        text[size++] = self->text[at];
        at += self->text[at] == '\'';
    }
    value_t *value = arena_alloc (self->arena, sizeof (value_t));
    *value = (value_t){.kind = VALUE_STRING, .string = {text, size}};
    literal (self, value, end);
}

static bool is_word (const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || (c != '-' && (c < '0' || c > '9'))))
            return false;
    }
    return size > 0;
}

static bool is (const char *text, size_t size, const char *word)
{
    return size == strlen (word) && memcmp (text, word, size) == 0;
}

// In this case alone, unlike all other names: `True` is a context that there is not.
static const value_t *keyword (lexer_t *self, const char *text, size_t size)
{
    if (is (text, size, "null"))
        return value_null ();
    if (is (text, size, "true") || is (text, size, "false"))
        return value_bool (size == 4);
    if (is (text, size, "NaN") || is (text, size, "Infinity"))
        return value_number (self->arena, size == 3 ? __builtin_nan ("") : __builtin_inf ());
    return NULL;
}

static void read_word (lexer_t *self)
{
    size_t start = self->token.start, end = word_end (self, start + 1);
    const char *text = self->text + start;
    if (!is_word (text, end - start)) {
        finish (self, TOKEN_BAD, end);
        return;
    }
    // Before the keywords: after a dot `null` and `true` are names like others
    if (self->last.kind == TOKEN_DOT) {
        finish (self, TOKEN_PROPERTY, end);
        return;
    }
    const value_t *value = keyword (self, text, end - start);
    if (value) {
        literal (self, value, end);
        return;
    }
    // Names of functions and contexts may be the same: the parenthesis decides
    size_t next = skip_space (self, end);
    finish (self, next < self->end && self->text[next] == '(' ? TOKEN_FUNCTION : TOKEN_CONTEXT, end);
}

static void read_operator (lexer_t *self)
{
    static const struct {
        char text[3];
        token_kind_t kind;
    } operators[] = {{"!=", TOKEN_NOT_EQUAL},  {">=", TOKEN_GREATER_EQUAL}, {"<=", TOKEN_LESS_EQUAL},
                     {"==", TOKEN_EQUAL},      {"&&", TOKEN_AND},           {"||", TOKEN_OR},
                     {"!", TOKEN_NOT},         {">", TOKEN_GREATER},        {"<", TOKEN_LESS},
                     {"(", TOKEN_OPEN},        {")", TOKEN_CLOSE},          {"[", TOKEN_OPEN_INDEX},
                     {"]", TOKEN_CLOSE_INDEX}, {",", TOKEN_COMMA},          {"*", TOKEN_STAR}};
    size_t start = self->token.start;
    for (size_t i = 0; i < sizeof (operators) / sizeof (operators[0]); i++) {
        size_t length = strlen (operators[i].text);
        if (self->end - start >= length && memcmp (self->text + start, operators[i].text, length) == 0) {
            finish (self, operators[i].kind, start + length);
            return;
        }
    }
    finish (self, TOKEN_BAD, word_end (self, start + 1));
}

// May an operand follow this token? Then a '.' starts a number.
static bool wants_operand (token_kind_t kind)
{
    switch (kind) {
    case TOKEN_CLOSE:
    case TOKEN_CLOSE_INDEX:
    case TOKEN_DOT:
    case TOKEN_STAR:
    case TOKEN_LITERAL:
    case TOKEN_PROPERTY:
    case TOKEN_FUNCTION:
    case TOKEN_CONTEXT:
    case TOKEN_BAD: return false;
    default: return true;
    }
}

void lexer_next (lexer_t *self)
{
    self->last = self->token;
    size_t at = skip_space (self, self->at);
    self->token = (token_t){.start = at};
    if (at == self->end) {
        finish (self, TOKEN_END, at);
        return;
    }
    char c = self->text[at];
    if (c == '\'')
        read_string (self);
    else if (c == '.' && !wants_operand (self->last.kind))
        finish (self, TOKEN_DOT, at + 1);
    else if (c == '.' || c == '-' || c == '+' || (c >= '0' && c <= '9'))
        read_number (self);
    else if (c && strchr ("!><=&|()[],*", c))
        read_operator (self);
    else
        read_word (self);
}

void lexer_start (lexer_t *self, arena_t *arena, const char *text, size_t start, size_t end)
{
    *self = (lexer_t){.arena = arena, .text = text, .at = start, .end = end};
    self->token.kind = TOKEN_END;
    self->token.end = start;
    lexer_next (self);
}
