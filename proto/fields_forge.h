/* fields_forge.h - fields of forges, of projects at them, and of what their webhooks deliver.
 *
 * A credential travels in one message only, from whoever adds the forge to scm. No message carries the secret of a webhook but the hook that
 * is printed for a plain repository, to an administrator. */

#ifndef OPENCICD_FIELDS_FORGE_H
#define OPENCICD_FIELDS_FORGE_H

#include "proto/fields_forge_project.h"
#include "proto/limits.h"
#define MAX_CREDENTIAL   4096 // Bytes: tokens of GitHub Apps have several hundred
#define MAX_FORGES       50
#define FORGE_PAGE_ITEMS 100
#define FORGE_ROW(F, T)                                                             \
    F (T, KEY, id, MAX_ID, "")                                                      \
    F (T, KEY, name, MAX_NAME, "unique")                                            \
    F (T, KEY, kind, 16, "github, gitlab, gitea (Forgejo too) or git")              \
    F (T, STR, url, MAX_URL, "where people and git go")                             \
    F (T, STR, api_url, MAX_URL, "where calls go; empty: it has no API")            \
    F (T, BOOL, has_credential, 1, "")                                              \
    F (T, BOOL, private_networks, 1, "it may be on loopback and private addresses") \
    F (T, I64, projects, INT64_MAX, "that are registered with it")                  \
    F (T, TIME, created_at, 0, "")                                                  \
    F (T, STR, created_by, MAX_ID, "")
#define FORGE_ADD(F, T)                                                                                \
    F (T, KEY, name, MAX_NAME, "letters, digits, . _ and -")                                           \
    F (T, KEY, kind, 16, "github, gitlab, gitea (Forgejo too) or git")                                 \
    F (T, STR, url, MAX_URL, "where people and git go; default for github and gitlab: the public one") \
    F (T, STR, api_url, MAX_URL, "where calls go; default: what follows from url")                     \
    F (T, STR, credential, MAX_CREDENTIAL,                                                             \
       "a token that may read, and manage webhooks; of git: user:password")                            \
    F (T, BOOL, private_networks, 1, "it may be on loopback and private addresses")
#define FORGE_LIST(F, T)   NO_FIELDS (F, T)
#define FORGE_ROWS(F, T)   F (T, ROWS (forge_row), items, MAX_FORGES, "by name")
#define FORGE_SHOW(F, T)   F (T, KEY, forge, MAX_NAME, "id or name")
#define FORGE_REMOVE(F, T) F (T, KEY, forge, MAX_NAME, "id or name")

#define FORGE_REPOSITORY_LIST(F, T)           \
    F (T, KEY, forge, MAX_NAME, "id or name") \
    F (T, U32, page, 10000, "from 1; default: 1")
#define FORGE_REPOSITORY_SHOWN(F, T)                        \
    F (T, STR, id, MAX_ID, "at the forge")                  \
    F (T, STR, name, MAX_NAME, "owner/repo")                \
    F (T, STR, url, MAX_URL, "what git fetches")            \
    F (T, STR, default_branch, MAX_NAME, "")                \
    F (T, STR, visibility, 16, "public, internal, private") \
    F (T, STR, project, MAX_NAME, "the project that it is; empty: none")
#define FORGE_REPOSITORY_ROWS(F, T)                                         \
    F (T, ROWS (forge_repository_row), items, FORGE_PAGE_ITEMS, "one page") \
    F (T, BOOL, more, 1, "another page follows")

// Rows of MESSAGES (messages.h).
#define FORGE_MESSAGES(M)                                                                     \
    M (500, forge_row, FORGE_ROW, "a forge, without its credential")                          \
    M (501, forge_add, FORGE_ADD, "add a forge")                                              \
    M (502, forge_list, FORGE_LIST, "the forges, by name")                                    \
    M (503, forge_rows, FORGE_ROWS, "forges")                                                 \
    M (504, forge_show, FORGE_SHOW, "one forge")                                              \
    M (505, forge_remove, FORGE_REMOVE, "remove a forge without projects")                    \
    M (506, forge_repository_list, FORGE_REPOSITORY_LIST, "what the forge's credential sees") \
    M (507, forge_repository_row, FORGE_REPOSITORY_SHOWN, "a repository at a forge")          \
    M (508, forge_repository_page, FORGE_REPOSITORY_ROWS, "repositories at a forge")          \
    M (509, forge_connect, FORGE_CONNECT, "register a repository of a forge as a project")    \
    M (510, forge_project, FORGE_PROJECT, "a project's repository at its forge")              \
    M (511, forge_project_show, FORGE_PROJECT_SHOW, "where is this project's repository?")    \
    M (512, forge_project_set, FORGE_PROJECT_SET, "change how it is followed")                \
    M (513, forge_check, FORGE_CHECK, "look at its webhook now, and repair it")               \
    M (514, forge_compare, FORGE_COMPARE, "compare its refs with what was dealt with")        \
    M (515, forge_hook_show, FORGE_HOOK_SHOW, "a post-receive hook for a plain repository")   \
    M (516, forge_hook_text, FORGE_HOOK_TEXT, "a shell script, with the webhook's secret")

#define FORGE_CALLS(C)                                           \
    C (forge_add, scm, forge_row, AGAIN)                         \
    C (forge_list, scm, forge_rows, AGAIN)                       \
    C (forge_show, scm, forge_row, AGAIN)                        \
    C (forge_remove, scm, done, AGAIN)                           \
    C (forge_repository_list, scm, forge_repository_page, AGAIN) \
    C (forge_connect, scm, forge_project, AGAIN)                 \
    C (forge_project_show, scm, forge_project, AGAIN)            \
    C (forge_project_set, scm, forge_project, AGAIN)             \
    C (forge_check, scm, forge_project, AGAIN)                   \
    C (forge_compare, scm, forge_project, AGAIN)                 \
    C (forge_hook_show, scm, forge_hook_text, AGAIN)

#endif
