/* yaml.h - bytes to a tree of nodes, each with its line and column, as GitHub reads YAML.
 *
 * Built from libyaml's events, not its loader: the core schema's scalars (null, bool, decimal, hex and octal numbers,
 * .inf, .nan) and their tags (!!str, !!null, !!bool, !!int, !!float); what is quoted is always a string; anchors and
 * aliases share nodes; a tag of a list or a map means nothing. Refused: merge keys (<<), other tags of scalars,
 * duplicate keys, a second document, invalid UTF-8, and what passes the bounds below. JSON is YAML: the same function
 * reads it. Nodes live in the arena. */

#ifndef OPENCICD_WORKFLOW_YAML_H
#define OPENCICD_WORKFLOW_YAML_H

#include "workflow/expression/expression.h"
#include "workflow/yaml/finding.h"

#define YAML_BYTES (1 << 20) // A file
#define YAML_DEPTH 50        // Nesting, aliases followed
#define YAML_WEIGHT \
    200000 // Of the tree, aliases followed: one for each node, one more for each 32 bytes of text

typedef enum { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_LIST, NODE_MAP } node_kind_t;

typedef struct node node_t;
struct node {
    node_kind_t kind;
    int line;         // From 1
    int column;       // From 1, in characters
    const char *raw;  // Where it begins in the source
    const char *tag;  // As written, "!reference"; NULL: none. Of a list or a map, or by yaml_parse_foreign
    const char *text; // Scalars: the text as written, unquoted; NUL-terminated. "" for lists and maps
    size_t size;
    bool boolean;
    double number;
    node_t **items; // Of a list, or a map's values
    node_t **keys;  // Of a map: scalars
    size_t count;
    size_t depth;                  // Of what is below, aliases followed
    size_t weight;                 // As in YAML_WEIGHT
    const expression_t *template;  // Set where schema.h found ${{ }} in a scalar
    const expression_t *condition; // Set by schema.h on an `if`
    bool wants_text;               // Set by schema.h on a template that must give a text
    bool insert; // Set by schema.h on a key `${{ insert }}`: it is replaced by the map that its value gives
};

// INVALID with the findings (rule "syntax") where it is not such YAML; *out is then NULL, or the tree without the
// later ones of duplicate keys, for whoever looks for more errors. An empty file is a null node.
MUST_USE fault_t yaml_parse (arena_t *arena, const char *bytes, size_t size, findings_t *findings,
                             node_t **out);

// The same for files of other systems (GitLab, Woodpecker): merge keys add what a map does not have itself, of duplicate keys the last one
// is read, case matters, a scalar may have any tag, and the last document counts.
MUST_USE fault_t yaml_parse_foreign (arena_t *arena, const char *bytes, size_t size, findings_t *findings,
                                     node_t **out);

node_t *node_get (const node_t *map, const char *key);          // NULL where there is none; exact case
const char *node_kind_name (node_kind_t kind);                  // "a list", as in messages
const value_t *node_value (arena_t *arena, const node_t *self); // As it stands, expressions unevaluated
bool node_is_scalar (const node_t *self);
const char *node_text (arena_t *arena,
                       const node_t *self); // As GitHub makes strings: 1.10 is "1.1", null is ""

// The place in the file of `offset` bytes into a scalar's text, whatever its style.
void node_locate (const node_t *self, size_t offset, int *line, int *column);
size_t node_offset (const node_t *self, size_t characters); // In bytes
// A finding at that place; `characters` into the text, as expressions count.
void node_add (const node_t *self, size_t characters, findings_t *findings, severity_t severity,
               const char *rule, const char *message);
// The same: an error.
void node_complain (const node_t *self, size_t characters, findings_t *findings, const char *rule,
                    const char *message);

#endif
