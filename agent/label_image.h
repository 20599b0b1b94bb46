/* label_image.h - labels that stand for an image: --labels ubuntu-latest=docker:IMAGE,fast=host. */

#ifndef OPENCICD_AGENT_LABEL_IMAGE_H
#define OPENCICD_AGENT_LABEL_IMAGE_H

#include "common/base/arena.h"
#include "proto/messages.h"

// The image of the first of the job's labels that has one; "": the job runs on this machine. A label that maps to the machine decides, too.
const char *label_image (arena_t *arena, const char *labels, const strs_t *asked);
// Is each of them LABEL, LABEL=host or LABEL=docker:IMAGE? False: *wrong is the first that is not.
bool label_images_ok (arena_t *arena, const char *labels, const char **wrong);

#endif
