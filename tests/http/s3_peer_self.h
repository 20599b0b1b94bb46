/* s3_peer_self.h - what the parts of the played S3 server share. Private to tests/http/s3_peer*.c. */

#ifndef OPENCICD_TEST_S3_PEER_SELF_H
#define OPENCICD_TEST_S3_PEER_SELF_H

#include "tests/http/peer.h"
#include "tests/http/s3_peer.h"

#include <pthread.h>

#define S3_METHODS 8
#define PARTS_MAX  64

typedef struct s3_object s3_object_t;
struct s3_object {
    s3_object_t *next; // In the order of keys
    char key[600], sum[80];
    char *bytes;
    size_t size;
};

typedef struct s3_upload s3_upload_t;
struct s3_upload {
    s3_upload_t *next;
    char key[600], id[32];
    bool old;
    struct {
        char *bytes;
        size_t size;
        char etag[64];
    } parts[PARTS_MAX + 1];
};

struct s3_peer {
    peer_t *peer;
    pthread_mutex_t lock; // Of what follows
    pthread_cond_t changed;
    s3_object_t *objects;
    s3_upload_t *uploads;
    size_t made, serving, at_once;
    s3_peer_harm_t harm;
    char harm_method[8];
    size_t harm_times;
    uint32_t delay_ms;
    bool temporary, ends;
    struct {
        char method[8];
        size_t count;
    } counts[S3_METHODS];
};

typedef struct {
    s3_peer_t *peer;
    const peer_request_t *request;
    s3_peer_harm_t harm;
    char key[600]; // "": the bucket
    const char *query;
} s3_call_t;

// What a request is about, served under the peer's lock.
void s3_peer_operate (s3_call_t *call);
void s3_peer_refuse (s3_call_t *call, int status, const char *code);
void s3_peer_say (s3_call_t *call, int status, const char *text);
void s3_peer_remove_all (s3_peer_t *self);
s3_object_t *s3_peer_find (s3_peer_t *self, const char *key);

#endif
