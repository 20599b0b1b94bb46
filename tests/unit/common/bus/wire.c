/* The header of a message comes back as it was packed, with and without what is audited, and can be marked as sent before; what a caller may travels
 * with it, and a version that does not know that refuses it. */

#include "common/bus/wire.h"
#include "common/base/msgpack_reader.h"
#include "tests/unit/test.h"

#include <string.h>

static wire_t of_caller (role_t role, const char *grants)
{
    return (wire_t){.call = 7, .number = 35, .text = "q1", .key = "k", .caller = {role, "ada", 0, grants}};
}

static bool sent (const wire_t *wire, arena_t *arena, wire_t *out)
{
    char packed[WIRE_MAX];
    return wire_unpack (out, arena, packed, wire_pack (wire, packed));
}

TEST (grants_arrive_as_they_were_sent_and_none_stay_none)
{
    arena_t *arena = arena_new ();
    wire_t out, none = of_caller (ROLE_DEVELOPER, NULL), empty = of_caller (ROLE_MEMBER, ""),
                some = of_caller (ROLE_MEMBER, "|p1=D|p2=V|");
    CHECK (sent (&none, arena, &out) && !out.caller.grants && out.caller.role == ROLE_DEVELOPER);
    CHECK (sent (&empty, arena, &out) && out.caller.grants);
    CHECK_STR (out.caller.grants, "");
    CHECK (sent (&some, arena, &out));
    CHECK_STR (out.caller.grants, "|p1=D|p2=V|");
    CHECK_STR (out.caller.subject, "ada");
    arena_destroy (&arena);
}

TEST (that_a_request_repeats_is_marked_whoever_sends_it)
{
    arena_t *arena = arena_new ();
    const char *const grants[] = {NULL, "", "|p1=D|"};
    for (size_t i = 0; i < 3; i++) {
        wire_t out, wire = of_caller (ROLE_MEMBER, grants[i]);
        char packed[WIRE_MAX];
        size_t size = wire_pack (&wire, packed);
        CHECK (wire_unpack (&out, arena, packed, size) && !out.repeats);
        wire_repeats (packed, size);
        CHECK (wire_unpack (&out, arena, packed, size) && out.repeats);
        CHECK ((out.caller.grants != NULL) == (grants[i] != NULL));
    }
    arena_destroy (&arena);
}

// It reads an array without others in it.
static bool old_version_reads (const char *packed, size_t size)
{
    msgpack_reader_t reader;
    msgpack_reader_init (&reader, packed, size);
    const msgpack_item_t all = msgpack_read (&reader);
    for (uint64_t i = 0; i < all.number; i++) {
        const msgpack_item_t item = msgpack_read (&reader);
        if (item.kind == ITEM_NONE || (item.kind == ITEM_ARRAY && item.number > 0))
            return false;
    }
    return all.kind == ITEM_ARRAY && msgpack_at_end (&reader);
}

TEST (a_version_that_knows_no_grants_refuses_a_header_that_has_them)
{
    char packed[WIRE_MAX];
    wire_t none = of_caller (ROLE_DEVELOPER, NULL), empty = of_caller (ROLE_NOBODY, ""),
           some = of_caller (ROLE_VIEWER, "|p1=D|");
    CHECK (old_version_reads (packed, wire_pack (&none, packed)));
    CHECK (!old_version_reads (packed, wire_pack (&empty, packed)));
    CHECK (!old_version_reads (packed, wire_pack (&some, packed)));
}

TEST (the_most_grants_of_all_fit_a_header)
{
    char grants[GRANTS_TEXT + 1], subject[65], packed[WIRE_MAX];
    memset (grants, 'p', GRANTS_TEXT);
    memset (subject, 's', 64);
    grants[GRANTS_TEXT] = subject[64] = '\0';
    arena_t *arena = arena_new ();
    wire_t out, wire = of_caller (ROLE_MEMBER, grants);
    wire.caller.subject = subject;
    CHECK (wire_pack (&wire, packed) > GRANTS_TEXT);
    CHECK (sent (&wire, arena, &out));
    CHECK_INT (strlen (out.caller.grants), GRANTS_TEXT);
    arena_destroy (&arena);
}

static wire_t unpacked (arena_t *arena, const char *packed, size_t size)
{
    wire_t wire;
    CHECK (wire_unpack (&wire, arena, packed, size));
    return wire;
}

static wire_t some (const char *audit)
{
    return (wire_t){.call = 7,
                    .number = 41,
                    .text = "q1",
                    .caller = {.role = ROLE_ADMIN, .subject = "ada"},
                    .key = "k",
                    .audit = audit};
}

static void check (const char *audit)
{
    char packed[WIRE_MAX];
    arena_t *arena = arena_new ();
    const wire_t wire = some (audit);
    size_t size = wire_pack (&wire, packed);
    wire_t first = unpacked (arena, packed, size);
    CHECK_INT (first.call, 7);
    CHECK_STR (first.key, "k");
    CHECK_STR (first.caller.subject, "ada");
    CHECK_STR (first.audit, audit ? audit : "");
    CHECK (!first.repeats);
    wire_repeats (packed, size);
    wire_t again = unpacked (arena, packed, size);
    CHECK (again.repeats);
    CHECK_STR (again.key, "k");
    CHECK_STR (again.audit, audit ? audit : "");
    arena_destroy (&arena);
}

TEST (a_header_without_an_audit_comes_back_and_can_be_marked)
{
    check (NULL);
    check ("");
}

TEST (a_header_with_an_audit_of_any_size_comes_back_and_can_be_marked)
{
    char text[5001];
    static const size_t sizes[] = {1, 31, 32, 255, 256, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset (text, 'x', sizes[i]);
        text[sizes[i]] = '\0';
        check (text);
    }
}
