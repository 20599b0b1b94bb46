/* fake_provider.c - see fake_provider.h. Its peer has threads of its own: what both use is under the lock. */

#include "tests/service/identity/fake_provider.h"

#include "common/base/bytes.h"
#include "services/identity/providers/providers.h"
#include "services/identity/rsa_key.h"
#include "tests/http/peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CODES 64
#define PATHS 4

typedef struct {
    const char *code, *challenge, *nonce;
    bool used;
} code_t;

struct fake_provider {
    pthread_mutex_t lock;
    peer_t *peer;
    arena_t *arena;
    world_t *world;
    rsa_key_t keys[2];
    fake_says_t says;
    code_t codes[CODES];
    size_t code_count, asked[PATHS];
};

static const char *const paths[PATHS] = {"/.well-known/openid-configuration", "/keys", "/token", NULL};

static const char *discovery (fake_provider_t *self, arena_t *arena)
{
    const char *url = peer_url (self->peer);
    return arena_printf (
        arena,
        "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/authorize\",\"token_endpoint\":"
        "\"%s/token\",\"jwks_uri\":\"%s/keys\",\"authorization_response_iss_parameter_supported\":%s}",
        self->says.other_issuer ? self->says.other_issuer : url, url, url, url,
        self->says.sends_issuer ? "true" : "false");
}

static const char *keys_of (fake_provider_t *self, arena_t *arena)
{
    const rsa_key_t *key = &self->keys[self->says.new_key];
    return arena_printf (
        arena, "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"k%d\",\"n\":\"%s\",\"e\":\"%s\"}]}",
        self->says.new_key, key->modulus, key->exponent);
}

static const char *or_else (const char *text, const char *usual)
{
    return text ? text : usual;
}

static const char *base64 (arena_t *arena, const char *text)
{
    return bytes_base64url (arena, text, strlen (text));
}

static const char *token_of (fake_provider_t *self, arena_t *arena, const code_t *code)
{
    const fake_says_t *says = &self->says;
    int64_t now = clock_now_us (self->world->clock) / 1000000;
    const char *head =
        arena_printf (arena, "{\"alg\":\"%s\",\"kid\":\"k%d\"}", or_else (says->alg, "RS256"), says->new_key);
    const char *body = arena_printf (
        arena, "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"nonce\":\"%s\",\"iat\":%lld,\"exp\":%lld%s}",
        or_else (says->iss, peer_url (self->peer)), or_else (says->sub, "1"), or_else (says->aud, "ci"),
        or_else (says->nonce, code->nonce), (long long) now - 1000,
        (long long) now + (says->expires_in ? says->expires_in : 300), or_else (says->more, ""));
    const char *text = arena_printf (arena, "%s.%s", base64 (arena, head), base64 (arena, body));
    if (says->alg && strcmp (says->alg, "none") == 0)
        return arena_printf (arena, "%s.", text);
    return arena_printf (arena, "%s.%s", text,
                         rsa_key_sign (arena, self->keys[says->new_key != says->other_key].pem, text));
}

// A member of a form whose values need no escapes.
static const char *member (arena_t *arena, const char *form, const char *name)
{
    const char *key = arena_printf (arena, "%s=", name), *at = strstr (form, key);
    return at ? arena_strndup (arena, at + strlen (key), strcspn (at + strlen (key), "&")) : "";
}

static const char *exchange (fake_provider_t *self, arena_t *arena, const peer_request_t *request,
                             int *status)
{
    const char *code = member (arena, request->body, "code");
    const char *proof = http_head_get (request->head, "Authorization");
    *status = 400;
    // "ci:a%20secret" in base64
    if (!proof || strcmp (proof, "Basic Y2k6YSUyMHNlY3JldA==") != 0)
        return "{\"error\":\"invalid_client\"}";
    for (size_t i = 0; i < self->code_count; i++) {
        code_t *row = &self->codes[i];
        if (row->used || strcmp (row->code, code) != 0)
            continue;
        row->used = true;
        if (strcmp (row->challenge, flow_challenge (arena, member (arena, request->body, "code_verifier"))) !=
            0)
            return "{\"error\":\"invalid_grant\"}";
        *status = 200;
        return arena_printf (arena, "{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}",
                             token_of (self, arena, row));
    }
    return "{\"error\":\"invalid_grant\"}";
}

static void serve (void *data, const peer_request_t *request)
{
    fake_provider_t *self = data;
    arena_t *arena = arena_new ();
    int status = 200;
    const char *body = "";
    size_t which = 0;
    pthread_mutex_lock (&self->lock);
    while (paths[which] && strcmp (request->head->path, paths[which]) != 0)
        which++;
    self->asked[which]++;
    if (self->says.down)
        status = 503;
    else if (which == 0)
        body = discovery (self, arena);
    else if (which == 1)
        body = keys_of (self, arena);
    else if (which == 2)
        body = exchange (self, arena, request, &status);
    else
        status = 404;
    pthread_mutex_unlock (&self->lock);
    peer_answer (request->conn, status, "Content-Type: application/json\r\n", body);
    arena_destroy (&arena);
}

fake_provider_t *fake_provider_new (world_t *world)
{
    static rsa_key_t keys[2]; // To make one takes long: once
    static arena_t *of_keys;
    fake_provider_t *self = calloc (1, sizeof (*self));
    CHECK (self);
    if (!of_keys) {
        of_keys = arena_new ();
        CHECK (rsa_key_make (of_keys, &keys[0]) && rsa_key_make (of_keys, &keys[1]));
    }
    memcpy (self->keys, keys, sizeof keys);
    pthread_mutex_init (&self->lock, NULL);
    self->arena = arena_new ();
    self->world = world;
    self->peer = peer_new (&(peer_options_t){.serve = serve, .self = self});
    return self;
}

void fake_provider_destroy (fake_provider_t **self_p)
{
    peer_destroy (&(*self_p)->peer);
    arena_destroy (&(*self_p)->arena);
    pthread_mutex_destroy (&(*self_p)->lock);
    free (*self_p);
    *self_p = NULL;
}

const char *fake_provider_url (const fake_provider_t *self)
{
    return peer_url (self->peer);
}

void fake_provider_say (fake_provider_t *self, fake_says_t says)
{
    pthread_mutex_lock (&self->lock);
    self->says = says;
    pthread_mutex_unlock (&self->lock);
}

size_t fake_provider_asked (fake_provider_t *self, const char *path)
{
    size_t which = 0;
    while (paths[which] && strcmp (paths[which], path) != 0)
        which++;
    pthread_mutex_lock (&self->lock);
    size_t count = self->asked[which];
    pthread_mutex_unlock (&self->lock);
    return count;
}

fake_answer_t fake_provider_visit (fake_provider_t *self, const char *url)
{
    pthread_mutex_lock (&self->lock);
    CHECK (self->code_count < CODES);
    code_t *code = &self->codes[self->code_count++];
    *code = (code_t){.code = arena_printf (self->arena, "code-%zu", self->code_count),
                     .challenge = member (self->arena, url, "code_challenge"),
                     .nonce = member (self->arena, url, "nonce")};
    fake_answer_t answer = {.state = member (self->arena, url, "state"), .code = code->code};
    pthread_mutex_unlock (&self->lock);
    return answer;
}
