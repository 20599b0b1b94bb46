/* settings_http.h - the rows of settings_table.h about the HTTP API: how much of everything at once, and what stands before it. */

#ifndef OPENCICD_SETTINGS_HTTP_H
#define OPENCICD_SETTINGS_HTTP_H

// clang-format off
#define HTTP_SETTINGS(S)                                                                                             \
    S (U32, http_threads, SERVER, "Requests served at once.",                                                        \
       .initial = "64", .least = 8, .most = 1024)                                                                    \
    S (U32, http_streams, SERVER, "Logs followed at once, and as many event streams; one token may have a quarter."      \
       , .initial = "1024", .least = 1, .most = 4096)                                                                \
    S (U32, http_downloads, SERVER, "Logs and artifacts downloaded at once; one token may have a quarter.",              \
       .initial = "64", .least = 1, .most = 1024)                                                                    \
    S (U32, http_parked, SERVER, "Parked agents that wait for a job at once.",                                       \
       .initial = "2048", .least = 1, .most = 16384)                                                                 \
    S (U32, http_connections, SERVER, "Open connections, as far as the limit on open files allows.",                 \
       .initial = "8192", .least = 64, .most = 65000)                                                                \
    S (U32, http_per_address, SERVER, "Open connections from one address; behind a proxy, all clients share its address.", \
       .initial = "4096", .least = 16, .most = 65000)                                                                \
    S (STR, trusted_proxies, SERVER, "Addresses and networks of proxies before this server, whose X-Forwarded-For is believed.", \
       .metavar = "A,B/16,...")                                                                                      \
    S (U32, http_registrations, SERVER, "Agents that one token may register per minute.",                           \
       .initial = "1200", .least = 1, .most = 100000)
// clang-format on

#endif
