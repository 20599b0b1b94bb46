/* config.c - see config.h. */

#include "gateway/config.h"

#include <string.h>

gateway_config_t gateway_config_of (const settings_t *settings)
{
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = settings->listen;
    config.threads = settings->http_threads;
    config.streams = settings->http_streams;
    config.downloads = settings->http_downloads;
    config.parked = settings->http_parked;
    config.connections = settings->http_connections;
    config.per_address = settings->http_per_address;
    config.registrations = settings->http_registrations;
    config.public_projects = settings->public_projects;
    config.shutdown_seconds = settings->shutdown_seconds;
    config.pages = settings->web_dir;
    config.url = settings->public_url;
    config.secure = strncmp (settings->public_url, "https:", 6) == 0;
    config.proxies = settings->trusted_proxies;
    return config;
}
