/* stamp.c - `bench-stamp SOCKET`: says "now" to whoever measures when a job's first process started.
 *
 * It sends the monotonic clock, read first of all, in nanoseconds as a 64-bit number to a unix datagram socket. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

int main (int argc, char **argv)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    int64_t ns = now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (argc != 2 || strlen (argv[1]) >= sizeof (to.sun_path)) {
        fprintf (stderr, "usage: bench-stamp SOCKET\n");
        return 2;
    }
    memcpy (to.sun_path, argv[1], strlen (argv[1]));
    int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto (fd, &ns, sizeof (ns), 0, (struct sockaddr *) &to, sizeof (to)) != sizeof (ns)) {
        perror ("bench-stamp");
        return 1;
    }
    return 0;
}
