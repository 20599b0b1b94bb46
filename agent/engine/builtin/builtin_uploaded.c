/* builtin_uploaded.c - see builtin_uploaded.h. */

#include "agent/engine/builtin/builtin_uploaded.h"

#include "proto/messages.h"

#include <string.h>

static bool is_new (uploaded_seen_t *seen, const char *id)
{
    for (size_t i = 0; i < seen->count; i++)
        if (strcmp (seen->ids[i], id) == 0)
            return false;
    return seen->count < UPLOADED_MOST;
}

// Piece by piece, as answers are bounded.
static fault_t read_whole (const uploaded_t *self, turn_t *turn, const artifact_t *artifact,
                           const artifact_file_t *file, char *text)
{
    fault_t fault = OK;
    for (int64_t at = 0; !fault && at < file->size;) {
        size_t want = file->size - at < MAX_CHUNK ? (size_t) (file->size - at) : MAX_CHUNK, got = 0;
        self->begin (self->to);
        fault =
            self->port->file (self->port->self, turn, artifact->id, file->path, at, text + at, want, &got);
        self->end (self->to);
        at += (int64_t) got;
        if (!fault && got == 0)
            fault = turn_fail (turn, BROKEN, "%s: bytes are missing", file->path);
    }
    return fault;
}

// *more is false once no further file is wanted.
static fault_t read_files (const uploaded_t *self, turn_t *turn, const char *id, bool *more)
{
    artifact_t artifact = {0};
    self->begin (self->to);
    fault_t fault = self->port->show (self->port->self, turn, id, &artifact);
    self->end (self->to);
    for (size_t i = 0; !fault && *more && i < artifact.files.count; i++) {
        const artifact_file_t *file = &artifact.files.items[i];
        if (file->size > TEST_REPORT_MAX || !self->wanted (file->path))
            continue;
        arena_t *arena = arena_new ();
        char *text = arena_alloc (arena, (size_t) file->size + 1);
        fault = read_whole (self, turn, &artifact, file, text);
        if (!fault)
            *more = self->take (self->to, arena, arena_printf (arena, "%s/%s", artifact.name, file->path),
                                text, (size_t) file->size);
        arena_destroy (&arena);
    }
    return fault;
}

fault_t uploaded_read (const uploaded_t *self, turn_t *turn)
{
    const char *cursor = "";
    bool more = true;
    do {
        artifact_page_t page = {0};
        self->begin (self->to);
        fault_t fault = self->port->own (self->port->self, turn, cursor, &page);
        self->end (self->to);
        TRY (fault);
        for (size_t i = 0; more && i < page.items.count; i++) {
            const artifact_t *item = &page.items.items[i];
            if (!item->archive || !item->complete || !is_new (self->seen, item->id))
                continue;
            self->seen->ids[self->seen->count++] = arena_strdup (self->keep, item->id);
            TRY (read_files (self, turn, item->id, &more));
        }
        cursor = page.next ? page.next : "";
    } while (more && *cursor && self->seen->count < UPLOADED_MOST);
    return OK;
}
