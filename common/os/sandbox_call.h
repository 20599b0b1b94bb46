/* sandbox_call.h - what passes between opencicd-sandbox, a sandbox's first process and the program that uses them: over SOCK_SEQPACKET pairs,
 * fixed-size messages of one machine and one build.
 *
 * The program has one pair with opencicd-sandbox, for orders: each has a descriptor, which becomes the sandbox's end of a pair of its own. There
 * is one call at a time. The first message is the sandbox's own: an answer with a pidfd of its first process and an O_PATH descriptor of its root; or, with an
 * error, SANDBOX_TEXT bytes that say what could not be done. */

#ifndef OPENCICD_SANDBOX_CALL_H
#define OPENCICD_SANDBOX_CALL_H

#include <limits.h>
#include <stdint.h>

// What an argument of opencicd-sandbox after the first is, which is the folder: this sign, and a path.
#define SANDBOX_HIDDEN '-'
#define SANDBOX_SHARED '+'
#define SANDBOX_SHOWN  '='
#define SANDBOX_GROUP  '@'

typedef struct {
    char shown[PATH_MAX]; // Besides what the arguments say; "": nothing
} sandbox_order_t;

#define SANDBOX_SOCKET  0         // The descriptor of opencicd-sandbox, and of the first process
#define SANDBOX_BYTES   (8 << 20) // Of a command: the kernel takes less
#define SANDBOX_LEADERS 64        // Started and not released

typedef enum {
    SANDBOX_START, // With four descriptors: the command (below), and what become its streams. Answered with a pidfd
    SANDBOX_STATUS,  // Of a process that has ended
    SANDBOX_RELEASE, // Of a process that has ended: its number may be given to another. Not answered
    SANDBOX_CLEAR,   // Kills every process but the first, and answers when they are gone
    // Of a container (agent/inside), whose processes may have no number where the agent is. Not answered
    SANDBOX_SIGNAL, // To the group of a process
    SANDBOX_GATE, // With a descriptor: the page of the agent's gate (process_gate.h), at which the container pauses
    SANDBOX_NOTHING // Never sent
} sandbox_what_t;

typedef struct {
    uint32_t what;
    int32_t pid;    // In the sandbox
    int32_t signal; // Of SANDBOX_SIGNAL
} sandbox_call_t;

#define SANDBOX_TEXT 240
typedef struct {
    int32_t error;          // An errno
    int32_t pid;            // In the sandbox
    int32_t status, signal; // As in process_end_t
    char text[SANDBOX_TEXT];
} sandbox_answer_t;

// A command is a memfd with this, and then as many strings, each ended by a NUL: the folder ("": the root), the arguments, the variables.
typedef struct {
    uint32_t arguments, variables;
} sandbox_command_t;

#endif
