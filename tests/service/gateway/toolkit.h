/* toolkit.h - the gateway with the real artifact store behind it, and what GitHub's toolkit asks of it. */

#ifndef OPENCICD_TESTS_TOOLKIT_H
#define OPENCICD_TESTS_TOOLKIT_H

#include "tests/service/gateway/world.h"

typedef struct {
    world_t *world;
    struct db *artifacts_db;
    struct blob *artifacts_blob;
    struct artifacts *store;
    char folder[256];
    const char *token; // Of job j1, attempt 1, as the toolkit has it
} toolkit_t;

toolkit_t *toolkit_new (void);
void toolkit_destroy (toolkit_t **self_p);

// POST of a method of the artifact service. `fields` come after those of run and job: ",\"name\":\"x\"".
wire_answer_t toolkit_call (toolkit_t *self, const char *method, const char *fields);
// The text of a member of a JSON answer; in the world's arena. Fails where it is not there.
const char *toolkit_member (toolkit_t *self, const wire_answer_t *answer, const char *name);
// The path of an absolute URL.
const char *toolkit_path (const char *url);
wire_answer_t toolkit_put (toolkit_t *self, const char *path, const void *data, size_t size);
// Create, blocks of `step` bytes sent from the last to the first, the list, finalize: its number.
const char *toolkit_upload (toolkit_t *self, const char *name, const char *version, const void *data,
                            size_t size, size_t step);

typedef struct {
    char data[8192];
    size_t size;
} small_zip_t;
// One deflated entry; `crc_off` is added to its checksum.
small_zip_t toolkit_zip (const char *name, const char *text, uint32_t crc_off);

#endif
