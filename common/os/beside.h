/* beside.h - the programs that are installed together with this one, in its folder. */

#ifndef OPENCICD_BESIDE_H
#define OPENCICD_BESIDE_H

#include "common/base/arena.h"

const char *beside_path (arena_t *arena, const char *name);    // Where it would be
const char *beside_program (arena_t *arena, const char *name); // The same; NULL where it is not there

#endif
