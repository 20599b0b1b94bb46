/* post_receive.c - the post-receive hook of a plain repository, printed for whoever installs it: it reports each ref that a push changed. */

#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"

// What git gives on standard input is checked by the server, and quoted here: a ref may hold neither blank nor control character, but a quote.
#define SCRIPT                                                                                                                  \
    "#!/bin/sh\n"                                                                                                               \
    "# post-receive - reports pushes to open-cicd. Keep it to yourself: it contains the secret of this repository's webhook.\n" \
    "# Install it as hooks/post-receive of the repository, mode 0700; it needs curl and openssl. A push never waits for it.\n"  \
    "url='%s'\n"                                                                                                                \
    "secret='%s'\n"                                                                                                             \
    "report() {\n"                                                                                                              \
    "    while read -r before after ref; do\n"                                                                                  \
    "        ref=$(printf %%s \"$ref\" | sed 's/[\\\\\"]/\\\\&/g')\n"                                                           \
    "        who=$(printf %%s \"${REMOTE_USER:-${USER:-}}\" | tr -cd 'A-Za-z0-9._@-')\n"                                        \
    "        body=$(printf '{\"ref\":\"%%s\",\"before\":\"%%s\",\"after\":\"%%s\",\"pusher\":\"%%s\",\"at\":\"%%s\"}' \\\n"     \
    "            \"$ref\" \"$before\" \"$after\" \"$who\" \"$(date +%%s)\")\n"                                                  \
    "        sum=$(printf %%s \"$body\" | openssl dgst -sha256 -hmac \"$secret\" | sed 's/^.*= *//')\n"                         \
    "        printf %%s \"$body\" | curl -fsS -m 20 --retry 3 -o /dev/null -H 'Content-Type: application/json' \\\n"            \
    "            -H \"X-Hub-Signature-256: sha256=$sum\" --data-binary @- \"$url\"\n"                                           \
    "    done\n"                                                                                                                \
    "}\n"                                                                                                                       \
    "changes=$(cat)\n"                                                                                                          \
    "printf '%%s\\n' \"$changes\" | report >/dev/null 2>&1 &\n"

HANDLER (forge_hook_show)
{
    scm_t *self = context;
    const forge_hook_show_t *ask = asked;
    forge_hook_text_t *answer = answered;
    forge_link_t link;
    forge_access_t access;
    const char *secret;
    TRY (forge_book_project (self, turn, ask->project, &link, &access));
    if (access.forge->hook)
        return turn_fail (turn, INVALID, "%s makes the webhook of this project by itself",
                          link.project.forge);
    TRY (forge_book_secret (self, turn, &link, &secret));
    answer->text = arena_printf (turn->arena, SCRIPT, forge_book_address (self, turn->arena, &link), secret);
    return OK;
}
