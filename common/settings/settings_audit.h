/* settings_audit.h - the rows of settings_table.h about the record of what people did (docs/audit.md). */

#ifndef OPENCICD_SETTINGS_AUDIT_H
#define OPENCICD_SETTINGS_AUDIT_H

// clang-format off
#define AUDIT_SETTINGS(S)                                                                                            \
    S (U32, audit_retention_days, SERVER, "Entries of the audit are removed after this many days, 30 at the least.", \
       .metavar = "DAYS", .initial = "400", .least = 30, .most = 36500)                                              \
    S (URL, audit_syslog, SERVER, "Where the audit is sent as well (RFC 5424): udp://HOST:PORT, tcp://HOST:PORT or unix:PATH.", \
       .schemes = "udp|tcp|unix")
// clang-format on

#endif
