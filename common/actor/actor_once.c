/* actor_once.c - requests that must run only once, and commits whose outcome was lost.
 *
 * A message of the kind ONCE that wrote something leaves a row with its key in the same transaction. Whoever may see the message
 * a second time looks for that row: this host after a commit that was cut off (then the row stands for the whole batch, which was one
 * transaction), another replica that was asked instead, and the replica that a client asks again. The key is unique, so that of two that
 * do the same at the same time only one can commit.
 *
 * No row is written where none will be looked for: commits of a known outcome, one process, a client that did not name its request. */

#include "common/actor/actor_host.h"
#include "common/base/log.h"
#include "common/bus/bus_frame.h"

#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

// For this long the database is asked how a commit ended. The actor does nothing else meanwhile: everything needs the database.
#define DOUBT_US  SECONDS (3)
#define DOUBT_MS  50 // Between two attempts
#define HASH_SIZE ((REQUEST_KEY - 1) / 2)

_Static_assert(HASH_SIZE >= crypto_generichash_BYTES_MIN, "a key is too short for its hash");

static void hash (void *into, size_t size, const void *const *parts, const size_t *sizes, size_t count)
{
    crypto_generichash_state state;
    crypto_generichash_init (&state, NULL, 0, size < 16 ? 16 : size);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_update (&state, parts[i], sizes[i]);
    unsigned char sum[64];
    crypto_generichash_final (&state, sum, size < 16 ? 16 : size);
    memcpy (into, sum, size);
}

// The same name from two callers, or for two messages, gives two keys: nobody gets the stored answer of one who may more.
static void make_key (served_t *served, const wire_t *wire)
{
    unsigned char sum[HASH_SIZE];
    const char *subject = wire->caller.subject, *grants = wire->caller.grants ? wire->caller.grants : "";
    uint32_t head[2] = {wire->number, wire->caller.role};
    const void *parts[] = {head, subject, wire->key, grants};
    size_t sizes[] = {sizeof head, strlen (subject) + 1, strlen (wire->key), strlen (grants)};
    hash (sum, sizeof sum, parts, sizes, 4);
    sodium_bin2hex (served->key, sizeof served->key, sum, sizeof sum);
    const void *body[] = {zframe_data (served->body)};
    hash (&served->asked, sizeof served->asked, body, (size_t[]){zframe_size (served->body)}, 1);
}

void once_open (actor_t *self, served_t *served, const wire_t *wire, repeat_t repeat)
{
    const request_memory_t *memory = self->class->requests;
    if (repeat == REPEAT_AGAIN || !memory || !*wire->key)
        return;
    if (!wire->repeats && !self->endpoint && memory->certain (self->self))
        return;
    served->repeats = wire->repeats;
    served->secret = repeat == REPEAT_SECRET;
    make_key (served, wire);
}

fault_t once_recall (actor_t *self, served_t *served)
{
    remembered_t found;
    turn_t *turn = &served->turn;
    TRY (self->class->requests->recall (self->self, turn, served->key, &found));
    if (found.asked != served->asked)
        return turn_fail (turn, INVALID, "this key was used for another request");
    served->known = true;
    if (served->secret)
        return NOT_FOUND; // Its handler decides what a repetition means
    if (!found.kept)
        return turn_fail (turn, CONFLICT,
                          "this request was done already; its answer was too large to be kept");
    zframe_destroy (&served->packed);
    served->packed = zframe_new (found.answer, found.size);
    turn->detail = NULL;
    return OK;
}

fault_t once_remember (actor_t *self, served_t *served)
{
    turn_t *turn = &served->turn;
    if (bus_pack (self->bus, served->answer_number, served->answer, &served->packed) != OK)
        return turn_fail (turn, TOO_LARGE, "the answer is too large for one message");
    remembered_t request = {.key = served->key, .asked = served->asked, .answer = ""};
    request.kept = !served->secret && zframe_size (served->packed) <= REQUEST_ANSWER;
    if (request.kept) {
        request.answer = zframe_data (served->packed);
        request.size = zframe_size (served->packed);
    }
    if (served->known) // It holds a secret, which is not stored
        return OK;
    TRY (self->class->requests->remember (self->self, turn, &request));
    served->remembered = true;
    return OK;
}

// Another replica may have done the same between our undone commit and this look: its answer names other things.
static bool is_ours (const served_t *served, const remembered_t *found)
{
    return !found->kept || (found->size == zframe_size (served->packed) &&
                            memcmp (found->answer, zframe_data (served->packed), found->size) == 0);
}

// Until the database answers, but no longer than DOUBT_US.
static outcome_t look_up (actor_t *self, served_t *proof)
{
    remembered_t found;
    int64_t until_us = clock_monotonic_us () + DOUBT_US;
    while (clock_monotonic_us () < until_us) {
        fault_t fault = self->class->requests->recall (self->self, &proof->turn, proof->key, &found);
        if (fault == NOT_FOUND)
            return UNDONE;
        if (fault == OK)
            return is_ours (proof, &found) ? DONE : UNDONE;
        poll (NULL, 0, DOUBT_MS);
    }
    return IN_DOUBT;
}

outcome_t once_settle (actor_t *self, served_t **batch, size_t count)
{
    static const char *const ends[] = {"it had taken effect", "it was undone", "nobody knows"};
    served_t *proof = NULL;
    for (size_t i = 0; i < count && !proof; i++)
        proof = batch[i]->remembered ? batch[i] : NULL;
    outcome_t outcome = proof ? look_up (self, proof) : IN_DOUBT;
    log_warn ("the connection to the database ended during a commit", "service", self->class->name, "outcome",
              ends[outcome], NULL);
    for (size_t i = 0; i < count && outcome == DONE; i++)
        batch[i]->turn.detail = NULL;
    return outcome;
}
