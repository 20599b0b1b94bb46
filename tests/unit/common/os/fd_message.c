/* Descriptors between two processes: those asked for arrive, all others are closed. */

#include "common/os/fd_message.h"

#include "tests/unit/test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t count_open (void)
{
    size_t count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl (fd, F_GETFD) >= 0;
    return count;
}

static void make_pair (int *ends)
{
    CHECK_INT (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static void close_pair (const int *ends)
{
    close (ends[0]);
    close (ends[1]);
}

TEST (a_message_brings_its_descriptors_and_they_are_closed_in_children)
{
    int ends[2], pipes[2], got[2];
    size_t count;
    char text[4], byte;
    make_pair (ends);
    CHECK_INT (pipe2 (pipes, O_CLOEXEC), 0);
    CHECK (fd_message_send (ends[0], "abc", 4, pipes, 2));
    CHECK (fd_message_receive (ends[1], text, 4, got, 2, &count));
    CHECK_STR (text, "abc");
    CHECK_INT (count, 2);
    CHECK_INT (write (got[1], "x", 1), 1);
    CHECK_INT (read (pipes[0], &byte, 1), 1);
    CHECK ((fcntl (got[0], F_GETFD) & FD_CLOEXEC) && (fcntl (got[1], F_GETFD) & FD_CLOEXEC));
    close_pair (got);
    close_pair (pipes);
    close_pair (ends);
}

TEST (descriptors_that_nobody_asked_for_are_closed)
{
    int ends[2], got[1];
    size_t count;
    char text[4];
    make_pair (ends);
    size_t before = count_open ();
    const int four[] = {ends[0], ends[0], ends[1], ends[1]};
    CHECK (fd_message_send (ends[0], "abc", 4, four, 4));
    CHECK (fd_message_receive (ends[1], text, 4, got, 1, &count));
    CHECK_INT (count, 1);
    CHECK_INT (count_open (), before + 1);
    close (got[0]);
    CHECK (fd_message_send (ends[0], "abc", 4, four, 4));
    CHECK (fd_message_receive (ends[1], text, 4, NULL, 0, &count));
    CHECK_INT (count, 0);
    CHECK_INT (count_open (), before);
    close_pair (ends);
}

TEST (a_message_of_another_size_is_refused_with_what_it_brought)
{
    static const size_t sizes[] = {3, 5};
    for (size_t i = 0; i < 2; i++) {
        int ends[2], got[4];
        size_t count;
        char text[4];
        make_pair (ends);
        size_t before = count_open ();
        CHECK (fd_message_send (ends[0], "abcde", sizes[i], ends, 2));
        CHECK (!fd_message_receive (ends[1], text, 4, got, 4, &count));
        CHECK_INT (count, 0);
        CHECK_INT (count_open (), before);
        close_pair (ends);
    }
}

TEST (the_end_of_the_other_side_is_no_message)
{
    int ends[2], got[4];
    size_t count;
    char text[4];
    make_pair (ends);
    close (ends[0]);
    CHECK (!fd_message_receive (ends[1], text, 4, got, 4, &count));
    CHECK_INT (count, 0);
    CHECK (!fd_message_send (ends[1], "abc", 4, NULL, 0));
    close (ends[1]);
}
