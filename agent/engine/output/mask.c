/* mask.c - the values and their other forms, sorted by their first byte, and one pass over the bytes.
 *
 * The pass jumps from one place where a value could begin to the next, as Wu and Manber's search for many words does: the last two
 * bytes of a window as long as the shortest value say how far it may move. With no value at all bytes pass untouched. */

#include "agent/engine/output/mask.h"

#include "agent/engine/output/mask_forms.h"
#include "common/base/line.h"

#include <stdlib.h>
#include <string.h>

#define COVER      "***"
#define PAIRS      65536 // Of bytes
#define WINDOW_MAX 16

typedef struct {
    unsigned char *data;
    size_t size;
    bool given; // Not only a form of another
} secret_t;

struct mask {
    secret_t *items; // Sorted by first byte
    size_t count, capacity;
    size_t values;                  // How many of them were given; the others are forms of these
    size_t first[257];              // Of each byte: where its values begin
    unsigned char pairs[PAIRS / 8]; // Bit a * 256 + b: one begins with a, b
    size_t window;                  // Bytes of the shortest, up to WINDOW_MAX
    unsigned char
        skips[PAIRS]; // Of a window that ends with a, b: how far it moves; 0: a value may begin with it
};

struct mask_stream {
    const mask_t *mask;
    bytes_fn emit;
    void *emit_self;
    unsigned char *held; // Bytes that may be the beginning of a value
    size_t held_size, held_capacity;
    size_t cover; // How many bytes from here on are covered by a *** that was written
};

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

mask_t *mask_new (void)
{
    return need (calloc (1, sizeof (mask_t)));
}

void mask_destroy (mask_t **self_p)
{
    mask_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++) {
        explicit_bzero (self->items[i].data, self->items[i].size);
        free (self->items[i].data);
    }
    free (self->items);
    free (self);
    *self_p = NULL;
}

static void index_first_bytes (mask_t *self)
{
    size_t item = 0;
    for (size_t byte = 0; byte < 256; byte++) {
        self->first[byte] = item;
        while (item < self->count && self->items[item].data[0] == byte)
            item++;
    }
    self->first[256] = item;
}

static void note_pairs (mask_t *self, const unsigned char *data, size_t size)
{
    for (unsigned second = 0; second < 256; second++)
        if (size == 1 || data[1] == second) {
            unsigned bit = data[0] * 256u + second;
            self->pairs[bit / 8] |= (unsigned char) (1u << (bit % 8));
        }
}

static void note_window (mask_t *self, const secret_t *item)
{
    for (size_t i = 0; i + 2 <= self->window; i++) {
        unsigned char *skip = self->skips + item->data[i] * 256u + item->data[i + 1];
        if (*skip > self->window - 2 - i)
            *skip = (unsigned char) (self->window - 2 - i);
    }
}

static void note_skips (mask_t *self, const secret_t *item)
{
    if (self->window && item->size >= self->window) {
        note_window (self, item);
        return;
    }
    self->window = item->size < WINDOW_MAX ? item->size : WINDOW_MAX;
    memset (self->skips, (int) self->window - 1, sizeof (self->skips));
    for (size_t i = 0; i < self->count; i++)
        note_window (self, self->items + i);
}

static secret_t *find_item (const mask_t *self, const char *data, size_t size)
{
    unsigned char first = (unsigned char) data[0];
    for (size_t i = self->first[first]; i < self->first[first + 1]; i++)
        if (self->items[i].size == size && memcmp (self->items[i].data, data, size) == 0)
            return self->items + i;
    return NULL;
}

static fault_t add_item (void *self_, const char *data, size_t size)
{
    mask_t *self = self_;
    if (find_item (self, data, size))
        return OK;
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 64;
        self->items = need (realloc (self->items, self->capacity * sizeof (secret_t)));
    }
    size_t at = self->first[(unsigned char) data[0] + 1];
    memmove (self->items + at + 1, self->items + at, (self->count - at) * sizeof (secret_t));
    self->items[at] = (secret_t){.data = need (malloc (size)), .size = size};
    memcpy (self->items[at].data, data, size);
    self->count++;
    note_pairs (self, self->items[at].data, size);
    note_skips (self, self->items + at);
    index_first_bytes (self);
    return OK;
}

static fault_t add_one (mask_t *self, const char *data, size_t size)
{
    const secret_t *known = find_item (self, data, size);
    if (known && known->given)
        return OK;
    if (self->values == MASKS_MAX)
        return OVERLOADED;
    self->values++;
    TRY (add_item (self, data, size));
    find_item (self, data, size)->given = true;
    return mask_forms (data, size, add_item, self);
}

static bool is_blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static fault_t add_line (mask_t *self, const char *line, size_t size, size_t least)
{
    while (size && is_blank (line[0]))
        line++, size--;
    while (size && is_blank (line[size - 1]))
        size--;
    fault_t fault = OK;
    for (size_t at = 0; size >= least && at < size && !fault; at += MASK_LENGTH_MAX) {
        size_t piece = size - at < MASK_LENGTH_MAX ? size - at : MASK_LENGTH_MAX;
        fault = add_one (self, line + at, piece);
    }
    return fault;
}

fault_t mask_add (mask_t *self, const char *value, size_t size)
{
    size_t least = memchr (value, '\n', size) ? 2 : 1;
    for (line_t line = line_begin (value, size); line_next (&line);)
        TRY (add_line (self, line.text, line.size, least));
    return OK;
}

static bool begins_one (const mask_t *self, const unsigned char *data)
{
    unsigned bit = data[0] * 256u + data[1];
    return self->pairs[bit / 8] >> (bit % 8) & 1;
}

// The first place from `at` on where a value could begin.
static size_t next_candidate (const mask_t *self, const unsigned char *data, size_t at, size_t size)
{
    size_t skip;
    for (; self->window > 1 && at + self->window <= size; at += skip ? skip : 1) {
        const unsigned char *end = data + at + self->window - 2;
        skip = self->skips[end[0] * 256u + end[1]];
        if (skip == 0 && begins_one (self, data + at))
            return at;
    }
    for (; at + 1 < size; at++)
        if (begins_one (self, data + at))
            return at;
    return at < size && self->first[data[at]] == self->first[data[at] + 1] ? size : at;
}

// Length of the longest value that begins here; *partial where one could, had there been more bytes.
static size_t longest_at (const mask_t *self, const unsigned char *data, size_t size, bool *partial)
{
    size_t longest = 0;
    *partial = false;
    for (size_t i = self->first[data[0]]; i < self->first[data[0] + 1]; i++) {
        const secret_t *item = self->items + i;
        size_t common = item->size < size ? item->size : size;
        if (memcmp (item->data, data, common) != 0)
            continue;
        if (common < item->size)
            *partial = true;
        else if (common > longest)
            longest = common;
    }
    return longest;
}

// Gives out what is decided; returns how many bytes that is. The others may be the beginning of a value.
static size_t search (mask_stream_t *self, const unsigned char *data, size_t size, bool last)
{
    size_t cover = self->cover, from = cover < size ? cover : size, at = 0;
    while (at < size) {
        if (at >= cover)
            at = next_candidate (self->mask, data, at, size);
        if (at >= size)
            break;
        bool partial;
        size_t length = longest_at (self->mask, data + at, size - at, &partial);
        if (partial && !last)
            break;
        if (length && at >= cover) {
            if (at > from)
                self->emit (self->emit_self, data + from, at - from);
            self->emit (self->emit_self, COVER, strlen (COVER));
        }
        if (length && at + length > cover)
            from = cover = at + length;
        at++;
    }
    if (at > from)
        self->emit (self->emit_self, data + from, at - from);
    self->cover = cover > at ? cover - at : 0;
    return at;
}

mask_stream_t *mask_stream_new (const mask_t *mask, bytes_fn emit, void *emit_self)
{
    mask_stream_t *self = need (calloc (1, sizeof (mask_stream_t)));
    self->mask = mask;
    self->emit = emit;
    self->emit_self = emit_self;
    return self;
}

void mask_stream_destroy (mask_stream_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->held);
    free (*self_p);
    *self_p = NULL;
}

static void hold (mask_stream_t *self, const unsigned char *data, size_t size)
{
    if (self->held_size + size > self->held_capacity) {
        self->held_capacity = (self->held_size + size) * 2;
        self->held = need (realloc (self->held, self->held_capacity));
    }
    if (size)
        memcpy (self->held + self->held_size, data, size);
    self->held_size += size;
}

static void search_held (mask_stream_t *self, bool last)
{
    size_t done = search (self, self->held, self->held_size, last);
    self->held_size -= done;
    memmove (self->held, self->held + done, self->held_size);
}

void mask_stream_add (mask_stream_t *self, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    if (size == 0)
        return;
    if (self->mask->count == 0 && self->held_size == 0) {
        self->emit (self->emit_self, data, size);
        return;
    }
    if (self->held_size) {
        hold (self, bytes, size);
        search_held (self, false);
        return;
    }
    size_t done = search (self, bytes, size, false);
    hold (self, bytes + done, size - done);
}

void mask_stream_end (mask_stream_t *self)
{
    if (self->held_size)
        search_held (self, true);
    self->cover = 0;
}

typedef struct {
    arena_t *arena;
    char *text;
    size_t size, capacity;
} covered_t;

static void collect (void *self_, const void *data, size_t size)
{
    covered_t *self = self_;
    if (self->size + size + 1 > self->capacity) {
        size_t wanted = (self->size + size + 1) * 2;
        char *grown = arena_alloc (self->arena, wanted);
        if (self->size)
            memcpy (grown, self->text, self->size);
        self->text = grown;
        self->capacity = wanted;
    }
    memcpy (self->text + self->size, data, size);
    self->size += size;
    self->text[self->size] = 0;
}

const char *mask_text (const mask_t *self, arena_t *arena, const char *text)
{
    if (self->count == 0)
        return text;
    covered_t covered = {.arena = arena, .text = ""};
    mask_stream_t stream = {.mask = self, .emit = collect, .emit_self = &covered};
    search (&stream, (const unsigned char *) text, strlen (text), true);
    return covered.text;
}
