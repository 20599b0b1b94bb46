/* block_list.h - the list of blocks that ends an upload, as Azure's clients send it. Pure.
 *
 * It accepts what they write: an optional declaration, `BlockList`, and in it `Latest` or `Uncommitted` elements without attributes. Everything else is
 * refused: it would ask for something that is not supported here. Source: Azure's documentation of Put Block List. */

#ifndef OPENCICD_GATEWAY_BLOCK_LIST_H
#define OPENCICD_GATEWAY_BLOCK_LIST_H

#include "common/base/turn.h"
#include "proto/messages.h"

// A block's name: base64. BAD_INPUT.
MUST_USE fault_t block_name_check (turn_t *turn, const char *name);
// In the turn's arena. BAD_INPUT says where; TOO_LARGE past MAX_BLOCKS.
MUST_USE fault_t block_list_read (turn_t *turn, const char *text, size_t size, strs_t *out);

#endif
