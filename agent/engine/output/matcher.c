/* matcher.c - see matcher.h. What a matcher found line by line is kept as a chain of captures; a pattern of the last line completes it. */

#include "agent/engine/output/matcher.h"

#include "workflow/expression/value.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STEPS_MAX   1000000 // Of one match: about a tenth of a second
#define COSTS_MAX   3       // Matches that ended by that; then the matcher goes
#define CAPTURE_MAX 4096    // Bytes of one property

typedef enum {
    PROPERTY_FILE,
    PROPERTY_FROM_PATH,
    PROPERTY_LINE,
    PROPERTY_COLUMN,
    PROPERTY_SEVERITY,
    PROPERTY_CODE,
    PROPERTY_MESSAGE,
    PROPERTIES
} property_t;

static const char *const property_names[PROPERTIES] = {"file",     "fromPath", "line",   "column",
                                                       "severity", "code",     "message"};

typedef struct {
    pcre2_code *code;
    int groups[PROPERTIES]; // -1: it does not say that
} pattern_t;

typedef struct {
    bool set;
    char *values[PROPERTIES]; // NULL: not yet
} found_t;

typedef struct {
    char *owner, *severity, *from_path;
    pattern_t patterns[MATCHER_PATTERNS];
    found_t found[MATCHER_PATTERNS]; // Of all but the last, what the lines before this one gave
    size_t count;
    bool loop;
    int costs;
} matcher_t;

struct matchers {
    matcher_t *items[MATCHERS_MAX]; // The one added last comes last
    size_t count;
    pcre2_match_context *context;
    pcre2_match_data *data;
    char *dropped;
};

static char *copy (const char *text)
{
    char *out = strdup (text);
    if (!out)
        abort ();
    return out;
}

static void found_clear (found_t *self)
{
    for (size_t i = 0; i < PROPERTIES; i++)
        free (self->values[i]);
    *self = (found_t){.set = false};
}

static void begin_anew (matcher_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        found_clear (&self->found[i]);
}

static void matcher_free (matcher_t *self)
{
    begin_anew (self);
    for (size_t i = 0; i < MATCHER_PATTERNS; i++) // Also one that was refused after it was compiled
        pcre2_code_free (self->patterns[i].code);
    free (self->owner);
    free (self->severity);
    free (self->from_path);
    free (self);
}

matchers_t *matchers_new (void)
{
    matchers_t *self = calloc (1, sizeof (matchers_t));
    if (!self)
        abort ();
    self->context = pcre2_match_context_create (NULL);
    self->data = pcre2_match_data_create (100, NULL);
    if (!self->context || !self->data)
        abort ();
    pcre2_set_match_limit (self->context, STEPS_MAX);
    return self;
}

void matchers_destroy (matchers_t **self_p)
{
    matchers_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        matcher_free (self->items[i]);
    pcre2_match_context_free (self->context);
    pcre2_match_data_free (self->data);
    free (self->dropped);
    free (self);
    *self_p = NULL;
}

bool matchers_any (const matchers_t *self)
{
    return self->count > 0;
}

const char *matchers_dropped (matchers_t *self, arena_t *arena)
{
    const char *owner = arena_strdup (arena, self->dropped);
    free (self->dropped);
    self->dropped = NULL;
    return owner;
}

static void take_out (matchers_t *self, size_t i)
{
    matcher_free (self->items[i]);
    self->count--;
    memmove (self->items + i, self->items + i + 1, (self->count - i) * sizeof (matcher_t *));
}

void matchers_remove (matchers_t *self, const char *owner)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcasecmp (self->items[i]->owner, owner) == 0) {
            take_out (self, i);
            return;
        }
}

// ---- reading

typedef struct {
    arena_t *arena;
    const char **error;
    const char *owner;
} reading_t;

static fault_t refuse (reading_t *self, const char *text)
{
    *self->error = arena_printf (self->arena, "matcher \"%s\": %s", self->owner, text);
    return INVALID;
}

static fault_t read_groups (reading_t *self, const value_t *object, pattern_t *out, bool said[PROPERTIES])
{
    for (size_t i = 0; i < PROPERTIES; i++) {
        const value_t *group = value_get (object, property_names[i]);
        out->groups[i] = -1;
        if (!group || group->kind == VALUE_NULL)
            continue;
        if (group->kind != VALUE_NUMBER || !(group->number >= 0 && group->number < 100) ||
            group->number != (int) group->number)
            return refuse (self,
                           arena_printf (self->arena, "%s must be the number of a group", property_names[i]));
        if (said[i])
            return refuse (self,
                           arena_printf (self->arena, "%s is in two of its patterns", property_names[i]));
        said[i] = true;
        out->groups[i] = (int) group->number;
    }
    return OK;
}

static fault_t read_pattern (reading_t *self, const value_t *object, pattern_t *out, bool said[PROPERTIES])
{
    int error;
    PCRE2_SIZE at;
    const char *text = value_get_text (object, "regexp");
    if (!*text || strlen (text) > MATCHER_PATTERN_SIZE)
        return refuse (self, "a pattern needs a regexp of at most 8 KiB");
    TRY (read_groups (self, object, out, said));
    out->code = pcre2_compile ((PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED,
                               PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF, &error, &at, NULL);
    if (!out->code) {
        PCRE2_UCHAR what[128] = "";
        pcre2_get_error_message (error, what, sizeof (what));
        return refuse (self, arena_printf (self->arena, "regexp: at character %zu: %s", (size_t) at + 1,
                                           (const char *) what));
    }
    (void) pcre2_jit_compile (out->code, PCRE2_JIT_COMPLETE); // Without it matching is only slower
    return OK;
}

static fault_t read_patterns (reading_t *self, const value_t *patterns, matcher_t *out)
{
    bool said[PROPERTIES] = {false};
    size_t count = patterns && patterns->kind == VALUE_ARRAY ? patterns->list.count : 0;
    if (count == 0 || count > MATCHER_PATTERNS)
        return refuse (self, "it needs 1 to 20 patterns");
    for (; out->count < count; out->count++) {
        const value_t *object = patterns->list.items[out->count], *loop = value_get (object, "loop");
        TRY (read_pattern (self, object, &out->patterns[out->count], said));
        out->loop = loop && loop->kind == VALUE_BOOL && loop->boolean;
        if (out->loop && (out->count + 1 < count || count == 1))
            return refuse (self, "only the last of several patterns may loop");
    }
    if (!said[PROPERTY_MESSAGE])
        return refuse (self, "no pattern has a message");
    return OK;
}

// Gives its last byte.
static char *blank_line (char *at)
{
    size_t size = strcspn (at, "\n");
    memset (at, ' ', size);
    return at + size - 1;
}

// ECMAScript's comments, which GitHub takes: blanked outside of strings, so that places stay.
static const char *without_comments (arena_t *arena, const char *json)
{
    char *out = arena_strdup (arena, json);
    bool quoted = false;
    for (char *at = out; *at; at++) {
        if (quoted && *at == '\\' && at[1])
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && at[0] == '/' && at[1] == '/')
            at = blank_line (at);
    }
    return out;
}

static fault_t read_matcher (reading_t *reading, const value_t *object, matcher_t **out)
{
    matcher_t *self = calloc (1, sizeof (matcher_t));
    if (!self)
        abort ();
    *out = self;
    reading->owner = value_get_text (object, "owner");
    self->owner = copy (reading->owner);
    self->severity = copy (value_get_text (object, "severity"));
    self->from_path = copy (value_get_text (object, "fromPath"));
    return *self->owner ? read_patterns (reading, value_get (object, "pattern"), self)
                        : refuse (reading, "it needs an owner");
}

static fault_t read_list (reading_t *self, const char *json, const value_t **out)
{
    const value_t *file;
    json = without_comments (self->arena, json);
    fault_t fault = value_from_json (self->arena, json, strlen (json), &file, self->error);
    if (fault)
        return INVALID;
    *out = value_get (file, "problemMatcher");
    if (*out && (*out)->kind == VALUE_ARRAY && (*out)->list.count > 0)
        return OK;
    *self->error = "problemMatcher must be a list of matchers";
    return INVALID;
}

fault_t matchers_add (matchers_t *self, arena_t *arena, const char *json, const char **error)
{
    const value_t *list;
    matcher_t *fresh[MATCHERS_MAX];
    size_t count = 0;
    reading_t reading = {.arena = arena, .error = error};
    fault_t fault = read_list (&reading, json, &list);
    TRY (fault);
    if (list->list.count + self->count > MATCHERS_MAX) {
        *error = arena_printf (arena, "a job has at most %d matchers", MATCHERS_MAX);
        return OVERLOADED;
    }
    while (count < list->list.count && !fault) {
        fault = read_matcher (&reading, list->list.items[count], &fresh[count]);
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        if (fault)
            matcher_free (fresh[i]);
        else {
            matchers_remove (self, fresh[i]->owner);
            self->items[self->count++] = fresh[i];
        }
    }
    return fault;
}

fault_t matchers_remove_of (matchers_t *self, arena_t *arena, const char *json, const char **error)
{
    const value_t *list;
    reading_t reading = {.arena = arena, .error = error};
    TRY (read_list (&reading, json, &list));
    for (size_t i = 0; i < list->list.count; i++)
        matchers_remove (self, value_get_text (list->list.items[i], "owner"));
    return OK;
}

// ---- matching

static size_t without_colours (arena_t *arena, const char *line, size_t size, const char **out)
{
    char *plain = arena_alloc (arena, size + 1);
    size_t used = 0;
    for (size_t at = 0; at < size; at++) {
        size_t end = at + 2;
        while (line[at] == '\x1b' && end < size && line[at + 1] == '[' &&
               (line[end] == ';' || (line[end] >= '0' && line[end] <= '9')))
            end++;
        if (line[at] == '\x1b' && end < size && line[at + 1] == '[' && (line[end] == 'm' || line[end] == 'K'))
            at = end;
        else
            plain[used++] = line[at];
    }
    *out = plain;
    return used;
}

// Whether it matches; its captures are in self->data. A pattern that costs too much is as one that does not.
static bool try_pattern (matchers_t *self, matcher_t *matcher, size_t i, const char *line, size_t size)
{
    int found =
        pcre2_match (matcher->patterns[i].code, (PCRE2_SPTR) line, size, 0, 0, self->data, self->context);
    matcher->costs += found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT ||
                      found == PCRE2_ERROR_JIT_STACKLIMIT;
    return found >= 0;
}

static char *capture (const matchers_t *self, const char *line, int group)
{
    PCRE2_SIZE *at = pcre2_get_ovector_pointer (self->data);
    if ((uint32_t) group >= pcre2_get_ovector_count (self->data) || at[2 * group] == PCRE2_UNSET)
        return NULL;
    size_t size = at[2 * group + 1] - at[2 * group];
    char *out = strndup (line + at[2 * group], size < CAPTURE_MAX ? size : CAPTURE_MAX);
    if (!out)
        abort ();
    return out;
}

// What the lines before gave, and what this one adds.
static void take_found (matchers_t *self, const pattern_t *pattern, const found_t *before, const char *line,
                        found_t *out)
{
    found_t found = {.set = true};
    for (size_t i = 0; i < PROPERTIES; i++) {
        if (pattern->groups[i] >= 0)
            found.values[i] = capture (self, line, pattern->groups[i]);
        else if (before && before->values[i])
            found.values[i] = copy (before->values[i]);
    }
    found_clear (out);
    *out = found;
}

static bool match_line (matchers_t *self, matcher_t *matcher, const char *line, size_t size, found_t *out)
{
    for (size_t i = matcher->count; i-- > 0;) {
        bool last = i + 1 == matcher->count;
        const found_t *before = i > 0 ? &matcher->found[i - 1] : NULL;
        bool matches = (!before || before->set) && try_pattern (self, matcher, i, line, size);
        if (matches && last) {
            take_found (self, &matcher->patterns[i], before, line, out);
            if (!matcher->loop)
                begin_anew (matcher);
            return true;
        }
        if (matches)
            take_found (self, &matcher->patterns[i], before, line, &matcher->found[i]);
        else if (!last)
            found_clear (&matcher->found[i]);
    }
    return false;
}

static const char *text_of (arena_t *arena, const found_t *found, property_t property, const char *otherwise)
{
    const char *text = found->values[property];
    return arena_strdup (arena, text && *text ? text : otherwise);
}

static void take_problem (arena_t *arena, const matcher_t *matcher, const found_t *found,
                          matched_problem_t *out)
{
    *out = (matched_problem_t){.owner = arena_strdup (arena, matcher->owner),
                               .severity = text_of (arena, found, PROPERTY_SEVERITY,
                                                    *matcher->severity ? matcher->severity : "error"),
                               .file = text_of (arena, found, PROPERTY_FILE, ""),
                               .from_path = text_of (arena, found, PROPERTY_FROM_PATH, matcher->from_path),
                               .line = text_of (arena, found, PROPERTY_LINE, ""),
                               .column = text_of (arena, found, PROPERTY_COLUMN, ""),
                               .code = text_of (arena, found, PROPERTY_CODE, ""),
                               .message = text_of (arena, found, PROPERTY_MESSAGE, "")};
}

static void drop_costly (matchers_t *self)
{
    for (size_t i = self->count; i-- > 0;) {
        if (self->items[i]->costs < COSTS_MAX)
            continue;
        free (self->dropped);
        self->dropped = copy (self->items[i]->owner);
        take_out (self, i);
    }
}

bool matchers_find (matchers_t *self, arena_t *arena, const char *line, size_t size, matched_problem_t *out)
{
    found_t found = {.set = false};
    bool there = false;
    const char *plain;
    size = without_colours (arena, line, size < MATCHER_LINE_MAX ? size : MATCHER_LINE_MAX, &plain);
    for (size_t i = self->count; i-- > 0 && !there;) {
        there = match_line (self, self->items[i], plain, size, &found);
        if (!there)
            continue;
        take_problem (arena, self->items[i], &found, out);
        for (size_t k = 0; k < self->count; k++)
            if (k != i)
                begin_anew (self->items[k]);
    }
    found_clear (&found);
    drop_costly (self);
    return there && *out->message;
}
