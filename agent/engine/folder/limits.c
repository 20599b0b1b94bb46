/* limits.c - see limits.h. */

#include "agent/engine/folder/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_MAX 1e15 // Any limit; far from where a double would lose one

typedef enum { LIMIT_MEMORY, LIMIT_CPUS, LIMIT_PROCESSES, LIMIT_DISK, LIMIT_MINUTES, LIMITS } limit_t;

static const struct {
    const char *name;
    bool is_size;
    double factor; // From what is written to what is kept
    double least;  // That is kept: a job can begin with it
} table[LIMITS] = {
    [LIMIT_MEMORY] = {"memory", true, 1, 16 << 20}, [LIMIT_CPUS] = {"cpus", false, 1000, 10},
    [LIMIT_PROCESSES] = {"processes", false, 1, 8}, [LIMIT_DISK] = {"disk", true, 1, 1 << 20},
    [LIMIT_MINUTES] = {"minutes", false, 60, 1},
};

typedef struct {
    const char *labels[LIMIT_LABELS];
    size_t label_count; // 0: for all jobs
    int64_t values[LIMITS];
    bool given[LIMITS];
} limit_rule_t;

struct limit_rules {
    limit_rule_t rules[LIMIT_RULES];
    size_t count;
};

typedef struct {
    arena_t *arena;
    limit_rules_t *rules;
    const char **error;
} parse_t;

static bool read_number (const char *text, size_t limit, double *out)
{
    static const char units[] = "KMGT";
    char *end;
    if (strspn (text, "0123456789.") == 0) // Neither signs, nor names like inf
        return false;
    *out = strtod (text, &end);
    const char *unit = table[limit].is_size && *end ? strchr (units, *end & ~0x20) : NULL;
    if (unit) {
        *out *= ldexp (1, 10 * (int) (unit - units + 1));
        end++;
    }
    *out *= table[limit].factor;
    return *end == 0 && *out <= NUMBER_MAX;
}

static fault_t read_limit (parse_t *self, limit_rule_t *rule, char *word)
{
    char *value = strchr (word, '=');
    size_t limit = 0;
    double number = 0;
    if (!value)
        return fault_with (self->arena, self->error, BAD_INPUT, "\"%s\" is not NAME=VALUE", word);
    *value++ = 0;
    while (limit < LIMITS && strcmp (table[limit].name, word) != 0)
        limit++;
    if (limit == LIMITS)
        return fault_with (self->arena, self->error, BAD_INPUT,
                           "there is no limit \"%s\": memory, cpus, processes, disk or minutes", word);
    bool none = strcmp (value, "none") == 0;
    if (!none && !read_number (value, limit, &number))
        return fault_with (self->arena, self->error, BAD_INPUT, "%s=%s: %s or none is expected", word, value,
                           table[limit].is_size ? "a size (512M, 4G)" : "a number");
    if (!none && number < table[limit].least)
        return fault_with (self->arena, self->error, BAD_INPUT, "%s=%s is too little for any job", word,
                           value);
    rule->values[limit] = (int64_t) number;
    rule->given[limit] = true;
    return OK;
}

static fault_t read_labels (parse_t *self, limit_rule_t *rule, char *text)
{
    char *save = NULL;
    for (char *label = strtok_r (text, ", \t\n", &save); label; label = strtok_r (NULL, ", \t\n", &save)) {
        if (rule->label_count == LIMIT_LABELS)
            return fault_with (self->arena, self->error, BAD_INPUT, "a rule has more than %d labels",
                               LIMIT_LABELS);
        rule->labels[rule->label_count++] = label;
    }
    if (rule->label_count == 0)
        return fault_with (self->arena, self->error, BAD_INPUT, "there is no label before \":\"");
    return OK;
}

static fault_t read_rule (parse_t *self, char *text)
{
    if (self->rules->count == LIMIT_RULES)
        return fault_with (self->arena, self->error, BAD_INPUT, "there are more than %d rules", LIMIT_RULES);
    limit_rule_t *rule = self->rules->rules + self->rules->count++;
    // A label may hold colons (group:linux), a limit does not: the last one ends the labels
    char *colon = strrchr (text, ':'), *save = NULL;
    if (colon) {
        *colon = 0;
        TRY (read_labels (self, rule, text));
        text = colon + 1;
    }
    for (char *word = strtok_r (text, ", \t\n", &save); word; word = strtok_r (NULL, ", \t\n", &save))
        TRY (read_limit (self, rule, word));
    return OK;
}

fault_t limits_parse (arena_t *arena, const char *text, const limit_rules_t **out, const char **error)
{
    limit_rules_t *rules = arena_alloc (arena, sizeof *rules);
    parse_t parse = {arena, rules, error};
    char *rest = arena_strdup (arena, text ? text : ""), *save = NULL;
    for (char *rule = strtok_r (rest, ";", &save); rule; rule = strtok_r (NULL, ";", &save))
        if (rule[strspn (rule, " \t\n")])
            TRY (read_rule (&parse, rule));
    *out = rules;
    return OK;
}

static bool is_for (const limit_rule_t *rule, const char *const *labels, size_t count)
{
    for (size_t i = 0; i < rule->label_count; i++)
        for (size_t j = 0; j < count; j++)
            if (strcasecmp (rule->labels[i], labels[j]) == 0)
                return true;
    return rule->label_count == 0;
}

static limits_t make_limits (const int64_t values[LIMITS])
{
    return (limits_t){{values[LIMIT_MEMORY], values[LIMIT_CPUS], values[LIMIT_PROCESSES]},
                      values[LIMIT_DISK],
                      values[LIMIT_MINUTES]};
}

void limits_of (const limit_rules_t *self, const char *const *labels, size_t count, limits_t *out)
{
    int64_t values[LIMITS] = {0};
    for (size_t i = 0; i < self->count; i++)
        for (size_t k = 0; k < LIMITS && is_for (self->rules + i, labels, count); k++)
            if (self->rules[i].given[k])
                values[k] = self->rules[i].values[k];
    *out = make_limits (values);
}

void limits_needs (const limit_rules_t *self, limits_t *out)
{
    int64_t values[LIMITS] = {0};
    for (size_t i = 0; i < self->count; i++)
        for (size_t k = 0; k < LIMITS; k++)
            values[k] = self->rules[i].values[k] ? self->rules[i].values[k] : values[k];
    *out = make_limits (values);
}
