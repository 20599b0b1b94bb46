/* yaml.h - bytes to a tree of nodes, each with its line and column, as GitHub reads YAML.
 *
 * Built from libyaml's events, not its loader: the core schema's scalars (null, bool, decimal, hex and octal numbers,
 * .inf, .nan); what is quoted is always a string; anchors and aliases share nodes. Refused: merge keys (<<), tags,
 * duplicate keys, a second document, invalid UTF-8, and what passes the bounds below. JSON is YAML: the same
 * function reads it. Nodes are immutable; strings live in the arena. */

#ifndef OPENCICD_WORKFLOW_YAML_H
#define OPENCICD_WORKFLOW_YAML_H

#include "workflow/finding.h"
#include "workflow/value.h"

#define YAML_BYTES (1 << 20) // A file
#define YAML_DEPTH 50        // Nesting, aliases followed
#define YAML_NODES 200000    // Nodes of the tree, aliases followed

typedef enum { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_LIST, NODE_MAP } node_kind_t;

typedef struct node node_t;
struct node {
    node_kind_t kind;
    int line;         // From 1
    int column;       // From 1, in characters
    bool block;       // A literal or folded block scalar: its text begins on the next line
    int indent;       // Of a block scalar: columns before its text; 0 where unknown
    const char *text; // Scalars: the text as written, unquoted; NUL-terminated. "" for lists and maps
    size_t size;
    bool boolean;
    double number;
    const node_t **items; // Of a list, or a map's values
    const node_t **keys;  // Of a map: scalars
    size_t count;
    size_t depth;  // Of what is below, aliases followed
    size_t weight; // Nodes in it, aliases followed
};

// NOT_FOUND never; INVALID with the findings (rule "syntax") where it is not such YAML. An empty file is a null node.
MUST_USE fault_t yaml_parse (arena_t *arena, const char *bytes, size_t size, findings_t *findings,
                             const node_t **out);

const node_t *node_get (const node_t *map, const char *key);    // NULL where there is none; exact case
const char *node_kind_name (node_kind_t kind);                  // "a list", as in messages
const value_t *node_value (arena_t *arena, const node_t *self); // As it stands, expressions unevaluated

#endif
