/* badge.h - a small picture of how a workflow last ended, for a README: text in two boxes, as SVG. Pure. */

#ifndef OPENCICD_GATEWAY_BADGE_H
#define OPENCICD_GATEWAY_BADGE_H

#include "common/base/buffer.h"
#include "proto/states.h"

#define BADGE_LABEL 60 // Characters of its left box that are shown
#define BADGE_MAX   8192

// `ran`: is there a run at all?
void badge_print (const char *label, bool ran, result_t result, buffer_t *into);
// Pixels that the text takes in 11 px, after Verdana's widths.
int badge_width (const char *text);

#endif
