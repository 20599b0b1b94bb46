/* login_delay.h - how long somebody who gave wrong passwords has to wait before the next one is looked at.
 *
 * A try is charged when it begins, so that many at once are not looked at before the first of them has failed; who signs in gets it back.
 * What is delayed is a name from an address: whoever guesses somebody's password from elsewhere delays nobody but themselves. An address
 * that has failed for many names waits a little between any two tries, and its tries come last where many wait (hashing.h).
 *
 * An IPv6 address stands for its network of 64 bits, which one customer has whole. A wrong code of an authenticator counts for the account,
 * wherever it comes from: whoever gives one has the password already.
 *
 * In memory, of bounded size: a new pair takes the place of the one that has been quiet for longest. Times are steady. Not thread safe. */

#ifndef OPENCICD_IDENTITY_LOGIN_DELAY_H
#define OPENCICD_IDENTITY_LOGIN_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#define DELAY_FREE         3    // Tries of a pair without a delay
#define DELAY_MOST_SECONDS 300  // After them it doubles from a second, up to this
#define DELAY_FORGET       3600 // Seconds without a try after which a pair, or an address, begins anew
#define ADDRESS_FREE       50   // Likewise of an address, whatever the names
#define ADDRESS_SECONDS    2
#define CODES_FREE         10 // Likewise of the codes of an account; then a million codes take a year
#define CODES_SECONDS      30

typedef struct login_delay login_delay_t;

login_delay_t *login_delay_new (void);
void login_delay_destroy (login_delay_t **self_p);

int64_t login_delay_left (const login_delay_t *self, const char *name, const char *address,
                          int64_t now_us); // us; 0: at once
void login_delay_charge (login_delay_t *self, const char *name, const char *address, int64_t now_us);
void login_delay_clear (login_delay_t *self, const char *name, const char *address); // They have signed in
int64_t login_delay_left_of_codes (const login_delay_t *self, const char *user, int64_t now_us); // us
void login_delay_charge_code (login_delay_t *self, const char *user, int64_t now_us);
void login_delay_clear_codes (login_delay_t *self, const char *user);
bool login_delay_suspects (const login_delay_t *self, const char *address,
                           int64_t now_us); // It has failed lately

#endif
