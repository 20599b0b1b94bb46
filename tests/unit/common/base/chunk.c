/* chunk.c - where a stream is cut. */

#include "common/base/chunk.h"

#include "common/base/pack.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#define SIZE (48 << 20)

static unsigned char *random_bytes (void)
{
    unsigned char *bytes = malloc (SIZE);
    uint64_t state = 7;
    for (size_t i = 0; i < SIZE; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        bytes[i] = (unsigned char) (state >> 56);
    }
    return bytes;
}

// Where it is cut; the number of chunks.
static size_t cut (const unsigned char *bytes, size_t size, size_t ends[1000])
{
    chunker_t chunker;
    size_t count = 0, at = 0;
    chunker_init (&chunker);
    while (at < size) {
        size_t next = chunk_next (&chunker, bytes + at, size - at);
        CHECK (next > 0 && next <= CHUNK_MOST && (next >= CHUNK_LEAST || at + next == size));
        ends[count++] = at += next;
    }
    CHECK_INT (at, size);
    return count;
}

TEST (chunks_are_of_about_the_size_that_is_declared)
{
    unsigned char *bytes = random_bytes ();
    size_t ends[1000], count = cut (bytes, SIZE, ends);
    CHECK (count > SIZE / (2 * (CHUNK_LEAST + CHUNK_USUAL)) && count < 2 * SIZE / CHUNK_USUAL);
    memset (bytes, 0, SIZE); // Nothing to go by
    CHECK (cut (bytes, SIZE, ends) >= SIZE / CHUNK_MOST);
    CHECK_INT (cut (bytes, 0, ends), 0);
    CHECK_INT (cut (bytes, 1, ends), 1);
    free (bytes);
}

TEST (bytes_put_in_somewhere_change_only_the_chunks_around_them)
{
    unsigned char *bytes = random_bytes (), *more = malloc (SIZE + 100);
    size_t before[1000], after[1000], same = 0;
    memcpy (more, bytes, SIZE / 2);
    memset (more + SIZE / 2, 'x', 100);
    memcpy (more + SIZE / 2 + 100, bytes + SIZE / 2, SIZE / 2);
    size_t count = cut (bytes, SIZE, before), others = cut (more, SIZE + 100, after);
    for (size_t i = 0, k = 0; i < count && k < others;) {
        size_t wanted = before[i] + (before[i] > SIZE / 2 ? 100 : 0);
        same += wanted == after[k];
        if (wanted <= after[k])
            i++;
        else
            k++;
    }
    CHECK (same + 4 >= count);
    free (bytes);
    free (more);
}

// Caches that were saved by an older version are compared with what a newer one cuts.
TEST (the_same_bytes_are_cut_alike_for_ever)
{
    unsigned char *bytes = random_bytes ();
    size_t ends[1000];
    cut (bytes, SIZE, ends);
    CHECK_INT (ends[0], 2501807);
    CHECK_INT (ends[1], 3800429);
    free (bytes);
}

TEST (frames_one_after_the_other_are_told_apart)
{
    char text[5000], frames[3][6000], all[18000];
    size_t sizes[3], total = 0;
    for (int i = 0; i < 3; i++) {
        memset (text, 'a' + i, sizeof text);
        sizes[i] = pack_frame (frames[i], sizeof frames[i], text, i == 2 ? 0 : sizeof text);
        memcpy (all + total, frames[i], sizes[i]);
        total += sizes[i];
    }
    size_t at = 0;
    for (int i = 0; i < 3; i++) {
        CHECK_INT (pack_frame_size (all + at, total - at), sizes[i]);
        at += sizes[i];
    }
    CHECK_INT (pack_frame_size (all, sizes[0] - 1), 0);
    CHECK_INT (pack_frame_size ("no frame", 8), 0);
    CHECK_INT (pack_frame_size ("", 0), 0);
}
