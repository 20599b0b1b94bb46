/* systemd.h - notifies systemd of this program's state (sd_notify's protocol: one datagram to the socket in NOTIFY_SOCKET). Does nothing
 * without a service manager. */

#ifndef OPENCICD_SYSTEMD_H
#define OPENCICD_SYSTEMD_H

// Removes the address from the environment, so that no child (an agent, a step of a job) can notify in our name. Before any thread is started.
void systemd_begin (void);
void systemd_ready (void);    // We are ready
void systemd_stopping (void); // We are stopping

#endif
