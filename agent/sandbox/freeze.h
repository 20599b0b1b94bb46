/* freeze.h - stops every process of a container while the gate of its agent is shut (common/os/process_gate.h).
 *
 * The agent's guard stops what descends from the agent; what runs in a container descends from the engine. So the container's first
 * process watches the same gate, in a thread that waits for nothing else. */

#ifndef OPENCICD_AGENT_SANDBOX_FREEZE_H
#define OPENCICD_AGENT_SANDBOX_FREEZE_H

void freeze_at (int page); // A descriptor of the gate's page; -1 is ignored. Once a process

#endif
