/* claims.c - see claims.h. */

#include "services/identity/providers/claims.h"

#include "services/identity/providers/members.h"

#include <string.h>

typedef struct {
    const char *alg, *kid;
    bool has_crit;
} head_t;

typedef struct {
    int64_t at;
    bool given;
} moment_t;

typedef struct {
    const char *iss, *sub, *azp, *nonce, *preferred_username, *name, *email;
    const char *groups_claim;
    strs_t audiences, groups;
    moment_t exp, iat, nbf;
    bool has_aud, has_groups, email_verified;
} body_t;

typedef struct {
    const char *text; // Of all
    bytes_t signed_part, head, body, signature;
} parts_t;

static fault_t refuse (turn_t *turn, const char *why)
{
    return turn_fail (turn, UNAUTHORIZED, "the provider's ID token %s", why);
}

static const char *or_empty (const char *text)
{
    return text ? text : "";
}

// ---- reading ----

static fault_t split (turn_t *turn, const char *token, parts_t *out)
{
    arena_t *arena = turn->arena;
    const char *first = strchr (token, '.'), *second = first ? strchr (first + 1, '.') : NULL;
    *out = (parts_t){.text = token};
    if (!second || strchr (second + 1, '.') || strlen (token) > CLAIMS_TOKEN)
        return refuse (turn, "is not a signed token");
    out->signed_part = (bytes_t){token, (size_t) (second - token)};
    bool good = jwks_decode (arena, token, (size_t) (first - token), CLAIMS_TOKEN, &out->head) &&
                jwks_decode (arena, first + 1, (size_t) (second - first - 1), CLAIMS_TOKEN, &out->body) &&
                jwks_decode (arena, second + 1, strlen (second + 1), CLAIMS_TOKEN, &out->signature);
    return good ? OK : refuse (turn, "is not base64url");
}

static bool take_of_head (members_t *members, json_reader_t *reader, const char *name)
{
    head_t *head = members->into;
    head->has_crit = head->has_crit || strcmp (name, "crit") == 0;
    return json_reader_skip (reader);
}

static fault_t read_head (turn_t *turn, bytes_t text, head_t *out)
{
    static const member_t texts[] = {
        {"alg", offsetof (head_t, alg)}, {"kid", offsetof (head_t, kid)}, {NULL, 0}};
    *out = (head_t){0};
    members_t members = {.texts = texts, .into = out, .other = take_of_head, .arena = turn->arena};
    if (members_read (&members, turn, text.data, text.size) != OK)
        return refuse (turn, "has a head that cannot be read");
    if (out->has_crit) // Something that we would have to know
        return refuse (turn, "has an extension that is not known");
    return jwks_alg_is (out->alg) ? OK : refuse (turn, "is not signed with RS256, ES256 or EdDSA");
}

static bool take_moment (json_reader_t *reader, moment_t *out)
{
    bool whole;
    int64_t seconds;
    if (out->given || !json_reader_number (reader, &whole, &seconds))
        return false;
    bool sane = whole && seconds > 0 && seconds < INT64_MAX / 2000000;
    *out = (moment_t){sane ? seconds * 1000000 : 0, true};
    return sane;
}

// One text, or a list of them.
static bool take_texts (members_t *members, json_reader_t *reader, bool *given, strs_t *out)
{
    size_t size;
    if (*given)
        return false;
    *given = true;
    if (json_reader_next (reader) == JSON_IS_ARRAY)
        return members_strings (reader, members->arena, &out->items, &out->count);
    *out = (strs_t){arena_array (members->arena, 1, sizeof (char *)), 1};
    return json_reader_string (reader, members->arena, &out->items[0], &size) &&
           strlen (out->items[0]) == size;
}

static bool take_of_body (members_t *members, json_reader_t *reader, const char *name)
{
    body_t *body = members->into;
    const struct {
        const char *name;
        moment_t *into;
    } moments[] = {{"exp", &body->exp}, {"iat", &body->iat}, {"nbf", &body->nbf}};
    json_is_t kind = json_reader_next (reader);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        if (strcmp (name, moments[i].name) == 0)
            return take_moment (reader, moments[i].into);
    if (strcmp (name, "aud") == 0)
        return take_texts (members, reader, &body->has_aud, &body->audiences);
    if (strcmp (name, "email_verified") == 0 && kind == JSON_IS_BOOL)
        return json_reader_bool (reader, &body->email_verified);
    if (*body->groups_claim && strcmp (name, body->groups_claim) == 0 &&
        (kind == JSON_IS_ARRAY || kind == JSON_IS_STRING))
        return take_texts (members, reader, &body->has_groups, &body->groups);
    return json_reader_skip (reader);
}

static fault_t read_body (turn_t *turn, const claims_rules_t *rules, bytes_t text, body_t *out)
{
    static const member_t texts[] = {{"iss", offsetof (body_t, iss)},
                                     {"sub", offsetof (body_t, sub)},
                                     {"azp", offsetof (body_t, azp)},
                                     {"nonce", offsetof (body_t, nonce)},
                                     {"preferred_username", offsetof (body_t, preferred_username)},
                                     {"name", offsetof (body_t, name)},
                                     {"email", offsetof (body_t, email)},
                                     {NULL, 0}};
    *out = (body_t){.groups_claim = or_empty (rules->groups_claim)};
    members_t members = {.texts = texts, .into = out, .other = take_of_body, .arena = turn->arena};
    return members_read (&members, turn, text.data, text.size) == OK
               ? OK
               : refuse (turn, "has claims that cannot be read");
}

// ---- judging ----

static bool is_same (const char *one, const char *other)
{
    return one && strcmp (one, other) == 0;
}

static bool is_subject (const char *text)
{
    if (!text || !*text || strlen (text) > CLAIMS_SUBJECT)
        return false;
    for (; *text; text++)
        if ((unsigned char) *text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static fault_t check_audience (turn_t *turn, const claims_rules_t *rules, const body_t *body)
{
    bool ours = false;
    for (size_t i = 0; i < body->audiences.count; i++)
        ours = ours || is_same (body->audiences.items[i], rules->client_id);
    if (!ours)
        return refuse (turn, "is for another client");
    if (body->azp ? !is_same (body->azp, rules->client_id) : body->audiences.count > 1)
        return refuse (turn, "was asked for by another client");
    return OK;
}

static fault_t check_times (turn_t *turn, const claims_rules_t *rules, const body_t *body)
{
    const int64_t leeway = (int64_t) CLAIMS_LEEWAY * 1000000;
    if (!body->exp.given || !body->iat.given)
        return refuse (turn, "does not say when it was issued and when it expires");
    if (body->exp.at + leeway <= rules->now_us)
        return refuse (turn, "has expired: do the clocks of both servers agree?");
    if (body->iat.at - leeway > rules->now_us || (body->nbf.given && body->nbf.at - leeway > rules->now_us))
        return refuse (turn, "is of the future: do the clocks of both servers agree?");
    return OK;
}

static fault_t check_body (turn_t *turn, const claims_rules_t *rules, const body_t *body)
{
    if (!is_same (body->iss, rules->issuer))
        return refuse (turn, "is of another issuer");
    TRY (check_audience (turn, rules, body));
    TRY (check_times (turn, rules, body));
    if (!*rules->nonce || !is_same (body->nonce, rules->nonce))
        return refuse (turn, "is of another sign-in");
    return is_subject (body->sub) ? OK : refuse (turn, "does not say whose it is");
}

fault_t claims_check (turn_t *turn, const claims_rules_t *rules, const jwks_t *keys, const char *token,
                      id_claims_t *out)
{
    parts_t parts;
    head_t head;
    body_t body;
    *out = (id_claims_t){0};
    TRY (split (turn, token, &parts));
    TRY (read_head (turn, parts.head, &head));
    const jwk_t *key = jwks_find (keys, head.alg, head.kid);
    if (!key)
        return turn_fail (turn, NOT_FOUND,
                          "the provider's ID token is signed by a key that it does not publish");
    if (!jwk_signed (key, head.alg, parts.signed_part, parts.signature))
        return refuse (turn, "has a signature that is wrong");
    TRY (read_body (turn, rules, parts.body, &body));
    TRY (check_body (turn, rules, &body));
    *out = (id_claims_t){.subject = body.sub,
                         .user_name = or_empty (body.preferred_username),
                         .name = or_empty (body.name),
                         .email = body.email_verified ? or_empty (body.email) : "",
                         .has_groups = body.has_groups,
                         .groups = body.groups};
    return OK;
}
