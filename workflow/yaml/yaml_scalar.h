/* yaml_scalar.h - what a plain scalar means in YAML 1.2's core schema. Shared by yaml.c alone. */

#ifndef OPENCICD_WORKFLOW_YAML_SCALAR_H
#define OPENCICD_WORKFLOW_YAML_SCALAR_H

#include "workflow/yaml/yaml.h"

void yaml_scalar_resolve (node_t *self); // From its text: kind, boolean, number
// As its tag says, one of the core schema: "str", "null", "bool", "int", "float". False where the text is not such a
// value, or there is no such tag.
bool yaml_scalar_resolve_as (node_t *self, const char *tag);

#endif
