/* http_client.c - see http_client.h.
 *
 * A transfer is one heap object from http_client_begin() until its `done` has returned. Any thread puts it on the list of those that
 * came in, under the lock; the thread that works (the client's own, or whoever drives it) takes it from there, and it alone touches
 * curl's multi handle, which must not be used from within its callbacks: those only begin and cancel, which leave marks.
 *
 * While nothing is under way the client's own thread rests without curl, and whoever begins a transfer sends it himself: to wake a thread
 * first would cost more than the request. The thread goes on from there. */

#include "common/base/line.h"
#include "common/http/http_transfer.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WAIT_MS 60000 // At most in one wait; it is then begun again

struct http_client {
    http_client_options_t options;
    pthread_mutex_t lock;
    http_transfer_t *all;                      // Under the lock, as what follows up to `abandoned`
    http_transfer_t *incoming, **incoming_end; // Not seen yet by the thread that works
    CURL *spare[HTTP_CLIENT_SPARE];            // Between two transfers
    size_t spares, count;
    uint64_t last_id;
    CURLM *multi; // From the first transfer on: curl costs memory that a program at rest need not pay
    bool cancels; // One of all is to be cancelled
    bool abandoned;
    pthread_t thread;
    bool threaded;
    bool rests; // The thread: nobody works, until it is woken or a guest has begun. Under the lock
    bool guest; // One works for it. Likewise
    pthread_cond_t wanted;
    const char *name;         // Of the thread
    http_transfer_t *waiting; // Of the thread that works, as what follows: not due yet
    bool called_back;         // Something was given to the caller
    bool working;
    pthread_t worker; // Valid where it works without a thread of its own
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start_curl (void)
{
    curl_global_init (CURL_GLOBAL_DEFAULT);
}

static const char *copy (const char *text)
{
    char *made = text ? strdup (text) : NULL;
    if (text && !made)
        abort ();
    return made;
}

http_client_t *http_client_new (const http_client_options_t *options)
{
    static const http_client_options_t none;
    http_client_t *self = calloc (1, sizeof (http_client_t));
    if (!self)
        abort ();
    options = options ? options : &none;
    self->options = *options;
    self->options.transfers = options->transfers ? options->transfers : HTTP_TRANSFERS;
    self->options.unix_socket = copy (options->unix_socket);
    self->options.proxy = copy (options->proxy);
    self->options.ca_file = copy (options->ca_file);
    self->options.cert_file = copy (options->cert_file);
    self->options.key_file = copy (options->key_file);
    self->incoming_end = &self->incoming;
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->wanted, NULL);
    return self;
}

// ---- begin and end of a transfer

// Under the lock.
static void open_multi (http_client_t *self)
{
    if (self->multi)
        return;
    pthread_once (&started, start_curl);
    self->multi = curl_multi_init ();
    if (!self->multi)
        abort ();
    if (self->options.kept)
        curl_multi_setopt (self->multi, CURLMOPT_MAXCONNECTS, (long) self->options.kept);
    curl_multi_setopt (self->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long) self->options.per_host);
}

// Under the lock.
static CURL *take_spare (http_client_t *self)
{
    CURL *easy = self->spares ? self->spare[--self->spares] : curl_easy_init ();
    if (!easy)
        abort ();
    return easy;
}

// A place among the transfers and a handle; UNAVAILABLE or OVERLOADED.
static fault_t reserve (http_client_t *self, CURL **easy)
{
    pthread_mutex_lock (&self->lock);
    bool full = self->count >= self->options.transfers, abandoned = self->abandoned;
    if (!full && !abandoned) {
        open_multi (self);
        *easy = take_spare (self);
        self->count++;
    }
    pthread_mutex_unlock (&self->lock);
    return abandoned ? UNAVAILABLE : full ? OVERLOADED : OK;
}

// Under the lock.
static void wake (http_client_t *self)
{
    if (self->rests)
        pthread_cond_signal (&self->wanted);
    else if (self->multi)
        curl_multi_wakeup (self->multi);
}

// Under the lock.
static void add (http_client_t *self, http_transfer_t *transfer)
{
    transfer->id = ++self->last_id;
    transfer->after = self->all;
    if (self->all)
        self->all->before = transfer;
    self->all = transfer;
}

// Under the lock.
static void put (http_client_t *self, http_transfer_t *transfer)
{
    bool first = !self->incoming; // Else it was woken already
    *self->incoming_end = transfer;
    self->incoming_end = &transfer->next;
    if (self->threaded && first) // Without a thread nobody sleeps
        wake (self);
}

// Under the lock, which is left meanwhile. Sends it in this thread; where curl does not take it the other thread ends it.
static void send_here (http_client_t *self, http_transfer_t *transfer)
{
    int running;
    self->guest = transfer->seen = true;
    pthread_mutex_unlock (&self->lock);
    transfer->active = curl_multi_add_handle (self->multi, transfer->easy) == CURLM_OK;
    if (transfer->active)
        curl_multi_perform (self->multi, &running);
    pthread_mutex_lock (&self->lock);
    self->guest = false;
    if (!transfer->active) {
        transfer->seen = false;
        put (self, transfer);
    }
    pthread_cond_signal (&self->wanted);
}

// Under the lock: is this thread to do it, with nothing of the caller's to be called?
static bool may_send_here (const http_client_t *self, const http_transfer_t *transfer, bool now)
{
    return self->rests && !self->guest && !self->all && now && !transfer->read && !transfer->take;
}

// Without the lock.
static void give_back (http_client_t *self, CURL *easy)
{
    pthread_mutex_lock (&self->lock);
    bool kept = self->spares < HTTP_CLIENT_SPARE;
    if (kept)
        self->spare[self->spares++] = easy;
    pthread_mutex_unlock (&self->lock);
    if (!kept)
        curl_easy_cleanup (easy);
}

fault_t http_client_begin (http_client_t *self, const http_request_t *request, http_done_fn *done,
                           void *done_self, uint64_t *id)
{
    CURL *easy = NULL;
    TRY (reserve (self, &easy));
    http_transfer_t *transfer = transfer_new (easy, &self->options, request);
    transfer->called_back = &self->called_back;
    transfer->done = done;
    transfer->done_self = done_self;
    transfer->due_us = clock_monotonic_us () + MILLISECONDS (request->delay_ms);
    pthread_mutex_lock (&self->lock);
    bool abandoned = self->abandoned; // Meanwhile: who abandoned it may have ended all that there was
    bool here = !abandoned && may_send_here (self, transfer, request->delay_ms == 0);
    if (abandoned)
        self->count--;
    else
        add (self, transfer);
    if (id)
        *id = transfer->id; // Before the lock is left: it may be ended and freed then
    if (here)
        send_here (self, transfer);
    else if (!abandoned)
        put (self, transfer);
    pthread_mutex_unlock (&self->lock);
    if (abandoned)
        give_back (self, transfer_destroy (&transfer));
    return abandoned ? UNAVAILABLE : OK;
}

static void finish (http_client_t *self, http_transfer_t *transfer, CURLcode code)
{
    if (transfer->active)
        curl_multi_remove_handle (self->multi, transfer->easy);
    pthread_mutex_lock (&self->lock);
    if (transfer->before)
        transfer->before->after = transfer->after;
    else
        self->all = transfer->after;
    if (transfer->after)
        transfer->after->before = transfer->before;
    self->count--;                                           // So that `done` may begin another in its place
    http_answer_t answer = transfer_answer (transfer, code); // Nobody can find it to cancel it any more
    pthread_mutex_unlock (&self->lock);
    self->called_back = true;
    transfer->done (transfer->done_self, &answer);
    give_back (self, transfer_destroy (&transfer));
}

// ---- work

static void activate (http_client_t *self, http_transfer_t *transfer)
{
    transfer->active = curl_multi_add_handle (self->multi, transfer->easy) == CURLM_OK;
    if (!transfer->active)
        finish (self, transfer, CURLE_OUT_OF_MEMORY);
}

static void start_or_wait (http_client_t *self, http_transfer_t *transfer, int64_t now_us)
{
    if (transfer->due_us <= now_us) {
        transfer->next = NULL;
        activate (self, transfer);
        return;
    }
    transfer->next = self->waiting;
    self->waiting = transfer;
}

static void take_incoming (http_client_t *self)
{
    pthread_mutex_lock (&self->lock);
    http_transfer_t *transfer = self->incoming;
    self->incoming = NULL;
    self->incoming_end = &self->incoming;
    pthread_mutex_unlock (&self->lock);
    int64_t now_us = transfer ? clock_monotonic_us () : 0;
    while (transfer) {
        http_transfer_t *next = transfer->next;
        transfer->seen = true;
        start_or_wait (self, transfer, now_us);
        transfer = next;
    }
}

// Starts what has waited long enough. When the next is due.
static int64_t start_due (http_client_t *self)
{
    int64_t next_us = NEVER, now_us = self->waiting ? clock_monotonic_us () : 0;
    for (http_transfer_t **at = &self->waiting; *at;) {
        http_transfer_t *transfer = *at;
        if (transfer->due_us <= now_us) {
            *at = transfer->next;
            activate (self, transfer);
            continue;
        }
        next_us = transfer->due_us < next_us ? transfer->due_us : next_us;
        at = &transfer->next;
    }
    return next_us;
}

static void forget_waiting (http_client_t *self, const http_transfer_t *transfer)
{
    for (http_transfer_t **at = &self->waiting; *at; at = &(*at)->next)
        if (*at == transfer) {
            *at = transfer->next;
            return;
        }
}

// One at a time: what `done` does may change the list. Of those that take_incoming has seen; the others keep `cancels` for the next look.
static http_transfer_t *next_cancelled (http_client_t *self)
{
    bool more = false;
    http_transfer_t *found = NULL;
    pthread_mutex_lock (&self->lock);
    for (http_transfer_t *at = self->cancels ? self->all : NULL; at && !found; at = at->after) {
        found = at->cancelled && at->seen ? at : NULL;
        more |= at->cancelled;
    }
    self->cancels = more;
    pthread_mutex_unlock (&self->lock);
    return found;
}

static void end_cancelled (http_client_t *self)
{
    for (http_transfer_t *transfer; (transfer = next_cancelled (self));) {
        forget_waiting (self, transfer);
        finish (self, transfer, CURLE_ABORTED_BY_CALLBACK);
    }
}

static void end_done (http_client_t *self)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read (self->multi, &left));) {
        char *transfer = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish (self, (http_transfer_t *) (void *) transfer, code);
    }
}

// As far as it goes without waiting. When the next transfer is due.
static int64_t work (http_client_t *self)
{
    int running;
    take_incoming (self);
    end_cancelled (self);
    int64_t next_us = start_due (self);
    curl_multi_perform (self->multi, &running);
    end_done (self);
    return next_us;
}

// Until something moves, or `until_us`; *readable where `fd` is.
static fault_t rest (http_client_t *self, turn_t *turn, int fd, int64_t until_us, bool *readable)
{
    struct curl_waitfd waited = {.fd = fd, .events = CURL_WAIT_POLLIN};
    int64_t left_us = until_us == NEVER ? MILLISECONDS (WAIT_MS) : until_us - clock_monotonic_us ();
    int wait_ms = left_us >= MILLISECONDS (WAIT_MS) ? WAIT_MS
                  : left_us > 0                     ? (int) ((left_us + 999) / 1000)
                                                    : 0;
    CURLMcode code = curl_multi_poll (self->multi, &waited, fd >= 0, wait_ms, NULL);
    *readable = fd >= 0 && (waited.revents & CURL_WAIT_POLLIN) != 0;
    return code == CURLM_OK ? OK : turn_fail (turn, BROKEN, "%s", curl_multi_strerror (code));
}

// ---- without a thread

static bool works_here (const http_client_t *self)
{
    return self->working && pthread_equal (self->worker, pthread_self ());
}

fault_t http_client_drive (http_client_t *self, turn_t *turn, int fd, int64_t until_us, bool *readable)
{
    bool ignored;
    fault_t fault = OK;
    assert (!self->threaded && !works_here (self));
    readable = readable ? readable : &ignored;
    *readable = false;
    pthread_mutex_lock (&self->lock);
    open_multi (self);
    pthread_mutex_unlock (&self->lock);
    self->worker = pthread_self ();
    self->working = true;
    self->called_back = false;
    for (;;) {
        int64_t due_us = work (self);
        bool late = clock_monotonic_us () >= until_us;
        if (self->called_back || *readable || late || fault)
            break;
        fault = rest (self, turn, fd, due_us < until_us ? due_us : until_us, readable);
    }
    self->working = false;
    return fault;
}

// ---- waiting for one answer

typedef struct {
    pthread_mutex_t lock; // Used where the client has a thread
    pthread_cond_t ended_now;
    bool ended;
    turn_t *turn;
    http_answer_t *out;
    const http_request_t *request;
} waiter_t;

// "https://host:1234" without a user.
static const char *origin_of (arena_t *arena, const char *url)
{
    const char *host = strstr (url, "://");
    if (!host)
        return "the URL";
    size_t size = strcspn (host + 3, "/?#");
    const char *at = memrchr (host + 3, '@', size), *begin = at ? at + 1 : host + 3;
    return arena_printf (arena, "%.*s%.*s", (int) (host + 3 - url), url, (int) (host + 3 + size - begin),
                         begin);
}

static void take_answer (void *self_, const http_answer_t *answer)
{
    waiter_t *self = self_;
    arena_t *arena = self->turn->arena;
    pthread_mutex_lock (&self->lock);
    *self->out = *answer;
    self->out->head = arena_strdup (arena, answer->head);
    self->out->body = arena_copy (arena, answer->body, answer->size);
    self->out->detail = NULL;
    if (answer->detail)
        self->out->detail =
            arena_printf (arena, "%s: %s", origin_of (arena, self->request->url), answer->detail);
    self->ended = true;
    pthread_cond_signal (&self->ended_now);
    pthread_mutex_unlock (&self->lock);
}

static void wait_for (waiter_t *self)
{
    pthread_mutex_lock (&self->lock);
    while (!self->ended)
        pthread_cond_wait (&self->ended_now, &self->lock);
    pthread_mutex_unlock (&self->lock);
}

fault_t http_client_send (http_client_t *self, turn_t *turn, const http_request_t *request,
                          http_answer_t *out)
{
    waiter_t waiter = {.lock = PTHREAD_MUTEX_INITIALIZER,
                       .ended_now = PTHREAD_COND_INITIALIZER,
                       .turn = turn,
                       .out = out,
                       .request = request};
    http_request_t borrowing = *request;
    borrowing.borrow = true; // This call lasts longer than the transfer
    fault_t fault = http_client_begin (self, &borrowing, take_answer, &waiter, NULL);
    if (fault) {
        *out = (http_answer_t){.fault = fault, .cancelled = fault == UNAVAILABLE, .head = "", .body = ""};
        return turn_fail (turn, fault, "%s: %s", origin_of (turn->arena, request->url),
                          fault == OVERLOADED ? "too many requests are under way" : "cancelled");
    }
    if (self->threaded)
        wait_for (&waiter);
    while (!waiter.ended && !fault)
        fault = http_client_drive (self, turn, -1, NEVER, NULL);
    assert (waiter.ended); // Else curl's multi handle is broken and the transfer points at this frame
    turn->detail = out->fault ? out->detail : turn->detail;
    return out->fault;
}

// ---- from any thread

void http_client_cancel (http_client_t *self, uint64_t id)
{
    pthread_mutex_lock (&self->lock);
    http_transfer_t *transfer = self->all;
    while (transfer && transfer->id != id)
        transfer = transfer->after;
    if (transfer) {
        transfer->cancelled = self->cancels = true;
        wake (self);
    }
    pthread_mutex_unlock (&self->lock);
}

void http_client_abandon (http_client_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->abandoned = true;
    for (http_transfer_t *transfer = self->all; transfer; transfer = transfer->after)
        transfer->cancelled = self->cancels = true;
    wake (self);
    pthread_mutex_unlock (&self->lock);
}

// ---- with a thread

// Rests while there is nothing to do. False at the end.
static bool goes_on (http_client_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->rests = true;
    while (self->guest || (!self->all && !self->abandoned))
        pthread_cond_wait (&self->wanted, &self->lock);
    self->rests = false;
    bool on = !self->abandoned;
    pthread_mutex_unlock (&self->lock);
    return on;
}

static bool is_empty (http_client_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool empty = !self->all;
    pthread_mutex_unlock (&self->lock);
    return empty;
}

static void *run (void *self_)
{
    http_client_t *self = self_;
    turn_t turn;
    bool ignored;
    arena_t *arena = arena_new ();
    log_name_thread (self->name);
    while (goes_on (self)) {
        int64_t due_us = work (self);
        if (is_empty (
                self)) // What has just ended was the last: it rests where the next can be begun without it
            continue;
        turn_init (&turn, arena, "", 0);
        if (rest (self, &turn, -1, due_us, &ignored) != OK)
            log_error ("cannot wait for HTTP", "why", turn.detail, NULL);
        arena_reset (arena);
    }
    arena_destroy (&arena);
    return NULL;
}

bool http_client_start (http_client_t *self, const char *name)
{
    pthread_mutex_lock (&self->lock);
    open_multi (self);
    self->name = name;
    self->threaded = pthread_create (&self->thread, NULL, run, self) == 0;
    bool threaded = self->threaded;
    pthread_mutex_unlock (&self->lock);
    return threaded;
}

void http_client_stop (http_client_t *self)
{
    http_client_abandon (self);
    if (self->threaded)
        pthread_join (self->thread, NULL);
    pthread_mutex_lock (&self->lock);
    self->threaded = false;
    pthread_mutex_unlock (&self->lock);
    take_incoming (self);
    end_cancelled (self);
}

void http_client_destroy (http_client_t **self_p)
{
    http_client_t *self = *self_p;
    if (!self)
        return;
    http_client_stop (self);
    while (self->spares)
        curl_easy_cleanup (self->spare[--self->spares]);
    if (self->multi)
        curl_multi_cleanup (self->multi);
    const char *const texts[] = {self->options.unix_socket, self->options.proxy, self->options.ca_file,
                                 self->options.cert_file, self->options.key_file};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free ((char *) texts[i]);
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->wanted);
    free (self);
    *self_p = NULL;
}

// ---- answers

const char *http_answer_header (const http_answer_t *self, arena_t *arena, const char *name)
{
    const char *found = NULL;
    size_t length = strlen (name);
    for (line_t line = line_begin (self->head, strlen (self->head)); line_next (&line);) {
        if (line.size <= length || strncasecmp (line.text, name, length) != 0 || line.text[length] != ':')
            continue;
        line.text += length + 1;
        line.size -= length + 1;
        line_trim (&line);
        found = arena_strndup (arena, line.text, line.size);
    }
    return found;
}
