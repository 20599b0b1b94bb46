/* archive_entry.h - sends one file of an artifact that is an archive: found by its entry, unpacked while it is sent. */

#ifndef OPENCICD_GATEWAY_ARCHIVE_ENTRY_H
#define OPENCICD_GATEWAY_ARCHIVE_ENTRY_H

#include "gateway/transfer.h"

// `archive` is where the archive's bytes come from. Headers of the answer are set before. What turns out to be damaged on the way cuts the
// answer off.
MUST_USE fault_t archive_entry_send (request_t *request, const transfer_t *archive,
                                     const artifact_file_t *entry);

#endif
