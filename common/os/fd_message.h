/* fd_message.h - a message of fixed size over a SOCK_SEQPACKET pair, with descriptors. */

#ifndef OPENCICD_FD_MESSAGE_H
#define OPENCICD_FD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#define FD_MESSAGE_FDS 4 // At most, with one message

// The descriptors stay the caller's. False if the other side has ended.
bool fd_message_send (int socket, const void *data, size_t size, const int *fds, size_t count);
// The other side may be foreign: descriptors beyond `most` are closed, and all of them where the message is not of this size, which is
// false, as is the end. *count: how many are the caller's now.
bool fd_message_receive (int socket, void *data, size_t size, int *fds, size_t most, size_t *count);

#endif
