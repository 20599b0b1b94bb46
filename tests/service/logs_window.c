/* Every window of a log is the slice that it claims to be, wherever its bytes are kept. */

#include "tests/service/logs_reader.h"
#include "tests/unit/test.h"

// A generator of its own, so that a failing log can be made again.
static uint64_t seed;
static uint32_t any (uint32_t below)
{
    return test_any (&seed, below);
}

typedef struct {
    char *bytes;
    size_t size;
    size_t lines;
    size_t *starts; // Of lines
} model_t;

static size_t any_line (void)
{
    uint32_t kind = any (100);
    return kind < 20 ? 0 : kind < 90 ? any (120) : kind < 99 ? any (5000) : any (1500000);
}

static model_t model_new (size_t size, bool ended)
{
    model_t self = {.bytes = malloc (size), .size = size, .starts = malloc ((size + 1) * sizeof (size_t))};
    for (size_t at = 0; at < size;) {
        self.starts[self.lines++] = at;
        for (size_t left = any_line (); left > 0 && at + 1 < size; left--)
            self.bytes[at++] = (char) (any (50) ? 'a' + any (26) : any (256));
        self.bytes[at++] = '\n';
    }
    if (size > 0 && !ended)
        self.bytes[size - 1] = 'x';
    // Random bytes may be newlines as well.
    self.lines = 0;
    for (size_t at = 0; at < size; at++)
        if (at == 0 || self.bytes[at - 1] == '\n')
            self.starts[self.lines++] = at;
    return self;
}

static void model_free (model_t *self)
{
    free (self->bytes);
    free (self->starts);
}

static void append_at_random (world_t *world, const model_t *model)
{
    for (size_t at = 0; at < model->size;) {
        size_t part = any (3) ? 1 + any (9000) : 1 + any (MAX_CHUNK);
        if (part > model->size - at)
            part = model->size - at;
        arena_reset (world->arena);
        append (world, 1, (int64_t) at, model->bytes + at, part);
        at += part;
    }
}

static size_t line_of (const model_t *model, size_t offset)
{
    size_t low = 0, high = model->lines;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (model->starts[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// A window is complete where its log is sealed and ends with it; else a follower would stop there.
static void check_window (const model_t *model, const log_window_t *window, size_t offset, size_t lines,
                          bool sealed)
{
    size_t size = window->data.size, end = offset + size, wanted = 0;
    CHECK_INT (window->offset, offset);
    CHECK_INT (window->next_offset, end);
    CHECK (end <= model->size);
    CHECK (size == 0 || memcmp (window->data.data, model->bytes + offset, size) == 0);
    CHECK_INT (window->line, line_of (model, offset));
    CHECK_INT (window->complete, sealed && end == model->size);
    if (end < model->size) // It ends with a line, or has one that is longer
        CHECK (model->bytes[end - 1] == '\n' ||
               (size == MAX_CHUNK && !memchr (model->bytes + offset, '\n', size)));
    for (size_t i = offset; i < end; i++)
        wanted += model->bytes[i] == '\n';
    CHECK_INT (window->next_line, window->line + (int64_t) wanted);
    CHECK (lines == 0 || wanted <= lines);
}

static void check_windows (world_t *world, const model_t *model, int count, bool sealed)
{
    for (int i = 0; i < count && model->size > 0; i++) {
        arena_reset (world->arena);
        size_t lines = any (2) ? 1 + any (300) : 0, offset = any ((uint32_t) model->size);
        log_window_t window;
        if (any (2)) {
            size_t line = any ((uint32_t) model->lines);
            offset = model->starts[line];
            window = read_log (world, (log_read_t){.line = (int64_t) line + 1, .lines = (uint32_t) lines});
        } else
            window = read_log (world, (log_read_t){.offset = (int64_t) offset, .lines = (uint32_t) lines});
        check_window (model, &window, offset, lines, sealed);
    }
}

static bool is_archived (world_t *world)
{
    const rows_t *rows;
    db_t *db;
    CHECK_INT (db_open (&db, world->engine, &world->turn), OK);
    CHECK_INT (
        db_query (db, &world->turn, "select loose from logs where job = $1", &rows, P_STR (world->job)), OK);
    bool archived = rows_i64 (rows, 0, 0) == 0;
    db_close (&db);
    return archived;
}

static void wait_until_archived (world_t *world)
{
    int64_t until = test_until_us ();
    while (!is_archived (world)) {
        CHECK (clock_monotonic_us () < until);
        arena_reset (world->arena);
        read_log (world, (log_read_t){0}); // Something for the collector to do meanwhile
    }
}

#ifdef __SANITIZE_THREAD__ // For threads that meet a few are enough; the other builds check them all
#define WINDOWS 15
#define LARGEST 1000000
#define LINE    (10 << 20)
#else
#define WINDOWS 60
#define LARGEST 9000000
#define LINE    (100 << 20)
#endif

TEST_ON_ENGINES (every_window_is_the_slice_of_a_naive_reader)
{
    static const size_t sizes[] = {0, 1, 2, 4096, 4097, 20000, 300000, LARGEST / 3, LARGEST};
    for (size_t i = 0; i < sizeof (sizes) / sizeof (sizes[0]); i++) {
        seed = i + 1;
        model_t model = model_new (sizes[i], i % 3 != 2);
        world->job = id_new (world->own, 'j', (int64_t) i);
        append_at_random (world, &model);
        check_windows (world, &model, WINDOWS, false);
        check_whole (world, model.bytes, model.size);
        CHECK_INT (seal (world, (int64_t) model.size, sum_of (world, model.bytes, model.size)), OK);
        wait_until_archived (world);
        check_windows (world, &model, WINDOWS, true);
        check_whole (world, model.bytes, model.size);
        CHECK_INT (show_log (world).lines, model.lines);
        model_free (&model);
    }
}

TEST_ON_ENGINES (a_window_of_lines_ends_where_asked)
{
    CHECK_INT (append (world, 1, 0, "one\ntwo\nthree\nfour", 18), 18);
    log_window_t window = read_log (world, (log_read_t){.line = 2, .lines = 2});
    CHECK_INT (window.data.size, 10);
    CHECK_INT (window.next_line, 4);
    CHECK (!window.complete);
    window = read_log (world, (log_read_t){.line = 4});
    CHECK_INT (window.offset, 14);
    CHECK_INT (window.next_line, 4);
    CHECK_INT (window.lines, 4);
    window = read_log (world, (log_read_t){.line = 5});
    CHECK_INT (window.data.size, 0);
    CHECK_INT (window.offset, 18);
    window = read_log (world, (log_read_t){.line = 900});
    CHECK_INT (window.data.size, 0);
}

TEST_ON_ENGINES (a_step_is_read_alone_even_where_it_begins_within_a_line)
{
    CHECK_INT (append (world, 0, 0, "set up\n", 7), 7);
    CHECK_INT (append (world, 1, 7, "build", 5), 12);
    CHECK_INT (append (world, 3, 12, "ing\nlink\n", 9), 21);
    CHECK_INT (append (world, 2, 21, "late\n", 5), 26); // It ran in the background
    CHECK_INT (append (world, 3, 26, "more\n", 5), 31); // It comes back
    log_info_t info = show_log (world);
    CHECK_INT (info.steps.count, 5);
    CHECK_INT (info.steps.items[1].first_line, 2);
    CHECK_INT (info.steps.items[1].lines, 1);
    CHECK_INT (info.steps.items[2].first_line, 2);
    CHECK_INT (info.steps.items[2].lines, 2);
    CHECK_INT (info.steps.items[2].offset, 12);
    CHECK_INT (info.steps.items[3].step, 2);
    CHECK_INT (info.steps.items[3].lines, 1);
    CHECK_INT (info.lines, 5);
    log_window_t window = read_log (world, (log_read_t){.step = 1});
    CHECK_INT (window.data.size, 5);
    CHECK_INT (window.step, 1);
    CHECK (window.complete); // Another step follows: nothing more comes
    window = read_log (world, (log_read_t){.step = 3});
    CHECK_INT (window.offset, 12);
    CHECK_INT (window.data.size, 9);
    CHECK (!window.complete);
    window = read_log (world, (log_read_t){.step = 3, .offset = window.next_offset});
    CHECK_INT (window.offset, 26);
    CHECK_INT (window.data.size, 5);
    CHECK (!window.complete);
    window = read_log (world, (log_read_t){.step = 2});
    CHECK_INT (window.offset, 21);
    CHECK_INT (window.data.size, 5);
    CHECK (window.complete);
    window = read_log (world, (log_read_t){.step = 9});
    CHECK_INT (window.data.size, 0);
    CHECK (!window.complete); // It may be in the background
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK (!read_log (world, (log_read_t){.step = 3}).complete);
    CHECK (read_log (world, (log_read_t){.step = 3, .offset = 26}).complete);
    CHECK (read_log (world, (log_read_t){.step = 9}).complete);
}

TEST_ON_ENGINES (a_line_of_many_windows_is_taken_and_read_in_bounded_ones)
{
    size_t size = LINE, part = MAX_CHUNK;
    char *log = malloc (size);
    memset (log, '=', size);
    log[4] = log[size - 3] = '\n';
    append_all (world, log, size, part);
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    log_window_t window = read_log (world, (log_read_t){.line = 2});
    CHECK_INT (window.offset, 5);
    CHECK_INT (window.data.size, MAX_CHUNK);
    CHECK_INT (window.next_line, 2);
    arena_reset (world->arena);
    window = read_log (world, (log_read_t){.line = 3});
    CHECK_INT (window.offset, size - 2);
    CHECK (window.complete);
    check_whole (world, log, size);
    free (log);
}

TEST_ON_ENGINES (a_reader_at_the_end_is_woken_by_bytes_by_the_seal_and_by_time)
{
    reader_t reader;
    CHECK_INT (append (world, 1, 0, "one\n", 4), 4);
    reader_park (&reader, world, (log_read_t){.offset = 4, .wait = 30});
    CHECK_INT (append (world, 1, 4, "two\n", 4), 8);
    reader_wake (&reader);
    CHECK_INT (reader.window.data.size, 4);
    CHECK_INT (reader.window.line, 2);
    arena_destroy (&reader.turn.arena);

    reader_park (&reader, world, (log_read_t){.offset = 8, .wait = 30});
    CHECK_INT (seal (world, 0, ""), OK);
    reader_wake (&reader);
    CHECK (reader.window.complete);
    arena_destroy (&reader.turn.arena);

    world->job = id_new (world->own, 'j', 77); // Not yet begun
    reader_start (&reader, world, (log_read_t){.wait = 30});
    while (!reader.done) {
        read_log (world, (log_read_t){0});
        clock_turn (world->clock, SECONDS (1));
    }
    reader_end (&reader);
    CHECK (!reader.window.complete);
    CHECK_INT (reader.window.data.size, 0);
    arena_destroy (&reader.turn.arena);
}
