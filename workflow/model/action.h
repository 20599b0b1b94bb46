/* action.h - an action's metadata file (action.yml) as plain structs.
 *
 * Three kinds: a program for Node, a container, or steps (composite). As lenient as GitHub's runner: only `runs` is
 * needed, and keys that it does not know are passed over at the top and in inputs. */

#ifndef OPENCICD_WORKFLOW_ACTION_H
#define OPENCICD_WORKFLOW_ACTION_H

#include "workflow/model/model.h"

typedef enum { ACTION_NODE, ACTION_DOCKER, ACTION_COMPOSITE } action_kind_t;

typedef struct {
    text_t name, description, deprecation;
    text_t fallback; // `default:`; text NULL: none. May hold an expression
    bool required;
} action_input_t;

typedef struct {
    const char *file;
    text_t name, description;
    action_kind_t kind;
    text_t using; // "node20", "docker", "composite"
    const action_input_t *inputs;
    size_t input_count;
    const declared_t *outputs; // `value` only in composite actions
    size_t output_count;
    text_t main, pre, post;                                    // Node: files
    text_t image, entrypoint, pre_entrypoint, post_entrypoint; // Docker
    texts_t args;
    pairs_t env;
    text_t pre_if, post_if; // Expressions without an implied success(); text NULL: always()
    const step_t *steps;    // Composite
    size_t step_count;
} action_t;

// INVALID where an error finding was added; several are reported in one go, sorted in file order.
MUST_USE fault_t action_load (arena_t *arena, const char *file, const char *bytes, size_t size,
                              findings_t *findings, const action_t **out);

#endif
