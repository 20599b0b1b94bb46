/* s3_peer.c - see s3_peer.h. One lock around everything but the waiting. */

#include "tests/http/s3_peer.h"

#include "tests/http/s3_peer_self.h"
#include "tests/http/s3_signature.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKET "bucket"

// ---- STS

static void assume_role (s3_call_t *call)
{
    char text[1024], when[32];
    struct tm utc;
    time_t until = time (NULL) + 3600;
    strftime (when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r (&until, &utc));
    if (!strstr (call->request->body, "Action=AssumeRoleWithWebIdentity") ||
        !strstr (call->request->body, "WebIdentityToken=good%2Btoken")) {
        s3_peer_refuse (call, 400, "InvalidIdentityToken");
        return;
    }
    snprintf (
        text, sizeof text,
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>" S3_PEER_ACCESS
        "</AccessKeyId><SecretAccessKey>" S3_PEER_SECRET "</SecretAccessKey><SessionToken>" S3_PEER_TOKEN
        "</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
        when);
    s3_peer_say (call, 200, text);
}

// ---- requests

// The bucket is in the host, or in the path.
static bool find_key (s3_call_t *call)
{
    const char *host = http_head_get (call->request->head, "Host"), *path = call->request->head->path;
    if (host && strncmp (host, BUCKET ".", strlen (BUCKET) + 1) == 0) {
        snprintf (call->key, sizeof call->key, "%s", path + 1);
        return true;
    }
    size_t size = strlen ("/" BUCKET);
    if (strncmp (path, "/" BUCKET, size) != 0 || (path[size] && path[size] != '/'))
        return false;
    snprintf (call->key, sizeof call->key, "%s", path[size] ? path + size + 1 : "");
    return true;
}

static const struct {
    s3_peer_harm_t harm;
    int status;
    const char *code;
} refusals[] = {
    {S3_ERROR_500, 500, "InternalError"},  {S3_SLOW_DOWN, 503, "SlowDown"},
    {S3_DENIED, 403, "AccessDenied"},      {S3_SKEWED, 403, "RequestTimeTooSkewed"},
    {S3_NO_BUCKET, 404, "NoSuchBucket"},   {S3_OTHER_REGION, 400, "AuthorizationHeaderMalformed"},
    {S3_FULL, 507, "InsufficientStorage"}, {S3_EXPIRED, 400, "ExpiredToken"},
};

// Is that all of the answer?
static bool go_wrong (s3_call_t *call)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].harm == call->harm) {
            s3_peer_refuse (call, refusals[i].status, refusals[i].code);
            return true;
        }
    if (call->harm == S3_NO_XML)
        peer_answer (call->request->conn, 502, "Content-Type: text/html\r\n",
                     "<html><body>Bad Gateway<br></html>");
    if (call->harm == S3_CUT)
        peer_close (call->request->conn);
    return call->harm == S3_NO_XML || call->harm == S3_CUT;
}

static void enter (s3_peer_t *self, s3_call_t *call)
{
    const char *method = call->request->head->method;
    self->at_once = ++self->serving > self->at_once ? self->serving : self->at_once;
    if (self->harm_times > 0 && strncmp (method, self->harm_method, strlen (self->harm_method)) == 0) {
        self->harm_times--;
        call->harm = self->harm;
    }
    for (size_t i = 0; i < S3_METHODS; i++)
        if (!*self->counts[i].method || strcmp (self->counts[i].method, method) == 0) {
            snprintf (self->counts[i].method, sizeof self->counts[i].method, "%s", method);
            self->counts[i].count++;
            break;
        }
}

// Under the lock, which is left meanwhile.
static void delay (s3_peer_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_nsec += (long) (self->delay_ms % 1000) * 1000000;
    until.tv_sec += (time_t) (self->delay_ms / 1000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (self->delay_ms > 0 && !self->ends &&
           pthread_cond_timedwait (&self->changed, &self->lock, &until) == 0)
        ;
}

static void serve (void *self_, const peer_request_t *request)
{
    s3_peer_t *self = self_;
    s3_call_t call = {
        .peer = self, .request = request, .query = request->head->query ? request->head->query : ""};
    s3_peer_key_t key = {S3_PEER_ACCESS, S3_PEER_SECRET, NULL, S3_PEER_REGION};
    pthread_mutex_lock (&self->lock);
    enter (self, &call);
    delay (self);
    if (self->temporary)
        key.token = S3_PEER_TOKEN;
    pthread_mutex_unlock (&self->lock); // Sums of several bodies are taken at once
    const char *wrong = s3_signature_check (request, &key);
    pthread_mutex_lock (&self->lock);
    if (call.harm == S3_SILENT) {
        pthread_mutex_unlock (&self->lock);
        peer_wait_until_left (request->conn);
        pthread_mutex_lock (&self->lock);
    } else if (strcmp (request->head->method, "POST") == 0 && strcmp (request->head->path, "/") == 0 &&
               !*call.query) {
        assume_role (&call);
    } else if (wrong) {
        s3_peer_refuse (&call, strcmp (wrong, "AuthorizationHeaderMalformed") == 0 ? 400 : 403, wrong);
    } else if (!find_key (&call)) {
        s3_peer_refuse (&call, 404, "NoSuchBucket");
    } else if (!go_wrong (&call)) {
        s3_peer_operate (&call);
    }
    self->serving--;
    pthread_mutex_unlock (&self->lock);
}

// ---- for tests

s3_peer_t *s3_peer_new (void)
{
    s3_peer_t *self = calloc (1, sizeof *self);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->changed, NULL);
    self->peer = peer_new (&(peer_options_t){.serve = serve, .self = self});
    return self;
}

void s3_peer_destroy (s3_peer_t **self_p)
{
    s3_peer_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->ends = true;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
    peer_destroy (&self->peer);
    s3_peer_remove_all (self);
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->changed);
    free (self);
    *self_p = NULL;
}

const char *s3_peer_url (const s3_peer_t *self)
{
    return peer_url (self->peer);
}

void s3_peer_harm (s3_peer_t *self, s3_peer_harm_t harm, const char *method, size_t times)
{
    pthread_mutex_lock (&self->lock);
    self->harm = harm;
    self->harm_times = times;
    snprintf (self->harm_method, sizeof self->harm_method, "%s", method);
    pthread_mutex_unlock (&self->lock);
}

void s3_peer_delay (s3_peer_t *self, uint32_t delay_ms)
{
    pthread_mutex_lock (&self->lock);
    self->delay_ms = delay_ms;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

void s3_peer_temporary (s3_peer_t *self, bool only)
{
    pthread_mutex_lock (&self->lock);
    self->temporary = only;
    pthread_mutex_unlock (&self->lock);
}

size_t s3_peer_objects (s3_peer_t *self)
{
    size_t count = 0;
    pthread_mutex_lock (&self->lock);
    for (const s3_object_t *at = self->objects; at; at = at->next)
        count++;
    pthread_mutex_unlock (&self->lock);
    return count;
}

size_t s3_peer_uploads (s3_peer_t *self)
{
    size_t count = 0;
    pthread_mutex_lock (&self->lock);
    for (const s3_upload_t *at = self->uploads; at; at = at->next)
        count++;
    pthread_mutex_unlock (&self->lock);
    return count;
}

void s3_peer_age_uploads (s3_peer_t *self)
{
    pthread_mutex_lock (&self->lock);
    for (s3_upload_t *at = self->uploads; at; at = at->next)
        at->old = true;
    pthread_mutex_unlock (&self->lock);
}

size_t s3_peer_requests (s3_peer_t *self, const char *method)
{
    size_t count = 0;
    pthread_mutex_lock (&self->lock);
    for (size_t i = 0; i < S3_METHODS; i++)
        if (strncmp (self->counts[i].method, method, strlen (method)) == 0)
            count += self->counts[i].count;
    pthread_mutex_unlock (&self->lock);
    return count;
}

size_t s3_peer_at_once (s3_peer_t *self)
{
    pthread_mutex_lock (&self->lock);
    size_t most = self->at_once;
    pthread_mutex_unlock (&self->lock);
    return most;
}

bool s3_peer_damage (s3_peer_t *self, const char *key)
{
    pthread_mutex_lock (&self->lock);
    s3_object_t *object = s3_peer_find (self, key);
    if (object && object->size > 0)
        object->bytes[object->size / 2] ^= 0x55;
    pthread_mutex_unlock (&self->lock);
    return object && object->size > 0;
}

const char *s3_peer_key (s3_peer_t *self, size_t nth)
{
    pthread_mutex_lock (&self->lock);
    const s3_object_t *at = self->objects;
    while (at && nth-- > 0)
        at = at->next;
    pthread_mutex_unlock (&self->lock);
    return at ? at->key : NULL;
}
