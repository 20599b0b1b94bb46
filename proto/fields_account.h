/* fields_account.h - fields of what people do with their own account: signing in, passwords, second factors, personal tokens. */

#ifndef OPENCICD_FIELDS_ACCOUNT_H
#define OPENCICD_FIELDS_ACCOUNT_H

#include "proto/limits.h"

#define MAX_PASSWORD 1024 // Bytes: 256 characters of four
#define MAX_CODE     128  // Of an authenticator, of recovery, of an invitation

// Filled by the gateway, whatever the caller says.
#define CREDENTIAL(F, T) F (T, STR, hash, 64, "for the gateway: secret_hash of the caller's token or cookie")
#define ADDRESS(F, T)    F (T, STR, address, 64, "for the gateway: where the request comes from")
// Of whoever is signed in already, and changes what protects the account.
#define PROOF(F, T)                                                     \
    F (T, KEY, password, MAX_PASSWORD, "the caller's password, of now") \
    CREDENTIAL (F, T)                                                   \
    ADDRESS (F, T)

#define ACCOUNT_SHOW(F, T) CREDENTIAL (F, T)
#define ACCOUNT_CHANGE(F, T)                                            \
    F (T, STR, display_name, MAX_NAME, "empty: as it is")               \
    F (T, STR, email, MAX_NAME, "likewise; needs the password")         \
    F (T, STR, password, MAX_PASSWORD, "the caller's password, of now") \
    CREDENTIAL (F, T)                                                   \
    ADDRESS (F, T)
#define PASSWORD_CHANGE(F, T) \
    PROOF (F, T)              \
    F (T, KEY, new_password, MAX_PASSWORD, "8 to 256 characters")
#define TOTP_BEGIN(F, T) PROOF (F, T)
#define TOTP_SECRET(F, T)                                               \
    F (T, STR, secret, 64, "base32, to be typed into an authenticator") \
    F (T, STR, uri, MAX_URL, "the same as otpauth:, to be shown as a QR code")
#define TOTP_CONFIRM(F, T)                                                \
    F (T, KEY, otp, MAX_CODE, "what the authenticator shows: six digits") \
    CREDENTIAL (F, T)                                                     \
    ADDRESS (F, T)
#define TOTP_REMOVE(F, T)    PROOF (F, T)
#define RECOVERY_RENEW(F, T) PROOF (F, T)
#define RECOVERY_CODES(F, T) F (T, STRS, codes, 16, "each signs in once in place of a code; shown only now")

#define LOGIN(F, T)                                                                            \
    F (T, KEY, name, MAX_ID, "of the user")                                                    \
    F (T, KEY, password, MAX_PASSWORD, "the user's password")                                  \
    F (T, STR, otp, MAX_CODE, "code of the authenticator, or of recovery, where there is one") \
    F (T, STR, label, MAX_NAME, "what the token is for: the program, the machine")             \
    F (T, STR, role, 32, "what the token may; default: what the user may")                     \
    F (T, I64, ttl_seconds, 31536000, "default: 30 days")                                      \
    ADDRESS (F, T)
#define USER_TOKEN_ISSUE(F, T)                                                                   \
    F (T, STR, user, MAX_ID, "of an ADMIN: a service account; default: the caller")              \
    F (T, KEY, name, MAX_NAME, "what it is for")                                                 \
    F (T, STR, role, 32, "what it may, at most what the user may; default: that")                \
    F (T, I64, ttl_seconds, INT64_MAX, "0 for never; no later than what the caller uses itself") \
    CREDENTIAL (F, T)
#define USER_TOKENS(F, T)                                                          \
    PAGE (F, T)                                                                    \
    F (T, STR, user, MAX_ID, "of an ADMIN: id or name; default: the caller's own") \
    CREDENTIAL (F, T)

#define ACCOUNT_MESSAGES(M)                                                                   \
    M (478, account_show, ACCOUNT_SHOW, "the caller's own account")                           \
    M (479, account_change, ACCOUNT_CHANGE, "change what the caller is called")               \
    M (480, password_change, PASSWORD_CHANGE, "choose another password; other sessions end")  \
    M (481, totp_begin, TOTP_BEGIN, "a key for an authenticator")                             \
    M (482, totp_secret, TOTP_SECRET, "such a key")                                           \
    M (483, totp_confirm, TOTP_CONFIRM, "use it from now on; other sessions end")             \
    M (484, recovery_codes, RECOVERY_CODES, "codes for when the authenticator is lost")       \
    M (485, totp_remove, TOTP_REMOVE, "sign in without an authenticator; other sessions end") \
    M (486, recovery_renew, RECOVERY_RENEW, "other recovery codes; the old ones end")         \
    M (487, login, LOGIN, "a token by name and password, for the command line")               \
    M (488, user_token_issue, USER_TOKEN_ISSUE, "make a token of a user")                     \
    M (489, user_tokens, USER_TOKENS, "the tokens of a user, without their secrets")

#define ACCOUNT_CALLS(C)                                 \
    C (account_show, identity, user, AGAIN)              \
    C (account_change, identity, user, AGAIN)            \
    C (password_change, identity, done, SECRET)          \
    C (totp_begin, identity, totp_secret, SECRET)        \
    C (totp_confirm, identity, recovery_codes, SECRET)   \
    C (totp_remove, identity, done, SECRET)              \
    C (recovery_renew, identity, recovery_codes, SECRET) \
    C (login, identity, token, SECRET)                   \
    C (user_token_issue, identity, token, SECRET)        \
    C (user_tokens, identity, token_page, AGAIN)

#endif
