/* hook_proof.h - is a delivery from whoever has the secret? Over the bytes as they came, before anything of them is parsed.
 *
 * HMAC-SHA256 of OpenSSL, compared in constant time. An empty secret proves nothing, and a signature that is not whole is none: Gitea without a
 * secret sends a bare "sha256=". Sources: GitHub's "Validating webhook deliveries", Gitea's "Webhooks", Standard Webhooks 1.0. */

#ifndef OPENCICD_SCM_HOOK_PROOF_H
#define OPENCICD_SCM_HOOK_PROOF_H

#include "services/scm/forges/hook_event.h"

bool hook_proof_hub (const hook_request_t *request, const char *secret); // X-Hub-Signature-256
bool hook_proof_gitea (const hook_request_t *request,
                       const char *secret); // X-Gitea-Signature, X-Forgejo-Signature
// webhook-signature, with a time that is near; else, of a GitLab before 19, the secret itself (X-Gitlab-Token).
bool hook_proof_gitlab (const hook_request_t *request, const char *secret);

// A new secret: 32 random bytes as Standard Webhooks writes them, which every forge takes.
const char *hook_secret_new (arena_t *arena);
// What a delivery is known by when it comes twice: the SHA-256 of its body, or the name that its forge gave it, where the proof covers that
// (`names_proven`). Event and name of all others are headers that whoever saw a delivery can change.
const char *hook_delivery_key (arena_t *arena, const hook_request_t *request, bool names_proven);

#endif
