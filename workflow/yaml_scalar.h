/* yaml_scalar.h - what a plain scalar means in YAML 1.2's core schema. Shared by yaml.c alone. */

#ifndef OPENCICD_WORKFLOW_YAML_SCALAR_H
#define OPENCICD_WORKFLOW_YAML_SCALAR_H

#include "workflow/yaml.h"

void yaml_scalar_resolve (node_t *self); // From its text: kind, boolean, number

#endif
