/* settings_vault.h - the rows of settings_table.h about secrets that are kept elsewhere (docs/secrets.md). */

#ifndef OPENCICD_SETTINGS_VAULT_H
#define OPENCICD_SETTINGS_VAULT_H

// clang-format off
#define VAULT_SETTINGS(S)                                                                                            \
    S (PATH, secrets_folder, SERVER, "Secrets as files, as Kubernetes mounts them: NAME, PROJECT/NAME,"              \
       " PROJECT/ENVIRONMENT/NAME; read when a job begins.", .metavar = "FOLDER")                                    \
    S (URL, vault_url, SERVER, "A HashiCorp Vault or OpenBao with secrets in a key-value store, version 2.",         \
       .schemes = "http|https")                                                                                      \
    S (STR, vault_mount, SERVER, "Where that store is mounted.", .metavar = "PATH", .initial = "secret")             \
    S (STR, vault_path, SERVER, "Its secret for all projects; below it PROJECT, and PROJECT/ENVIRONMENT.",           \
       .metavar = "PATH", .initial = "opencicd")                                                                     \
    S (STR, vault_namespace, SERVER, "The namespace of that store.", .metavar = "NAME")                              \
    S (SECRET, vault_token, SERVER, "The token for it; safer in a file (--vault-token-file).", .metavar = "TOKEN")   \
    S (PATH, vault_token_file, SERVER, "The file with that token, read for each job: whoever renews it need not restart the server.", \
       .metavar = "FILE")                                                                                            \
    S (PATH, vault_ca_file, SERVER, "Authorities that its certificate is checked against; empty: the system's.",     \
       .metavar = "FILE")
// clang-format on

#endif
